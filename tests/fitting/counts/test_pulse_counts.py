"""Pulses counted against what varies, by whether they moved the wall."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import dwsynapse as dw
from dwsynapse.drives import DRIVES
from dwsynapse.io.contracts import COUNTS, PULSES, table_of_drive
from dwsynapse.io.errors import InputError
from fitting.cli import app
from fitting.counts.laboratory_tables import read_counts
from fitting.counts.pulse_counts import count_pulses

PULSE = {
    "seed": 1,
    "pulse": 0,
    "mechanism": "stt",
    "temperature_K": 300.0,
    "current_uA": 50.0,
    "duration_ns": 1.0,
    "rest_ns": 4.0,
    "direction": 1,
    "level_before": 2,
    "position_before_nm": 100.0,
    "level_after": 2,
    "position_after_nm": 100.0,
    "outcome": "settled",
}


def pulses(*changes):
    """Return a table of pulses, each with its own replica, that differ from `PULSE` as given."""
    return pd.DataFrame(
        [PULSE | {"replica": replica} | change for replica, change in enumerate(changes)]
    )


def moved(by, **others):
    return {"level_after": 2 + by, **others}


def counted(tmp_path, table, **asked):
    PULSES.write(tmp_path / "pulses.csv", table, {})
    return count_pulses([tmp_path / "pulses.csv"], **asked)


LEFT = {"level_after": -1, "outcome": "left", "position_after_nm": np.nan}
BETWEEN = {"level_after": -1, "outcome": "between"}
FAILED = {"level_after": -1, "outcome": "failed", "position_after_nm": np.nan, "failure": "nan"}


def test_a_wall_has_passed_if_it_left_its_notch_either_way(tmp_path):
    changes = [moved(0), moved(1), moved(-1), moved(2), BETWEEN, LEFT]
    rows = [c | {"current_uA": i} for i in (40.0, 60.0) for c in changes]
    rows += [moved(0, current_uA=60.0)] * 4
    found = counted(tmp_path, pulses(*rows))
    assert found.to_dict("list") == {
        "current_uA": [40, 60],
        "n_trials": [6, 10],
        "n_passed": [5, 5],
        "n_undecided": [0, 0],
    }


def test_a_wall_has_passed_if_it_moved_by_so_many_notches_along_its_drive(tmp_path):
    down = {"current_uA": -50.0, "direction": -1}
    rows = [moved(0), moved(1), moved(2), moved(3), moved(-2), moved(-2, **down), moved(2, **down)]
    rows = [row | {"duration_ns": t} for t in (1.0, 2.0) for row in rows]
    for steps, n_passed in ((1, 4), (2, 3), (3, 1), (4, 0)):
        found = counted(tmp_path, pulses(*rows), steps=steps)
        assert found["duration_ns"].tolist() == [1, 2]
        assert found["n_passed"].tolist() == [n_passed, n_passed]
        assert found["n_trials"].tolist() == [7, 7]


def test_how_far_a_wall_moved_that_left_its_window_is_not_known(tmp_path):
    rows = [moved(0)] * 20 + [moved(2), LEFT]
    rows = [row | {"current_uA": i} for i in (40.0, 60.0) for row in rows]
    assert counted(tmp_path, pulses(*rows))["n_passed"].tolist() == [2, 2]
    found = counted(tmp_path, pulses(*rows), steps=2)
    assert found["n_passed"].tolist() == [1, 1]
    assert found["n_undecided"].tolist() == [1, 1]


def test_walls_between_notches_and_failed_pulses_are_undecided(tmp_path, capsys):
    rows = [moved(1)] * 30 + [BETWEEN, FAILED]
    rows = [row | {"current_uA": i} for i in (40.0, 60.0) for row in rows]
    assert counted(tmp_path, pulses(*rows), steps=1)["n_undecided"].tolist() == [2, 2]
    assert "2 of 64 trials failed" in capsys.readouterr().err
    assert counted(tmp_path, pulses(*rows))["n_undecided"].tolist() == [1, 1]
    rows = [moved(1)] * 9 + [BETWEEN] * 9
    with pytest.raises(InputError, match="9 of 18 trials at 50 uA are undecided: the pulse failed"):
        counted(tmp_path, pulses(*rows), steps=1)


def test_walls_at_no_notch_are_left_out_and_both_directions_are_noted(tmp_path, capsys):
    away = {"level_before": -1, "level_after": 3}
    down = {"current_uA": -50.0, "direction": -1}
    found = counted(tmp_path, pulses(moved(1), away, moved(-1, **down)))
    assert found["n_trials"].tolist() == [2]
    assert capsys.readouterr().err == (
        "1 of 3 pulses on walls at no notch, left out\n"
        "pulses of both directions are counted together\n"
    )
    with pytest.raises(InputError, match="no wall was at a notch"):
        counted(tmp_path, pulses(away))


def test_where_current_and_duration_vary_one_must_be_chosen(tmp_path):
    rows = [moved(i > 45, current_uA=i, duration_ns=t) for i in (40.0, 50.0) for t in (1.0, 2.0)]
    table = pulses(*rows)
    with pytest.raises(InputError, match=r"both current_uA \(40, 50\) and duration_ns \(1, 2\)"):
        counted(tmp_path, table)
    assert counted(tmp_path, table, duration_ns=2)["current_uA"].tolist() == [40, 50]
    assert counted(tmp_path, table, current_uA=50)["duration_ns"].tolist() == [1, 2]
    with pytest.raises(InputError, match="no pulse of current_uA 45; choose one of 40, 50"):
        counted(tmp_path, table, current_uA=45)


def test_pulses_of_several_temperatures_or_mechanisms_make_no_curve(tmp_path):
    with pytest.raises(InputError, match=r"several temperature_K \(0, 300\).*count each alone"):
        counted(tmp_path, pulses(moved(1), moved(1, temperature_K=0.0)))
    with pytest.raises(InputError, match=r"several mechanism \(sot, stt\)"):
        counted(tmp_path, pulses(moved(1), moved(1, mechanism="sot")))


def test_a_pulse_counts_once_over_all_tables(tmp_path):
    for name in "ab":
        PULSES.write(tmp_path / f"{name}.csv", pulses(moved(1), moved(0)), {})
    with pytest.raises(InputError, match=r"b\.csv.*pulse 0 of replica 0 of seed 1 occurs twice"):
        count_pulses([tmp_path / "a.csv", tmp_path / "b.csv"])


def test_the_command_and_python_count_pulses_for_the_fit(tmp_path):
    rng = np.random.default_rng(3)
    rows = [
        moved(int(rng.random() < 1 / (1 + np.exp(-(i - 30) / 3))), current_uA=float(i))
        for i in range(18, 43, 4)
        for _ in range(40)
    ]
    table = pulses(*rows)
    PULSES.write(tmp_path / "pulses.csv", table, {})
    command = ["count", str(tmp_path / "pulses.csv"), "--out", str(tmp_path / "counts.csv")]
    CliRunner().invoke(app, [*command, "--steps", "1"], catch_exceptions=False)
    counts = read_counts(tmp_path / "counts.csv")
    written = table_of_drive(COUNTS, DRIVES["current"]).read(tmp_path / "counts.csv")
    pd.testing.assert_frame_equal(counts, written)
    pd.testing.assert_frame_equal(counts, dw.count(table), check_dtype=False)
    device = dw.fit(counts, name="track")
    # The interval of a seed misses in 5 % of the seeds; this one is fixed.
    low, high = device.intervals["h0_mT"]
    assert device.drive is DRIVES["current"]
    assert low < 30 < high


def test_options_of_pulses_are_refused_for_trials(tmp_path):
    (tmp_path / "trials.csv").write_text("field_mT,replica,seed,outcome\n")
    command = ["count", str(tmp_path / "trials.csv"), "--out", str(tmp_path / "counts.csv")]
    found = CliRunner().invoke(app, [*command, "--steps", "1"])
    assert "--steps, --at-current-uA and --at-duration-ns are for pulses" in str(found.exception)
