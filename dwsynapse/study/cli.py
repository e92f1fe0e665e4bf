"""Commands of the configuration."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_line import Commands

app = Commands(
    no_args_is_help=True,
    help="Files for a study of your own: where the workflow is, and those made from the models in "
    "dwsynapse/study.",
)


@app.command()
def snakefile() -> None:
    """Print where the workflow is, for `snakemake -s`; config/default.yaml is next to it."""
    from dwsynapse.study.project_files import workflow_folder

    print(workflow_folder() / "Snakefile")


@app.command()
def check(
    study: Annotated[Path, typer.Argument(help="A study, as for `snakemake --configfile` (YAML)")],
) -> None:
    """Check a study of your own, and name its devices, which are targets of the workflow.

    In one line it names the key that is wrong, also where Snakemake cannot read the file, or that
    names a file that is not there. Run it in the folder in which the workflow is to run.
    """
    from dwsynapse.study.given_files import require_given_files
    from dwsynapse.study.reading import over_defaults, read_keys, read_study

    found = read_study(over_defaults(read_keys(study)), study)
    require_given_files(found, study)
    print(f"{study}: a study of {', '.join(found.devices)}; results go to {found.results}")


@app.command()
def jobs(
    study: Annotated[
        Path | None, typer.Argument(help="A study, as for `snakemake --configfile` (YAML)")
    ] = None,
) -> None:
    """Print how long the simulation jobs of a study last, and a better number of them."""
    from dwsynapse.study.devices.sources import SimulatedDevice
    from dwsynapse.study.reading import over_defaults, read_keys, read_study
    from dwsynapse.study.runs.simulation_jobs import jobs_line, trial_s

    read = read_study(over_defaults(read_keys(study) if study else {}), study or "config")
    for name, device in read.devices.items():
        if isinstance(device, SimulatedDevice) and not device.shipped:
            tables = Path(read.results, name).glob("rounds/*/trials-*.csv")
            print(jobs_line(name, device, trial_s(device, tables)))


@app.command()
def generate() -> None:
    """Write config/default.yaml, config/schema.json and workflow/environment.yaml again.

    Changes made in these files by hand are lost: settings go into a study of your own.
    """
    from dwsynapse.study.generated_files import write_generated
    from dwsynapse.study.project_files import PACKAGES

    for path in write_generated():
        print(f"wrote {path.relative_to(PACKAGES)}", file=sys.stderr)
