"""Responses of devices that differ: junctions vary in resistance and magnetoresistance."""

from dataclasses import replace

import numpy as np

from dwsynapse.io.errors import InputError
from fitting.response.junction import Junction
from fitting.response.response_table import ResponseTable

RP_SD, TMR_SD = 0.128, 0.069
"""Relative standard deviations of R_p and TMR of S. Liu et al. (Appl. Phys. Lett. 118, 202405,
2021), from L. Xue et al., IEEE Trans. Magn. 51, 4401503 (2015), at 45 nm."""
MAX_SD = 0.25
FURTHEST = 3.5
"""Draws beyond so many standard deviations are drawn at it: resistances stay above 0."""


def device_junction(
    nominal: Junction, seed: int, device: int, rp_sd: float = RP_SD, tmr_sd: float = TMR_SD
) -> Junction:
    """Return the junction of one device, drawn from normal distributions.

    Parameters
    ----------
    nominal
        The mean junction.
    seed, device
        Seed, and number of the device: together they are the key of the draw, so that a device is
        the same whatever others are drawn.
    rp_sd, tmr_sd
        Relative standard deviations, at most 0.25.

    Raises
    ------
    InputError
        If a standard deviation is not within 0 to 0.25.
    """
    for name, sd in (("rp_sd", rp_sd), ("tmr_sd", tmr_sd)):
        if not 0 <= sd <= MAX_SD:
            problem = f"{sd:g} is not from 0 to {MAX_SD:g}"
            raise InputError(problem, where=name, remedy="give a relative standard deviation")
    drawn = np.random.default_rng([seed, 8, device]).standard_normal(2)
    rp, tmr = 1 + np.clip(drawn, -FURTHEST, FURTHEST) * (rp_sd, tmr_sd)
    return Junction(nominal.parallel_ohm * float(rp), nominal.tmr * float(tmr))


def of_device(table: ResponseTable, seed: int, device: int) -> ResponseTable:
    """Return the response of one device: its wall moves as any, under another junction.

    Parameters
    ----------
    table
        The response of the mean device, whose junction has its parallel and antiparallel states at
        the ends of the table.
    seed, device
        As of `device_junction`.
    """
    nominal = Junction.of_conductances(*(float(g) for g in table.conductances_S[[0, -1]]))
    own = device_junction(nominal, seed, device)
    ratio = (own.parallel_S - own.antiparallel_S) / (nominal.parallel_S - nominal.antiparallel_S)

    def moved(conductances_S: np.ndarray) -> np.ndarray:
        return own.antiparallel_S + ratio * (conductances_S - nominal.antiparallel_S)

    return replace(
        table,
        conductances_S=moved(table.conductances_S),
        dG_up_S=ratio * table.dG_up_S,
        dG_down_S=ratio * table.dG_down_S,
        levels_S=moved(table.levels_S),
    )
