"""The effect of estimating the correlation of trials from few rows of counts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fitting.inference.brent_root import brent_root
from fitting.inference.distributions import chi2_cdf, student_quantile
from fitting.inference.fit_problem import FitProblem
from fitting.inference.likelihood import (
    MAX_CORRELATION,
    Columns,
    Curve,
    log_likelihood,
    passing_probability,
)

# A count without variance, where a curve is 0 or 1, has the weight of a millionth of a wall.
MIN_VARIANCE = 1e-6
# Least logarithm of the scatter, and points at which its likelihood is computed; where that is this
# far below its greatest value, as a logarithm, it is nothing.
MIN_LOG, GRID, UNLIKELY = 1e-4, 60, 15.0


def rows_and_parameters(problems: Sequence[FitProblem]) -> tuple[int, int]:
    """Return the rows that can show a correlation, and the parameters of all curves together.

    A row of one trial shows none.
    """
    n_rows = sum(int((problem.columns.n_trials > 1).sum()) for problem in problems)
    return n_rows, sum(problem.model.n_fitted for problem in problems)


def adjusted_confidence(confidence: float, problems: Sequence[FitProblem]) -> float:
    """Return the confidence of a profile likelihood whose intervals cover with `confidence`.

    With the variance of the counts estimated from m rows about curves of p parameters, a profile
    of the restricted likelihood (`restriction`) has fallen by (m - p)/2 ln(1 + t^2 / (m - p)) at t
    standard errors, where Student's t with m - p degrees of freedom replaces the normal
    distribution (exact for normal errors; Davison, Statistical Models, 2003, section 8.3). Binomial
    counts need no adjustment.
    """
    if not problems[0].model.overdispersed:
        return confidence
    spare = spare_rows(problems)
    t = student_quantile((1 + confidence) / 2, spare)
    return float(chi2_cdf(spare * np.log1p(t**2 / spare), 1))


def restriction(columns: Columns, n_parameters: int, correlation: Any) -> Any:
    """Return what a restricted log-likelihood adds to that of beta-binomial counts.

    Half the logarithm of their scatter 1 + (n - 1) rho for each parameter of the curve: the rows
    scatter less about a curve fitted to them than about the true one, and without this the
    likelihood underestimates the correlation (Patterson and Thompson, Biometrika 58, 545, 1971).

    Parameters
    ----------
    columns
        The counts.
    n_parameters
        How many parameters of the curve are fitted.
    correlation
        Correlation of trials, a number or an array.
    """
    return n_parameters / 2 * np.log1p(_mean_pairs(columns) * correlation)


def _mean_pairs(columns: Columns) -> float:
    """Return n - 1 for the mean number of trials of rows that can show a correlation."""
    many = columns.n_trials[columns.n_trials > 1]
    return float(many.mean() - 1) if len(many) else 0.0


def moment_correlation(parts: Sequence[tuple[Curve, Columns]], spare: int) -> float:
    """Return the correlation of trials estimated from counts about their curves.

    That at which Pearson's chi-square of the rows of more than one trial equals their degrees of
    freedom (Williams, Appl. Stat. 31, 144, 1982): 0 where it is smaller without any.

    Parameters
    ----------
    parts
        Pairs of a curve and the counts that it describes.
    spare
        Degrees of freedom of the rows about these curves.
    """
    found = [(c.n_passed, c.n_trials, passing_probability(curve, c)) for curve, c in parts]
    whole = np.stack([np.concatenate(arrays) for arrays in zip(*found, strict=True)])
    passed, n, p = whole[:, whole[1] > 1]  # Rows of one trial show none.
    variance = np.maximum(n * p * (1 - p), MIN_VARIANCE)
    squares = (passed - n * p) ** 2 / variance

    def excess(correlation: float) -> float:
        return float((squares / (1 + (n - 1) * correlation)).sum() - spare)

    if excess(0.0) <= 0:
        return 0.0
    return brent_root(excess, 0.0, 1.0) if excess(1.0) < 0 else 1.0


def drawn_correlations(
    curve: Curve, columns: Columns, n_parameters: int, n: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return draws of the true correlation of trials behind counts, shape (n,).

    From their restricted likelihood, with an even prior on the logarithm of the scatter
    1 + (n - 1) rho: for normal counts that is the estimate times the degrees of freedom over a
    chi-square draw.

    Parameters
    ----------
    curve
        The curve fitted to the counts.
    columns
        The counts, some rows of more than one trial.
    n_parameters
        How many parameters of the curve were fitted.
    n
        Number of draws.
    rng
        Source of randomness.
    """
    pairs = _mean_pairs(columns)
    ends = MIN_LOG, np.log1p(pairs * MAX_CORRELATION)
    for _ in range(2):  # Coarsely, and then where it is likely.
        logs = np.linspace(*ends, GRID)
        correlation = np.expm1(logs) / pairs
        likelihood = log_likelihood(curve, columns, correlation[:, None])
        likelihood += restriction(columns, n_parameters, correlation)
        likely = np.flatnonzero(likelihood > likelihood.max() - UNLIKELY)
        ends = logs[max(likely[0] - 1, 0)], logs[min(likely[-1] + 1, GRID - 1)]
    density = np.exp(likelihood - likelihood.max())
    below = np.append(0.0, np.cumsum(density[1:] + density[:-1]))
    return np.expm1(np.interp(rng.random(n) * below[-1], below, logs)) / pairs


def spare_rows(problems: Sequence[FitProblem]) -> int:
    """Return the residual degrees of freedom of the rows of tables about separate curves."""
    n_rows, n_parameters = rows_and_parameters(problems)
    return n_rows - n_parameters


def held_confidence(confidence: float, problems: Sequence[FitProblem]) -> float:
    """Return the confidence of a profile with the correlation fixed at its estimate.

    Student's t with the degrees of freedom of that estimate replaces the normal
    distribution. Binomial counts need no adjustment.
    """
    if not problems[0].model.overdispersed:
        return confidence
    t = student_quantile((1 + confidence) / 2, spare_rows(problems))
    return float(chi2_cdf(t**2, 1))
