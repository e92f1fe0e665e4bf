"""The likelihood-ratio statistic of a curve common to two tables, and its distribution."""

from dataclasses import replace
from typing import Any

import numpy as np

from fitting.comparison.calibrated_curve import CalibratedCoordinates, CalibratedCurve, Floats
from fitting.comparison.joint_likelihood import Problems
from fitting.goodness.bootstrap import drawn_tables, effective
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
) -> Floats:
    """Return the likelihood-ratio statistic of a common curve against two separate ones.

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
    ndarray of shape (1 + simulations,)
        For the tables given, and for each pair drawn.
    """
    model = problems[0].model
    spare = spare_rows(problems) + model.n_fitted - len(free)
    correlations = None
    if model.overdispersed:
        whole = stack(*(problem.columns for problem in problems))
        n_fitted = model.n_fitted + len(free)
        correlations = drawn_correlations(common, whole, n_fitted, simulations, rng)
    many = [
        _with_drawn(problem.columns, fit, side, correlations, rng, simulations)
        for problem, fit, side in zip(problems, fits, common.sides(), strict=True)
    ]
    ranges = [problem.steepness_range_per_mT for problem in problems]
    steepness = min(low for low, _ in ranges), max(high for _, high in ranges)
    of_curve = problems[0].coordinates
    joint = CalibratedCoordinates(of_curve, free, common.scale, common.of_b)
    stacked = stack(*many)
    shared = joint.curve(fit_many(joint, stacked, joint.point(common), steepness))
    ratios = -log_likelihood(shared, stacked)
    for columns, fit, point in zip(many, fits, _separate_points(of_curve, common), strict=True):
        start = np.vstack([of_curve.point(fit.curve), np.tile(point, (simulations, 1))])
        points = fit_many(of_curve, columns, start, steepness)
        ratios += log_likelihood(of_curve.curve(points), columns)
    # Searches stop within a tolerance of the greatest value: a tie may come out below zero.
    ratios = np.maximum(2 * ratios, 0.0)
    if not model.overdispersed:
        return ratios
    squares = (residuals(shared, stacked) ** 2).sum(axis=-1)
    # Independent trials scatter the least.
    least = stacked.n_trials.sum() / sum(problem.columns.n_trials.sum() for problem in problems)
    return np.asarray(ratios / np.maximum(squares / spare, least))


def stack(a: Columns, b: Columns) -> Columns:
    """Return the rows of A and then those of B."""
    return Columns(*(np.concatenate(pair, axis=-1) for pair in zip(a, b, strict=True)))


def _with_drawn(
    columns: Columns,
    fit: Fit,
    common: Any,
    correlations: Floats | None,
    rng: np.random.Generator,
    simulations: int,
) -> Columns:
    """Return columns with n_passed as given and as drawn, (1 + simulations, n_rows)."""
    drawn = drawn_tables(replace(fit, curve=common), columns, simulations, rng, correlations)
    both = columns._replace(n_passed=np.vstack([columns.n_passed, drawn.n_passed]))
    return effective(both, fit.nuisances)


def _separate_points(of_curve: Coordinates, common: CalibratedCurve) -> tuple[Floats, Floats]:
    """Return the coordinates of the common curve over the fields of A, and over those of B."""
    of_a = of_curve.point(common.curve)
    of_b = of_a.copy()
    of_b[1] = common.offset_mT + common.scale * of_a[1]
    of_b[2] -= np.log(common.scale)
    return of_a, of_b
