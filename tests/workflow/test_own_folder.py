"""The workflow from a folder of one's own: called there, as a module, and from an installation."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from dwsynapse.io.errors import InputError
from dwsynapse.study.project_files import (
    ROOMS,
    require_no_hidden_package,
    shipped_folder,
    workflow_folder,
)

ROOT = Path(__file__).parents[2]
STUDY = (
    "devices: {quick-wire: null, quick-track: null, lab: {source: measurement, counts: lab.csv}}\n"
)
SHIPPED = "micromag/shipped/ellis-wire"


CLEAN = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def run(folder, *words, python=None):
    """Run a module of Python in a folder: of the checkout, or of another Python."""
    environment = CLEAN if python else CLEAN | {"PYTHONPATH": str(ROOT)}
    python = python or sys.executable
    done = subprocess.run(
        [python, "-m", *map(str, words)],
        cwd=folder,
        env=environment | {"PATH": f"{Path(python).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def own_folder(tmp_path):
    folder = tmp_path / "own folder"
    folder.mkdir()
    (folder / "my-study.yaml").write_text(STUDY)
    (folder / "lab.csv").write_text("field_mT,n,k\n4,20,1\n5,20,9\n6,20,18\n")
    return folder


def snakemake(folder, *words, snakefile=ROOT / "Snakefile", **options):
    words = ["--cores", 1, *words]
    if snakefile:
        words = ["-s", snakefile, "--configfile", "my-study.yaml", *words]
    return run(folder, "snakemake", *words, **options)


def test_results_and_paths_are_relative_to_the_folder(own_folder):
    snakemake(own_folder, "--", "results/ellis2023/device.json", "results/ellis-wire/wall.json")
    assert json.loads((own_folder / "results/ellis2023/device.json").read_text())["name"]
    # Trials that are shipped come with the project, wherever that lies.
    assert (own_folder / "results/ellis-wire/shipped/trials.csv").is_file()
    planned = snakemake(own_folder, "-n")
    assert "input: lab.csv, results/lab/config/fitting.yaml" in planned
    assert "input: results/lab/device.json" in planned


def test_an_installation_brings_all_rules():
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    patterns = [pattern for files in setuptools["data-files"].values() for pattern in files]
    brought = {path for pattern in patterns for path in ROOT.glob(pattern)}
    rules = {*ROOT.glob("*/*.smk"), *ROOT.glob("*/*/*.smk"), ROOT / "Snakefile"}
    assert not rules - brought


@pytest.mark.parametrize(
    ("study", "says"),
    [
        ("results: lab.csv\n", "lab.csv: is a file, not a folder; choose another for results"),
        ("results: lab.csv/here\n", "lab.csv: is a file, not a folder; choose another for results"),
        (
            "devices: {ellis-wire: {shipped: nowhere}}\n",
            "nowhere/trials.csv: no such file; correct shipped in the study",
        ),
    ],
)
def test_a_folder_of_the_study_that_is_none_is_told_in_one_line(own_folder, study, says):
    (own_folder / "my-study.yaml").write_text(study)
    with pytest.raises(AssertionError, match=f"error: .*{says}") as refused:
        snakemake(own_folder, "-n")
    assert "Traceback" not in str(refused.value)


def test_the_workflow_is_a_module_of_another(own_folder):
    (own_folder / "Snakefile").write_text(
        f"""
configfile: "my-study.yaml"

rule mine:
    input: "results/ellis2023/device.json"
    output: "mine.json"
    shell: "cp {{input}} {{output}}"

module wires:
    snakefile: {str(ROOT / "Snakefile")!r}
    config: config

