"""Tables of CrossSim: the published ones are read, and come back as they were."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from dwsynapse.io.errors import InputError
from fitting.response.inputs.crosssim_tables import (
    FILES,
    is_crosssim,
    read_crosssim,
    write_crosssim,
)

DATA = Path(__file__).parents[2] / "data/response"
STT = DATA / "DWMTJ_STT_300K_dG_increasing0.txt"


def numbers(path):
    rows = [line for line in path.read_text().splitlines()[1:] if line.strip()]
    return [[float(cell) for cell in row.split(",")] for row in rows]


@pytest.mark.parametrize("mechanism", ["STT", "SOT"])
def test_published_tables_come_back_as_they_were(tmp_path, mechanism):
    up = DATA / f"DWMTJ_{mechanism}_300K_dG_increasing0.txt"
    table, files = read_crosssim(up)
    assert write_crosssim(tmp_path, table) == (tmp_path / FILES[0], tmp_path / FILES[1])
    for published, written in zip(files, FILES, strict=True):
        assert numbers(published) == numbers(tmp_path / written)


def test_published_steps_are_what_the_text_says():
    table, _ = read_crosssim(STT)
    # 0.036 and 0.0056 of the range, as of the whole tables; extracts differ in the third digit.
    assert table.mean_S(1).mean() / table.range_S == pytest.approx(0.036, abs=0.001)
    assert table.spread_S(1).mean() / table.range_S == pytest.approx(0.0056, abs=0.0007)


def test_either_file_or_the_folder_is_enough(tmp_path):
    up, (first, second) = read_crosssim(STT)
    down, _ = read_crosssim(second)
    for file in (first, second):
        shutil.copy(file, tmp_path)
    both, _ = read_crosssim(tmp_path)
    for table in (down, both):
        assert np.array_equal(table.dG_down_S, up.dG_down_S)
    assert all(map(is_crosssim, (tmp_path, first, second)))
    assert not is_crosssim(DATA / "README.md")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            lambda rows: [rows[0], ",".join(rows[1].split(",")[::-1]), *rows[2:]],
            "row 2: Gbins: must rise",
        ),
        (lambda rows: [rows[0], rows[1].replace(".", "x", 1), *rows[2:]], "row 2: not numbers"),
        (lambda rows: rows[:-1], "25 rows of dG for 26 probabilities"),
        (lambda rows: [*rows[:-1], rows[-1][:-20]], "row 30: 100 values where the first row has"),
        (lambda rows: rows[:3], "no rows"),
        (lambda rows: [*rows[:2], rows[2].replace("0.2", "7.2", 1), *rows[3:]], "row 3: CDF: must"),
    ],
)
def test_names_the_row(tmp_path, change, line):
    for file in DATA.glob("DWMTJ_STT*"):
        shutil.copy(file, tmp_path)
    damaged = tmp_path / STT.name
    damaged.write_text("\n".join(change(STT.read_text().splitlines())) + "\n")
    with pytest.raises(InputError, match=line):
        read_crosssim(damaged)


def test_the_two_files_belong_together(tmp_path):
    shutil.copy(STT, tmp_path)
    with pytest.raises(InputError, match=r"decreasing0\.txt: no such file"):
        read_crosssim(tmp_path)
    shutil.copy(
        DATA / "DWMTJ_SOT_300K_dG_decreasing0.txt", tmp_path / "DWMTJ_STT_300K_dG_decreasing0.txt"
    )
    with pytest.raises(InputError, match="other bins or probabilities"):
        read_crosssim(tmp_path)


def test_crosssim_reads_what_is_written(tmp_path):
    table, _ = read_crosssim(STT)
    for path, way in zip(write_crosssim(tmp_path, table), (1, -1), strict=True):
        # As CrossSim reads them.
        bins_S, probabilities = (
            np.genfromtxt(path, delimiter=",", skip_header=n, max_rows=1) for n in (1, 2)
        )
        quantiles_S = np.genfromtxt(path, delimiter=",", skip_header=3)
        assert np.array_equal(bins_S, table.conductances_S)
        assert np.array_equal(probabilities, table.probabilities)
        assert np.array_equal(quantiles_S, table.quantiles_S(way))
