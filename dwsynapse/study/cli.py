"""Commands of the configuration."""

import sys

import typer

app = typer.Typer(
    pretty_exceptions_enable=False,
    add_completion=False,
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
def generate() -> None:
    """Write config/default.yaml, config/schema.json and workflow/environment.yaml again.

    Changes made in these files by hand are lost: settings go into a study of your own.
    """
    from dwsynapse.study.generated_files import write_generated
    from dwsynapse.study.project_files import PACKAGES

    for path in write_generated():
        print(f"wrote {path.relative_to(PACKAGES)}", file=sys.stderr)
