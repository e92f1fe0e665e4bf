"""What readings of conductances must be like."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError

FURTHEST = 0.5
"""Readings are at most so far outside the range of their device, as a share of it."""


def require_near_range(
    readings_S: pd.Series, x: NDArray[np.float64], device: NDArray[np.int64], path: str | Path
) -> None:
    """Refuse readings far outside the range of their device: of another one, or in another unit.

    Parameters
    ----------
    readings_S
        Readings, with the rows of the file as index and the column as name, shape (n,).
    x
        The same as shares of the range of their devices, shape (n,).
    device
        Numbers of the devices, shape (n,).
    path
        File they are from.

    Raises
    ------
    InputError
        Naming the first.
    """
    far = (x < -FURTHEST) | (x > 1 + FURTHEST)
    if not far.any():
        return
    first = int(np.argmax(far))
    raise InputError(
        f"{readings_S.iloc[first]:g} S is far outside the range of device {device[first]}",
        path=path,
        where=f"row {readings_S.index[first]}, column {readings_S.name}",
        remedy="check that conductances are in S, and that the response is of this device",
    )


def require_quiet(
    read_noise_sd_S: float, span_S: NDArray[np.float64], where: str, path: str | Path | None = None
) -> None:
    """Refuse a noise that leaves nothing to read: in another unit, it takes pulses without end.

    Parameters
    ----------
    read_noise_sd_S
        Standard deviation of a reading.
    span_S
        Ranges of the devices, shape (n_devices,).
    where, path
        The option or key, and its file.

    Raises
    ------
    InputError
        If it is more than half of the narrowest range.
    """
    if read_noise_sd_S > FURTHEST * span_S.min():
        raise InputError(
            f"{read_noise_sd_S:g} S, where the range of a device is {span_S.min():.3g} S",
            path=path,
            where=where,
            remedy="give the standard deviation of a reading in S",
        )
