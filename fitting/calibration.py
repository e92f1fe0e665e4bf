"""One curve for two tables of counts, after a calibration of one field axis to the other."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from iminuit import Minuit
from scipy.stats import chi2

from fitting.fit import starting_curve
from fitting.forms import PassingCurve
from fitting.joint import Estimate, Limits, Parts, joint_fit, parameter_limits
from fitting.likelihood import Columns, passing_probability
from fitting.model import LOGISTIC, Model
from fitting.profile import profile_interval

Pair = tuple[Columns, Columns]

SIMULATIONS = 399
CALIBRATION_UNITS = {"offset_mT": "mT", "scale": "1"}
# The scale is sought within this factor of where the two separate curves put it.
MOST_RESCALED = 20


@dataclass(frozen=True)
class SharedCurve:
    """One curve for both tables, after a calibration h_B = offset + scale h_A of the fields.

    Parameters
    ----------
    curve
        The common curve, over the fields of A.
    calibration
        offset_mT and scale; one that was held has its value as both bounds.
    free
        Names of those that were fitted.
    statistic
        Twice the log-likelihood that the common curve lacks against two separate ones.
    degrees_of_freedom
        How many parameters the separate curves have more.
    p_value
        Share of tables drawn from the common curve that lack as much (parametric bootstrap).
    p_value_chi2
        The same by Wilks' theorem, which a floor at zero or few trials spoil.
    simulations
        Pairs of tables drawn.
    """

    curve: PassingCurve
    calibration: dict[str, Estimate]
    free: tuple[str, ...]
    statistic: float
    degrees_of_freedom: int
    p_value: float
    p_value_chi2: float
    simulations: int


def shared_curve(
    tables: tuple[pd.DataFrame, pd.DataFrame],
    curves: tuple[PassingCurve, PassingCurve],
    free: tuple[str, ...],
    confidence: float,
    rng: np.random.Generator,
    simulations: int = SIMULATIONS,
    model: Model = LOGISTIC,
) -> SharedCurve:
    """Fit one curve to both tables, h_B = offset + scale h_A, and test it against separate ones.

    Parameters
    ----------
    tables
        Counts of A and B.
    curves
        The curves fitted to them.
    free
        Which of offset_mT and scale are fitted; others stay at 0 mT and 1.
    confidence
        Confidence of the intervals.
    rng
        Source of the tables drawn from the common curve, whose refits give the p-value.
    simulations
        How many pairs of tables are drawn.
    model
        What is assumed of the counts; its nuisances are not fitted.
    """
    problem = _Problem(curves[0], parameter_limits(model, tables), free)
    columns = (Columns.of(tables[0]), Columns.of(tables[1]))
    # Curves of very different steepness leave several maxima: the search starts from less free
    # calibrations as well.
    calibrated = [_start(tables, curves, free[:n], model) for n in range(len(free) + 1)]
    fits = [problem.shared_fit(columns, start) for start in calibrated]
    minuit = min(fits, key=lambda fit: fit.fval)
    best = minuit.values.to_dict()
    curve = problem.curve(best)
    statistic = problem.lack(minuit, columns, curves)
    # Tables drawn from the common curve: without a calibration it is the start for B as well.
    starts = (curve, curves[1] if free else curve)
    as_large = 0
    for _ in range(simulations):
        drawn = _drawn(best, columns, curve, rng)
        as_large += problem.lack(problem.shared_fit(drawn, best), drawn, starts) >= statistic
    return SharedCurve(
        curve=curve,
        calibration={
            name: Estimate(best[name], *_bounds(minuit, name, confidence))
            for name in CALIBRATION_UNITS
        },
        free=free,
        statistic=statistic,
        degrees_of_freedom=problem.degrees_of_freedom,
        p_value=(1 + as_large) / (1 + simulations),
        p_value_chi2=float(chi2.sf(statistic, problem.degrees_of_freedom)),
        simulations=simulations,
    )


@dataclass(frozen=True)
class _Problem:
    """Which parameters and which of the calibration are fitted."""

    template: PassingCurve
    limits: Limits
    free: tuple[str, ...]

    @property
    def degrees_of_freedom(self) -> int:
        return len(self.limits) - len(self.free)

    def curve(self, values: dict[str, float]) -> PassingCurve:
        return self.template.with_values({name: values[name] for name in self.limits})

    def shared_fit(self, columns: Pair, start: dict[str, float]) -> Minuit:
        """Return the fit of one curve, and of the free part of the calibration, to both tables."""
        scale = start["scale"]
        return joint_fit(
            lambda values: _calibrated(values, columns, self.curve(values)),
            start,
            {**self.limits, "scale": (scale / MOST_RESCALED, scale * MOST_RESCALED)},
            held=[name for name in CALIBRATION_UNITS if name not in self.free],
        )

    def lack(
        self, shared: Minuit, columns: Pair, starts: tuple[PassingCurve, PassingCurve]
    ) -> float:
        """Return twice the log-likelihood that a shared fit lacks against separate ones."""
        separate = sum(self._single_fit(*pair).fval for pair in zip(columns, starts, strict=True))
        # Minuit stops within its tolerance of the least value: a tie may come out below zero.
        return max(2 * float(shared.fval - separate), 0.0)

    def _single_fit(self, columns: Columns, start: PassingCurve) -> Minuit:
        return joint_fit(
            lambda values: [(self.curve(values), columns)],
            {name: getattr(start, name) for name in self.limits},
            self.limits,
        )


def _calibrated(values: dict[str, float], columns: Pair, curve: PassingCurve) -> Parts:
    a, b = columns
    fields_of_a_mT = (b.field_mT - values["offset_mT"]) / values["scale"]
    return [
        (curve, a),
        (curve, b._replace(field_mT=fields_of_a_mT, field_sd_mT=b.field_sd_mT / values["scale"])),
    ]


def _drawn(
    values: dict[str, float], columns: Pair, curve: PassingCurve, rng: np.random.Generator
) -> Pair:
    """Return two tables drawn from a shared curve, at the fields and trials of the given ones."""
    (_, a), (_, b) = _calibrated(values, columns, curve)
    n_passed = [rng.binomial(c.n_trials.astype(int), passing_probability(curve, c)) for c in (a, b)]
    return (
        columns[0]._replace(n_passed=n_passed[0].astype(float)),
        columns[1]._replace(n_passed=n_passed[1].astype(float)),
    )


def _start(
    tables: tuple[pd.DataFrame, pd.DataFrame],
    curves: tuple[PassingCurve, PassingCurve],
    free: tuple[str, ...],
    model: Model,
) -> dict[str, float]:
    """Return the calibration that carries the rise of A onto that of B, and a curve for both."""
    a, b = ([float(curve.rise_field_mT(rise)) for rise in (0.25, 0.5, 0.75)] for curve in curves)
    scale = (b[2] - b[0]) / (a[2] - a[0]) if "scale" in free else 1.0
    offset_mT = b[1] - scale * a[1] if "offset_mT" in free else 0.0
    moved = tables[1].assign(field_mT=(tables[1]["field_mT"] - offset_mT) / scale)
    curve = starting_curve(pd.concat([tables[0], moved]), model)
    return {
        **{name: getattr(curve, name) for name in model.names},
        "offset_mT": offset_mT,
        "scale": scale,
    }


def _bounds(minuit: Minuit, name: str, confidence: float) -> tuple[float | None, float | None]:
    if minuit.fixed[name]:
        return minuit.values[name], minuit.values[name]
    return profile_interval(minuit, name, confidence)
