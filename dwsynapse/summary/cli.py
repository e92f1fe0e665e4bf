"""The command that summarises a study."""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_line import Commands
from dwsynapse.io.command_options import out_folder
from dwsynapse.io.files import require_outputs, write_json, write_text
from dwsynapse.summary.study_numbers import summarise
from dwsynapse.summary.study_page import to_html

app = Commands()


@app.command()
def summary(
    files: Annotated[list[Path], typer.Argument(help="JSON files that the stages wrote")],
    out: Annotated[Path, out_folder("summary.json, summary.html, speed.json")],
) -> None:
    """Combine the results of all stages of a study: summary.json and, to read, summary.html.

    How fast trials were simulated, which changes from run to run, is in speed.json.
    """
    require_outputs(out, ("summary.json", "summary.html", "speed.json"), *files)
    content, speed = summarise(files)
    write_json(out / "summary.json", "summary", 1, content)
    write_text(out / "summary.html", to_html(content))
    write_json(out / "speed.json", "study-speed", 1, speed)
