"""The curve of new counts, given a device, and the test whether it is the device's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from iminuit import Minuit
from numpy.typing import NDArray

from dwsynapse.io.detection_errors import NAMES, DetectionErrors
from fitting.comparison.new_counts.known_curve import Known, known_curve
from fitting.comparison.new_counts.wire_spread import SpreadCoordinates, SpreadCurve, over_wires
from fitting.device import DeviceModel
from fitting.forms import PassingCurve
from fitting.forms.observed_curve import observed_curve
from fitting.inference.detected_counts import SeenCoordinates, rates_log_likelihood
from fitting.inference.distributions import chi2_sf
from fitting.inference.fisher_scoring import Coordinates
from fitting.inference.likelihood import Columns, log_likelihood
from fitting.inference.profile_likelihood import inside, likelihood_minuit

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# A curve is searched within this factor of the device's steepness.
STEEPER = 50.0
# Standard deviation of a coordinate that is known exactly, of the order of 1: it is fixed.
EXACT = 1e-9
MAX_CALLS = 2000
# Widths of a curve from its centre beyond which its probabilities are 0 and 1 to rounding:
# counts that cross there give the search no slope.
FAR = 10.0
COORDINATES = ("floor", "centre_mT", "log_steepness", "lapse")


@dataclass(frozen=True)
class NewCurve:
    """The likeliest curve of new counts, given the device.

    Parameters
    ----------
    curve
        The curve as the counts show it: with detection errors, and over wires that differ.
    shifts
        Its coordinates minus those of the device's curve, each with its standard deviation: floor,
        centre_mT, log_steepness, where the device has one lapse, and with detection errors their
        rates (false_pass, false_pin) minus the likeliest.
    statistic
        Likelihood-ratio statistic of this curve against that of greatest likelihood alone.
    degrees_of_freedom
        How many coordinates are not known exactly; all of them if none is left open.
    p_value
        Probability of as large a statistic for counts of the device.
    coordinates
        The coordinates of such curves.
    point
        Those of the curve, shape (n_coordinates,).
    free
        Which of them are not known exactly.
    precision
        Precision (inverse covariance) with which the free ones were known before.
    """

    curve: PassingCurve | SpreadCurve
    shifts: dict[str, tuple[float, float]]
    statistic: float
    degrees_of_freedom: int
    p_value: float
    coordinates: Any
    point: Floats
    free: Bools
    precision: Floats

    @property
    def before(self) -> Floats:
        """Coordinates of the device's curve, shape (n_coordinates,)."""
        return self.point - np.array([shift for shift, _ in self.shifts.values()])

    def fall(self, moved: Floats) -> float:
        """Return how much less probable before a curve is that lies elsewhere than the device's.

        In logarithms, for the coordinates of this curve plus `moved`.
        """
        away = (self.point + moved - self.before)[self.free]
        return float(away @ self.precision @ away) / 2


