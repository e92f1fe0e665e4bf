"""Results of tests, and their verdicts after Holm's correction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from dwsynapse.io.number_format import MIN_P_VALUE

# The least p-value, 1/1200, is no more than what Holm's correction asks of six tests at 0.5 %, the
# least significance that dwsynapse.study.Hardware takes.
SIMULATIONS = 1199
# Equal statistics of order 1, differences of log-likelihoods of up to a million among them, come
# out of different sums this close to each other.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Result:
    """What one test found.

    Parameters
    ----------
    test
        Name of the test.
    statistic, statistic_meaning
        The statistic and what it is.
    p_value, p_value_method
        Probability of a statistic at least as large if the device model is correct, and how it was
        found.
    effect_size, effect_meaning
        How large the difference is, and in what terms.
    n
        Number of observations (reads, sums, images, trials).
    details
        Further numbers.
    simulations
        Number of simulations behind the p-value; None for one that needs none.
    """

    test: str
    statistic: float
    statistic_meaning: str
    p_value: float
    p_value_method: str
    effect_size: float
    effect_meaning: str
    n: int | None
    details: dict[str, Any] = field(default_factory=dict)
    simulations: int | None = None

    def __post_init__(self) -> None:
        """Round a p-value that underflowed up."""
        object.__setattr__(self, "p_value", max(self.p_value, MIN_P_VALUE))


def holm(
    p_values: Sequence[float],
    weights: Sequence[float] | None = None,
    families: Sequence[str | None] | None = None,
) -> list[float]:
    """Return p-values adjusted for their number by Holm's step-down method (1979).

    With weights, tests take unequal parts of the significance, in proportion to them (his section
    5); the order of p / weight is that of the steps. Tests of one family, whose p-values are joint
    (`joint_p_values`), are one step with all of their weights.
    """
    p = np.asarray(p_values, dtype=float)
    weight = np.ones_like(p) if weights is None else np.asarray(weights, dtype=float)
    names = [name or i for i, name in enumerate(families or [None] * len(p))]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    step = np.array([numbers[name] for name in names], dtype=np.intp)
    w = np.bincount(step, weight)
    least = np.ones(len(w))
    np.minimum.at(least, step, p)
    order = np.argsort(least / w, kind="stable")
    factor = np.empty(len(w))
    factor[order] = np.cumsum(w[order][::-1])[::-1] / w[order]
    reached = np.empty(len(w))
    reached[order] = np.maximum.accumulate((least * factor)[order])
    adjusted = np.minimum(np.maximum(p * factor[step], reached[step]), 1)
    return [float(value) for value in adjusted]


def with_verdicts(
    results: Sequence[Result],
    significance: float,
    verdicts: tuple[str, str] = ("consistent", "inconsistent"),
    weights: Sequence[float] | None = None,
    families: Sequence[str | None] | None = None,
) -> list[dict[str, Any]]:
    """Return the results with adjusted p-values and verdicts.

    Parameters
    ----------
    results
        The tests of one report.
    significance
        Probability that any of them fails if all device models are correct.
    verdicts
        Words for a test that passes and one that fails.
    weights
        Parts of the significance that the tests take; None: equal ones.
    families
        Tests whose p-values are joint, by the name of their family; None: no test.

    Returns
    -------
    list of dict
        The fields of `Result`, with p_value_holm and verdict.
    """
    adjusted = holm([result.p_value for result in results], weights, families)
    return [
        {
            **asdict(result),
            "p_value_holm": p,
            "verdict": verdicts[p <= significance],
        }
        for result, p in zip(results, adjusted, strict=True)
    ]


def monte_carlo_p(
    observed: float, simulated: Sequence[float] | np.ndarray, resolution: float = ROUNDING
) -> float:
    """Return the p-value of a Monte-Carlo test, a parametric bootstrap included.

    The share of all statistics that are at least as large as the observed one, which counts among
    them: (1 + those simulated ones) / (1 + n_simulations). It is valid, p <= alpha being no more
    likely than alpha under the model, for any number of simulations (Davison & Hinkley, Bootstrap
    Methods and their Application, 1997, section 4.2; Phipson & Smyth, Stat. Appl. Genet. Mol. Biol.
    9, 39, 2010). A tie counts as at least as large: counted by half (the mid-p-value) it would
    not be valid.

    Parameters
    ----------
    observed
        The statistic found; large ones speak against the model.
    simulated
        Statistics simulated from the model, shape (n_simulations,).
    resolution
        Statistics that differ by no more are tied: by rounding, or for statistics that a search
        found by what the search leaves open. Never less than a share `ROUNDING` of the observed
        one. Too many ties make a p-value larger, and so leave it valid.

    Returns
    -------
    float
        From 1 / (1 + n_simulations) to 1.
    """
    least = observed - max(resolution, ROUNDING * abs(observed))
    as_large = np.sum(np.asarray(simulated) >= least)
    return float((1 + as_large) / (1 + len(simulated)))


def joint_p_values(observed: Sequence[float], simulated: Sequence[np.ndarray]) -> list[float]:
    """Return p-values of several statistics of the same simulations, adjusted for their number.

    That of a statistic is the probability that any of them has a p-value as small as it has
    (Westfall & Young, Resampling-Based Multiple Testing, 1993, section 2.3): what they have in
    common costs nothing, and a statistic of which no value is improbable costs nothing either.

    Parameters
    ----------
    observed
        The statistics found; large ones speak against the model.
    simulated
        Statistics simulated from the model, for each the array of shape (n_simulations,): the same
        place in all arrays is the same simulation.
    """
    each = []
    for found, drawn in zip(observed, simulated, strict=True):
        values = np.append(found, drawn)
        least = values - ROUNDING * np.maximum(np.abs(values), 1)
        each.append(len(values) - np.searchsorted(np.sort(values), least))
    smallest = np.min(each, axis=0)
    return [float((smallest <= ranks[0]).mean()) for ranks in each]
