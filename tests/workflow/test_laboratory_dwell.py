"""A simulated wire's curve at a laboratory's time, from barriers and survival times."""

import json

import pytest

from dwsynapse.io.contracts import PREDICTION
from tests.micromag.tiny_wire import assert_refused_in_one_line
from tests.workflow.small_study import STUDY, TINY_WIRE, run, write_study

DWELL = {
    "dwell_s": 1e-3,
    "barrier_fields_mT": [8, 10, 13],
    "beyond_nm": 60,
    "survival_fields_mT": [21, 22.25, 23],
    "walls": 16,
    "window_ns": 0.8,
    "settle_ns": 0.3,
    "depinning_from_mT": 20,
}
SAMPLING = {**TINY_WIRE["sampling"], "rounds": 1, "trials_per_round": 20}


def study_of(dwell):
    wire = {**TINY_WIRE, "networks": False, "sampling": SAMPLING, "laboratory_dwell": dwell}
    devices = {**STUDY["devices"], "tiny-wire": wire, "lab": None}
    return {**STUDY, "devices": devices}


def test_barriers_and_walls_are_jobs_of_their_own_for_each_field(tmp_path):
    said = run(write_study(tmp_path, study_of(DWELL)), "-n", "--", "dwell-tiny-wire")
    for kind in ("barriers-8", "barriers-13", "survival-21", "survival-22.25", "depinning"):
        assert f"results/tiny-wire/laboratory/{kind}.csv" in said
    for basis in ("survival", "depinning"):
        assert f"results/tiny-wire/laboratory/{basis}/prediction.json" in said
    # They are part of the study, too, and not of one without the setting.
    whole = run(tmp_path, "-n")
    assert "results/tiny-wire/laboratory/barriers/prediction.json" in whole
    assert "laboratory" not in run(write_study(tmp_path, study_of(None)), "-n")


@pytest.mark.slow
def test_a_prediction_for_the_laboratory_is_made_beside_the_simulated_curve(tmp_path):
    dwell = {key: DWELL[key] for key in ("dwell_s", "barrier_fields_mT", "beyond_nm")}
    run(write_study(tmp_path, study_of(dwell)), "--", "dwell-tiny-wire")
    folder = tmp_path / "results/tiny-wire/laboratory/barriers"
    found = json.loads((folder / "prediction.json").read_text())
    assert found["dwell_s"] == 1e-3
    assert found["constrained_fields_mT"] == [8, 13]
    predicted = PREDICTION.read(folder / "prediction.csv")
    assert len(predicted) == 200
    figure = (folder / "prediction.svg").read_text()
    assert "tiny-wire, simulation" in figure
    # A table that is deleted is made again, with the same numbers.
    (table := folder.parent / "barriers-10.csv").unlink()
    run(tmp_path, "--", "dwell-tiny-wire")
    assert table.exists()
    assert PREDICTION.read(folder / "prediction.csv").equals(predicted)


@pytest.mark.parametrize(
    ("dwell", "key", "says"),
    [
        ("{dwell_s: 1e-3}", "laboratory_dwell", "has nothing to predict from; give barrier_fields"),
        ("{dwell_s: 1, barrier_fields_mT: [5, 6]}", "laboratory_dwell", "needs 3 different fields"),
        ("{dwell_s: 0, barrier_fields_mT: [5, 6, 7]}", "laboratory_dwell.dwell_s", "at least"),
        (
            "{dwell_s: 1, survival_fields_mT: [9, 10, 11], window_ns: 0.5}",
            "",
            "laboratory_dwell.window_ns ends before a wall counts as pinned",
        ),
        (
            "{dwell_s: 1, survival_fields_mT: [9, 10, 11], critical_mT: [14, 13]}",
            "laboratory_dwell",
            "critical_mT is no range; give two rising fields",
        ),
        (
            "{dwell_s: 1, survival_fields_mT: [9, 10, 11], critical_mT: [10, 10.5]}",
            "laboratory_dwell",
            "at critical_mT, up to 10.5 mT, no wall stays; give survival_fields_mT below",
        ),
        (
            "{dwell_s: 1, barrier_fields_mT: [5, 6, 7], critical_mT: [10, 10.5]}",
            "laboratory_dwell",
            "critical_mT is for survival_fields_mT",
        ),
        (
            "{dwell_s: 1, barrier_fields_mT: [5, 6, 7]}\nprotocol: {temperature_K: 0}",
            "",
            "at 0 K a pinned wall never depins",
        ),
    ],
)
def test_what_determines_no_law_is_refused_in_one_line(tmp_path, dwell, key, says):
    assert_refused_in_one_line(tmp_path, f"laboratory_dwell: {dwell}", key, says)
