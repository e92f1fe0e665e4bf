"""What a laboratory's table holds that is no count: rows of totals, signals of a probe."""

import re
from pathlib import Path

import pandas as pd

from workflow.tables import raise_at_first

SUMMARY = re.compile(
    r"(grand |sub-?)?(total|sum|mean|average|avg|std|sd|stdev|median|summe|gesamt|mittelwert|"
    r"moyenne|somme|media|totale|promedio|σ|∑)\.?:?",
    re.IGNORECASE,
)
SIGNAL = re.compile(r"hall|signal|volt|kerr|moke|lock-?in|resist|ohm|intens|\b[muµμ]?v\b", re.I)
MOST_CODE = 9
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
        Naming the first such row. A column in which every row has such a word is none of them.
    """
    for name in cells.columns:
        labels = cells[name].fillna("").map(str.strip)
        found = labels.map(lambda label: SUMMARY.fullmatch(label) is not None).to_numpy()
        if not found.all():
            sentence, remedy = "a row that sums up others is no measurement", "remove that row"
            raise_at_first(found, cells.index, path, name, labels, sentence, remedy)


def require_no_signal(outcomes: pd.Series, path: str | Path) -> None:
    """Refuse readings of a probe where outcomes are expected.

    Parameters
    ----------
    outcomes
        Cells of the column of outcomes.
    path
        The file.

    Raises
    ------
    InputError
        If a cell is a number that can be no code of an outcome, naming the first.
    """
    numbers = pd.to_numeric(outcomes, errors="coerce")
    code = (numbers == numbers.round()) & numbers.between(0, MOST_CODE)
    analog = (numbers.notna() & ~code).to_numpy()
    sentence = "a number where the outcome of a trial is expected"
    remedy = f"if it is the signal of a probe, {THRESHOLD}"
    raise_at_first(analog, outcomes.index, path, str(outcomes.name), outcomes, sentence, remedy)


def of_signals(names: pd.Index) -> str | None:
    """Return what to do if no column tells what passed, and one is named as signals are."""
    found = next((name for name in names if SIGNAL.search(name)), None)
    return found and f"if {found!r} is the signal of a probe, {THRESHOLD}"
