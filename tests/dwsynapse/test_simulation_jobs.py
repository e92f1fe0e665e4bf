"""How long jobs last, and into how many a round is split."""

import json

import pytest
import yaml
from typer.testing import CliRunner

from dwsynapse.study import SimulatedDevice, cli
from dwsynapse.study.runs.simulation_jobs import job_minutes, jobs_line, trial_s

QUICK = SimulatedDevice()
PAPERS_WIRE = {
    "wire": {
        "length_nm": 1600,
        "width_nm": 400,
        "thickness_nm": 54,
        "cell_nm": [6.25, 6.25, 54],
        "notch": {"centre_nm": 900, "opening_nm": 240},
    },
    "protocol": {"window_ns": 8, "pinned_after_ns": 5},
    "numerics": {"time_step_fs": 750},
}


def test_the_estimate_is_near_what_was_measured():
    # docs/engine.md: 7.1 ns/s on a core and 0.9 ns a trial; 500 trials of the paper's wire took
    # 1099 s on two cores. An estimate is within a factor of 2.
    assert trial_s(QUICK, []) == pytest.approx(0.9 / 7.1, rel=0.5)
    papers = SimulatedDevice.model_validate(PAPERS_WIRE)
    assert trial_s(papers, []) == pytest.approx(2 * 1099 / 500, rel=0.5)


def test_more_work_is_estimated_for_slower_numerics_and_other_fields():
    def changed(block, **update):
        changed = getattr(QUICK, block).model_copy(update=update)
        return trial_s(QUICK.model_copy(update={block: changed}), []) / trial_s(QUICK, [])

    assert changed("numerics", time_step_fs=200.0) == pytest.approx(2)
    assert changed("numerics", demag_evaluations=4) == pytest.approx(2.7)
    assert changed("numerics", engine="oommf") == pytest.approx(60)
    ramp = SimulatedDevice.model_validate(
        {"protocol": {"field": {"shape": "ramp", "rate_mT_per_ns": 1}}}
    )
    assert trial_s(ramp, []) == pytest.approx(2 * trial_s(QUICK, []))


def test_trials_that_exist_say_how_long_they_took(tmp_path):
    table = tmp_path / "trials-1.csv"
    table.write_text("# format\n# provenance\nfield_mT,replica\n" + "4,1\n" * 10)
    (tmp_path / "trials-1.done.csv").write_text("of a stopped run\n")
    speed = {"started_s": 100.0, "ended_s": 150.0, "threads": 2, "simulated_ns": 7.0}
    table.with_suffix(".speed.json").write_text(json.dumps(speed))
    assert trial_s(QUICK, tmp_path.glob("trials-*.csv")) == pytest.approx(50 * 2 / 10)
    # Trials that were taken from another table took no time.
    table.with_suffix(".speed.json").write_text(json.dumps(speed | {"simulated_ns": 0}))
    assert trial_s(QUICK, [table]) == trial_s(QUICK, [])


@pytest.mark.parametrize(
    ("per_round", "batches", "says"),
    [
        (10_000, 10, "30000 trials in 30 jobs of about 17 min on one core, 8 h in all"),
        (
            10_000,
            1000,
            "30000 trials in 3000 jobs of about 10 s on one core, 8 h in all; "
            "sampling: {batches_per_round: 9} makes 27 jobs of 19 min",
        ),
        (
            10_000,
            1,
            "30000 trials in 3 jobs of about 3 h on one core, 8 h in all; "
            "sampling: {batches_per_round: 9} makes 27 jobs of 19 min",
        ),
        (10, 1, "30 trials in 3 jobs of about 10 s on one core, 30 s in all"),
    ],
)
def test_the_line_says_what_makes_jobs_of_tens_of_minutes(per_round, batches, says):
    sampling = QUICK.sampling.model_copy(
        update={"trials_per_round": per_round, "batches_per_round": batches}
    )
    device = QUICK.model_copy(update={"sampling": sampling})
    assert jobs_line("wire", device, 1.0) == f"wire: {says}"


def test_the_time_limit_leaves_room_for_slow_processors():
    assert job_minutes(QUICK, 1e-3) == 20
    assert job_minutes(QUICK, 60.0) == 4 * 56


def test_the_command_prints_a_line_for_each_device_that_is_simulated(tmp_path):
    study = tmp_path / "study.yaml"
    content = {"results": str(tmp_path), "devices": {"slow": {"source": "simulation"}}}
    study.write_text(yaml.safe_dump(content))
    lines = CliRunner().invoke(cli.app, ["jobs", str(study)]).output.splitlines()
    assert [line.split(":")[0] for line in lines] == ["quick-wire", "slow"]
