"""Numbers as laboratories write them: decimal commas, thousands, and what is not a number."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from dwsynapse.io.errors import InputError

# Fortran writes D for e.
EXPONENT = r"[eEdD][-+]?\d+"
FORTRAN = r"\s*([-+]?(?:\d+\.?\d*|\.\d+))[dD]([-+]?\d+)\s*"
# A sign of percent or a unit may follow.
AFTER = r"\s*(?:%|[A-Za-zµμ][\w/µμ]*)?\s*"
DECIMAL_COMMA = rf"\s*[-+]?\d*,\d+(?:{EXPONENT})?{AFTER}"
DECIMAL_POINT = rf"\s*[-+]?\d*\.\d+(?:{EXPONENT})?{AFTER}"
SEPARATED = r"[-+]?[1-9]\d{0,2}(?:[' ]\d{3})+(?:\.\d+)?"
MONTHS = "jan|feb|m[aä]r|apr|ma[yi]|jun|jul|aug|sep|o[ck]t|nov|de[cz]"
DATE = (
    rf"\d{{4}}-\d\d-\d\d.*|\d{{1,2}}[-./ ]*({MONTHS})\w*\W*\d*|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}"
)
REMEDIES = {
    r"[-+]?[\d.]+e\+?\d+": "correct that row: no quantity is as large",
    r"#(REF|N/A|VALUE|DIV/0|NAME|NUM|NULL).*": "correct the formula of that cell",
    DATE: (
        "if a spreadsheet turned it into a date, format the column as number and enter it again"
    ),
    r"\d+\s*(/|of)\s*\d+": "write the number of trials, n_trials, in a separate column",
    r"0x[\da-f]+": "write it in decimal digits",
    r"[-+]?\d{1,3}([,._]\d{3})+([.,]\d+)?": "write it without thousands separators",
    r"[-+]?\d*,\d+": "write it with a decimal point",
    r"[-+]?[\d.,]+\s*(±|\+/?-).*|[-+]?[\d.,]+\(\d+\)": (
        "write the value alone; the spread of a field goes into the column field_sd_mT"
    ),
    r"[<>≤≥~≈].*": "write the value alone",
    r"[-+]?[\d.,]+\s*[a-zµμ%°Ω].*": "write the number alone, its unit in the name of the column",
    r"inf(inity)?|-inf(inity)?": "correct that row",
}
"""What to do about a cell that is not a number, by what it looks like."""


def remedy_of(cell: str) -> str:
    """Return what to do about a cell that is not a number."""
    text = str(cell).strip()
    found = (r for pattern, r in REMEDIES.items() if re.fullmatch(pattern, text, re.IGNORECASE))
    return next(found, "correct that row; a line that is not data begins with #")


def without_thousands(cells: pd.Series) -> pd.Series:
    """Return cells with 1'000 and 1 000, which are unambiguous, as 1000."""
    if not cells.str.contains("[' ]", na=False).any():
        return cells
    separated = cells.str.fullmatch(SEPARATED, na=False)
    return cells.mask(separated, cells.str.replace(r"[' ]", "", regex=True))


def without_fortran_exponents(cells: pd.Series) -> pd.Series:
    """Return cells with 1.5D-02, as Fortran writes it, as 1.5e-02."""
    if not cells.str.contains("[dD]", na=False).any():
        return cells
    return cells.str.replace(rf"^{FORTRAN}$", r"\1e\2", regex=True)


def require_no_points_of_thousands(cells: pd.Series, path: str | Path) -> None:
    """Refuse whole numbers such as 1.000 in a column with 950, which may be 1 or a thousand.

    Parameters
    ----------
    cells
        Cells of whole numbers, of one column or of several; the index are lines of the file.
    path
        The file.
    """
    if not cells.str.contains(".", regex=False, na=False).any():
        return
    doubtful = cells.str.fullmatch(r"\s*[1-9]\d{0,2}(\.\d{3})+\s*", na=False)
    plain = cells.str.fullmatch(r"\s*\d+\s*", na=False)
    if doubtful.any() and plain.any():
        raise InputError(
            f"a point that may be decimal or separate thousands (found "
            f"{cells[doubtful].iloc[0].strip()!r})",
            path=path,
            where=f"row {cells.index[doubtful][0]}",
            remedy="write whole numbers without points",
        )


def with_decimal_points(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return cells with points for decimal commas; ``attrs["decimal_commas"]`` names the columns.

    Raises
    ------
    InputError
        If the commas of a column may not be decimal ones.
    """
    commas = {name: frame[name].str.fullmatch(DECIMAL_COMMA, na=False) for name in frame.columns}
    found = [name for name in frame.columns if commas[name].any()]
    converted = frame.copy()
    for name in found:
        _require_decimal(frame[name], commas[name], path)
        points = frame[name].str.replace(",", ".")
        converted[name] = frame[name].where(~commas[name], points)
    converted.attrs["decimal_commas"] = found
    return converted


def _require_decimal(cells: pd.Series, commas: pd.Series, path: Path) -> None:
    """Refuse a column whose commas may not be decimal ones."""
    points = cells.str.fullmatch(DECIMAL_POINT, na=False)
    whole = cells.str.fullmatch(rf"\s*\d+{AFTER}", na=False)
    thousands = cells.str.fullmatch(rf"\s*[1-9]\d{{0,2}},\d{{3}}{AFTER}", na=False)
    other, problem = points, "decimal commas and decimal points in one column"
    if not points.any():
        # 950 and 1,050: a field of 1.05, its last zero left out, or one of a thousand?
        other, problem = whole, "commas that may be decimal or separate thousands"
        if not (whole.any() and thousands[commas].all()):
            return
    later = cells.index[int(max(np.argmax(commas), np.argmax(other)))]
    raise InputError(
        problem,
        path=path,
        where=f"row {later}, column {cells.name}",
        remedy="write all numbers with a decimal point and without thousands separators",
    )
