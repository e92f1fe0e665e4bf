"""A device driven by a current in a study beside one driven by a field, from counts to summary."""

import json
import re

import pytest

from dwsynapse.drives import DRIVES
from fitting.device import DeviceModel
from tests.workflow.small_study import COUNTS as COUNTS_OF_FIELD
from tests.workflow.small_study import STUDY, run, write_study

# The curves differ by a factor of 6 in their axis, and in nothing else.
COUNTS = "current_uA,n,k\n18,50,0\n24,50,2\n30,50,22\n36,50,45\n42,50,50\n"
TRACK = {
    "source": "measurement",
    "counts": "track.csv",
    "read_pulse": {"resistance_ohm": 1000, "duration_ns": 1},
}
LAB = {"source": "measurement", "counts": "lab.csv"}
OTHERS = {"quick-wire": None, "ellis-wire": None, "ellis2023": None}
STRAY = re.compile(r"(?<![A-Za-z])mT(?![A-Za-z])|(?<!mean-)(?<![A-Za-z])[Ff]ields?(?![A-Za-z])")


def study_of(**devices):
    return STUDY | {
        "devices": OTHERS | devices,
        "plan": {"reads_test": [1, 4], "spread_devices": 2, "accuracy": 0.01},
        "hardware": STUDY["hardware"] | {"compare_with": "lab"},
    }


@pytest.mark.slow
def test_a_current_goes_beside_a_field_from_counts_to_the_summary(tmp_path):
    tmp_path.joinpath("track.csv").write_text(COUNTS)
    folder = write_study(tmp_path, study_of(lab=LAB, track=TRACK))
    run(folder)
    track, results = folder / "results" / "track", folder / "results"
    assert DeviceModel.read(track / "device.json").drive is DRIVES["current"]
    # No program, no log and no comparison with a curve against a field.
    assert (results / "lab" / "hardware").is_dir()
    assert not (track / "hardware").exists()
    assert not (track / "comparison.json").exists()
    for path in track.rglob("*"):
        if path.suffix in (".json", ".svg", ".html", ".log") and "made" not in path.parts:
            text = re.sub(r'"provenance": \{.*?\}\s*\}', "", path.read_text(), flags=re.DOTALL)
            assert not STRAY.findall(text), path
    summary = json.loads((results / "summary.json").read_text())["devices"]
    assert "drive" not in summary["lab"]
    assert summary["track"]["drive"] == "current"
    of_field, of_current = (summary[name]["plan"]["choices"]["fixed"] for name in ("lab", "track"))
    assert of_field["energy_J"] == pytest.approx(of_field["reads"] * 3.1e-7)
    # Synapses use currents from 18 to 42 uA: (18e-6)^2 x 1e3 x 1e-9 J at least, for each read.
    assert 3.2e-16 < of_current["energy_J"] / of_current["reads"] < 1.8e-15
    assert summary["track"]["plan"]["pulse"]["duration_ns"] == 1
    page = (results / "summary.html").read_text()
    assert "What accuracy costs" in page
    assert "measurement, against current" in page
    assert "Nothing to be done" in run(folder)
    assert "programs, logs and their verification are for devices driven by a field" in run(
        folder, "--", "results/track/hardware/k1/program.csv", status=1
    )


@pytest.mark.parametrize(
    ("device", "problem"),
    [
        (
            LAB | {"counts": "track.csv"},
            "is against a current; give resistance_ohm and duration_ns",
        ),
        (TRACK | {"counts": "lab.csv"}, "is against a field, and has read_pulse .* remove it"),
        (
            TRACK | {"read_pulse": {"resistance_ohm": 1, "current_uA": 50}},
            "is against a current, and has read_pulse with resistance_ohm, current_uA",
        ),
        (TRACK | {"nucleation_field_mT": 9.0}, "which have no nucleation_field_mT"),
        (TRACK | {"read_pulse": {"resistance_ohm": 1}}, "give either duration_ns"),
    ],
)
def test_a_table_and_a_pulse_that_do_not_belong_together_are_refused_first(
    tmp_path, device, problem
):
    (tmp_path / "lab.csv").write_text(COUNTS_OF_FIELD)
    (tmp_path / "track.csv").write_text(COUNTS)
    (tmp_path / "study.yaml").write_text(json.dumps(study_of(lab=LAB, track=device)))
    said = run(tmp_path, "-n", status=1)
    assert re.search(problem, said), said
