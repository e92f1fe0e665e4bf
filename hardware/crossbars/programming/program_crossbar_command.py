"""The command that makes the program of a trained crossbar."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from dwsynapse.io.command_options import ResponseFile, limited, out_folder
from dwsynapse.io.files import provenance, require_outputs
from dwsynapse.io.number_format import counted, percent

FILES = ("crossbar_program.csv", "crossbar_program.json")


def program_crossbar(
    crossbar: Annotated[Path, typer.Argument(help="Trained crossbar (JSON)")],
    response: ResponseFile,
    out: Annotated[Path, out_folder(", ".join(FILES))],
    walls_at: Annotated[
        str,
        typer.Option(
            metavar="low|high|FILE",
            help="Where walls are: all at one end, or a table of device, conductance_S",
        ),
    ] = "low",
    loop: Annotated[
        Literal["closed", "open"],
        typer.Option(help="Read after each pulse, or apply as many as lead there in the mean"),
    ] = "closed",
    within: Annotated[
        float | None,
        typer.Option(
            callback=limited(1e-6, 1.0),
            help="Share of the range within which a conductance counts as reached",
            show_default="half a level, or half the mean step",
        ),
    ] = None,
    max_pulses: Annotated[int, typer.Option(min=1, max=10_000, help="Of one device at most")] = 100,
) -> None:
    """Make the program of a trained crossbar: the conductance of each device, and pulses to it.

    Example: python -m hardware program-crossbar crossbar0.json --response response.npz --out here
    """
    from fitting.response.response_table import ResponseTable
    from hardware.crossbars.programming.crossbar_devices import ENDS, devices_of, started
    from hardware.crossbars.programming.make_crossbar_program import programmed
    from network.crossbar.model import trained_crossbar

    inputs = [crossbar, response, *([] if walls_at in ENDS else [Path(walls_at)])]
    require_outputs(out, FILES, *inputs)
    trained = trained_crossbar.read(crossbar, response)
    made = programmed(
        started(devices_of(trained), walls_at),
        ResponseTable.read(response),
        method=loop,
        levels=trained.config.n_levels or None,
        tolerance=within,
        max_pulses=max_pulses,
        device=trained.response.name,
        provenance=provenance("hardware", inputs=inputs),
    )
    made.write(out / FILES[0])
    pulses = abs(made.pulses)
    typer.echo(
        f"{counted(len(made), 'device')}: {pulses.sum():,} pulses in the mean, at most "
        f"{pulses.max()} of one device, to within {percent(made.tolerance, 1)} of its range"
    )
