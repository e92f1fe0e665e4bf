"""pulses.csv: rows that contradict themselves are named."""

import pandas as pd
import pytest

from dwsynapse.io.contracts import PULSES
from dwsynapse.io.errors import InputError

ROW = {
    "replica": 0,
    "seed": 1,
    "pulse": 0,
    "mechanism": "stt",
    "temperature_K": 300.0,
    "current_uA": 50.0,
    "duration_ns": 1.0,
    "rest_ns": 4.0,
    "direction": 1,
    "level_before": 3,
    "position_before_nm": 150.0,
    "level_after": 4,
    "position_after_nm": 181.0,
    "outcome": "settled",
}


def table(**changes):
    return pd.DataFrame([ROW, ROW | {"pulse": 1} | changes])


def test_reads_what_was_written(tmp_path):
    pulses = table(outcome="left", level_after=-1, position_after_nm=None)
    PULSES.write(tmp_path / "pulses.csv", pulses, {})
    pd.testing.assert_frame_equal(PULSES.read(tmp_path / "pulses.csv"), pulses, check_dtype=False)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"current_uA": 0}, "without current"),
        ({"direction": -1}, "direction is not the sign"),
        ({"duration_ns": 0}, "duration_ns is not above 0"),
        ({"level_after": -1}, "settled if and only if"),
        ({"outcome": "between"}, "settled if and only if"),
        ({"position_after_nm": None}, "no position_after_nm"),
        ({"pulse": 0}, "same pulse"),
        ({"level_after": -2}, "at least -1"),
        ({"outcome": "passed"}, "must be one of settled"),
    ],
)
def test_names_the_row(tmp_path, changes, line):
    table(**changes).to_csv(tmp_path / "pulses.csv", index=False)
    with pytest.raises(InputError, match=rf"row 3.*{line}"):
        PULSES.read(tmp_path / "pulses.csv")
