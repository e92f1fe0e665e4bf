"""What it costs that the correlation of trials is estimated from few rows of counts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2
from scipy.stats import t as student

from fitting.model import Model


def rows_and_parameters(tables: Sequence[pd.DataFrame], model: Model) -> tuple[int, int]:
    """Return the rows that can show a correlation, and the parameters of all curves together.

    A row of one trial shows none.
    """
    n_rows = sum(int((table["n_trials"] > 1).sum()) for table in tables)
    return n_rows, len(tables) * model.n_fitted


def adjusted_confidence(confidence: float, tables: Sequence[pd.DataFrame], model: Model) -> float:
    """Return the confidence to ask of a profile likelihood for intervals that hold `confidence`.

    With the variance of the counts estimated from m rows about curves of p parameters, a profile
    has fallen by m/2 ln(1 + t^2 / (m - p)) at t standard errors, where Student's t with m - p
    degrees of freedom takes the place of the normal distribution (exact for normal errors; Davison,
    Statistical Models, 2003, section 8.3). Binomial counts need no adjustment.
    """
    if not model.overdispersed:
        return confidence
    n_rows, n_parameters = rows_and_parameters(tables, model)
    t = student.ppf((1 + confidence) / 2, n_rows - n_parameters)
    fall = n_rows * np.log1p(t**2 / (n_rows - n_parameters))
    return float(chi2.cdf(fall, 1))


def held_confidence(confidence: float, tables: Sequence[pd.DataFrame], model: Model) -> float:
    """Return the same for a profile with the correlation held at its estimate.

    It falls by m / (m - p) t^2 / 2: the estimate is m - p over m of the variance.
    """
    if not model.overdispersed:
        return confidence
    n_rows, n_parameters = rows_and_parameters(tables, model)
    spare = n_rows - n_parameters
    return float(chi2.cdf(n_rows / spare * student.ppf((1 + confidence) / 2, spare) ** 2, 1))


def dispersion_ratios(
    tables: Sequence[pd.DataFrame], model: Model, n: int, rng: np.random.Generator
) -> NDArray[np.float64] | float:
    """Return draws of the variance of counts over its maximum-likelihood estimate, shape (n,).

    m / chi-square of m - p degrees of freedom. A likelihood ratio drawn at the estimate, times such
    a draw, scatters as one whose variance is estimated (as F does): what it is compared with was
    divided by the estimate. 1 where counts are binomial.
    """
    if not model.overdispersed:
        return 1.0
    n_rows, n_parameters = rows_and_parameters(tables, model)
    return n_rows / rng.chisquare(n_rows - n_parameters, size=n)
