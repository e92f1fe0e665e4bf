"""What figures show of long tables: rows in bins, since thousands of points hide each other."""

import math

import numpy as np
import pandas as pd

from fitting.counts.pooling import Pooling
from fitting.forms import PassingCurve
from fitting.inference.likelihood import Columns

MOST_ROWS = 5000
"""Longer tables are shown in bins."""
BINS_OF_ORDER = 500


def bins_of_field(columns: Columns, curve: PassingCurve, most_rows: int = MOST_ROWS) -> Pooling:
    """Return the rows that a figure shows as one, by their fields: each alone in shorter tables."""
    n_rows = len(columns.n_trials)
    if n_rows <= most_rows:
        return Pooling(np.arange(n_rows))
    middle_mT = np.asarray(float(curve.rise_field_mT(0.5)))
    steepness_per_mT = 4 * float(curve.rise_slope_per_mT(middle_mT))
    return Pooling.of(columns, steepness_per_mT, math.inf)


def bins_of_order(n_rows: int) -> Pooling:
    """Return the rows that a figure shows as one, by their order: each alone in shorter tables."""
    n_bins = BINS_OF_ORDER if n_rows > MOST_ROWS else n_rows
    return Pooling(np.arange(n_rows) * n_bins // n_rows)


def binned(counts: pd.DataFrame, curve: PassingCurve, most_rows: int = MOST_ROWS) -> pd.DataFrame:
    """Return the counts as a figure shows them, a table of counts too."""
    if len(counts) <= most_rows:
        return counts
    columns = Columns.of(counts)
    shown = pd.DataFrame(bins_of_field(columns, curve, most_rows).pooled(columns)._asdict())
    return shown if columns.field_sd_mT.any() else shown.drop(columns="field_sd_mT")


def in_bins(counts: pd.DataFrame, n_shown: int) -> str:
    """Return the words for a table of which so many bins are shown; none where rows are shown."""
    return f" in {n_shown} bins" if n_shown < len(counts) else ""
