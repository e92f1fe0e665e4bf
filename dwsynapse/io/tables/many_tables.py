"""Many tables of one kind, such as those of a study's jobs, read at once."""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dwsynapse.io.errors import InputError
from dwsynapse.io.records import require_unchanged
from dwsynapse.io.tables.cells import FORMAT, cells_of_rows
from dwsynapse.io.tables.declared_table import Table
from dwsynapse.io.tables.lines import MAX_BYTES

# In rows that `Table.write` wrote: no quotes, comments, other separators, empty lines or controls.
NOT_PLAIN = re.compile(r"[^ !$-:<-~\n]|\n\n|^\n")


def read_tables(table: Table, paths: Sequence[Path]) -> pd.DataFrame:
    """Read and check tables, one below the other.

    To read a table takes much longer than its few rows do. The rows of tables that are as
    `Table.write` writes them are therefore read together. Where one is not, or an error is
    found, each is read by itself, for an error that names the file and row.

    Parameters
    ----------
    table
        Their kind.
    paths
        The files.

    Returns
    -------
    DataFrame
        Their rows in the order of `paths`, and the column path.

    Raises
    ------
    InputError
        As `Table.read` does.
    """
    found = [_header_and_rows(table, path) for path in paths]
    written = [rows for rows in found if rows is not None]
    if len(written) == len(paths):
        try:
            return _read_together(table, paths, written)
        except InputError:
            pass
    tables = [table.read(path).assign(path=str(path)) for path in paths]
    return pd.concat(tables, ignore_index=True)


def require_each_replica_once(trials: pd.DataFrame) -> None:
    """Refuse simulated trials, as `read_tables` reads them, of which one occurs twice.

    Raises
    ------
    InputError
        Naming the file and the replica.
    """
    again = trials[trials.duplicated(["seed", "replica"])]
    if len(again):
        first = again.iloc[0]
        raise InputError(
            f"replica {first['replica']} of seed {first['seed']} occurs twice",
            path=first["path"],
            where="column replica",
            remedy="give each table of trials once, and each trial its own replica",
        )


def _header_and_rows(table: Table, path: Path) -> tuple[str, str] | None:
    """Return the header and the rows of a table, None if they are not plainly written."""
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        return None
    require_unchanged(path)
    text = path.read_bytes().decode(errors="replace")
    comment, _, text = text.partition("\n")
    origin, _, text = text.partition("\n")
    header, _, rows = text.partition("\n")
    names = header.split(",")
    known = {column.name for column in table.columns}
    required = {column.name for column in table.columns if column.required}
    found = FORMAT.fullmatch(comment)
    plain = (
        found is not None
        and found["format"] == f"dwsynapse-{table.kind} {table.version}"
        and rows.count("\n") >= int(found["rows"] or 0)
        and origin.startswith("# provenance: ")
        and required <= set(names) <= known
        and len(set(names)) == len(names)
        and rows.endswith("\n")
        and not NOT_PLAIN.search(rows)
        and all(line.count(",") == len(names) - 1 for line in rows.splitlines())
    )
    return (header, rows) if plain else None


def _read_together(
    table: Table, paths: Sequence[Path], written: Sequence[tuple[str, str]]
) -> pd.DataFrame:
    numbers = defaultdict(list)
    for number, (header, _) in enumerate(written):
        numbers[header].append(number)
    frames = []
    for header, alike in numbers.items():
        rows = [written[number][1] for number in alike]
        cells = cells_of_rows("".join(rows), ",", len(header.split(",")))
        cells.columns = pd.Index(header.split(","))
        table_of_row = np.repeat(alike, [lines.count("\n") for lines in rows])
        frames.append(table.typed(cells, paths[alike[0]]).set_index(table_of_row))
    together = pd.concat(frames).sort_index(kind="stable")
    names = np.array([str(path) for path in paths], dtype=object)
    return together.assign(path=names[together.index]).reset_index(drop=True)