use rule * from wires as wires_*
"""
    )
    snakemake(own_folder, snakefile=None)
    assert json.loads((own_folder / "mine.json").read_text())["name"] == "ellis2023"
    assert "wires_fit_curve" in snakemake(own_folder, "-n", "--", "wires_fit-lab", snakefile=None)


def test_a_module_that_hides_a_package_is_told(tmp_path):
    require_no_hidden_package(ROOT)
    for room in ROOMS:
        (hiding := tmp_path / f"{room}.py").write_text("")
        with pytest.raises(InputError, match=f"hides the package {room} of dwsynapse; rename it"):
            require_no_hidden_package(tmp_path)
        hiding.unlink()
    (tmp_path / "network").mkdir()  # a folder without __init__.py hides nothing
    require_no_hidden_package(tmp_path)


def test_a_folder_of_ones_own_goes_before_one_of_the_same_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert shipped_folder(SHIPPED) == str(ROOT / SHIPPED)
    Path(SHIPPED).mkdir(parents=True)
    assert (shipped_folder(SHIPPED), shipped_folder("absent")) == (SHIPPED, "absent")
    assert workflow_folder() == ROOT


PIP = ("pip", "--quiet", "--disable-pip-version-check")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build a wheel of a copy of the tree."""
    folder = tmp_path_factory.mktemp("built")
    not_shipped = shutil.ignore_patterns(
        ".*", "__pycache__", "*.egg-info", "build", "results", "recomputed", "tests", "docs"
    )
    shutil.copytree(ROOT, folder / "tree", ignore=not_shipped)
    offline = ("--no-deps", "--no-index", "--no-build-isolation")
    run(folder, *PIP, "wheel", *offline, "--wheel-dir", "wheel", "./tree")
    (built,) = (folder / "wheel").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(tmp_path_factory, wheel):
    """Return a Python with the wheel, which sees the dependencies that are installed here."""
    folder = tmp_path_factory.mktemp("installed")
    run(folder, "venv", "--without-pip", "venv")
    python = folder / "venv/bin/python"
    (packages,) = (folder / "venv/lib").glob("python*/site-packages")
    # What dwsynapse needs is seen where it is. An editable installation there is a .pth file, and
    # those are read in the own site-packages only; pip sees it and, without -I, would do nothing.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    run(folder, *PIP, f"--python={python}", "install", "--no-deps", "--no-index", "-I", wheel)
    return python


@pytest.mark.slow
def test_a_wheel_brings_all_that_the_workflow_needs(installed, own_folder):
    where = Path(run(own_folder, "dwsynapse", "study", "snakefile", python=installed).strip())
    assert where.is_relative_to(installed.parents[1])
    study = where.parent / "config/default.yaml"
    assert study.read_text() == (ROOT / "config/default.yaml").read_text()
    wanted = ("results/ellis2023/device.json", "results/ellis-wire/wall.json")
    snakemake(own_folder, "--", *wanted, snakefile=where, python=installed)
    device = json.loads((own_folder / "results/ellis2023/device.json").read_text())
    # Of no commit, since it is no checkout; so it ran what was installed.
    assert "+" not in device["provenance"]["code_version"]
    assert "fit_curve" in snakemake(own_folder, "-n", snakefile=where, python=installed)
    report = ("--report", "report.html", "--", "results/ellis2023/curve.svg")
    snakemake(own_folder, *report, snakefile=where, python=installed)
    script = [installed.parent / "dwsynapse", "study", "generate"]
    refused = subprocess.run(script, env=CLEAN, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "an installation, no checkout; run this in a clone" in refused.stderr


@pytest.mark.slow
def test_a_wheel_names_all_its_dependencies(tmp_path, wheel, own_folder):
    """Fetched by pip into an empty environment, as a user does: gigabytes, from its cache."""
    run(tmp_path, "venv", "venv")
    python = tmp_path / "venv/bin/python"
    run(tmp_path, *PIP, "install", "-c", ROOT / "constraints.txt", wheel, python=python)
    run(tmp_path, *PIP, "check", python=python)
    script = [python.parent / "dwsynapse", "--version"]
    output = subprocess.run(script, env=CLEAN, capture_output=True, text=True, check=True).stdout
    assert output.split() == wheel.name.split("-")[:2]
    run(own_folder, "dwsynapse", "fitting", "fit", "lab.csv", "--out", "wire", python=python)
    assert json.loads((own_folder / "wire/device.json").read_text())["form"] == "logistic"
    where = run(own_folder, "dwsynapse", "study", "snakefile", python=python).strip()
    planned = run(own_folder, "snakemake", "-n", "--cores", 1, "-s", where, python=python)
    assert {"trials", "fit_curve", "train_models", "verify_log", "summary"} <= set(planned.split())
