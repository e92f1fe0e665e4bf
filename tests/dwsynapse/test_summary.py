"""The summary reports results that were changed by hand, with their key."""

import json

import pytest

from dwsynapse.io import notes
from dwsynapse.io.errors import InputError
from dwsynapse.summary.study_numbers import summarise
from dwsynapse.summary.study_page import to_html
from tests.fuzz.readers import SUMMARISED

ROW = {"rule": "perceptron", "reads_test": None, "mean": 0.9, "sd": None, "n_models": 1}
RESULTS = {
    "accuracy": {"device": "a", "accuracy": [ROW | {"low": None, "high": None}]},
    "plan": {"device": "a", "wanted": 0.9, "choices": {"fixed": None}},
    "comparison": {"device": "a", "reference": "b", "tests": []},
}
DEVICE = {
    "name": "x",
    "source": "measurement",
    "interval_kind": "x",
    "parameters": {},
    "goodness_of_fit": None,
}


def write(folder, kind, content):
    folder.mkdir(exist_ok=True)
    path = folder / f"{kind}.json"
    document = {"format": f"dwsynapse-{kind}", "format_version": 1, **content}
    path.write_text(json.dumps(document))
    return path


def test_results_without_their_device_are_read(tmp_path):
    files = [write(tmp_path, kind, content) for kind, content in RESULTS.items()]
    assert summarise(files)[0]["devices"] == {}


def test_results_without_their_device_are_said_to_be_left_out(tmp_path, capsys):
    notes._told.clear()
    summarise([write(tmp_path, "plan", RESULTS["plan"])])
    name = RESULTS["plan"]["device"]
    said = capsys.readouterr().err
    assert f"note: {name}: results of this device are left out" in said
    assert "the summary has no device" in said


def test_two_devices_of_one_name_are_refused(tmp_path):
    files = [write(tmp_path / name, "device", DEVICE) for name in ("a", "b")]
    with pytest.raises(InputError, match="of a name of its own"):
        summarise(files)


def test_a_file_of_a_kind_that_no_summary_has_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"model0\.json: no file that a summary is made of"):
        summarise([write(tmp_path, "model0", {})])


def test_a_laboratory_dwell_and_a_wire_beside_its_target_are_told(tmp_path):
    bounded = {"value": 4.6, "low": 4.5, "high": 4.75}
    level = dict.fromkeys(("h0_mT", "delta_per_mT", "difference_mT", "steepness_ratio"), bounded)
    dwell = {"device": "x", "dwell_s": 1e-3, "median_field_mT": bounded, "verdict": "credible."}
    levels = {"device": "x", "within_mT": 0.3, "within_share": 0.3, "explained": "explained"}
    rows = [level | {"level": "calibrated", "verdict": "agrees"}]
    files = [
        write(tmp_path / "x", "device", DEVICE),
        write(tmp_path / "barriers", "prediction", dwell),
        write(tmp_path / "calibration", "levels", levels | {"levels": rows}),
    ]
    summary = summarise(files)[0]
    assert summary["devices"]["x"]["dwell"][0]["from"] == "barriers"
    page = to_html(summary)
    assert "In the laboratory's time" in page
    assert "4.6 [4.5, 4.75]" in page
    assert "<span class='badge good'>agrees</span>" in page
    # Neither is told where there is none.
    assert "target" not in to_html(summarise(files[:1])[0])


def test_the_response_of_a_track_is_told(tmp_path):
    way = {
        "mean_step": {"value": 0.15, "low": 0.14, "high": 0.16},
        "spread": {"value": 0.04, "low": 0.03, "high": 0.05},
        "nonlinearity": {"value": None},
        "n_pulses": 160,
    }
    response = {"source": "simulated pulses", "up": way, "down": way, "verdict": "linear"}
    content = response | {"asymmetry": {"value": 0.0}}
    file = write(tmp_path / "my-track", "response-statistics", content)
    summary = summarise([file.rename(file.with_name("response.json"))])[0]
    assert summary["responses"]["my-track"]["up"]["mean_step"]["value"] == 0.15
    page = to_html(summary)
    assert "15 [14, 16]" in page
    assert "my-track (simulated pulses)" in page
    assert "Responses" not in to_html(summary | {"responses": {}})


def test_what_networks_on_a_crossbar_learn_is_told(tmp_path):
    accuracy = {"mean": 0.9254, "sd": None, "low": 0.92, "high": 0.93, "n_models": 1}
    settings = {"hidden": [100], "update": "whole", "levels": 6, "register_bits": 8}
    learned = {
        "device": "my-track",
        "source": "simulated pulses",
        "settings": settings | {"dataset": "mnist"},
        "test_images": 10000,
        "accuracy": accuracy | {"interval": "Wilson, over test images"},
    }
    training = {"epochs": 3, "energy_J": 2.9e-6, "time_s": {"at once": 4.5e-4, "row by row": 3e-3}}
    plan = {"inference": {"energy_J": 1.9e-10, "time_s": 2e-8}, "training": training}
    files = [write(tmp_path, "crossbar-accuracy", learned)]
    assert summarise(files)[0]["crossbars"]["my-track"]["cost"] is None
    files.append(write(tmp_path, "crossbar-plan", plan | {"device": "my-track"}))
    summary = summarise(files)[0]
    assert summary["crossbars"]["my-track"]["cost"] == plan
    page = to_html(summary)
    for words in ("my-track (simulated pulses)", "0.9254", "6 levels", "1.9e−10"):
        assert words in page
    assert "crossbars" not in to_html(summary | {"crossbars": {}})


