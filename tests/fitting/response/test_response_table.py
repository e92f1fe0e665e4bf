"""response.npz: what is written is read, samples follow the quantiles, and each defect is named."""

import dataclasses

import numpy as np
import pytest

from dwsynapse.io.errors import InputError
from fitting.response.response_table import ARRAYS, ResponseTable
from tests.fitting.response.small_tables import linear_table

TABLE = linear_table()


def test_reads_what_was_written(tmp_path):
    TABLE.write(tmp_path / "response.npz", {})
    again = ResponseTable.read(tmp_path / "response.npz")
    for name in ARRAYS:
        assert np.array_equal(getattr(again, name), getattr(TABLE, name))


def test_the_same_response_is_the_same_file(tmp_path):
    for name in ("a.npz", "b.npz"):
        TABLE.write(tmp_path / name, {"seed": 1})
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_samples_have_the_mean_and_spread_of_the_table():
    uniform = (np.arange(100_000) + 0.5) / 100_000
    for direction in (1, -1):
        drawn = TABLE.sample(9e-5, uniform, direction) / TABLE.range_S
        # A sum over a fine grid: its error is of the order of the grid.
        assert drawn.mean() == pytest.approx(direction * 0.04, rel=1e-4)
        assert drawn.std() == pytest.approx(0.01, rel=1e-4)
    assert TABLE.mean_S(1) / TABLE.range_S == pytest.approx(0.04, rel=1e-9)
    # 21 quantiles are a coarse grid for the spread.
    assert TABLE.spread_S(-1) / TABLE.range_S == pytest.approx(0.01, rel=0.01)


def test_samples_come_from_the_nearest_bin_and_the_own_direction():
    up_S = np.array([[1.0, 2, 3], [1, 2, 3]]) / 8
    table = ResponseTable(up_S[0], np.array([0.0, 1]), up_S, -4 * up_S)
    conductances_S = np.array([0.2, 1.4, 1.6, 2.6, 9]) / 8
    assert (8 * table.sample(conductances_S, 0.5, 1)).tolist() == [1, 1, 2, 3, 3]
    assert (8 * table.sample(conductances_S, 0.5, -1)).tolist() == [-4, -4, -8, -12, -12]
    both = table.sample(conductances_S[:, None], np.array([0.1, 0.9]), np.array([1, -1]))
    assert both.shape == (5, 2)


@pytest.mark.parametrize(
    ("name", "values", "line"),
    [
        ("conductances_S", TABLE.conductances_S[::-1], "conductances_S: must rise"),
        ("conductances_S", TABLE.conductances_S - 1e-4, "must be above 0"),
        ("probabilities", 2 * TABLE.probabilities, "probabilities: must be within 0 to 1"),
        ("dG_up_S", TABLE.dG_up_S[:, 1:], "dG_up_S: shape"),
        ("dG_up_S", 1e6 * TABLE.dG_up_S, "a mean step of .* S in conductances from"),
        ("dG_up_S", -TABLE.dG_up_S, "does not rise by pulses up"),
        ("dG_down_S", TABLE.dG_down_S * np.nan, "dG_down_S: must be finite"),
        ("levels_S", np.array([2e-5, 1e-5]), "levels_S: must rise"),
        ("levels_S", 1e6 * TABLE.levels_S, "levels_S: from 60 to 140 S, where .* the same unit"),
    ],
)
def test_names_what_is_wrong(name, values, line):
    with pytest.raises(InputError, match=line):
        dataclasses.replace(TABLE, **{name: values})


def test_a_response_in_microsiemens_is_named():
    arrays = {name: 1e6 * getattr(TABLE, name) for name in ARRAYS if name.endswith("_S")}
    line = r"at most 1 S \(found 60 to 140\); give all arrays in siemens, as 8e-5 for 80 uS"
    with pytest.raises(InputError, match=line):
        dataclasses.replace(TABLE, **arrays)


def test_refuses_other_files_in_one_line(tmp_path):
    path = tmp_path / "response.npz"
    with pytest.raises(InputError, match="no such file"):
        ResponseTable.read(path)
    np.savez(path, other=np.zeros(3))
    with pytest.raises(InputError, match="not a response"):
        ResponseTable.read(path)
    TABLE.write(path, {})
    arrays = dict(np.load(path))
    np.savez(path, **arrays | {"format_version": 2})
    with pytest.raises(InputError, match="format_version: '2' is not 1"):
        ResponseTable.read(path)
    np.savez(path, **arrays | {"probabilities": arrays["probabilities"][::-1]})
    with pytest.raises(InputError, match=r"response\.npz.*probabilities: must rise"):
        ResponseTable.read(path)
