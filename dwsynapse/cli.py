"""The command `dwsynapse`: the commands of all rooms under one name.

A room is imported when one of its commands is called: some take seconds to load.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

import typer

from dwsynapse.io.command_line import Commands
from dwsynapse.io.files import code_version

COMMANDS = {
    "micromag": ("micromag.cli", "Simulate domain walls at a notch."),
    "fitting": ("fitting.cli", "Fit passing curves to counts, simulated or measured."),
    "network": ("network.cli", "Train and test networks of stochastic synapses."),
    "hardware": ("hardware.cli", "Make device programs, run them, verify what a device did."),
    "summary": ("dwsynapse.summary.cli", "Summarise a study from the files of its stages."),
    "reproduce": (
        "dwsynapse.provenance.reproduce_command",
        "Make the results of a device again, and compare them.",
    ),
    "stale": ("dwsynapse.provenance.stale_command", "List results that other code made."),
    "study": ("dwsynapse.study.cli", "Files for a study of your own."),
    "why": ("dwsynapse.provenance.why_command", "Print and check how results were made."),
    "ellis2023": (
        "studies.ellis2023.cli",
        "Reproduce the network figures of Ellis et al. 2023, and test the paper's claims.",
    ),
    "liu2021": (
        "studies.liu2021.cli",
        "Reproduce the device figures of Liu et al. 2021, and test the paper's claims.",
    ),
}
"""Module and help of each command."""

app = Commands(
    no_args_is_help=True,
    help="From a notched magnetic wire at finite temperature to a verified stochastic network: "
    "micromag makes trials, fitting a device of them, network trains on the device, hardware makes "
    "programs of networks and verifies what a device did. Counts of your own start at fitting: "
    "dwsynapse fitting fit counts.csv --out my-wire",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dwsynapse {code_version()}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Take the options before a command."""


def _passed_on_to(name: str, module: str) -> Callable[[typer.Context], None]:
    def command(context: typer.Context) -> None:
        room: Any = import_module(module)
        room.app(args=context.args, prog_name=f"dwsynapse {name}")

    return command


for _name, (_module, _help) in COMMANDS.items():
    app.command(
        _name,
        help=_help,
        add_help_option=False,  # the room has its own
        context_settings={
            "allow_extra_args": True,
            "ignore_unknown_options": True,
            "allow_interspersed_args": False,  # leaves all that follows to the room, "--" as well
        },
    )(_passed_on_to(_name, _module))