def test_all_versions_of_the_code_are_listed(tmp_path):
    versions = {
        "a": {"code_version": "0.1.0+1111", "code": "c1"},
        "b": {"code_version": "0.1.0+2222", "code": "c1"},
        "c": {"code_version": "0.1.0+2222", "code": "c2"},
        "d": {"code_version": "0.1.0+0000"},  # of an earlier version
        "e": {"code_version": "0.1.0+2222", "code": "c2"},
    }
    files = []
    for name, origin in versions.items():
        (tmp_path / name).mkdir()
        content = RESULTS["plan"] | {"provenance": origin}
        files.append(write(tmp_path / name, "plan", content))
    files.append(write(tmp_path, "comparison", RESULTS["comparison"]))
    summary, _ = summarise(files)
    listed = {
        room: {(v["code_version"], v["code"], v["files"]) for v in versions}
        for room, versions in summary["code"].items()
    }
    assert listed == {
        "network": {
            ("0.1.0+1111", "c1", 1),
            ("0.1.0+2222", "c1", 1),
            ("0.1.0+2222", "c2", 2),
            ("0.1.0+0000", None, 1),
        },
        "hardware": {(None, None, 1)},
    }
    page = to_html(summary)
    assert "<td>c2</td>" in page
    assert "0.1.0+1111" in page


def test_how_fast_trials_were_simulated_is_told_apart_from_the_results(tmp_path):
    speed = {"engine": "embedded", "backend": "embedded", "threads": 1, "simulated_ns": 10.0}
    spans = [(0.0, 2.0), (1.0, 5.0)]
    files = []
    for n, (started_s, ended_s) in enumerate(spans):
        (tmp_path / str(n)).mkdir()
        content = speed | {"started_s": started_s, "ended_s": ended_s}
        path = write(tmp_path / str(n), "speed", content)
        files.append(path.rename(path.with_name("trials-1.speed.json")))
    summary, fast = summarise(files)
    assert fast == {"ns_per_s": 4.0, "simulated_ns": 20.0, "wall_s": 5.0}
    assert summary["engine"] == {"engines": ["embedded"]}
    assert summary["provenance"]["inputs"] == {}
    slower = json.loads(files[1].read_text()) | {"ended_s": 9.0}
    files[1].write_text(json.dumps(slower))
    assert summarise(files)[0] == summary


@pytest.mark.parametrize(
    ("kind", "changes", "says"),
    [
        ("accuracy", {"accuracy": [{"rule": "perceptron"}]}, "accuracy.0.reads_test: no such key"),
        ("accuracy", {"accuracy": None}, "accuracy: must be a valid list"),
        ("plan", {"wanted": "much"}, "wanted: must be a valid number"),
        ("comparison", {"tests": [3]}, "tests.0: must be a valid"),
    ],
)
def test_a_result_of_another_shape_is_reported(tmp_path, kind, changes, says):
    path = write(tmp_path, kind, RESULTS[kind] | changes)
    with pytest.raises(InputError) as caught:
        summarise([path])
    assert str(caught.value).startswith(f"{path}: {says}")
    assert "\n" not in str(caught.value)


def test_the_page_says_what_the_grid_of_fields_costs(tmp_path):
    loss = {"field_step_mT": 0.1, "loss": 0.0123, "low": -0.001, "high": 0.0256}
    told = SUMMARISED["verification"]
    device = DEVICE | {"name": told["device"]}
    for folder, content in (("new", {"quantisation": loss}), ("old", {})):
        (tmp_path / folder).mkdir()
        files = [write(tmp_path / folder, "device", device)]
        files.append(write(tmp_path / folder, "verification", told | content))
        summary, _ = summarise(files)
        (log,) = summary["devices"][device["name"]]["logs"]
        assert log["quantisation"] == content.get("quantisation")
        words = "grid of 0.1 mT: 1.2 points of accuracy lost [−0.1, 2.6]"
        assert (words in to_html(summary)) == bool(content)


MARKUP = '<zz a="\'">&amp;'


def with_markup(thing):
    """Return a document with markup in all texts, but for those of a few known words."""
    if isinstance(thing, dict):
        known = {"rule", "shape"}
        return {key: thing[key] if key in known else with_markup(thing[key]) for key in thing}
    if isinstance(thing, list):
        return [with_markup(part) for part in thing]
    return MARKUP if isinstance(thing, str) else thing


def test_texts_of_results_are_no_markup_on_the_page(tmp_path):
    toy_device = DEVICE | {
        "parameters": {MARKUP: {"value": 1.0, "low": None, "high": None, "unit": "x"}}
    }
    kept = {"device": toy_device, **SUMMARISED, "verification": SUMMARISED["verification"]}
    files = [
        write(tmp_path / MARKUP.replace("/", ""), kind, with_markup(content))
        for kind, content in kept.items()
        if kind != "speed"
    ]
    page = to_html(summarise(files)[0])
    assert MARKUP[:6] not in page
    assert page.count("&lt;zz a=&quot;&#x27;&quot;&gt;&amp;amp;") > 10
