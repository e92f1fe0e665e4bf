"""Constants of nature."""

import numpy as np

MU0 = 4e-7 * np.pi
"""In T m/A, with the value that OOMMF has."""
BOLTZMANN_J_PER_K = 1.380649e-23
HBAR_J_S = 1.054571817e-34
ELEMENTARY_CHARGE_C = 1.602176634e-19
BOHR_MAGNETON_J_PER_T = 9.2740100783e-24
