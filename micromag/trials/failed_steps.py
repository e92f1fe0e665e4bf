"""When the integration of a trial has failed, and what its table says of it."""

import numpy as np
from numpy.typing import NDArray

LARGEST_STRETCH = 0.05
"""Of m in a step before it is brought back to unit length, rms over cells."""


def failures_of(
    stretches: NDArray[np.floating], steps: int, Ms: NDArray[np.floating]
) -> list[str | None]:
    """Return what went wrong in each lane, None where nothing did.

    Parameters
    ----------
    stretches
        Sum of (|m|^2 - 1)^2 over cells and steps in each lane
        (`micromag.engine.equation_of_motion.State`).
    steps
        How many steps.
    Ms
        Saturation magnetisation of each cell, shape (cells,).
    """
    remedy = "shorten numerics.time_step_fs"
    rms = np.sqrt(stretches.astype(float) / (steps * np.count_nonzero(Ms)))
    return [
        None
        if stretch <= LARGEST_STRETCH
        else f"|m|^2 deviates from 1 by {stretch:.2g} a step (rms over cells): {remedy}"
        if np.isfinite(stretch)
        else f"the magnetisation became NaN: {remedy}"
        for stretch in rms
    ]
