"""Tests of a programming log: whether its steps are those of the response."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtr
from scipy.stats import kstwobign

from fitting.response.checks.response_tests import MIN_PULSES, groups_of
from hardware.crossbars.verification.step_scores import StepScores
from hardware.verification.log_tests.result import LogResult, normal_power

Bools = NDArray[np.bool_]

WAYS = {"up": 1, "down": 0}
MAX_GROUPS = 8


def step_tests(scores: StepScores, tolerance: float, level: float) -> list[LogResult]:
    """Return the tests of the steps, those for which there are steps enough.

    Parameters
    ----------
    scores
        The steps.
    tolerance
        Share of the mean step for which powers are given.
    level
        Level at which they are given.
    """
    found = [mean_step(scores, name, tolerance, level) for name in WAYS]
    found += [by_conductance(scores), spread(scores), distribution(scores)]
    return [result for result in found if result is not None]


def mean_step(scores: StepScores, name: str, tolerance: float, level: float) -> LogResult | None:
    """Test whether the mean step of one direction is that of the response.

    The mean of normal scores has the variance 1 / n, and what the scatter of the response adds.
    """
    chosen = scores.used & (scores.way == WAYS[name])
    if (n := int(chosen.sum())) < MIN_PULSES:
        return None
    sd = float(np.sqrt(1 / n + scores.response_variance(chosen)))
    z = float(scores.z[chosen].mean() / sd)
    size, size_sd = step_ratio(scores, chosen)
    certain = scores.sd[chosen] == 0  # as from one end of the range towards it
    spread_of_each = np.where(certain, np.inf, scores.sd[chosen])
    moved = float((tolerance * np.abs(scores.mean[chosen]) / spread_of_each).mean())
    return LogResult(
        test=f"mean step {name}",
        question="a",
        statistic=z,
        statistic_meaning="mean normal score of the steps, in standard deviations",
        p_value=float(2 * ndtr(-abs(z))),
        p_value_method="normal",
        effect_size=size,
        effect_meaning="mean step less the response's, as a share of it",
        n=n,
        details={"sd": size_sd},
        power=normal_power(moved, sd, level),
        power_of=f"steps {100 * tolerance:g} % smaller",
    )


def step_ratio(scores: StepScores, chosen: Bools) -> tuple[float, float]:
    """Return the mean size of chosen steps over the response's, less 1, with its uncertainty."""
    sign = np.where(scores.way[chosen] == 1, 1.0, -1.0)
    expected = (sign * scores.mean[chosen]).mean()
    away = (sign * (scores.steps - scores.mean)[chosen]).mean() / expected
    one_step = (scores.sd[chosen] ** 2).mean()
    variance = one_step * (1 / chosen.sum() + scores.response_variance(chosen))
    return float(away), float(np.sqrt(variance) / abs(expected))


def by_conductance(scores: StepScores) -> LogResult | None:
    """Test whether steps depend on the conductance as in the response.

    Mean scores of groups by conductance, less that of their direction, squared over their
    variances.
    """
    statistic, freedom, n, furthest = 0.0, 0, 0, 0.0
    for way in WAYS.values():
        chosen = np.flatnonzero(scores.used & (scores.way == way))
        n_groups = min(MAX_GROUPS, len(chosen) // MIN_PULSES)
        if n_groups < 2:
            continue
        group = groups_of(scores.before[chosen], n_groups)
        means, variances = [], []
        for members in (chosen[group == g] for g in np.unique(group)):
            within = np.zeros(len(scores.z), dtype=bool)
            within[members] = True
            # Where all bins have the same pulses their scatter is the same in all groups.
            common = 0.0 if scores.pulses.pooled else scores.response_variance(within)
            means.append(scores.z[members].mean())
            variances.append(1 / len(members) + common)
        weight = 1 / np.array(variances)
        away = np.array(means) - np.average(means, weights=weight)
        statistic += float((weight * away**2).sum())
        freedom += len(means) - 1
        n += len(chosen)
        furthest = max(furthest, float(np.abs(away).max()))
    if not freedom:
        return None
    return LogResult(
        test="steps by conductance",
        question="a",
        statistic=statistic,
        statistic_meaning="squared mean scores of groups by conductance, over their variances",
        p_value=float(chdtrc(freedom, statistic)),
        p_value_method=f"chi-square, {freedom} degrees of freedom",
        effect_size=furthest,
        effect_meaning="largest departure of a group's mean step, in spreads of a step",
        n=n,
    )


def spread(scores: StepScores) -> LogResult | None:
    """Test whether steps spread from cycle to cycle as in the response."""
    z = scores.z[scores.used]
    if (n := len(z)) < MIN_PULSES:
        return None
    # The variance of a squared normal score is 2, as that of m pulses about theirs is 2 / m.
    sd = float(np.sqrt(2 * (1 / n + scores.response_variance(scores.used))))
    excess = float((z**2).mean() - 1)
    return LogResult(
        test="spread",
        question="a",
        statistic=excess / sd,
        statistic_meaning="mean squared normal score less 1, in standard deviations",
        p_value=float(2 * ndtr(-abs(excess / sd))),
        p_value_method="normal",
        effect_size=float(np.sqrt(1 + excess) - 1),
        effect_meaning="spread of the steps less the response's, as a share of it",
        n=n,
    )


def distribution(scores: StepScores) -> LogResult | None:
    """Test whether the probability integral transforms of the steps are uniform."""
    uniform = np.sort(scores.uniform[scores.used])
    if (n := len(uniform)) < MIN_PULSES:
        return None
    edges = np.arange(n + 1) / n
    distance = float(max((edges[1:] - uniform).max(), (uniform - edges[:-1]).max()))
    effective = 1 / (1 / n + scores.response_variance(scores.used))
    root = np.sqrt(effective)
    # M. A. Stephens, J. R. Stat. Soc. B 32, 115 (1970).
    p = float(kstwobign.sf(distance * (root + 0.12 + 0.11 / root)))
    return LogResult(
        test="distribution",
        question="a",
        statistic=distance,
        statistic_meaning="largest distance of the cumulative share of steps from that predicted",
        p_value=p,
        p_value_method=f"Kolmogorov and Smirnov, {effective:.0f} effective steps",
        effect_size=distance,
        effect_meaning="largest distance of cumulative shares",
        n=n,
        details={"histogram": np.histogram(uniform, 20, (0, 1))[0].tolist()},
    )
