"""The command that makes the results of a device again, elsewhere, and compares them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import yaml

from dwsynapse.io.command_line import Commands
from dwsynapse.io.command_options import out_folder
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import write_text
from dwsynapse.io.number_format import counted
from dwsynapse.study.project_files import shipped_folder, workflow_folder

if TYPE_CHECKING:
    from dwsynapse.provenance.differences import Difference, Values
    from dwsynapse.study.study import Study

app = Commands()
STAGES = {
    "simulate": ("rounds/1/trials-*.csv", "shipped/trials.csv", "pulses.csv"),
    "fit": ("device.json", "response.json"),
    "train": ("network/accuracy.json", "crossbar/crossbar-accuracy.json"),
    "verify": (
        "hardware/*/verification.json",
        "comparison.json",
        "crossbar/hardware/crossbar_verification.json",
    ),
}
"""Which files show that a device went through a stage."""
NOT_COMPARED = {"logs", "benchmarks", "made", "config", "paper"}
ENDINGS = {".json", ".csv", ".npz", ".safetensors", ".parquet", ".omf", ".svg", ".html"}
INTO, STDERR = Path("reproduced"), 2
PROGRESS = (".speed.json", ".done.csv", ".done.npz")
"""Files that tell of a run, not of its results."""


@app.command()
def reproduce(
    device: Annotated[str, typer.Argument(help="A device of the study")],
    study: Annotated[
        Path | None,
        typer.Option(help="A study, as for `snakemake --configfile` (YAML)"),
    ] = None,
    out: Annotated[Path, out_folder("study.yaml, and results like those of the study")] = INTO,
    cores: Annotated[int, typer.Option(help="Jobs at once", min=1)] = 2,
) -> None:
    """Make the results of a device again in another folder, and compare them value by value.

    Trials that come with the project are simulated. The status is 1 where a value differs.
    """
    from dwsynapse.study.reading import over_defaults, read_keys, read_study

    given = read_study(over_defaults(read_keys(study) if study else {}), study or "config")
    if device not in given.devices:
        raise InputError(
            f"no device {device!r} in the study",
            path=study,
            remedy=f"choose one of {', '.join(given.devices)}",
        )
    stages = stages_of(given, device)
    _make(study, device, stages, out, cores)
    found = dict(sorted(compared(given, device, out)))
    for file, differs in found.items():
        typer.echo(f"{file}: {differs}")
    different = [file for file, differs in found.items() if differs.n_different]
    same = len(found) - len(different)
    typer.echo(f"{device}: {counted(same, 'file')} the same, {len(different)} different")
    if different:
        raise typer.Exit(1)


def stages_of(study: "Study", device: str) -> list[str]:
    """Return the stages that a device went through.

    Raises
    ------
    InputError
        If it went through none, and its trials do not come with the project.
    """
    folder = Path(study.results, device)
    stages = [
        stage
        for stage, files in STAGES.items()
        if any(found for pattern in files for found in folder.glob(pattern))
    ]
    if getattr(study.devices[device], "shipped", None) and "simulate" not in stages:
        return ["simulate", *stages]
    if not stages:
        raise InputError("no results to compare with", path=folder, remedy="run the study first")
    return stages


def _make(study: Path | None, device: str, stages: list[str], out: Path, cores: int) -> None:
    """Run the workflow for a device into another folder."""
    from dwsynapse.study.reading import over_defaults, read_keys

    changed: dict[str, object] = {"results": str(out / "results")}
    keys = over_defaults(read_keys(study) if study else {})
    if keys["devices"][device].get("shipped"):
        changed["devices"] = {device: {"shipped": None}}
    write_text(out / "study.yaml", yaml.safe_dump(changed))
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), "--rerun-incomplete"]
    command += ["--snakefile", str(workflow_folder() / "Snakefile"), "--quiet", "rules", "host"]
    command += ["--configfile", *([str(study)] if study else []), str(out / "study.yaml")]
    command += ["--", *(f"{stage}-{device}" for stage in stages)]
    # Its commands are those of this Python.
    path = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    if subprocess.run(command, stdout=STDERR, env=os.environ | path, check=False).returncode:
        raise InputError(
            "Snakemake failed, as said above", path=out, remedy="correct that; it then goes on"
        )


def compared(study: "Study", device: str, out: Path) -> "Iterator[tuple[str, Difference]]":
    """Yield each file of a device that was made again, and how it differs."""
    from dwsynapse.provenance.differences import difference, difference_of, values_of

    before, now = Path(study.results, device), out / "results" / device
    for path in before.rglob("*"):
        file = path.relative_to(before)
        is_result = path.suffix in ENDINGS and not path.name.endswith(PROGRESS)
        if is_result and not NOT_COMPARED & set(file.parts) and (now / file).is_file():
            yield str(path), difference(path, now / file)
    if shipped := getattr(study.devices[device], "shipped", None):
        pulses = Path(shipped_folder(shipped)) / "pulses.csv"
        if pulses.is_file():
            yield str(pulses), difference(pulses, now / pulses.name)
            return
        trials = Path(shipped_folder(shipped)) / "trials.csv"
        tables = sorted((now / "rounds").glob("*/trials-*.csv"))
        tables = [table for table in tables if not table.name.endswith(PROGRESS)]
        yield str(trials), difference_of(values_of(trials), _together(map(values_of, tables)))


def _together(tables: "Iterator[Values]") -> "Values":
    """Return the rows of several tables of trials in the order of their replicas."""
    import numpy as np

    parts = list(tables)
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(joined["replica"], kind="stable")
    return {name: column[order] for name, column in joined.items()}
