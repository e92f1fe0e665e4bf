"""Trials counted, and defects of tables reported in one line."""

import pandas as pd
import pytest

from dwsynapse.io.contracts import COUNTS, TRIALS
from dwsynapse.io.errors import InputError
from fitting.counts.trial_counts import count_trials


def write_trials(path, outcomes, first_replica=0, **origin):
    rows = [
        (field, first_replica + i, 7, outcome, 1.0, 300.0, "embedded")
        for i, (field, outcome) in enumerate(outcomes)
    ]
    names = [column.name for column in TRIALS.columns if column.required]
    TRIALS.write(path, pd.DataFrame(rows, columns=names), origin)
    return path


def test_counts_are_summed_over_tables_and_undecided_trials_left_out(tmp_path, capsys):
    first = write_trials(tmp_path / "1.csv", [(6.0, "passed")] * 3 + [(6.0, "undecided")])
    second = write_trials(tmp_path / "2.csv", [(5.0, "pinned"), (6.0, "pinned")], first_replica=4)
    counts = count_trials([first, second])
    assert counts.to_dict("list") == {
        "field_mT": [5.0, 6.0],
        "n_trials": [1, 4],
        "n_passed": [0, 3],
        "n_undecided": [0, 1],
    }
    assert "1 of 6 trials undecided" in capsys.readouterr().err


def test_a_replica_given_twice_is_an_error(tmp_path):
    path = write_trials(tmp_path / "1.csv", [(6.0, "passed")])
    with pytest.raises(InputError, match=r"replica 0 of seed 7 occurs twice"):
        count_trials([path, path])


def test_trials_of_different_wires_are_not_counted_together(tmp_path, capsys):
    first = write_trials(tmp_path / "1.csv", [(6.0, "passed")], 0, sample_sha256="a")
    other = write_trials(tmp_path / "2.csv", [(6.0, "pinned")], 1, sample_sha256="b")
    with pytest.raises(InputError, match=r"2.csv: of another wire, .* than .*1.csv; give tables"):
        count_trials([first, other])


def test_trials_of_earlier_versions_that_may_be_of_different_wires_are_told(tmp_path, capsys):
    first = write_trials(tmp_path / "1.csv", [(6.0, "passed")], 0, config_sha256="a")
    same = write_trials(tmp_path / "2.csv", [(6.0, "passed")], 1, config_sha256="a")
    other = write_trials(tmp_path / "3.csv", [(6.0, "pinned")], 2, config_sha256="b")
    count_trials([first, same])
    assert capsys.readouterr().err == ""
    count_trials([first, same, other])
    assert "note: 3.csv: made with another config than" in capsys.readouterr().err


@pytest.mark.parametrize(("undecided", "decided"), [(6, 14), (1, 0)])
def test_walls_that_never_reach_the_notch_are_an_error(tmp_path, undecided, decided):
    outcomes = [(4.0, "undecided")] * undecided + [(4.0, "pinned")] * decided
    path = write_trials(tmp_path / "slow.csv", [*outcomes, (9.0, "passed")])
    with pytest.raises(InputError, match=r"slow\.csv.*at 4 mT.*window_ns or leave that field out"):
        count_trials([path])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("field_mT,n_trials,n_passed\n5,10,11\n", r"row 2: n_passed exceeds n_trials"),
        ("field_mT,n_trials,n_passed\n5,10,1\n-1,10,1\n", r"row 3, column field_mT.*at least 0"),
        ("field_mT,n_trials,n_passed\nnan,10,1\n", r"row 2, column field_mT.*NaN"),
        ("field_mT,n_trials,n_passed\n5,0,0\n", r"row 2, column n_trials.*at least 1"),
        ("field_mT,n_trials,n_passed\n5,10,1.5\n", r"row 2, column n_passed.*whole number"),
        ("field_mT,n_trials,n_passed\n5,ten,1\n", r"row 2, column n_trials.*finite number"),
        ("field_mT,n_trials,n_passed,n_undecided\n5,10,1,-1\n", r"n_undecided.*at least 0"),
        ("field_mT,n_trials\n5,10\n", r"no column 'n_passed'"),
        ("field_mT,n_trials,n_passed\n5,10\n", r"row 2: 2 cells where the header has 3"),
        ("field_mT,n_trials,n_passed\n", r"no rows"),
        ("", r"the file is empty"),
        (None, r"no such file"),
    ],
)
def test_each_defect_of_a_counts_table_names_its_place(tmp_path, table, message):
    path = tmp_path / "counts.csv"
    if table is not None:
        path.write_text(table)
    with pytest.raises(InputError, match=message) as caught:
        COUNTS.read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_failed_trials_are_counted_as_undecided(tmp_path, capsys):
    outcomes = [(6.0, "passed")] * 12 + [(6.0, "failed")]
    counts = count_trials([write_trials(tmp_path / "1.csv", outcomes)])
    assert counts["n_undecided"].tolist() == [1]
    assert "1 of 13 trials failed" in capsys.readouterr().err


def test_fields_at_which_trials_fail_are_not_said_to_need_a_longer_window(tmp_path):
    outcomes = [(6.0, "passed")] * 11 + [(2.0, "failed")] * 5 + [(2.0, "pinned")] * 11
    says = "field_mT 2: 5 of 16 trials at 2 mT are undecided, most of them as they failed; `micro"
    with pytest.raises(InputError, match=says):
        count_trials([write_trials(tmp_path / "1.csv", outcomes)])
