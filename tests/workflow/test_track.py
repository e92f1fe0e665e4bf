"""A track in a study: its figure, its pulses and its response are made, and nothing of wires."""

import json

import numpy as np
import pandas as pd
import pytest
import yaml

from dwsynapse.drives import DRIVES
from dwsynapse.io.contracts import PULSES
from dwsynapse.io.track_geometry import TrackGeometry
from fitting.device import DeviceModel
from network.images.grey_images import GreyImages
from tests.workflow import small_study
from tests.workflow.small_study import run, write_study

TRACK = {
    "source": "simulation",
    "track": {"length_nm": 340, "width_nm": 30, "notches": {"number": 6}, "window_notches": None},
    "pulses": {
        "current_uA": [35],
        "rest_ns": 0.5,
        "settle_ns": 0.1,
        "sequence": {"kind": "ramps", "up": 4, "down": 4, "number": 3},
    },
}
STUDY = {
    "devices": {
        "quick-wire": None,
        "quick-track": None,
        "ellis-wire": None,
        "ellis2023": None,
        "my-track": TRACK,
    },
    "crossbar": {"hidden": [4], "training_images": 100, "validation_images": 50, "epochs": 1},
    "hardware": {"compare_with": None},
}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Return the results of a small track."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    # Images are fetched again where they are older than their config.
    run(folder, "--", "results/config/grey-images.yaml")
    write_grey_images(folder / "results" / "grey-images.npz")
    run(folder, "--", "fit-my-track", "summary")
    return folder


def write_grey_images(path):
    """Write random images in place of MNIST."""
    rng = np.random.default_rng(0)
    pixels, labels = rng.integers(0, 256, (300, 16)).astype(np.uint8), np.arange(300) % 10
    GreyImages(pixels[:200], labels[:200], pixels[200:], labels[200:]).write(path)


def test_a_track_gets_its_pulses_and_response(done):
    results = done / "results" / "my-track"
    pulses = PULSES.read(results / "pulses.csv")
    assert len(pulses) == 24
    assert TrackGeometry.read(results / "track.json").spacing_nm == 40
    response = json.loads((results / "response.json").read_text())
    assert response["up"]["mean_step"]["value"] > 0
    for figure in ("track", "ramp", "response", "displacement"):
        assert "<svg" in (results / f"{figure}.svg").read_text()
    summary = json.loads((done / "results" / "summary.json").read_text())
    assert summary["devices"] == {}
    assert summary["responses"]["my-track"]["up"]["mean_step"] == response["up"]["mean_step"]


def test_networks_learn_on_a_crossbar_of_the_track(done):
    folder = done / "results" / "my-track" / "crossbar"
    found = json.loads((folder / "crossbar-accuracy.json").read_text())
    assert found["source"] == "simulated pulses"
    assert found["settings"]["levels"] == 6
    summary = json.loads((done / "results" / "summary.json").read_text())
    crossbar = summary["crossbars"]["my-track"]
    assert crossbar["accuracy"] == found["accuracy"]
    plan = json.loads((folder / "crossbar-plan.json").read_text())
    assert plan["pulse"]["current_uA"] == 35
    assert crossbar["cost"]["training"] == plan["training"]
    page = (done / "results" / "summary.html").read_text()
    assert "What networks on crossbars learn" in page


def test_a_crossbar_of_the_track_is_programmed_and_its_log_tested(done):
    folder = done / "results" / "my-track" / "crossbar" / "hardware"
    report = json.loads((folder / "crossbar_verification.json").read_text())
    assert report["device"] == "my-track"
    assert report["synthetic"]
    # Two arrays of 16 x 4 and 4 x 10 weights, with their biases.
    assert report["final"]["n"] == 2 * (17 * 4 + 5 * 10)
    summary = json.loads((done / "results" / "summary.json").read_text())
    crossbar = summary["crossbars"]["my-track"]
    assert crossbar["logs"] == [{"synthetic": True, **report["verdict"]}]
    assert len(crossbar["verification"]) == len(report["tests"])
    page = (done / "results" / "summary.html").read_text()
    assert "log of the virtual crossbar, programming of a crossbar" in page


def test_a_measured_programming_log_takes_the_place_of_the_virtual_one(done):
    def dry_run(status=0, **changes):
        devices = STUDY["devices"] | {"my-track": TRACK | changes}
        (done / "study.yaml").write_text(yaml.safe_dump(STUDY | {"devices": devices}))
        return run(done, "-n", "-F", "--", "verify-my-track", status=status)

    assert "rule run_crossbar" in dry_run()
    given = {key: str(done / "results" / "summary.json") for key in ("log", "manifest")}
    said = dry_run(programming_log=given)
    assert "rule run_crossbar" not in said
    assert "rule verify_crossbar" in said
    assert "correct programming_log in the study" in dry_run(
        1, programming_log=given | {"log": "none.csv"}
    )


def test_other_costs_do_not_train_again_and_another_rate_does(done):
    def jobs(crossbar=(), **changes):
        device = STUDY["devices"] | {"my-track": TRACK | changes}
        other = {"devices": device, "crossbar": STUDY["crossbar"] | dict(crossbar)}
        (done / "study.yaml").write_text(yaml.safe_dump(STUDY | other))
        return run(done, "-n", "--", "train-my-track")

    costlier = jobs(resistance_ohm=500)
    assert "rule plan_crossbar" in costlier
    assert "rule train_crossbar" not in costlier
    assert "rule train_crossbar" in jobs({"learning_rate": 0.2})
    assert "wildcards: device=my-track, model=1" in jobs({"models": 2})


