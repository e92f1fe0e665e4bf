"""How well a number of reads shows the offset of a device's fields."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fitting.comparison.new_counts.known_curve import known_curve
from fitting.device import DeviceModel
from fitting.inference.fisher_scoring import Coordinates

Floats = NDArray[np.float64]

CENTRE = 1
STEP = 1e-5
READS = tuple(int(n) for n in 10 ** np.arange(1, 6.01, 0.25))
WANTED_MT = (0.1, 0.05, 0.02)
# Rates closer to 0 or 1 than this would outweigh all others.
MIN_VARIANCE = 1e-4


def offset_sd_by_reads(
    device: DeviceModel, fields_mT: Floats, shares: Floats, drift_sd_mT: float, scale_sd: float
) -> dict[str, Any]:
    """Return the standard deviation of the offset for numbers of reads of a program.

    From Fisher's information of reads at its fields, and what is known of the curve.

    Parameters
    ----------
    device
        The device at which the reads are made.
    fields_mT, shares
        The fields of the reads, and the share of reads at each, shape (n_fields,).
    drift_sd_mT, scale_sd
        How far the fields may have moved: standard deviation of their offset and of their scale.

    Returns
    -------
    dict
        ``reads`` and ``offset_sd_mT``, and ``needed``: the least of these numbers of reads for each
        of some standard deviations, None where even the most are too few.
    """
    coordinates = Coordinates(device.curve, with_lapse="lapse" in device.intervals)
    known = known_curve(device, coordinates, drift_sd_mT, scale_sd)
    free = np.sqrt(np.diag(known.covariance)) > 1e-9
    prior = np.linalg.inv(known.covariance[np.ix_(free, free)])
    point = coordinates.point(device.curve)
    gradient = (
        np.array(
            [
                coordinates.curve(point + step).probability(fields_mT)
                - coordinates.curve(point).probability(fields_mT)
                for step in STEP * np.eye(len(point))
            ]
        ).reshape(len(point), -1)
        / STEP
    )
    p = device.curve.probability(fields_mT)
    weights = shares / np.maximum(p * (1 - p), MIN_VARIANCE)
    information = ((gradient * weights) @ gradient.T)[np.ix_(free, free)]
    place = int(free[:CENTRE].sum())
    sds = [float(np.sqrt(np.linalg.inv(n * information + prior)[place, place])) for n in READS]
    return {
        "reads": list(READS),
        "offset_sd_mT": sds,
        "needed": {
            f"{wanted:g}": next((n for n, sd in zip(READS, sds, strict=True) if sd <= wanted), None)
            for wanted in WANTED_MT
        },
    }
