"""A small response, drawn from a formula."""

import numpy as np

from fitting.response.response_table import ResponseTable


def linear_table(step=0.04, spread=0.01, n_bins=11, n_probabilities=21, low_S=6e-5, range_S=8e-5):
    """Return a response whose steps are the same at every conductance, uniform about their mean."""
    probabilities = np.linspace(0, 1, n_probabilities)
    step_S = range_S * (step + np.sqrt(12) * spread * (probabilities - 0.5))
    up_S = np.repeat(step_S[:, None], n_bins, axis=1)
    bins_S = low_S + np.linspace(0, range_S, n_bins)
    return ResponseTable(bins_S, probabilities, up_S, -up_S[::-1], bins_S)
