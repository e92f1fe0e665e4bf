"""The command that tells how a result came about, and whether all of it still holds."""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_line import Commands
from dwsynapse.io.files import require_file
from dwsynapse.io.number_format import counted
from dwsynapse.provenance.chain import Link, chain_of

app = Commands()


@app.command()
def why(
    results: Annotated[
        list[Path], typer.Argument(help="Results of any kind: tables, figures, ...")
    ],
) -> None:
    """Print how results were made, from which inputs, and how those were made, and check all.

    Each file is ok, changed, missing, or unknown: not found where no record says that it was. The
    status is 1 if any is changed or missing.
    """
    links = []
    for path in results:
        if path.exists() and not path.is_file():
            require_file(path, "a result")
    for path in results:
        for link in chain_of(path):
            links.append(link)
            for line in lines_of(link):
                typer.echo(line)
    broken = [link for link in links if link.status in {"changed", "missing"}]
    if broken:
        typer.echo(f"the chain is broken: {counted(len(broken), 'file')} changed or missing")
        raise typer.Exit(1)
    n_files = len({link.path for link in links if link.status == "ok"})
    typer.echo(f"all {n_files} files are those that were made and used")


def lines_of(link: Link) -> list[str]:
    """Return a link as lines: its status and file, and how it was made."""
    indent = "  " * link.depth
    first = f"{indent}{link.status:8}{link.path}"
    if link.problem:
        first += f": {link.problem}"
    return [first, *(f"{indent}{'':8}{line}" for line in link.how)]
