"""Wires whose trials are jobs elsewhere, as on a cluster."""

import sys
from collections.abc import Sequence

import typer

from dwsynapse.io.number_format import counted
from micromag.wires.wire_folder import WireFolder


def stop_for_others(folders: Sequence[WireFolder], where: str = "") -> None:
    """Print a command for each wire that is not simulated yet, and end if there is one.

    Parameters
    ----------
    folders
        The wires.
    where
        What is said after their number.

    Raises
    ------
    typer.Exit
        If wires have to be simulated.
    """
    waiting = [folder for folder in folders if not folder.simulated()]
    for folder in waiting:
        folder.prepare()
        print(folder.command)
    if waiting:
        print(f"{counted(len(waiting), 'wire')} to simulate{where}", file=sys.stderr)
        raise typer.Exit
