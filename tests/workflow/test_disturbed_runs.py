"""Full disks, wrong clocks, two runs at once, homes that cannot be written: no wrong result."""

import os
import re
import resource
import shutil
import time
from pathlib import Path

import pytest
import yaml

from dwsynapse.io.errors import InputError
from dwsynapse.io.records import require_unchanged
from tests.workflow.small_study import (
    COUNTS,
    STUDY,
    different,
    jobs_in,
    results,
    run,
    snakemake,
    write_study,
)

# Nothing can be made in it, not even by root.
NOWHERE = "/proc/self/nowhere"


@pytest.mark.faults
@pytest.mark.parametrize("most_bytes", [39_000, 170_000])
def test_a_full_disk_leaves_no_half_file(tmp_path, undisturbed_results, most_bytes):
    """A limit of the size of files, which fails as a full disk does, for whoever runs it."""
    folder = write_study(tmp_path / "study")

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    # Python itself would leave half files of bytecode.
    environment = {"PYTHONDONTWRITEBYTECODE": "1"}
    said = run(folder, status=1, preexec_fn=limit, environment=environment)
    assert "Traceback" not in said
    assert re.search(r"error: results/\S+: File too large", said)
    made = results(folder / "results", speeds=False)
    half = {
        name: content for name, content in made.items() if content != undisturbed_results.get(name)
    }
    assert {name for name in half if not str(name).endswith(".done.csv")} == set()
    finished = jobs_in(said)[1]
    said = run(folder)
    assert not set(jobs_in(said)[1]) & set(finished)
    assert not different(results(folder / "results", speeds=False), undisturbed_results)


@pytest.mark.faults
def test_results_of_a_later_day_are_made_again_after_a_change(tmp_path, undisturbed):
    folder = tmp_path / "study"
    shutil.copytree(undisturbed, folder)
    tomorrow = time.time() + 86400
    for path in (folder / "results").rglob("*"):
        os.utime(path, (tomorrow, tomorrow))
    assert jobs_in(run(folder)) == ([], [])
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY | {"fitting": {"confidence": 0.9}}))
    # A run that ended before it came to the fit.
    run(folder, "--", "results/lab/config/fitting.yaml")
    plan = run(folder, "-n", "--", "fit-lab")
    assert [rule for rule, _ in jobs_in(plan)[0]] == ["fit_curve", "fit-lab"]


@pytest.mark.faults
def test_measurements_of_a_later_day_are_read_once(tmp_path, undisturbed):
    folder = tmp_path / "study"
    shutil.copytree(undisturbed, folder)
    tomorrow = time.time() + 86400
    os.utime(folder / "lab.csv", (tomorrow, tomorrow))
    run(folder)
    assert jobs_in(run(folder)) == ([], [])


@pytest.mark.faults
def test_a_second_run_of_the_same_study_is_refused(tmp_path, undisturbed_results):
    folder = write_study(tmp_path / "study")
    first = snakemake(folder)
    for line in first.stdout:
        if "rule relax:" in line:
            break
    assert "LockException" in run(folder, status=1)
    first.communicate()
    assert first.returncode == 0
    assert not different(results(folder / "results", speeds=False), undisturbed_results)


@pytest.mark.faults
def test_two_studies_run_in_one_folder_at_once(tmp_path, undisturbed_results):
    folder = write_study(tmp_path / "study", STUDY | {"results": "other"})
    (folder / "study.yaml").rename(folder / "other.yaml")
    write_study(folder)
    runs = [snakemake(folder, "--configfile", name) for name in ("study.yaml", "other.yaml")]
    for each in runs:
        said = each.communicate()[0]
        assert each.returncode == 0, said[-5000:]
    assert not different(results(folder / "results", speeds=False), undisturbed_results)
    # Provenance names inputs by their path, so that only names and numbers can be the same.
    other = results(folder / "other", speeds=False)
    assert other.keys() == undisturbed_results.keys()
    for table in ("tiny-wire/counts.csv", "tiny-wire/rounds/2/trials-1.csv"):
        ours, theirs = (made[Path(table)].split(b"\n")[2:] for made in (other, undisturbed_results))
        assert ours == theirs


def test_a_home_and_a_cache_of_kernels_that_cannot_be_written_are_not_needed(tmp_path):
    (tmp_path / "lab.csv").write_text(COUNTS)
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(STUDY))
    environment = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "NUMBA_CACHE_DIR"), NOWHERE)
    # Snakemake itself keeps its own files there, and does not start without.
    environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    said = run(tmp_path, "--", "fit-lab", environment=environment)
    assert "Traceback" not in said


def without_last_line(content):
    return content[: content.rstrip(b"\n").rfind(b"\n") + 1]


def with_one_other_bit(content):
    return content[:-9] + bytes([content[-9] ^ 1]) + content[-8:]


@pytest.mark.faults
@pytest.mark.parametrize("damage", [without_last_line, with_one_other_bit])
def test_damage_of_any_result_is_noticed(tmp_path, undisturbed, damage):
    folder = tmp_path / "study"
    shutil.copytree(undisturbed, folder)
    made = results(folder / "results").keys() - {Path("images.npz")}  # which the test wrote
    assert len({name.suffix for name in made}) > 7
    for name in made:
        path = folder / "results" / name
        path.write_bytes(damage(path.read_bytes()))
        with pytest.raises(InputError, match="was changed after it was made; remove it"):
            require_unchanged(path)