def test_what_pulses_are_read_with_does_not_redo_them_and_another_number_does(done):
    def jobs(**changes):
        device = STUDY["devices"] | {"my-track": TRACK | changes}
        (done / "study.yaml").write_text(yaml.safe_dump(STUDY | {"devices": device}))
        return run(done, "-n", "--", "fit-my-track")

    read_otherwise = jobs(junction={"rp_ohm": 5000}, resistance_ohm=500, threads=1)
    assert "rule response" in read_otherwise
    assert "rule pulses" not in read_otherwise
    assert "rule pulses" in jobs(pulses=TRACK["pulses"] | {"rest_ns": 0.6})


def test_everything_of_a_study_of_tracks_can_be_asked_for(done):
    (done / "study.yaml").write_text(yaml.safe_dump(STUDY))
    said = run(done, "-n", "--", "simulate-my-track", "train-my-track", "paper", "all")
    assert "rule trials" not in said


def test_pulses_that_are_shipped_are_taken_over_for_their_own_track_only(done):
    results, shipped = done / "results", done / "shipped"
    shipped.mkdir()
    copied = ("config/device.yaml", "pulses.csv", "track.json", "track.svg")
    for path in (results / "my-track" / name for name in copied):
        (shipped / path.name).write_bytes(path.read_bytes())

    def ask(**changes):
        device = TRACK | {"shipped": str(shipped)} | changes
        devices = STUDY["devices"] | {"my-track": None, "same-track": device}
        (done / "study.yaml").write_text(yaml.safe_dump(STUDY | {"devices": devices}))
        return run(done, "--", "results/same-track/pulses.csv", status=int(bool(changes)))

    assert "rule shipped_pulses" in ask()
    assert (results / "same-track/pulses.csv").read_bytes() == (shipped / "pulses.csv").read_bytes()
    assert (results / "same-track/track.svg").exists()
    said = ask(pulses=TRACK["pulses"] | {"temperature_K": 400})
    assert "pulses.temperature_K" in said
    assert "set shipped to null" in said


def pulses_of_currents(moved_of_50):
    """Return 50 single pulses of 1 ns up for each current, some of which move the wall."""
    rows = [(current_uA, k < moved) for current_uA, moved in moved_of_50.items() for k in range(50)]
    current_uA, moved = np.array(rows).T
    return pd.DataFrame(
        {
            "replica": range(len(rows)),
            "seed": 1,
            "pulse": 0,
            "mechanism": "stt",
            "temperature_K": 300.0,
            "current_uA": current_uA,
            "duration_ns": 1.0,
            "rest_ns": 4.0,
            "direction": 1,
            "level_before": 2,
            "position_before_nm": 150.0,
            "level_after": 2 + moved.astype(int),
            "position_after_nm": 150.0 + 40 * moved,
            "outcome": "settled",
        }
    )


@pytest.fixture
def coin(tmp_path):
    """Return a folder with a study of a track that is pushed by several currents, and the study."""
    single = {"kind": "single", "levels": [2], "directions": "up", "walls": 50}
    pulses = {"current_uA": [18, 24, 30, 36, 42], "sequence": single}
    device = TRACK | {"resistance_ohm": 2000, "pulses": pulses, "networks": True}
    devices = small_study.STUDY["devices"] | {"tiny-wire": None, "lab": None, "coin": device}
    study = small_study.STUDY | {"devices": devices}
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study))
    return tmp_path, study


def test_pulses_of_several_currents_are_counted_and_fitted_and_networks_are_asked_for(coin):
    folder, study = coin
    said = run(folder, "-n", "--", "all")
    for rule in ("pulses", "count_pulses", "fit_curve", "train_models", "plan", "summary"):
        assert f"rule {rule}:" in said
    # No response, which is that of one current, and no programs, which are of fields.
    assert "rule response" not in said
    assert "rule program" not in said
    study["devices"]["coin"]["networks"] = False
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    said = run(folder, "-n", "--", "all")
    assert "rule fit_curve" in said
    assert "rule train_models" not in said


@pytest.mark.slow
@pytest.mark.slow
def test_networks_learn_on_the_curve_against_current_of_a_track(coin):
    folder, study = coin
    write_study(folder, study)
    results = folder / "results" / "coin"
    run(folder, "--", "results/coin/config/device.yaml")
    # Pulses that are newer than the device are not simulated.
    moved_of_50 = {18: 0, 24: 2, 30: 22, 36: 45, 42: 50}
    PULSES.write(results / "pulses.csv", pulses_of_currents(moved_of_50), {})
    run(folder, "--", "fit-coin", "train-coin")
    device = DeviceModel.read(results / "device.json")
    assert device.drive is DRIVES["current"]
    assert device.source == "simulation"
    plan = json.loads((results / "network" / "plan.json").read_text())
    assert plan["pulse"]["resistance_ohm"] == 2000
    assert plan["pulse"]["duration_ns"] == 1
    # Another resistance changes the plan, and neither the counts nor the networks.
    study["devices"]["coin"]["resistance_ohm"] = 500
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    said = run(folder, "-n", "--", "train-coin")
    assert "rule plan" in said
    assert "rule train_models" not in said
    assert "rule pulses" not in said
