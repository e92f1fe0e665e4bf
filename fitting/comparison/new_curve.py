"""The curve of new counts, given a device, and the test whether it is the device's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from iminuit import Minuit
from numpy.typing import NDArray

from dwsynapse.fit_badge import lack_of_fit
from fitting.device import DeviceModel
from fitting.forms import PassingCurve
from fitting.inference.distributions import chi2_sf
from fitting.inference.fisher_scoring import Coordinates
from fitting.inference.likelihood import Columns, log_likelihood
from fitting.inference.profile_likelihood import inside, likelihood_minuit

Floats = NDArray[np.float64]

# A curve is searched within this factor of the device's steepness.
STEEPER = 50.0
# Standard deviation of a coordinate that is known exactly, of the order of 1: it is fixed.
EXACT = 1e-9
MAX_CALLS = 2000
COORDINATES = ("floor", "centre_mT", "log_steepness", "lapse")


class Known(NamedTuple):
    """What is known of the coordinates of a device's curve, as a normal distribution."""

    mean: Floats
    covariance: Floats


@dataclass(frozen=True)
class NewCurve:
    """The likeliest curve of new counts, given the device.

    Parameters
    ----------
    curve
        The curve.
    shifts
        Its coordinates minus those of the device's curve, each with its standard deviation: floor,
        centre_mT, log_steepness and, where the device has one, lapse.
    statistic
        Likelihood-ratio statistic of this curve against that of greatest likelihood alone.
    degrees_of_freedom
        How many coordinates are not known exactly; all of them if none is left open.
    p_value
        Probability of as large a statistic for counts of the device.
    coordinates
        The coordinates of curves of this form.
    point
        Those of the curve, shape (n_coordinates,).
    free
        Which of them are not known exactly.
    precision
        Precision (inverse covariance) with which the free ones were known before.
    """

    curve: PassingCurve
    shifts: dict[str, tuple[float, float]]
    statistic: float
    degrees_of_freedom: int
    p_value: float
    coordinates: Coordinates
    point: Floats
    free: NDArray[np.bool_]
    precision: Floats


def new_curve(
    device: DeviceModel, counts: pd.DataFrame, offset_sd_mT: float, scale_sd: float
) -> NewCurve:
    """Return the likeliest curve of new counts, given the device, and the test of it.

    The device's curve is known within the draws of its fit (or the digits of its publication), and
    the new fields within their calibration. Both are taken as one normal distribution of the
    curve's floor, centre, logarithm of the steepness, and lapse, which the likelihood of the counts
    is multiplied with. The test leaves what is known exactly as it is; where all is known exactly,
    it is against a curve of which nothing is known.

    Parameters
    ----------
    device
        The device model.
    counts
        Columns field_mT, n_trials, n_passed of the new counts.
    offset_sd_mT, scale_sd
        Uncertainty of the offset and of the scale of their fields against those of the device.
    """
    columns = Columns.of(counts)
    coordinates = Coordinates(device.curve, with_lapse="lapse" in device.intervals)
    known = _known(device, coordinates, offset_sd_mT, scale_sd)
    free = np.sqrt(np.diag(known.covariance)) > EXACT
    tested = free if free.any() else np.ones_like(free)
    precision: Floats = np.asarray(np.linalg.inv(known.covariance[np.ix_(free, free)]))

    def away(point: Floats) -> float:
        distance = (point - known.mean)[free]
        return float(distance @ precision @ distance) / 2

    def cost(point: Floats) -> float:
        return -float(log_likelihood(coordinates.curve(point), columns))

    def search(
        start: Floats, objective: Callable[[Floats], float], varied: NDArray[np.bool_]
    ) -> Minuit:
        return _search(objective, start, known, varied, coordinates)

    given = search(known.mean, lambda point: cost(point) + away(point), free)
    alone = search(np.array(given.values), cost, tested)
    statistic = max(2 * (given.fval - min(alone.fval, cost(np.array(given.values)))), 0.0)
    shifts, sds = np.array(given.values) - known.mean, np.array(given.errors)
    pairs = zip(map(float, shifts), map(float, sds), strict=True)
    return NewCurve(
        curve=_scalar(coordinates.curve(np.array(given.values))),
        shifts=dict(zip(COORDINATES, pairs, strict=False)),
        statistic=statistic,
        degrees_of_freedom=int(tested.sum()),
        p_value=float(chi2_sf(statistic, tested.sum())),
        coordinates=coordinates,
        point=np.array(given.values),
        free=free,
        precision=precision,
    )


def _known(
    device: DeviceModel, coordinates: Coordinates, offset_sd_mT: float, scale_sd: float
) -> Known:
    mean = coordinates.point(device.curve)
    if len(device.draws):
        curves = device.drawn_curves()
        covariance = np.cov(_points(curves, len(mean)).T) * lack_of_fit(device.goodness_of_fit)[0]
    else:
        covariance = np.diag(_rounding(device, mean) ** 2 / 3)  # Of an even distribution.
    calibration = np.zeros_like(covariance)
    calibration[1, 1] = offset_sd_mT**2 + (scale_sd * mean[1]) ** 2
    calibration[2, 2] = scale_sd**2
    calibration[1, 2] = calibration[2, 1] = -(scale_sd**2) * mean[1]
    return Known(mean, covariance + calibration)


def _points(curves: PassingCurve, n: int) -> Floats:
    """Return the coordinates of curves with parameters of shape (n_draws, 1)."""
    centre_mT = curves.rise_field_mT(0.5)
    steepness = np.log(4 * curves.rise_slope_per_mT(centre_mT))
    found = np.hstack([curves.floor, centre_mT, steepness, *([curves.lapse] * (n > 3))])
    return np.asarray(found)


def _rounding(device: DeviceModel, mean: Floats) -> Floats:
    """Return half the width of the interval of each coordinate of a published curve."""
    ends = {
        name: np.array([value if end is None else end for end in device.intervals[name]])
        for name, value in device.curve.values().items()
        if name in device.intervals
    }
    lower, upper = (
        Coordinates(device.curve, len(mean) > 3).point(
            device.curve.with_values({name: values[i] for name, values in ends.items()})
        )
        for i in (0, 1)
    )
    return np.asarray(np.abs(upper - lower) / 2)


def _search(
    cost: Callable[[Floats], float],
    start: Floats,
    known: Known,
    free: NDArray[np.bool_],
    coordinates: Coordinates,
) -> Minuit:
    """Return the search for the least cost, whose first steps are what is not known."""
    steepness = np.exp(start[2])
    limits = np.transpose(coordinates.bounds((steepness / STEEPER, steepness * STEEPER)))
    names = [f"x{i}" for i in range(len(start))]
    minuit = likelihood_minuit(
        lambda *values: cost(np.array(values)), dict(zip(names, start, strict=True))
    )
    for i, name in enumerate(names):
        minuit.limits[name] = tuple(limits[i])
        minuit.errors[name] = max(np.sqrt(known.covariance[i, i]), EXACT)
        if free[i]:
            minuit.values[name] = inside(start[i], tuple(limits[i]))
        minuit.fixed[name] = not free[i]
    return minuit.migrad(ncall=MAX_CALLS)


def _scalar(curve: PassingCurve) -> PassingCurve:
    return curve.with_values(
        {name: np.asarray(getattr(curve, name)).item() for name in curve.units()}
    )
