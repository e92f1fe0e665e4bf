"""Cited materials."""

from typing import NamedTuple


class Numbers(NamedTuple):
    """The parameters of a ferromagnet, and their source."""

    saturation_magnetisation_A_per_m: float
    exchange_stiffness_J_per_m: float
    gilbert_damping: float
    citation: str


PRESETS = {
    "permalloy": Numbers(
        8e5,
        1.3e-11,
        0.02,
        "muMAG standard problem 4, https://www.ctcms.nist.gov/~rdm/std4/spec4.html",
    ),
    "cofeb": Numbers(
        1.25e6,
        1.5e-11,
        0.004,
        "CoFeB of SpinWaveToolkit, https://github.com/CEITECmagnonics/SpinWaveToolkit; such films: "
        "Conca et al., J. Appl. Phys. 113, 213909 (2013), https://doi.org/10.1063/1.4808462",
    ),
}


class PerpendicularNumbers(NamedTuple):
    """The parameters of a ferromagnet with an easy axis along z, and their source."""

    saturation_magnetisation_A_per_m: float
    exchange_stiffness_J_per_m: float
    anisotropy_J_per_m3: float
    gilbert_damping: float
    polarisation: float
    nonadiabaticity: float
    citation: str


PERPENDICULAR = {
    "cofeb-perpendicular": PerpendicularNumbers(
        8e5,
        1.3e-11,
        5e5,
        0.05,
        0.7,
        0.05,
        "Liu et al., Appl. Phys. Lett. 118, 202405 (2021), https://doi.org/10.1063/5.0046032",
    ),
}
