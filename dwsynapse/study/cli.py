"""Commands of the configuration."""

import sys

import typer

from dwsynapse.study.generated_files import ROOT, write_generated

app = typer.Typer(
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    help="Files made from the models in dwsynapse/study: the commented default study, its JSON "
    "schema and the conda environment.",
)


@app.callback()
def commands() -> None:
    """Keep `generate` a command with a name: nothing is written unless it is given."""


@app.command()
def generate() -> None:
    """Write config/default.yaml, config/schema.json and workflow/environment.yaml anew.

    Changes made in these files by hand are lost: settings go into a study of your own.
    """
    for path in write_generated():
        print(f"wrote {path.relative_to(ROOT)}", file=sys.stderr)
