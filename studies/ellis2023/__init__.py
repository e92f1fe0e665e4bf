"""The network results of Ellis et al. 2023 reproduced on any device: one file for each figure."""
