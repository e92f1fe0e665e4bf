"""The likelihood-ratio statistic of a curve common to two tables, and its distribution."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fitting.comparison.calibrated_curve import CalibratedCoordinates, CalibratedCurve, Floats
from fitting.comparison.joint_likelihood import Problems, effective_columns
from fitting.counts.pooling import Pooling
from fitting.goodness.bootstrap import drawn_tables, effective, measured_and_drawn
from fitting.goodness.goodness_of_fit import residuals
from fitting.inference.fisher_scoring import Coordinates, fit_many
from fitting.inference.fit import Fit
from fitting.inference.likelihood import Columns, log_likelihood
from fitting.inference.overdispersion import drawn_correlations, spare_rows


def likelihood_ratios(
    problems: Problems,
    fits: tuple[Fit, Fit],
    common: CalibratedCurve,
    free: tuple[str, ...],
    rng: np.random.Generator,
    simulations: int,
) -> tuple[float, Floats]:
    """Return the likelihood-ratio statistic of a common curve, and statistics for its p-value.

    Where counts are correlated it is divided by the scatter about the common curve, Pearson's
    chi-square per degree of freedom: each pair of tables by its own, so that what chance does to
    the estimate is in the p-value, also where counts are far from normal. (About the separate
    curves, few rows leave little scatter, and often none.)

    Parameters
    ----------
    problems
        Counts of A and B, of one model.
    fits
        The fits of each, where searches for the separate curves start.
    common
        The common curve, from which tables are drawn.
    free
        Which of its calibration parameters are fitted.
    rng
        Source of the drawn tables.
    simulations
        How many pairs of tables are drawn, and fitted again.

    Returns
    -------
    float
        The statistic against two separate curves.
    ndarray of shape (1 + simulations,)
        That of the tables given and of each pair drawn, all with rows of nearly equal fields
        pooled where trials are independent, which moves the statistic by a few hundredths of its
        root.
    """
    model = problems[0].model
    if model.overdispersed:
        ratios = _ratios(
            problems,
            fits,
            common,
            free,
            _correlated(problems, fits, common, free, rng, simulations),
        )
        return float(ratios[0]), ratios
    pooled = _pooled(problems, fits, common, rng, simulations)
    ratios = _ratios(problems, fits, common, free, pooled)
    given = [
        columns._replace(n_passed=columns.n_passed[None])
        for columns in effective_columns(problems, fits)
    ]
    if all(len(a.n_trials) == len(b.n_trials) for a, b in zip(given, pooled, strict=True)):
        return float(ratios[0]), ratios
    return float(_ratios(problems, fits, common, free, given)[0]), ratios


def _ratios(
    problems: Problems,
    fits: tuple[Fit, Fit],
    common: CalibratedCurve,
    free: tuple[str, ...],
    many: Sequence[Columns],
) -> Floats:
    """Return the statistic of pairs of tables, that of the counts given first."""
    model, of_curve = problems[0].model, problems[0].coordinates
    ranges = [problem.steepness_range_per_mT for problem in problems]
    steepness = min(low for low, _ in ranges), max(high for _, high in ranges)
    of_b = np.repeat([False, True], [len(columns.n_trials) for columns in many])
    joint = CalibratedCoordinates(of_curve, free, common.scale, of_b)
    stacked = stack(*many)
    shared = joint.curve(fit_many(joint, stacked, joint.point(common), steepness))
    ratios = -log_likelihood(shared, stacked)
    for columns, fit, point in zip(many, fits, _separate_points(of_curve, common), strict=True):
        n_drawn = len(columns.n_passed) - 1
        start = np.vstack([of_curve.point(fit.curve), np.tile(point, (n_drawn, 1))])
        found = fit_many(of_curve, columns, start, steepness)
        ratios += log_likelihood(of_curve.curve(found), columns)
    # Searches stop within a tolerance of the greatest value: a tie may come out below zero.
    ratios = np.maximum(2 * ratios, 0.0)
    if not model.overdispersed:
        return ratios
    squares = (residuals(shared, stacked) ** 2).sum(axis=-1)
    # Independent trials scatter the least.
    least = stacked.n_trials.sum() / sum(problem.columns.n_trials.sum() for problem in problems)
    spare = spare_rows(problems) + model.n_fitted - len(free)
    return np.asarray(ratios / np.maximum(squares / spare, least))


def stack(a: Columns, b: Columns) -> Columns:
    """Return the rows of A and then those of B."""
    return Columns(*(np.concatenate(pair, axis=-1) for pair in zip(a, b, strict=True)))


def _pooled(
    problems: Problems,
    fits: tuple[Fit, Fit],
    common: CalibratedCurve,
    rng: np.random.Generator,
    simulations: int,
) -> list[Columns]:
    """Return A and B with n_passed as given and as drawn, rows of nearly equal fields together.

    Neither the separate curves nor the common one distinguish these (`Pooling`).
    """
    of_curve, found = problems[0].coordinates, []
    sides: Any = common.sides()
    points = _separate_points(of_curve, common)
    for problem, fit, side, point in zip(problems, fits, sides, points, strict=True):
        steepest_per_mT = np.exp(max(of_curve.point(fit.curve)[2], point[2]))
        pooling = Pooling.of(problem.columns, steepest_per_mT, math.inf)
        drawn_from = replace(fit, curve=side)
        found.append(measured_and_drawn(drawn_from, problem.columns, pooling, simulations, rng))
    return found


def _correlated(
    problems: Problems,
    fits: tuple[Fit, Fit],
    common: CalibratedCurve,
    free: tuple[str, ...],
    rng: np.random.Generator,
    simulations: int,
) -> list[Columns]:
    """Return A and B with n_passed as given and as drawn, trials of each pair as correlated."""
    whole = stack(*(problem.columns for problem in problems))
    n_fitted = problems[0].model.n_fitted + len(free)
    correlations = drawn_correlations(common, whole, n_fitted, simulations, rng)
    sides: Any = common.sides()
    found = []
    for problem, fit, side in zip(problems, fits, sides, strict=True):
        columns, drawn_from = problem.columns, replace(fit, curve=side)
        drawn = drawn_tables(drawn_from, columns, simulations, rng, correlations)
        both = columns._replace(n_passed=np.vstack([columns.n_passed, drawn.n_passed]))
        found.append(effective(both, fit.nuisances))
    return found


def _separate_points(of_curve: Coordinates, common: CalibratedCurve) -> tuple[Floats, Floats]:
    """Return the coordinates of the common curve over the fields of A, and over those of B."""
    of_a = of_curve.point(common.curve)
    of_b = of_a.copy()
    of_b[1] = common.offset_mT + common.scale * of_a[1]
    of_b[2] -= np.log(common.scale)
    return of_a, of_b
