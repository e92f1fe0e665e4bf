"""Commands of the hardware room.

Each imports what it needs when it runs: libraries of figures and compilers take long to load.
"""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_options import (
    Device,
    block,
    confidence_option,
    out_folder,
)
from dwsynapse.io.files import provenance, require_output, write_json
from hardware.instruments.run_command import run
from hardware.kerr_loops.loops_command import loops
from hardware.manifest_command import manifest
from hardware.program_command import program
from hardware.proof.prove_command import prove
from hardware.verification.verify_command import verify

app = typer.Typer(
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    help="From trained fields to a device program, a log of its reads, and verdicts on it.",
)

app.command()(loops)
app.command()(program)
app.command()(prove)
app.command()(run)
app.command()(verify)
app.command()(manifest)

Config = Annotated[Path, block("hardware")]


@app.command()
def compare(
    device: Device,
    reference: Annotated[Path, typer.Option(help="device.json to compare with")],
    config: Config,
    out: Annotated[Path, out_folder("comparison.json, comparison.svg")],
    confidence: Annotated[float, confidence_option()] = 0.95,
) -> None:
    """Compare the passing curves of two devices: comparison.json and comparison.svg."""
    from dwsynapse.study import Hardware, read_block
    from fitting.comparison import device_comparison
    from fitting.comparison.device_comparison_figure import plot_comparison
    from fitting.device import DeviceModel

    require_output(out / "comparison.json", device, reference, config)
    settings: Hardware = read_block(config, Hardware)
    first, second = DeviceModel.read(device), DeviceModel.read(reference)
    content = device_comparison.compare(first, second, settings.significance, confidence)
    content["provenance"] = provenance(config=config, inputs=[device, reference])
    write_json(out / "comparison.json", device_comparison.KIND, device_comparison.VERSION, content)
    plot_comparison(out / "comparison.svg", first, second, content)
