"""The fields of the next round of trials, crowded where the curve changes."""

import numpy as np
import pandas as pd

from fitting.likelihood import field_scales_mT
from fitting.posterior import wide_posterior

FIELDS_PER_ROUND = 10
# Levels between floor (0) and saturation (1): eight across the rise, and one in each tail, which
# holds the floor and the saturation in place.
LEVELS = np.array([0.005, *np.linspace(0.03, 0.97, FIELDS_PER_ROUND - 2), 0.995])


def next_plan(
    counts: pd.DataFrame, n_trials: int, first_replica: int, step_mT: float
) -> pd.DataFrame:
    """Choose the fields of the next round of trials from the counts so far.

    The fields are those where the posterior mean of the curve reaches equally spaced levels. The
    mean over all curves that the counts allow is wide while little is known, so no separate care
    is needed for counts that cannot be fitted yet. They stay between the lowest and the highest
    field tried: below, walls might never arrive at the notch, and above, they might nucleate.

    Parameters
    ----------
    counts
        Table of counts (`workflow.contracts.COUNTS`).
    n_trials
        Trials of the round, shared equally among its fields.
    first_replica
        Number of the round's first replica.
    step_mT
        Fields are multiples of this, or the lowest or highest field tried.

    Returns
    -------
    DataFrame
        Table of `workflow.contracts.PLAN`.
    """
    posterior = wide_posterior(counts)
    span_mT, _ = field_scales_mT(counts)
    steps = np.arange(np.ceil((counts["field_mT"].max() + span_mT) / step_mT) + 1)
    mean = posterior.mean_probability(steps * step_mT)
    level = (mean - mean[0]) / (mean[-1] - mean[0])
    n_fields = min(FIELDS_PER_ROUND, n_trials)
    spread = (np.arange(n_fields) + 0.5) * FIELDS_PER_ROUND // n_fields
    wanted = np.interp(LEVELS[spread.astype(int)], level, steps)
    tried_mT = counts["field_mT"].min(), counts["field_mT"].max()
    fields_mT = np.unique(np.clip(np.round(np.round(wanted) * step_mT, 6), *tried_mT))
    share, rest = divmod(n_trials, len(fields_mT))
    trials = share + (np.arange(len(fields_mT)) < rest)
    return pd.DataFrame(
        {
            "field_mT": fields_mT,
            "n_trials": trials,
            "first_replica": first_replica + np.cumsum(trials) - trials,
        }
    )
