"""What a simulated wire's curve depends on, on request."""

import json

import pytest

from tests.workflow.small_study import STUDY, TINY_WIRE, run, write_study

CHOSEN = {"vary": ["gilbert_damping=0.03,0.04"], "fields_mT": [20, 60], "replicas": 2}


def test_sensitivity_is_made_on_request_only(tmp_path):
    said = run(write_study(tmp_path, STUDY), "-n", "-p", "--", "sensitivity-tiny-wire")
    assert "rule sensitivity:" in said
    assert "python -m micromag sensitivity --config results/tiny-wire/config/device.yaml" in said
    assert "--counts results/tiny-wire/counts.csv --replicas 64" in said
    assert "rule sensitivity" not in run(tmp_path, "-n")


@pytest.mark.slow
def test_wires_that_are_named_are_compared_without_the_rest_of_the_study(tmp_path):
    wire = {**TINY_WIRE, "networks": False, "sensitivity": CHOSEN}
    study = {**STUDY, "devices": {**STUDY["devices"], "tiny-wire": wire}}
    run(write_study(tmp_path, study), "--", "sensitivity-tiny-wire")
    folder = tmp_path / "results/tiny-wire"
    found = json.loads((folder / "sensitivity/sensitivity.json").read_text())
    assert [one["pairs"] for one in found["variations"]] == [[2, 2]] * 2
    assert not (folder / "rounds").exists()
