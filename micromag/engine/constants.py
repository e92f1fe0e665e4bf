"""Constants of nature."""

import numpy as np

MU0 = 4e-7 * np.pi
"""In T m/A, with the value that OOMMF has."""
BOLTZMANN_J_PER_K = 1.380649e-23
