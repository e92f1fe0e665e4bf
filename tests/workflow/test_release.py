"""Where the walls of a simulated wire are released, on request."""

from tests.workflow.small_study import STUDY, TINY_WIRE, run, write_study


def test_period_and_distances_are_made_on_request_only(tmp_path):
    protocol = {**TINY_WIRE["protocol"], "release_distance_nm": [70, 90]}
    drawn = {**TINY_WIRE, "protocol": protocol}
    study = {**STUDY, "devices": {**STUDY["devices"], "drawn-wire": drawn}}
    said = run(write_study(tmp_path, study), "-n", "-p", "--", "release-drawn-wire")
    folder = "results/drawn-wire"
    assert f"micromag period --config {folder}/config/device.yaml --field-mT" in said
    assert f"micromag distances {folder}/rounds/1/trials-1.csv" in said
    assert f"--out {folder}/release/distances.svg" in said
    assert "rule distances" not in run(tmp_path, "-n", "--", "release-tiny-wire")
    assert "rule period" not in run(tmp_path, "-n")
