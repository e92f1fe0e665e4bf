"""Options that say what the pulses of a device against current or duration are like."""

from typing import Annotated

import typer

from dwsynapse.io.command_options import limited

# A number beyond these was meant in another unit, as 5e-5 in A or 1e-9 in s.
RESISTANCE = typer.Option(
    "--pulse-resistance-ohm",
    callback=limited(1e-3, 1e12),
    help="Resistance of the track, of a device that pulses of current drive",
)
PulseResistance = Annotated[float | None, RESISTANCE]
DURATION = typer.Option(
    "--pulse-duration-ns",
    callback=limited(1e-3, 1e9),
    help="Duration of such a pulse, unless networks are trained to set it",
)
PulseDuration = Annotated[float | None, DURATION]
CURRENT = typer.Option(
    "--pulse-current-uA",
    callback=limited(1e-3, 1e7),
    help="Current of such a pulse, unless networks are trained to set it",
)
PulseCurrent = Annotated[float | None, CURRENT]
