"""CrossSim's lookup tables: text with bins, probabilities and quantiles, one file a direction."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import kind_of, wrong_kind
from dwsynapse.io.files import require_file, write_text
from fitting.response.response_table import ResponseTable, require_rising

Floats = NDArray[np.float64]

UP, DOWN = "increasing", "decreasing"
FILES = f"dG_{UP}.txt", f"dG_{DOWN}.txt"
HEADING = (
    "1st Row = Gbins, 2nd Row = CDF Points, 3rd row onward =  dG matrix "
    "(rows= CDF, columns = Gbins) "
    "by dwsynapse"
)
"""As published, and whose it is: tables without that are not replaced."""
WANTED = "a lookup table of CrossSim"


def is_crosssim(path: Path) -> bool:
    """Return whether a file begins as tables of CrossSim do, or a folder has such files."""
    if path.is_dir():
        return bool([*path.glob(f"*{UP}*.txt")])
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(20).lower().startswith(b"1st row = gbins")


def read_crosssim(path: Path) -> tuple[ResponseTable, tuple[Path, Path]]:
    """Read the two tables of a device.

    Parameters
    ----------
    path
        The folder of both, or either: its name has ``increasing`` where that of the other has
        ``decreasing``.

    Returns
    -------
    table : ResponseTable
        The response, with the numbers of the text.
    files : tuple of Path
        The tables of increasing and decreasing conductance.

    Raises
    ------
    InputError
        Naming the file and row that is wrong, or if the two have other bins.
    """
    files = _pair(path)
    (bins_S, probabilities, up_S), (other_S, others, down_S) = map(_read, files)
    if not (np.array_equal(bins_S, other_S) and np.array_equal(probabilities, others)):
        raise InputError(
            f"other bins or probabilities than {files[0].name}",
            path=files[1],
            remedy="give the two tables of one device",
        )
    try:
        return ResponseTable(bins_S, probabilities, up_S, down_S), files
    except InputError as error:
        raise InputError(str(error), path=files[0]) from None


def _pair(path: Path) -> tuple[Path, Path]:
    if path.is_dir():
        found = sorted(path.glob(f"*{UP}*.txt"))
        if len(found) != 1:
            raise InputError(
                f"{len(found)} tables *{UP}*.txt", path=path, remedy="give one of them"
            )
        path = found[0]
    name = path.name
    if UP not in name and DOWN not in name:
        raise InputError(
            f"its name has neither {UP} nor {DOWN}", path=path, remedy="name the two tables so"
        )
    files = path.with_name(name.replace(DOWN, UP)), path.with_name(name.replace(UP, DOWN))
    for file in files:
        require_file(file, WANTED)
    return files


def _read(path: Path) -> tuple[Floats, Floats, Floats]:
    """Return bins (S), probabilities and quantiles (S) of one table."""
    if kind := kind_of(path):
        raise wrong_kind(path, kind, WANTED)
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    rows = [(n, line) for n, line in enumerate(lines, 1) if line.strip()][1:]
    if len(rows) < 3:
        raise InputError("the table has no rows", path=path, remedy=f"give {WANTED}")
    bins_S, probabilities, *quantiles = (_numbers(line, path, n) for n, line in rows)
    for (n, _), values in zip(rows[2:], quantiles, strict=True):
        if len(values) != len(bins_S):
            problem = f"{len(values)} values where the first row has {len(bins_S)}"
            raise InputError(problem, path=path, where=f"row {n}", remedy="correct that row")
    if len(quantiles) != len(probabilities):
        raise InputError(
            f"{len(quantiles)} rows of dG for {len(probabilities)} probabilities",
            path=path,
            remedy="copy or make the table again",
        )
    for (n, _), values, name in zip(rows, (bins_S, probabilities), ("Gbins", "CDF"), strict=False):
        try:
            require_rising(values, name)
        except InputError as error:
            raise InputError(str(error), path=path, where=f"row {n}") from None
    return bins_S, probabilities, np.array(quantiles)


def _numbers(line: str, path: Path, row: int) -> Floats:
    cells = [cell.strip() for cell in line.rstrip(" ,").split(",")]
    try:
        values = np.array([float(cell) for cell in cells])
    except ValueError:
        values = np.array([np.nan])
    if not np.isfinite(values).all():
        raise InputError(
            "not numbers with commas between",
            path=path,
            where=f"row {row}",
            remedy="correct that row",
        )
    return values


def write_crosssim(folder: Path, table: ResponseTable) -> tuple[Path, Path]:
    """Write the two tables into a folder, laid out as the published ones, and return their paths.

    Numbers have nine digits, as published. Other tables of these names are not replaced.
    """
    for name, direction in zip(FILES, (1, -1), strict=True):
        rows = [table.conductances_S, table.probabilities, (), *table.quantiles_S(direction)]
        lines = [",".join(f"{value:.8e}" for value in row) for row in rows]
        write_text(folder / name, "\n".join([HEADING, *lines, ""]))
    return folder / FILES[0], folder / FILES[1]
