"""The command that tells which results other code made, and keeps them on request."""

from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_line import Commands
from dwsynapse.io.fingerprint import fingerprint
from dwsynapse.io.number_format import counted
from dwsynapse.provenance.results import Made, require_results, results_in

app = Commands()
Study = Annotated[
    Path | None, typer.Argument(help="A study, as for `snakemake --configfile` (YAML)")
]


@app.command()
def stale(
    study: Study = None,
    accept: Annotated[
        bool,
        typer.Option("--accept", help="Keep them: the workflow does not make them again"),
    ] = False,
) -> None:
    """List the results of a study that other code made than this; the status is 1 if there are any.

    The workflow makes them again. Comments, docstrings, formatting and commits are no other code.
    """
    from dwsynapse.study.reading import over_defaults, read_keys, read_study

    folder = Path(read_study(over_defaults(read_keys(study) if study else {}), study or "").results)
    require_results(folder)
    if accept:
        from dwsynapse.provenance.accepting import accept_code

        accept_code(study)
    found = results_in(folder)
    others = sorted(made for made in found if made.is_stale)
    for line in lines_of(others):
        typer.echo(line)
    if others:
        typer.echo(
            f"{len(others)} of {counted(len(found), 'result')} in {folder} were made by other code"
            + ("; the workflow keeps them" if accept else "")
        )
        raise typer.Exit(0 if accept else 1)
    typer.echo(f"{folder}: {counted(len(found), 'result')}, all made by this code")


def lines_of(others: list[Made]) -> list[str]:
    """Return lines on results that other code made, by that code."""
    lines = []
    for (room, code, version), results in groupby(
        others, key=lambda made: (made.room, made.code, made.code_version)
    ):
        now = f", now {fingerprint(room)}" if room else ""
        lines.append(f"{f'{room}, ' if room else ''}code {code} ({version}){now}:")
        lines += [f"  {made.path}" for made in results]
    return lines
