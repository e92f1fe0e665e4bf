"""Commands over the whole study."""

from pathlib import Path
from typing import Annotated

import typer

from workflow.files import write_json, write_text
from workflow.summary import summarise
from workflow.summary_page import to_html

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
    files: Annotated[list[Path], typer.Argument(help="JSON files that the stages wrote")],
    out: Annotated[Path, typer.Option(help="Folder for summary.json and summary.html")],
) -> None:
    """Write summary.json, for machines, and summary.html, for people."""
    content = summarise(files)
    write_json(out / "summary.json", "summary", 1, content)
    write_text(out / "summary.html", to_html(content))
