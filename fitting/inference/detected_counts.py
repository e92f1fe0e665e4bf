"""Counts of outcomes that were detected with errors, and of known walls that show how often."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlog1py, xlogy

from dwsynapse.io.detection_errors import MAX_RATE, NAMES, DetectionErrors
from fitting.forms import PassingCurve
from fitting.forms.observed_curve import observed_curve
from fitting.inference.fisher_scoring import Coordinates
from fitting.inference.likelihood import Columns

Floats = NDArray[np.float64]

# Keeps logarithms finite where a rate that is not 0 is searched down to 0.
MIN_RATE = 1e-12


def rates_log_likelihood(errors: DetectionErrors | None, nuisances: Mapping[str, Any]) -> Any:
    """Return the log-likelihood of the outcomes that show the rates, k of n each; 0 without.

    Without binomial coefficients. Values of shape (n, 1) give shape (n,).
    """
    if errors is None:
        return 0.0
    logs: Any = 0.0
    for name in NAMES:
        shown, value = getattr(errors, name), np.asarray(nuisances[name])
        rate = value[..., 0] if value.ndim else value
        rate = np.clip(rate, MIN_RATE, 1 - MIN_RATE)
        logs = logs + xlogy(shown.k, rate) + xlog1py(shown.n - shown.k, -rate)
    return logs


@dataclass(frozen=True)
class AtRates:
    """Coordinates of a wire's curve, whose curves are those seen with detection errors.

    Parameters
    ----------
    of_wire
        Coordinates of the wire's curve.
    rates
        The rates, by name; empty: outcomes are never wrong.
    """

    of_wire: Coordinates
    rates: Mapping[str, float]

    def curve(self, points: Floats) -> PassingCurve:
        """Return the curves seen at points of shape (..., n_coordinates)."""
        return observed_curve(self.of_wire.curve(points), self.rates)

    def bounds(self, steepness_per_mT: tuple[float, float]) -> tuple[Floats, Floats]:
        """Return the lowest and the highest value of each coordinate."""
        return self.of_wire.bounds(steepness_per_mT)


@dataclass(frozen=True)
class SeenCoordinates:
    """Coordinates of the curves that are seen, with the two rates among them.

    Parameters
    ----------
    of_wire
        Coordinates of the wire's curve.
    with_errors
        Whether outcomes may be wrong; the rates are no coordinates otherwise.
    """

    of_wire: Coordinates
    with_errors: bool = True

    def curve(self, points: Floats) -> PassingCurve:
        """Return the curves seen at points (..., n_coordinates), their parameters (..., 1)."""
        if not self.with_errors:
            return self.of_wire.curve(points)
        return observed_curve(self.of_wire.curve(points[..., :-2]), rates_at(points))

    def bounds(self, steepness_per_mT: tuple[float, float]) -> tuple[Floats, Floats]:
        """Return the lowest and the highest value of each coordinate."""
        low, high = self.of_wire.bounds(steepness_per_mT)
        rates = [0.0, MAX_RATE] * self.with_errors
        return np.append(low, rates[:1] * 2), np.append(high, rates[1:] * 2)


def rates_at(points: Floats) -> dict[str, Floats]:
    """Return the rates at such points, each of shape (..., 1)."""
    return dict(zip(NAMES, np.moveaxis(points[..., -2:], -1, 0)[..., None], strict=True))


@dataclass(frozen=True)
class ObservedCurve:
    """A curve over rows of a table, and over two rows of walls whose outcome is known.

    Those are at 0 for pinned walls, which pass with the false-pass rate, and at 1 for passed ones.

    Parameters
    ----------
    seen
        The curve of the outcomes detected.
    false_pass, false_pin
        The rates, numbers or of shape (n_curves, 1).
    of_b
        Which rows are of known walls, shape (n_rows,).
    """

    seen: PassingCurve
    false_pass: Any
    false_pin: Any
    of_b: NDArray[np.bool_]

    def probability(self, field_mT: Floats) -> Any:
        """Return the share seen to pass, shape (n_rows,)."""
        known = self.false_pass + (1 - self.false_pass - self.false_pin) * field_mT
        return np.where(self.of_b, known, self.seen.probability(field_mT))

    def sides(self) -> tuple[Any, "ObservedCurve"]:
        """Return the curve for rows of the table, and the one for rows of known walls."""
        return self.seen, replace(self, of_b=np.array(True))


@dataclass(frozen=True)
class ObservedCoordinates:
    """The coordinates of such curves (`fitting.inference.fisher_scoring.fit_many`).

    Those of the wire's curve, and the two rates.

    Parameters
    ----------
    of_wire
        Coordinates of the wire's curve.
    rates
        Rates at which searches start, by name.
    n_rows
        Rows of the table, before those of known walls.
    """

    of_wire: Coordinates
    rates: Mapping[str, float]
    n_rows: int

    def curve(self, points: Floats) -> ObservedCurve:
        """Return the curves at points of shape (..., n_coordinates), parameters of (..., 1)."""
        rates, of_b = rates_at(points), np.arange(self.n_rows + 2) >= self.n_rows
        seen = SeenCoordinates(self.of_wire).curve(points)
        return ObservedCurve(seen, rates[NAMES[0]], rates[NAMES[1]], of_b)

    def point(self, curve: PassingCurve) -> Floats:
        """Return the coordinates of one curve of a wire, shape (n_coordinates,)."""
        return np.append(self.of_wire.point(curve), [self.rates[name] for name in NAMES])

    def bounds(self, steepness_per_mT: tuple[float, float]) -> tuple[Floats, Floats]:
        """Return the lowest and the highest value of each coordinate."""
        return SeenCoordinates(self.of_wire).bounds(steepness_per_mT)


def with_known_walls(
    errors: DetectionErrors, tables: Columns, rates: Mapping[str, float], rng: np.random.Generator
) -> Columns:
    """Return tables with two more rows: those outcomes that show the rates.

    Parameters
    ----------
    errors
        The outcomes.
    tables
        Tables of which n_passed has the shape (n_tables, n_rows); the first is as measured, and
        the others were drawn.
    rates
        Rates from which the outcomes of the other tables are drawn.
    rng
        Source of them.
    """
    n = np.array([getattr(errors, name).n for name in NAMES])
    wrong = np.array([getattr(errors, name).k for name in NAMES])
    rate = np.array([rates[name] for name in NAMES])
    drawn = rng.binomial(n.astype(np.int64), rate, size=(len(tables.n_passed) - 1, 2))
    wrong = np.vstack([wrong, drawn]).astype(float)
    passed = np.column_stack([wrong[:, 0], n[1] - wrong[:, 1]])
    return Columns(
        np.append(tables.field_mT, [0.0, 1.0]),
        np.append(tables.n_trials, n),
        np.hstack([tables.n_passed, passed]),
        np.append(tables.field_sd_mT, [0.0, 0.0]),
    )
