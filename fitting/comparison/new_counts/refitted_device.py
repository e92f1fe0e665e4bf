"""A device refitted to new counts: what was known of its curve, and what they add."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.drives import drive_of
from dwsynapse.importance_sampling import posterior_sample
from dwsynapse.io.detection_errors import DetectionErrors
from fitting.comparison.new_counts.known_curve import known_curve
from fitting.comparison.new_counts.new_curve import by_wire, new_curve
from fitting.device import DeviceModel, Source
from fitting.inference.detected_counts import (
    SeenCoordinates,
    rates_at,
    rates_log_likelihood,
)
from fitting.inference.fisher_scoring import Coordinates
from fitting.inference.likelihood import Columns, log_likelihood
from fitting.settings_of_drive import common_drive

Floats = NDArray[np.float64]

CENTRE = 1
# A curve is searched within this factor of the device's steepness.
STEEPER = 50.0
# Distance of the first point from the ends of a range, as a share of it.
MIN_DISTANCE = 1e-6


@dataclass(frozen=True)
class Offset:
    """How far the centre of a curve has moved, in mT, with the bounds of its interval."""

    value: float
    sd: float
    low: float
    high: float


@dataclass(frozen=True)
class Refitted:
    """A device after new counts.

    Parameters
    ----------
    device
        The device with its curve over the fields of the new counts.
    offset
        Centre of that curve minus the centre of the curve before.
    p_value
        Of the test whether the new counts are those of the device before, within what was known.
    """

    device: DeviceModel
    offset: Offset
    p_value: float


def refitted(
    device: DeviceModel,
    counts: pd.DataFrame,
    drift_sd_mT: float,
    scale_sd: float,
    *,
    name: str,
    source: Source,
    data: str,
    seed: int,
    confidence: float = 0.95,
    draws: int = 400,
    detection: DetectionErrors | None = None,
    wire_spread_mT: float = 0.0,
    provenance: dict[str, Any] | None = None,
) -> Refitted:
    """Refit a device to new counts, with its posterior as the prior.

    The prior is the normal distribution of `fitting.comparison.new_counts.known_curve`, widened by
    the drift of the fields; the posterior is drawn (`dwsynapse.importance_sampling`).

    Parameters
    ----------
    device
        The device before.
    counts
        Columns field_mT, n_trials, n_passed, and optionally field_sd_mT.
    drift_sd_mT, scale_sd
        How far the fields may have moved: standard deviation of their offset and of their scale.
    name, source
        Of the refitted device.
    data
        What the new counts are, in words.
    seed
        Seed of the draws.
    confidence
        Confidence of the intervals.
    draws
        How many draws are kept.
    detection
        How often the new outcomes were detected wrongly; None: never.
    wire_spread_mT
        Spread of the centres of the wires counted, each in one row
        (`fitting.comparison.new_counts.new_curve`).
    provenance
        What it is made from.

    Raises
    ------
    InputError
        If the counts are against another drive, or the draws did not converge.
    """
    common_drive([device.drive, drive_of(counts)], [device.name, "the new counts"])
    stated: dict[str, Any] = {"detection": detection, "wire_spread_mT": wire_spread_mT}
    found = new_curve(device, counts, drift_sd_mT, scale_sd, **stated)
    columns = Columns.of(counts)
    if wire_spread_mT:
        columns = by_wire(columns, device.curve, wire_spread_mT)
    of_wire = Coordinates(device.curve, with_lapse="lapse" in device.intervals)
    posterior = _Posterior(device, columns, found.point, drift_sd_mT, scale_sd, detection)
    sample = posterior_sample(posterior, posterior.start, draws, np.random.default_rng([seed, 6]))
    points = posterior.whole(sample.points)
    n = len(of_wire.point(device.curve))
    curves = of_wire.curve(points[:, :n])
    values = {
        key: np.broadcast_to(getattr(curves, key), (len(points), 1))[:, 0]
        for key in device.intervals
    }
    best = of_wire.curve(found.point[:n])
    curve = device.curve.with_values(
        {key: np.asarray(getattr(best, key)).item() for key in device.curve.units()}
    )
    tails = (1 - confidence) / 2, (1 + confidence) / 2
    before_mT = of_wire.point(device.curve)[CENTRE]
    value_mT = float(found.point[CENTRE] - before_mT)
    offset = _offset(value_mT, points[:, CENTRE] - before_mT, sample.weights, tails)
    parameters = np.column_stack(list(values.values()))
    kept = sample.resampled(draws, np.random.default_rng([seed, 7]))
    low_mT, high_mT = device.field_range_mT
    nucleation_mT = device.nucleation_field_mT
    model = DeviceModel(
        name=name,
        source=source,
        curve=curve,
        intervals={
            key: _around(getattr(curve, key), _quantiles(column, sample.weights, tails))
            for key, column in values.items()
        },
        interval_kind=f"{confidence:.0%} posterior of {device.name} and {data}",
        confidence=confidence,
        field_range_mT=(max(low_mT + offset.value, 0.0), high_mT + offset.value),
        covariance=np.atleast_2d(np.cov(parameters.T, aweights=sample.weights)),
        draws=parameters[kept],
        # Whether walls nucleate at other fields as well is not known.
        nucleation_field_mT=nucleation_mT and nucleation_mT + min(offset.value, 0.0),
        provenance=provenance or {},
    )
    return Refitted(model, offset, found.p_value)


class _Posterior:
    """The log-posterior of the coordinates of the curve, and rates, that are not known exactly."""

    def __init__(
        self,
        device: DeviceModel,
        columns: Columns,
        best: Floats,
        drift_sd_mT: float,
        scale_sd: float,
        detection: DetectionErrors | None,
    ) -> None:
        self._columns, self._detection = columns, detection
        of_wire = Coordinates(device.curve, with_lapse="lapse" in device.intervals)
        known = known_curve(device, of_wire, drift_sd_mT, scale_sd)
        self._seen = SeenCoordinates(of_wire, bool(detection))
        self._mean, self._best, self._n = known.mean, best, len(known.mean)
        known_of = np.sqrt(np.diag(known.covariance)) > 1e-9
        self._known_of = known_of
        self._inverse = np.linalg.inv(known.covariance[np.ix_(known_of, known_of)])
        self._free = np.append(known_of, np.ones(2 * bool(detection), dtype=bool))
        steepness = float(np.exp(best[2]))
        self._low, self._high = self._seen.bounds((steepness / STEEPER, steepness * STEEPER))

    @property
    def start(self) -> Floats:
        """The likeliest point, inside the prior."""
        span = np.where(np.isfinite(self._high), self._high - self._low, 1.0)
        inside = np.clip(
            self._best, self._low + MIN_DISTANCE * span, self._high - MIN_DISTANCE * span
        )
        return np.asarray(inside[self._free])

    def whole(self, points: Floats) -> Floats:
        """Return points with what is known exactly added."""
        result = np.tile(self._best, (len(points), 1))
        result[:, self._free] = points
        return result

    def __call__(self, points: Floats) -> Floats:
        """Return the log-posterior at points, shape (points, free ones)."""
        whole = self.whole(points)
        inside = ((whole >= self._low) & (whole <= self._high)).all(axis=1)
        logs = np.full(len(points), -np.inf)
        if not inside.any():
            return logs
        some = whole[inside]
        distance = (some[:, : self._n] - self._mean)[:, self._known_of]
        logs[inside] = log_likelihood(self._seen.curve(some), self._columns)
        logs[inside] -= np.einsum("ti,ij,tj->t", distance, self._inverse, distance) / 2
        if self._detection:
            logs[inside] += rates_log_likelihood(self._detection, rates_at(some))
        return np.nan_to_num(logs, nan=-np.inf, neginf=-np.inf)


def _offset(
    value_mT: float, drawn_mT: Floats, weights: Floats, tails: tuple[float, float]
) -> Offset:
    """Return the likeliest offset with its spread over draws, shape (n_draws,)."""
    sd_mT = float(np.sqrt(weights @ (drawn_mT - weights @ drawn_mT) ** 2))
    return Offset(value_mT, sd_mT, *_around(value_mT, _quantiles(drawn_mT, weights, tails)))


def _quantiles(values: Floats, weights: Floats, shares: tuple[float, float]) -> tuple[float, float]:
    order = np.argsort(values)
    low, high = np.interp(shares, np.cumsum(weights[order]), values[order])
    return float(low), float(high)


def _around(value: float, bounds: tuple[float, float]) -> tuple[float, float]:
    """Return bounds that contain the likeliest value, also where it is at the end of its range."""
    return min(bounds[0], value), max(bounds[1], value)
