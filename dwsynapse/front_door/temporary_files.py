"""Tables as the files that commands read, with errors that do not name them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dwsynapse.io.errors import InputError
from dwsynapse.io.notes import notes_call

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def as_file(table: "pd.DataFrame | str | Path", name: str) -> Iterator[Path]:
    """Yield the file of a table, a temporary one if it has none; errors then name no file."""
    if isinstance(table, str | Path):
        yield Path(table)
        return
    if not hasattr(table, "to_csv"):
        remedy = "give a pandas DataFrame, or the path of a file"
        raise InputError(f"no table: an object of type {type(table).__name__}", remedy=remedy)
    # What was grouped has its field as the index.
    named = [level for level in table.index.names if level is not None and level not in table]
    table = table.reset_index(named) if named else table
    with TemporaryDirectory() as folder:
        table.to_csv(path := Path(folder) / name, index=False)
        with called("the table", path):
            yield path


@contextmanager
def called(words: str, path: Path) -> Iterator[None]:
    """Let errors and notes call a temporary file by these words."""
    try:
        with notes_call(path, words):
            yield
    except InputError as error:
        raise InputError(str(error).replace(str(path), words)) from None
