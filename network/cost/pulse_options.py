"""Options that say what the pulses of a device against current or duration are like."""

from typing import Annotated

import typer

from dwsynapse.io.command_options import positive

PulseResistance = Annotated[
    float | None,
    typer.Option(
        "--pulse-resistance-ohm",
        callback=positive,
        help="Of a device against current or duration: resistance of its track",
    ),
]
PulseDuration = Annotated[
    float | None,
    typer.Option(
        "--pulse-duration-ns",
        callback=positive,
        help="Of a device against current: duration of a pulse",
    ),
]
PulseCurrent = Annotated[
    float | None,
    typer.Option(
        "--pulse-current-uA",
        callback=positive,
        help="Of a device against duration: current of a pulse",
    ),
]
