"""Many tables read at once are what each of them is by itself, errors included."""

import pandas as pd
import pytest

from dwsynapse.io.contracts import TRIALS
from dwsynapse.io.errors import InputError
from dwsynapse.io.tables.declared_table import Table
from dwsynapse.io.tables.many_tables import read_tables

HEADER = "field_mT,replica,seed,outcome,decided_at_ns,wall_position_nm,engine"
WRITTEN = f"# format: dwsynapse-trials 1\n# provenance: {{}}\n{HEADER}\n"


def trials(first, **others):
    content = {
        "field_mT": [7.5, 8.0],
        "replica": [first, first + 1],
        "seed": 1,
        "outcome": ["passed", "undecided"],
        "decided_at_ns": [1.25, None],
        "wall_position_nm": 0.5,
        "engine": "embedded",
    }
    return pd.DataFrame(content | others)


@pytest.fixture
def paths(tmp_path):
    """Return tables with and without the columns that most wires do not need."""
    failed = {"outcome": "failed", "failure": ["turned cold", "turned hot"]}
    tables = [trials(4), trials(0, **failed), trials(2), trials(6, depinning_field_mT=[9.5, None])]
    paths = [tmp_path / f"trials-{n}.csv" for n in range(len(tables))]
    for path, table in zip(paths, tables, strict=True):
        TRIALS.write(path, table, {"seed": 1})
    return paths


@pytest.fixture
def read_alone(monkeypatch):
    """Return the tables that are read by themselves."""
    read, alone = Table.read, []
    monkeypatch.setattr(Table, "read", lambda self, path: alone.append(path) or read(self, path))
    return alone


def one_by_one(paths):
    tables = [TRIALS.read(path).assign(path=str(path)) for path in paths]
    return pd.concat(tables, ignore_index=True)


def test_written_tables_are_read_at_once_as_one_by_one(paths, read_alone):
    together = read_tables(TRIALS, paths)
    assert not read_alone
    pd.testing.assert_frame_equal(together, one_by_one(paths), check_like=True)


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n7,9,1,passed,1,2,embedded\n",
        WRITTEN.replace(",", ";") + "7,5;9;1;passed;1;2;embedded\n",
        WRITTEN + "7,9,1,passed,1,2,embedded\n# by hand\n",
        WRITTEN + '7,9,1,passed,1,2,"embedded"\n',
        WRITTEN + "7,9,1,passed,1,2,embedded",
    ],
)
def test_a_table_that_another_program_changed_is_read_as_always(paths, read_alone, tmp_path, text):
    (tmp_path / "other.csv").write_text(text)
    paths = [*paths, tmp_path / "other.csv"]
    together = read_tables(TRIALS, paths)
    assert read_alone == paths
    pd.testing.assert_frame_equal(together, one_by_one(paths))


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("7,9,1,passed,1,embedded", "6 cells where the header has 7"),
        ("x,9,1,passed,1,2,embedded", "row 4, column field_mT: must be a finite number"),
        ("7,9,1,perhaps,1,2,embedded", "row 4, column outcome"),
        ("7,-9,1,passed,1,2,embedded", "row 4, column replica: must be at least 0"),
        ("7,9,1,passed,1,2,", "row 4, column engine: must not be empty"),
    ],
)
def test_an_error_names_the_file_and_row(paths, tmp_path, row, error):
    (tmp_path / "wrong.csv").write_text(f"{WRITTEN}{row}\n")
    with pytest.raises(InputError, match=rf"wrong\.csv: .*{error}"):
        read_tables(TRIALS, [*paths, tmp_path / "wrong.csv"])


def test_a_missing_table_is_named(paths, tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: no such file"):
        read_tables(TRIALS, [*paths, tmp_path / "none.csv"])
