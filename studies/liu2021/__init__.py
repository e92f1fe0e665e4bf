"""The synapses of Liu et al. 2021 reproduced: notched tracks, their figures and claims."""
