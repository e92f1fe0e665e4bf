"""The effect of estimating the correlation of trials from few rows of counts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fitting.inference.distributions import chi2_cdf, student_quantile
from fitting.inference.fit_problem import FitProblem
from fitting.inference.likelihood import Columns, Curve, passing_probability

# A count without variance, where a curve is 0 or 1, has the weight of a millionth of a wall.
LEAST_VARIANCE = 1e-6


def rows_and_parameters(problems: Sequence[FitProblem]) -> tuple[int, int]:
    """Return the rows that can show a correlation, and the parameters of all curves together.

    A row of one trial shows none.
    """
    n_rows = sum(int((problem.columns.n_trials > 1).sum()) for problem in problems)
    return n_rows, sum(problem.model.n_fitted for problem in problems)


def adjusted_confidence(confidence: float, problems: Sequence[FitProblem]) -> float:
    """Return the confidence of a profile likelihood whose intervals cover with `confidence`.

    With the variance of the counts estimated from m rows about curves of p parameters, a profile
    has fallen by m/2 ln(1 + t^2 / (m - p)) at t standard errors, where Student's t with m - p
    degrees of freedom replaces the normal distribution (exact for normal errors; Davison,
    Statistical Models, 2003, section 8.3). Binomial counts need no adjustment.
    """
    if not problems[0].model.overdispersed:
        return confidence
    n_rows, n_parameters = rows_and_parameters(problems)
    t = student_quantile((1 + confidence) / 2, n_rows - n_parameters)
    fall = n_rows * np.log1p(t**2 / (n_rows - n_parameters))
    return float(chi2_cdf(fall, 1))


def moment_correlation(parts: Sequence[tuple[Curve, Columns]], spare: int) -> float:
    """Return the correlation of trials estimated from counts about their curves.

    That at which Pearson's chi-square of all rows equals their degrees of freedom (Williams, Appl.
    Stat. 31, 144, 1982): 0 where it is smaller without any.

    Parameters
    ----------
    parts
        Pairs of a curve and the counts that it describes.
    spare
        Degrees of freedom of the rows about these curves.
    """
    found = [(c.n_passed, c.n_trials, passing_probability(curve, c)) for curve, c in parts]
    passed, n, p = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    variance = np.maximum(n * p * (1 - p), LEAST_VARIANCE)
    squares = (passed - n * p) ** 2 / variance

    def excess(correlation: float) -> float:
        return float((squares / (1 + (n - 1) * correlation)).sum() - spare)

    if excess(0.0) <= 0:
        return 0.0
    # Few fits need it, and its import takes longer than they do.
    from scipy.optimize import brentq

    return float(brentq(excess, 0.0, 1.0)) if excess(1.0) < 0 else 1.0


def drawn_correlations(
    correlation: float, n_trials: float, spare: int, n: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return draws of the true correlation for an estimate from few rows, shape (n,).

    The scatter 1 + (n - 1) rho of counts of n trials is estimated with these degrees of freedom
    in excess: the true one is the estimate times those over a chi-square draw, and at least 1.
    """
    scatter = (1 + (n_trials - 1) * correlation) * spare / rng.chisquare(spare, size=n)
    return np.asarray(np.clip((scatter - 1) / max(n_trials - 1, 1), 0.0, 0.99))


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
