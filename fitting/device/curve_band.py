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
    return _widened(model, fields_mT, np.array(edges), confidence)


def drawn_probabilities(
    model: "DeviceModel", fields_mT: NDArray[np.float64], confidence: float, end: str
) -> NDArray[np.float64]:
    """Return the curves of all draws, widened as their band is, shape (n_draws, n_fields).

    `end` is floor for the lower edge of a band and lapse for the upper one.
    """
    drawn = _drawn_from_end(model, end).probability(fields_mT)
    return _widened(model, fields_mT, np.asarray(drawn), confidence)


def _widened(
    model: "DeviceModel",
    fields_mT: NDArray[np.float64],
    curves: NDArray[np.float64],
    confidence: float,
) -> NDArray[np.float64]:
    """Return curves further from the best one where the fit is rejected, by their log-odds."""
    times = widening(model.goodness_of_fit, confidence)
    if times == 1:
        return curves
    least, most = MIN_RISE, 1 - MIN_RISE
    best = logit(np.clip(model.curve.probability(fields_mT), least, most))
    return np.asarray(expit(best + times * (logit(np.clip(curves, least, most)) - best)))


def _drawn_from_end(model: "DeviceModel", name: str) -> PassingCurve:
    """Return the drawn curves, a share at the end of its range if its interval ends there."""
    curves = model.drawn_curves()
    low, _ = model.intervals.get(name, (None, None))
    at_end = low is not None and low <= getattr(curves, name).min()
    return curves.with_values({name: low}) if at_end else curves
