"""Results that were deleted in part are made again, the same."""

import random
import re
import shutil

import pytest
import yaml

from dwsynapse.io.records import FOLDER
from tests.workflow.small_study import STUDY, different, jobs_in, results, run

# Of every kind: simulated, shipped, counts, loops, published, with a log of the laboratory.
DEVICES = STUDY["devices"] | {
    "ellis-wire": {"networks": True},
    "ellis2023": {"logs": {"k1": {"log": "log.csv", "manifest": "manifest.json"}}},
    "loops": {"source": "measurement", "loops": "loops", "calibration": "loops"},
}


def test_the_default_target_asks_for_every_file_that_is_made(tmp_path):
    """A file that it does not ask for is not missed where what follows is there."""
    (tmp_path / "loops").mkdir()
    for name in ("loops/day.csv", "log.csv", "manifest.json", "lab.csv"):
        (tmp_path / name).write_text("field_mT,n,k\n4,20,1\n5,20,9\n")
    compared = STUDY["hardware"] | {"compare_with": "tiny-wire"}
    study = STUDY | {"devices": DEVICES, "hardware": compared}
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study))
    plan = run(tmp_path, "--forceall", "-n")
    made = [name for line in re.findall("    output: (.*)", plan) for name in line.split(", ")]
    asked = re.search("^(?:local)?rule all:\\n    input: (.*)", plan, re.M)[1].split(", ")
    assert len(set(made)) > 100
    assert sorted(set(made) - set(asked)) == []


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(3))
def test_what_is_left_of_results_becomes_the_whole_again(
    tmp_path, undisturbed, undisturbed_results, seed
):
    folder, rng = tmp_path / "study", random.Random(seed)
    shutil.copytree(undisturbed, folder)
    files = sorted(path for path in (folder / "results").rglob("*") if path.is_file())
    # Nothing waits for records, logs and times.
    aside = {FOLDER, "logs", "benchmarks"}
    files = [path for path in files if not aside & set(path.relative_to(folder).parts)]
    kept = {"images.npz", "images.yaml"}  # or they were downloaded
    for path in rng.sample([path for path in files if path.name not in kept], rng.choice([1, 5])):
        path.unlink()
    assert jobs_in(run(folder))[1]
    assert not different(results(folder / "results", speeds=False), undisturbed_results)
    assert jobs_in(run(folder)) == ([], [])
