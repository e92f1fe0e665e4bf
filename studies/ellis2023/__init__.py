"""The network results of Ellis et al. 2023 made again on any device: one file for each figure."""
