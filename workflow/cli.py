"""Commands over the whole study."""

from pathlib import Path
from typing import Annotated

import typer

from workflow.files import write_json, write_text
from workflow.summary import summarise, to_html

app = typer.Typer(
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Put together what the stages of a study found.",
)


@app.callback()
def main() -> None:
    """Put together what the stages of a study found."""


@app.command()
def summary(
    devices: Annotated[list[str], typer.Argument(help="Names of the devices")],
    results: Annotated[Path, typer.Option(help="Folder of the study's results")] = Path("results"),
) -> None:
    """Write summary.json, for machines, and summary.html, for people, into the results folder."""
    content = summarise(results, devices)
    write_json(results / "summary.json", "summary", 1, content)
    write_text(results / "summary.html", to_html(content))
