"""The band of a device's passing curve, from its draws."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from fitting.forms import PassingCurve
from fitting.goodness.band_widening import widening

if TYPE_CHECKING:
    from fitting.device.device_model import DeviceModel

# Keeps log-odds finite.
MIN_RISE = 1e-9


def curve_band(
    model: "DeviceModel", fields_mT: NDArray[np.float64], confidence: float
) -> NDArray[np.float64]:
    """Return what `DeviceModel.band` describes."""
    tails = (1 - confidence) / 2, (1 + confidence) / 2
    edges = [
        np.quantile(_drawn_from_end(model, name).probability(fields_mT), tail, axis=0)
        for name, tail in zip(("floor", "lapse"), tails, strict=True)
    ]
    times = widening(model.goodness_of_fit, confidence)
    if times == 1:
        return np.array(edges)
    least, most = MIN_RISE, 1 - MIN_RISE
    best = logit(np.clip(model.curve.probability(fields_mT), least, most))
    edges = logit(np.clip(edges, least, most))
    return np.asarray(expit(best + times * (edges - best)))


def _drawn_from_end(model: "DeviceModel", name: str) -> PassingCurve:
    """Return the drawn curves, a share at the end of its range if its interval ends there."""
    curves = model.drawn_curves()
    low, _ = model.intervals.get(name, (None, None))
    at_end = low is not None and low <= getattr(curves, name).min()
    return curves.with_values({name: low}) if at_end else curves
