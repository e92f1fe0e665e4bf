"""Telling the workflow to keep results that other code made."""

import re
import subprocess
import sys
from pathlib import Path

from dwsynapse.io.errors import InputError
from dwsynapse.study.project_files import workflow_folder

OTHER_TRIGGERS = ("mtime", "params", "input", "software-env")
UNFINISHED = {
    "output files have to be generated",
    "incomplete output files",
    "input files updated by another job",
}
"""Reasons to run a rule that leave existing results alone."""


def accept_code(study: Path | None) -> None:
    """Mark all results of a study as made by the code of now, in the workflow's own records.

    Parameters
    ----------
    study
        The study; None for the default one.

    Raises
    ------
    InputError
        If something else than code changed as well, or Snakemake fails.
    """
    planned = _snakemake(study, "--dry-run", "--rerun-triggers", *OTHER_TRIGGERS)
    _, _, reasons = planned.partition("\nReasons:\n")
    changed = [
        reason for reason in re.findall(r"^    (\w.*):$", reasons, re.M) if reason not in UNFINISHED
    ]
    if changed:
        raise InputError(
            f"more than code changed ({', '.join(changed)})",
            path=study,
            remedy="undo that change of the study or of its files, accept the code, and change it "
            "again",
        )
    _snakemake(study, "--touch", "--rerun-triggers", "code")


def _snakemake(study: Path | None, *words: str) -> str:
    command = [sys.executable, "-m", "snakemake", "--cores", "1"]
    command += ["--snakefile", str(workflow_folder() / "Snakefile")]
    command += ["--configfile", str(study)] if study else []
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr + done.stdout).strip().splitlines()
        raise InputError(
            f"snakemake failed: {next((line for line in said if 'rror' in line), said[-1])}",
            remedy=f"see `snakemake {' '.join(words)}`",
        )
    return done.stdout
