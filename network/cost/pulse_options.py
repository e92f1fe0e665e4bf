"""Options that say what the pulses of a device against current or duration are like."""

from typing import Annotated

import typer

from dwsynapse.io.command_options import positive

RESISTANCE = typer.Option(
    "--pulse-resistance-ohm",
    callback=positive,
    help="Resistance of the track, of a device that pulses of current drive",
)
PulseResistance = Annotated[float | None, RESISTANCE]
DURATION = typer.Option(
    "--pulse-duration-ns",
    callback=positive,
    help="Duration of such a pulse, unless networks are trained to set it",
)
PulseDuration = Annotated[float | None, DURATION]
CURRENT = typer.Option(
    "--pulse-current-uA",
    callback=positive,
    help="Current of such a pulse, unless networks are trained to set it",
)
PulseCurrent = Annotated[float | None, CURRENT]
