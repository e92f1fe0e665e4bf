"""What a simulated wire's curve depends on, on request."""

from tests.workflow.small_study import STUDY, run, write_study


def test_sensitivity_is_made_on_request_only(tmp_path):
    said = run(write_study(tmp_path, STUDY), "-n", "-p", "--", "sensitivity-tiny-wire")
    assert "rule sensitivity:" in said
    assert "results/tiny-wire/sensitivity/sensitivity.svg" in said
    assert "python -m micromag sensitivity --config results/tiny-wire/config/device.yaml" in said
    assert "--counts results/tiny-wire/counts.csv" in said
    assert "rule sensitivity" not in run(tmp_path, "-n")
