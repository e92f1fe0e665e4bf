"""Options that commands of the network room share."""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.limits import MAX_THREADS

Config = Annotated[Path, typer.Option(help="Block `network` of the study (YAML)")]
Models = Annotated[list[Path], typer.Argument(help="Models of one device, from `train`")]
Device = Annotated[Path, typer.Option(help="Device model (device.json)")]
ImagesFile = Annotated[Path, typer.Option(help="Prepared images, from `images` (.npz)")]
Threads = Annotated[
    int, typer.Option(min=1, max=MAX_THREADS, help="Processor threads; the numbers do not change")
]
