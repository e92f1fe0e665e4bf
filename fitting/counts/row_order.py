"""A fixed order of a table's rows, so that results do not depend on the order given."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.drives import of_field
from dwsynapse.io.contracts import COUNTS

# Of the order among rows that differ only in n_passed.
SEED = 7


def order_by_field(counts: pd.DataFrame) -> NDArray[np.int64]:
    """Return which row of a table of counts comes first, second, ..., shape (n_rows,).

    Rows are ordered by field, trials and spread of the field. Those equal in all of these come in
    an arbitrary but fixed order: sorting by n_passed would correlate residuals of neighbours.

    Parameters
    ----------
    counts
        Table of counts (`dwsynapse.io.contracts.COUNTS`).
    """
    counts = of_field(counts)
    names = [column.name for column in COUNTS.columns if column.name in counts]
    setting = [name for name in ("field_mT", "n_trials", "field_sd_mT") if name in names]
    rows = counts[names].reset_index(drop=True).sort_values(names)
    shuffled = rows.iloc[np.random.default_rng(SEED).permutation(len(rows))]
    return shuffled.sort_values(setting, kind="stable").index.to_numpy()
