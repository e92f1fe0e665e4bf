"""The passing curve that a log shows, and the test whether it is the device's."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from iminuit import Minuit
from numpy.typing import NDArray

from dwsynapse.fit_badge import lack_of_fit
from dwsynapse.study import Hardware
from dwsynapse.verdicts import Result
from fitting.device import DeviceModel
from fitting.forms import PassingCurve
from fitting.inference.distributions import chi2_sf
from fitting.inference.fisher_scoring import Coordinates
from fitting.inference.likelihood import Columns, log_likelihood
from fitting.inference.profile_likelihood import inside, likelihood_minuit

Floats = NDArray[np.float64]

# Reads at fields this close are counted together: no curve that fields can show bends within it.
BIN_mT = 0.005
# A curve is searched within this factor of the device's steepness.
STEEPER = 50.0
# Standard deviation of a coordinate that is known exactly, of the order of 1: it is fixed.
EXACT = 1e-9
MAX_CALLS = 2000


class Known(NamedTuple):
    """What is known of the coordinates of a device's curve, as a normal distribution."""

    mean: Floats
    covariance: Floats


def curve_in_log(
    device: DeviceModel, log: pd.DataFrame, settings: Hardware
) -> tuple[PassingCurve, Result]:
    """Return the likeliest curve of the reads in a log, given the device, and the test of it.

    The device's curve is known within the draws of its fit (or the digits of its publication), and
    the fields of a log within the calibration of its bench. Both are taken as one normal
    distribution of the curve's floor, centre, logarithm of the steepness, and lapse, which the
    likelihood of the reads is multiplied with. The test is the likelihood-ratio statistic of the
    curve that is found so against the one of greatest likelihood alone.

    Parameters
    ----------
    device
        The device model.
    log
        The log, in any order.
    settings
        The uncertainty of the fields measured, `field_offset_sd_mT` and `field_scale_sd`.

    Returns
    -------
    curve : PassingCurve
        The curve at which the other tests of the log are made.
    result : Result
        The test; its effect size is the shift of the centre in mT.
    """
    columns = _counted(log)
    coordinates = Coordinates(device.curve, with_lapse="lapse" in device.intervals)
    known = _known(device, coordinates, settings)
    free = np.sqrt(np.diag(known.covariance)) > EXACT
    precision = np.linalg.inv(known.covariance[np.ix_(free, free)])

    def away(point: Floats) -> float:
        distance = (point - known.mean)[free]
        return float(distance @ precision @ distance) / 2

    def cost(point: Floats) -> float:
        return -float(log_likelihood(coordinates.curve(point), columns))

    def search(start: Floats, objective: Callable[[Floats], float]) -> Minuit:
        return _search(objective, start, known, free, coordinates)

    given = search(known.mean, lambda point: cost(point) + away(point))
    alone = search(np.array(given.values), cost)
    statistic = max(2 * (given.fval - min(alone.fval, cost(np.array(given.values)))), 0.0)
    shift, sd = np.array(given.values) - known.mean, np.array(given.errors)
    names = ("floor", "centre_mT", "log_steepness", "lapse")
    result = Result(
        test="same curve",
        statistic=statistic,
        statistic_meaning="likelihood ratio of the curve in the log against the device's, within "
        "the uncertainty of both and of the fields",
        p_value=float(chi2_sf(statistic, free.sum())),
        p_value_method=f"chi-square, {free.sum()} degrees of freedom",
        effect_size=float(shift[1]),
        effect_meaning="shift of the curve's centre (mT), the likeliest given what was known",
        n=len(log),
        details={
            f"shift_of_{name}": {"value": float(value), "sd": float(error)}
            for name, value, error in zip(names, shift, sd, strict=False)
        },
    )
    return _scalar(coordinates.curve(np.array(given.values))), result


def _counted(log: pd.DataFrame) -> Columns:
    """Return the reads counted by the field measured."""
    field_mT = log["field_measured_mT"].to_numpy(float)
    _, bins = np.unique(np.round(field_mT / BIN_mT), return_inverse=True)
    n = np.bincount(bins).astype(np.float64)
    passed = np.bincount(bins, log["outcome"].to_numpy(float)).astype(np.float64)
    return Columns(np.bincount(bins, field_mT) / n, n, passed, np.zeros(len(n)))


def _known(device: DeviceModel, coordinates: Coordinates, settings: Hardware) -> Known:
    mean = coordinates.point(device.curve)
    if len(device.draws):
        curves = device.drawn_curves()
        covariance = np.cov(_points(curves, len(mean)).T) * lack_of_fit(device.goodness_of_fit)[0]
    else:
        covariance = np.diag(_rounding(device, mean) ** 2 / 3)  # Of an even distribution.
    calibration = np.zeros_like(covariance)
    calibration[1, 1] = settings.field_offset_sd_mT**2 + (settings.field_scale_sd * mean[1]) ** 2
    calibration[2, 2] = settings.field_scale_sd**2
    calibration[1, 2] = calibration[2, 1] = -(settings.field_scale_sd**2) * mean[1]
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
