"""What a study of many jobs plans: how many files each job of counting waits for."""

import re

import yaml

from tests.workflow.test_snakemake import snakemake


def test_a_round_waits_for_its_own_trials_and_the_counts_before(tmp_path):
    sampling = {"rounds": 5, "trials_per_round": 40, "batches_per_round": 3}
    devices = {"quick-wire": {"sampling": sampling}, "ellis-wire": None}
    (study := tmp_path / "study.yaml").write_text(
        yaml.safe_dump({"devices": devices, "results": str(tmp_path / "results")})
    )
    run = snakemake(study, "-n", "--", "simulate-quick-wire")
    assert run.returncode == 0, run.stderr
    inputs = re.findall(r"rule count_round:\n +input: (.*)", run.stdout)
    found = {
        frozenset(path.partition("rounds/")[2] for path in line.split(", ")) for line in inputs
    }
    before = {1: set(), **{number: {f"{number - 1}/counts.csv"} for number in (2, 3, 4)}}
    wanted = {
        frozenset(counts | {f"{number}/trials-{batch}.csv" for batch in (1, 2, 3)})
        for number, counts in before.items()
    }
    assert found == wanted
