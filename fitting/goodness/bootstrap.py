"""Tables drawn from a fitted curve, the basis of every bootstrap p-value."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from dwsynapse.verdicts import monte_carlo_p
from fitting.counts.pooling import Pooling
from fitting.inference.fisher_scoring import TOLERANCE
from fitting.inference.fit import Fit
from fitting.inference.likelihood import Columns, passing_probability

Floats = NDArray[np.float64]
# Of trials that are nearly independent: the beta distribution is not defined for 0.
MIN_CORRELATION = 1e-9
# Tables are drawn and pooled in parts of about so many counts: of a million rows and a thousand
# tables, all counts together would need tens of gigabytes.
COUNTS_OF_A_PART = 2**22
Nuisances = Mapping[str, tuple[float, float | None, float | None]]


def drawn_tables(
    fit: Fit,
    columns: Columns,
    n_tables: int,
    rng: np.random.Generator,
    correlations: Floats | None = None,
) -> Columns:
    """Return the columns with n_passed drawn from a fit, of shape (n_tables, n_rows).

    Binomial counts, or beta-binomial ones of the correlation that the fit has, or of those given
    for each table, shape (n_tables,).
    """
    p = passing_probability(fit.observed, columns, fit.nuisances.get("offset_mT", (0.0,))[0])
    shape = (n_tables, len(p))
    if correlations is None:
        correlations = np.array([fit.nuisances.get("correlation", (0.0,))[0]])
    if correlations.any():
        total = 1 / np.maximum(correlations, MIN_CORRELATION)[:, None] - 1
        p = rng.beta(p * total, (1 - p) * total, size=shape)
    passed = rng.binomial(columns.n_trials.astype(np.int64), p, size=shape)
    return columns._replace(n_passed=passed.astype(float))


def measured_and_drawn(
    fit: Fit,
    columns: Columns,
    pooling: Pooling,
    n_tables: int,
    rng: np.random.Generator,
    on_part: Callable[[Columns], None] = lambda part: None,
) -> Columns:
    """Return the table measured and tables drawn from its fit, pooled, (1 + n_tables, n_bins).

    Parameters
    ----------
    fit
        The fit.
    columns
        The counts.
    pooling
        Which of their rows are pooled.
    n_tables
        Number of tables drawn.
    rng
        Source of randomness.
    on_part
        Called with the tables before they are pooled, some at a time, that of the counts first.
    """
    measured = columns._replace(n_passed=columns.n_passed[None])
    pooled = []
    for part in chain([measured], _drawn_in_parts(fit, columns, n_tables, rng)):
        independent = effective(part, fit.nuisances)
        on_part(independent)
        pooled.append(pooling.pooled(independent))
    return pooled[0]._replace(n_passed=np.concatenate([tables.n_passed for tables in pooled]))


def _drawn_in_parts(
    fit: Fit, columns: Columns, n_tables: int, rng: np.random.Generator
) -> Iterator[Columns]:
    """Yield the tables of `drawn_tables`, some at a time: all where trials are correlated."""
    at_once = n_tables
    if "correlation" not in fit.nuisances:
        at_once = max(1, COUNTS_OF_A_PART // len(columns.n_trials))
    for first in range(0, n_tables, at_once):
        yield drawn_tables(fit, columns, min(at_once, n_tables - first), rng)


def effective(columns: Columns, nuisances: Nuisances) -> Columns:
    """Return counts with the effective number of independent trials of correlated ones.

    Weighting rows by 1 / (1 + (n - 1) rho) makes the binomial likelihood a quasi-likelihood of
    beta-binomial counts (Williams, Appl. Stat. 31, 144, 1982), for any form of the curve.
    The fields are shifted by the calibration offset. `nuisances` are those of a fit.
    """
    correlation, offset_mT = (
        nuisances[name][0] if name in nuisances else 0.0 for name in ("correlation", "offset_mT")
    )
    weight = 1 / (1 + (columns.n_trials - 1) * correlation)
    return columns._replace(
        field_mT=columns.field_mT + offset_mT,
        n_trials=columns.n_trials * weight,
        n_passed=columns.n_passed * weight,
    )


def bootstrap_p(statistics: Floats) -> float:
    """Return the p-value of the first of these statistics, the others being of drawn tables.

    Curves are fitted to all of them by searches that stop within `TOLERANCE` of the greatest
    log-likelihood: statistics that differ by no more are tied.
    """
    return monte_carlo_p(statistics[0], statistics[1:], resolution=TOLERANCE)
