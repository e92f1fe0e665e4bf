"""Outcomes of the loops of an instrument's reads, for its log."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from hardware.kerr_loops.loops import Loops
from hardware.kerr_loops.outcomes import Rules, found_steps, with_outcomes

AS_LOGGED = {"passed": 1.0, "pinned": 0.0, "undecided": np.nan}


def loop_outcomes(batches: Iterable[Loops], rules: Rules) -> np.ndarray:
    """Return the outcome of each loop: 1 where the wall passed, 0 where pinned, NaN undecided.

    Parameters
    ----------
    batches
        Loops of one session, some thousand at once: together they tell what a whole loop is.
    rules
        How outcomes are decided.
    """
    found = [found_steps(loops.branch(rules.branch), rules) for loops in batches]
    if not found:
        return np.empty(0, np.float32)
    decided = with_outcomes(pd.concat(found, ignore_index=True), rules)
    return decided["outcome"].map(AS_LOGGED).to_numpy(np.float32)
