"""Contents of a laboratory's table that are not counts: rows of totals, signals of a probe."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from dwsynapse.io.tables.declared_table import raise_at_first

SUMMARY = re.compile(
    r"(grand |sub-?)?(total|sum|mean|average|avg|std|sd|stdev|median|summe|gesamt|mittelwert|"
    r"moyenne|somme|media|totale|promedio|σ|∑)\.?:?",
    re.IGNORECASE,
)
SIGNAL = re.compile(r"hall|signal|volt|kerr|moke|lock-?in|resist|ohm|intens|\b[muµμ]?v\b", re.I)
MAX_CODE = 9
# In a shorter table the last row may be the sum of the others by chance.
MIN_ROWS_OF_SUM = 5
THRESHOLD = (
    "apply a threshold first: write outcome 1 where the signal shows the wall behind the notch, "
    "and 0 where it does not"
)


def require_no_summary(cells: pd.DataFrame, path: str | Path) -> None:
    """Refuse rows of totals or means, which would count trials again.

    Parameters
    ----------
    cells
        Cells as text, all columns of the table.
    path
        The file.

    Raises
    ------
    InputError
        Naming the first such row. A column in which every row has such a word is not meant.
    """
    for name in cells.columns:
        labels = cells[name].str.strip()
        if not labels.str.contains("[A-Za-zΣσς∑]", na=False).any():
            continue
        words = [w for w in labels.dropna().unique() if SUMMARY.fullmatch(w)]
        found = labels.isin(words).to_numpy()
        if not found.all():
            sentence, remedy = (
                "a row that summarises others is not a measurement",
                "remove that row",
            )
            raise_at_first(found, cells.index, path, name, labels, sentence, remedy)


def require_no_last_sum(counts: pd.DataFrame, path: str | Path) -> None:
    """Refuse a last row of counts that is the sum of all rows above it, without a word for it.

    Parameters
    ----------
    counts
        Counts, row by row: n_trials, n_passed; the index are lines of the file.
    path
        The file.

    Raises
    ------
    InputError
        Naming that row.
    """
    if len(counts) < MIN_ROWS_OF_SUM:
        return
    numbers = counts[["n_trials", "n_passed"]]
    last = np.zeros(len(counts), bool)
    last[-1] = bool((numbers.iloc[-1] == numbers.iloc[:-1].sum()).all())
    sentence = "has the trials and the passed walls of all rows above it: is it their total?"
    remedy = "remove that row, or, if it was measured, move it up"
    raise_at_first(last, counts.index, path, None, None, sentence, remedy)


def require_outcomes(outcomes: pd.Series, path: str | Path) -> None:
    """Refuse readings of a probe, and counts such as 3/20, where outcomes are expected.

    Parameters
    ----------
    outcomes
        Cells of the column of outcomes.
    path
        The file.

    Raises
    ------
    InputError
        Naming the first number that cannot be a code of an outcome.
    """
    numbers = pd.to_numeric(outcomes, errors="coerce")
    code = (numbers == numbers.round()) & numbers.between(0, MAX_CODE)
    analog = (numbers.notna() & ~code).to_numpy()
    sentence = "a number where the outcome of a trial is expected"
    remedy = f"if it is the signal of a probe, {THRESHOLD}"
    place = outcomes.index, path, str(outcomes.name), outcomes
    raise_at_first(analog, *place, sentence, remedy)
    several = outcomes.str.fullmatch(r"\d+\s*(/|of)\s*\d+").to_numpy(bool)
    sentence = "a number of trials next to the number that passed"
    raise_at_first(several, *place, sentence, "give n_passed and n_trials in separate columns")


def of_header(names: pd.Index) -> str | None:
    """Return what to do if no column says what passed, where the header shows why."""
    numbers = [name for name in names if re.fullmatch(r"[-+]?[\d.,]+", name)]
    if len(numbers) > len(names) / 2:
        return "if the table is transposed, put the fields into a column, one row for each"
    found = next((name for name in names if SIGNAL.search(name)), None)
    return found and f"if {found!r} is the signal of a probe, {THRESHOLD}"