def new_curve(
    device: DeviceModel,
    counts: pd.DataFrame,
    offset_sd_mT: float,
    scale_sd: float,
    *,
    detection: DetectionErrors | None = None,
    wire_spread_mT: float = 0.0,
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
        Columns field_mT, n_trials, n_passed of the new counts, and optionally field_sd_mT.
    offset_sd_mT, scale_sd
        Uncertainty of the offset and of the scale of their fields against those of the device.
    detection
        How often the new outcomes were detected wrongly, as well known as from the walls that show
        it; None: never.
    wire_spread_mT
        Spread of the centres of the wires that were counted, where each is a row of `counts`: reads
        of one wire are correlated, and a row weighs as much as its effective number of independent
        trials (Williams, Appl. Stat. 31, 144, 1982).
    """
    of_wire = Coordinates(device.curve, with_lapse="lapse" in device.intervals)
    known = known_curve(device, of_wire, offset_sd_mT, scale_sd)
    prior = _Prior(known, detection)
    seen = SeenCoordinates(of_wire, bool(detection))
    columns = Columns.of(counts)
    if wire_spread_mT:
        typical = observed_curve(device.curve, detection.values if detection else {})
        columns = by_wire(columns, typical, wire_spread_mT)

    def cost(curve: PassingCurve) -> float:
        return -float(log_likelihood(curve, columns))

    given = _search_from_both(
        columns,
        lambda point: cost(seen.curve(point)) + prior.away(point),
        prior.mean,
        prior.sd,
        prior.free,
        seen,
    )
    point = np.array(given.values)
    # Errors of detection may raise floor and lapse of any curve.
    alone_in = Coordinates(device.curve, with_lapse=bool(detection) or of_wire.with_lapse)
    start = alone_in.point(_scalar(seen.curve(point)))
    tested = prior.free_alone(len(start))
    sd = np.append(np.sqrt(np.diag(known.covariance)), [EXACT])[: len(start)]
    alone = _search_from_both(
        columns, lambda p: cost(alone_in.curve(p)), start, sd, tested, alone_in
    )
    least = min(alone.fval, cost(seen.curve(point)))
    statistic = max(2 * (given.fval - least), 0.0)
    names = (*COORDINATES[: len(known.mean)], *NAMES)
    pairs = zip(map(float, point - prior.mean), map(float, given.errors), strict=True)
    best = _scalar(seen.curve(point))
    return NewCurve(
        curve=SpreadCurve(best, wire_spread_mT) if wire_spread_mT else best,
        shifts=dict(zip(names, pairs, strict=False)),
        statistic=statistic,
        degrees_of_freedom=int(tested.sum()),
        p_value=float(chi2_sf(statistic, tested.sum())),
        coordinates=SpreadCoordinates(seen, wire_spread_mT) if wire_spread_mT else seen,
        point=point,
        free=prior.free,
        precision=prior.precision,
    )


class _Prior:
    """What is known beforehand of the coordinates of a device's curve and of a detector's rates.

    The rates have the likelihood of the walls that show them; their spread and precision are those
    of its even prior, a beta distribution.
    """

    def __init__(self, known: Known, detection: DetectionErrors | None) -> None:
        self._known, self._detection = known, detection
        rates = detection.values if detection else {}
        self.mean = np.append(known.mean, list(rates.values()))
        self.sd = np.append(np.sqrt(np.diag(known.covariance)), _rate_sds(detection))
        self.free: Bools = self.sd > EXACT
        n = len(known.mean)
        self._of_wire = self.free[:n]
        inverse = np.linalg.inv(known.covariance[np.ix_(self._of_wire, self._of_wire)])
        self._inverse: Floats = np.asarray(inverse)
        self._most = rates_log_likelihood(detection, rates)

    @property
    def precision(self) -> Floats:
        """Inverse covariance of what is free."""
        n = len(self._inverse)
        result = np.diag(self.sd[self.free] ** -2.0)
        result[:n, :n] = self._inverse
        return result

    def away(self, point: Floats) -> float:
        """Return the fall of the log-density from its greatest value."""
        n = len(self._known.mean)
        distance = (point[:n] - self._known.mean)[self._of_wire]
        rates = dict(zip(NAMES, point[n:], strict=False))
        fall = self._most - rates_log_likelihood(self._detection, rates)
        return float(distance @ self._inverse @ distance) / 2 + float(fall)

    def free_alone(self, n: int) -> Bools:
        """Return which of n coordinates of the curve seen are not known exactly."""
        if self._detection:
            return np.array([True, *self._of_wire[1:3], True])
        return self.free if self.free.any() else np.ones(n, dtype=bool)


def _rate_sds(detection: DetectionErrors | None) -> list[float]:
    if detection is None:
        return []
    known = [getattr(detection, name) for name in NAMES]
    means = [(rate.k + 1) / (rate.n + 2) for rate in known]
    return [
        float(np.sqrt(mean * (1 - mean) / (rate.n + 3)))
        for mean, rate in zip(means, known, strict=True)
    ]


def by_wire(columns: Columns, typical: PassingCurve, spread_mT: float) -> Columns:
    """Return rows of one wire each, with their effective number of independent trials."""
    fields_mT, sd_mT = columns.field_mT, np.hypot(columns.field_sd_mT, spread_mT)
    correlation = over_wires(typical, fields_mT, spread_mT).correlation
    weight = 1 / (1 + (columns.n_trials - 1) * correlation)
    return Columns(fields_mT, columns.n_trials * weight, columns.n_passed * weight, sd_mT)


def _search_from_both(
    columns: Columns, cost: Callable[[Floats], float], start: Floats, *where: Any
) -> Minuit:
    """Return the search from a curve, or from where the counts cross if that is far and better."""
    first = _search(cost, start, *where)
    order = np.argsort(columns.field_mT)
    fields_mT = columns.field_mT[order]
    shares = np.maximum.accumulate((columns.n_passed / columns.n_trials)[order])
    crossing_mT = np.interp(0.5, shares, fields_mT)
    if abs(crossing_mT - start[1]) * np.exp(start[2]) < FAR:
        return first
    flatter = np.log(8 / max(np.ptp(fields_mT), 8 / np.exp(start[2])))
    moved = start.copy()
    moved[1:3] = crossing_mT, flatter
    second = _search(cost, moved, *where)
    return second if second.fval < first.fval else first


def _search(
    cost: Callable[[Floats], float],
    start: Floats,
    sd: Floats,
    free: Bools,
    coordinates: Any,
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
        minuit.errors[name] = max(sd[i], EXACT)
        if free[i]:
            minuit.values[name] = inside(start[i], tuple(limits[i]))
        minuit.fixed[name] = not free[i]
    return minuit.migrad(ncall=MAX_CALLS)


def _scalar(curve: PassingCurve) -> PassingCurve:
    return curve.with_values(
        {name: np.asarray(getattr(curve, name)).item() for name in curve.units()}
    )
