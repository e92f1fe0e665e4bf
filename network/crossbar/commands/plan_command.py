"""The command that computes what learning and inference on a crossbar cost."""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_options import (
    ImagesFile,
    Models,
    ResponseFile,
    limited,
    out_folder,
    positive,
)
from dwsynapse.io.files import provenance, require_outputs, write_json, write_text
from dwsynapse.study.devices.track_device import TrackJunction
from network.cost.pulse_options import CURRENT, DURATION, RESISTANCE

FILES = ("crossbar-plan.json", "crossbar-plan.html")
MAX_MV = 1e5


def plan_crossbar_command(
    models: Models,
    response: ResponseFile,
    images: ImagesFile,
    out: Annotated[Path, out_folder(", ".join(FILES))],
    pulse_resistance_ohm: Annotated[float, RESISTANCE],
    pulse_current_ua: Annotated[float, CURRENT],
    pulse_duration_ns: Annotated[float, DURATION],
    read_voltage_mv: Annotated[
        float,
        typer.Option(
            "--read-voltage-mV", callback=limited(1e-3, MAX_MV), help="Voltage of an input of 1"
        ),
    ] = TrackJunction().read_voltage_mV,
    read_duration_ns: Annotated[
        float, typer.Option("--read-duration-ns", callback=positive, help="Duration of a read")
    ] = TrackJunction().read_duration_ns,
) -> None:
    """Compute energy and time of an epoch of training and of an inference.

    A pulse takes I^2 R t, a read of a device G V^2 t. Pulses were counted in training.
    """
    require_outputs(out, FILES, *models, response, images)
    from network.accuracy import require_same_origin
    from network.crossbar.commands.costs_report import as_lines, to_html
    from network.crossbar.commands.crossbar_accuracy import require_images
    from network.crossbar.commands.crossbar_costs import KIND, VERSION, Read, Write, costs
    from network.crossbar.model import trained_crossbar
    from network.images.grey_images import GreyImages

    trained = [trained_crossbar.read(path, response) for path in models]
    require_same_origin(models, trained)
    data = GreyImages.read(images)
    require_images(trained, data)
    write = Write(pulse_current_ua, pulse_duration_ns, pulse_resistance_ohm)
    plan = costs(trained, data, write, Read(read_voltage_mv, read_duration_ns))
    origin = provenance("network", inputs=[*models, response, images])
    write_json(out / "crossbar-plan.json", KIND, VERSION, {**plan, "provenance": origin})
    write_text(out / "crossbar-plan.html", to_html(plan))
    typer.echo(as_lines(plan))
