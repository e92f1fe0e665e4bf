"""A study of seconds, from a wire and a laboratory's counts to a verified network, and its runs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import yaml

from network.images.prepared_images import Images

ROOT = Path(__file__).parents[2]
TINY_WIRE = {
    "source": "simulation",
    "wire": {
        "length_nm": 320,
        "width_nm": 40,
        "notch": {"centre_nm": 160, "opening_nm": 24},
    },
    "protocol": {
        "release_distance_nm": 80,
        "passed_beyond_nm": 50,
        "notch_zone_nm": 40,
        "window_ns": 0.6,
        "pinned_after_ns": 0.15,
    },
    "numerics": {"time_step_fs": 500},
    "sampling": {
        "first_fields_mT": [20, 45, 60, 75, 100],
        "rounds": 2,
        "trials_per_round": 40,
        "batches_per_round": 1,
    },
}
COUNTS = "field_mT,n,k\n3,50,0\n4,50,2\n5,50,22\n6,50,45\n7,50,50\n"
STUDY = {
    "devices": {
        "quick-wire": None,
        "quick-track": None,
        "ellis-wire": None,
        "ellis2023": None,
        "tiny-wire": TINY_WIRE | {"networks": False},
        "lab": {"source": "measurement", "counts": "lab.csv"},
    },
    "network": {"reads_train": [1], "models": 1, "max_epochs": 1, "validation_images": 50},
    "plan": {"reads_test": [1], "spread_devices": 2, "wire_place_sd_mT": [0.2]},
    "hardware": {"reads_train": [1], "images": 10, "reads": 1, "compare_with": None},
}
# What tells when and how fast files were made.
TIMES = {"started_s", "ended_s"}
SPEEDS = {"simulated_ns", "threads", "backend"}


def snakemake(folder, *words, profile="local", **options):
    """Start Snakemake in a folder with a study and return the process, with all that it says."""
    command = ["-s", ROOT / "Snakefile", "--profile", ROOT / "profiles" / profile]
    command += ["--configfile", "study.yaml", *words]
    environment = os.environ | options.pop("environment", {})
    path = f"{Path(sys.executable).parent}:{environment['PATH']}"
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", *map(str, command)],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT), "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


def run(folder, *words, status=0, **options):
    """Run Snakemake in a folder with a study and return what it says."""
    started = snakemake(folder, *words, **options)
    said = started.communicate()[0]
    assert started.returncode == status, said[-10_000:]
    return said


def write_study(folder, study=STUDY):
    """Write the study, the counts and random images in place of MNIST; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    (folder / "lab.csv").write_text(COUNTS)
    results = study.get("results", "results")
    # Images are fetched again where they are older than their config.
    run(folder, "--", f"{results}/config/images.yaml")
    write_images(folder / results / "images.npz")
    return folder


def write_images(path):
    """Write random images in place of MNIST."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 2, size=(400, 196)).astype(np.uint8)
    labels = np.arange(400) % 10
    Images(pixels[:300], labels[:300], pixels[300:], labels[300:]).write(path)


def results(folder, *, speeds=True):
    """Return the content of all result files, without times, and without speeds if so asked."""
    files = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    return {
        name: content(path, speeds)
        for name, path in files.items()
        if not {"logs", "benchmarks", "made"} & set(name.parts) and name.name != "speed.json"
    }


def content(path, speeds=True):
    """Return what of a file does not depend on when, and if so asked how fast, it was made."""
    if path.name.endswith(".speed.json"):
        ignored = TIMES if speeds else TIMES | SPEEDS
        return {k: v for k, v in json.loads(path.read_text()).items() if k not in ignored}
    return path.read_bytes()


def different(ours, theirs):
    """Return the names of the files that are not the same."""
    return sorted(
        str(name) for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)
    )


def jobs_in(said):
    """Return the outputs of the jobs that a run says it began and finished, each with its rule."""
    begun, finished = {}, []
    rule = outputs = None
    for line in said.splitlines():
        if found := re.match(r"(?:local)?rule (.+):$", line):
            rule, outputs = found[1], ""
        elif found := re.match(r"    output: (.*)", line):
            outputs = found[1]
        elif found := re.match(r"    jobid: (\d+)", line):
            begun[found[1]] = (rule, outputs)
        elif found := re.match(r"Finished jobid: (\d+)", line):
            finished.append(begun[found[1]])
    return list(begun.values()), finished
