"""Outcomes of two wires in the same noise, replica by replica."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def paired_counts(
    reference: pd.DataFrame, varied: pd.DataFrame, fields_mT: Sequence[float]
) -> Counts:
    """Return how many replicas were pinned (0) or passed (1) in a reference and in a varied wire.

    Parameters
    ----------
    reference, varied
        Tables of trials with the same replicas. One that is undecided in either wire is left out.
    fields_mT
        The fields.

    Returns
    -------
    numpy.ndarray
        Shape (fields, 2, 2): outcome in the reference, outcome in the varied wire.
    """
    both = _decided(reference).merge(_decided(varied), on=["field_mT", "replica"])
    counts = np.zeros((len(fields_mT), 2, 2), dtype=np.int64)
    at = {round(field, 6): i for i, field in enumerate(fields_mT)}
    rows = both["field_mT"].map(at).to_numpy()
    np.add.at(counts, (rows, both["passed_x"].to_numpy(), both["passed_y"].to_numpy()), 1)
    return counts


def _decided(trials: pd.DataFrame) -> pd.DataFrame:
    kept = trials[trials["outcome"].isin(("passed", "pinned"))]
    passed = (kept["outcome"] == "passed").astype(int)
    return kept[["replica"]].assign(field_mT=kept["field_mT"].round(6), passed=passed)
