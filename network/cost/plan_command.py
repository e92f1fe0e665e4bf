"""The command that computes what accuracies cost on a device."""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_options import Device, ImagesFile, Models, block, limited, out_folder
from dwsynapse.io.files import provenance, require_outputs, write_json, write_text
from dwsynapse.study.hardware import Hardware
from network.cost.pulse_options import PulseCurrent, PulseDuration, PulseResistance


def plan_command(
    models: Models,
    device: Device,
    images: ImagesFile,
    out: Annotated[Path, out_folder("plan.json, plan.html, trade-offs.svg, spread.svg")],
    accuracy: Annotated[
        float | None,
        typer.Option(
            help="Accuracy wanted, such as 0.88",
            show_default="--config's, else 0.01 below the best",
        ),
    ] = None,
    config: Annotated[Path | None, block("plan")] = None,
    reads_per_s: Annotated[
        float, typer.Option(callback=limited(1e-3, 1e12), help="Reads per second of one wire")
    ] = Hardware().reads_per_s,
    pulse_resistance_ohm: PulseResistance = None,
    pulse_duration_ns: PulseDuration = None,
    pulse_current_ua: PulseCurrent = None,
) -> None:
    """Compute what accuracies cost in reads, time and energy, and how they spread over devices.

    A read of a device against current or duration takes the energy I^2 R t of its pulse.
    """
    from dwsynapse.study import Plan, read_block
    from dwsynapse.study.reading import validated
    from fitting.device import DeviceModel
    from network import trained_model
    from network.accuracy import require_same_origin
    from network.cost.cheapest_network import KIND, VERSION, plan
    from network.cost.cost_figures import plot_spread, plot_trade_offs
    from network.cost.cost_report import page, report
    from network.cost.pulse_energy import Pulse
    from network.images.prepared_images import Images

    files = ("plan.json", "plan.html", "trade-offs.svg", "spread.svg")
    require_outputs(out, files, *models, device, images, config)
    settings: Plan = read_block(config, Plan) if config else Plan()
    if accuracy is not None:
        content = settings.model_dump() | {"accuracy": accuracy}
        settings = validated(Plan, content, "the options", options={"accuracy": "--accuracy"})
    model_of = DeviceModel.read(device)
    drive = model_of.drive
    pulse = Pulse.of_drive(drive, pulse_resistance_ohm, pulse_current_ua, pulse_duration_ns)
    trained = [trained_model.read(path, device) for path in models]
    require_same_origin(models, trained)
    prepared = Images.read(images, trained[0].n_in, trained[0].n_classes)
    found = plan(trained, model_of, prepared, settings, reads_per_s, pulse)
    origin = provenance("network", config=config, inputs=[*models, device, images])
    content = drive.document({**found, "provenance": origin}, [model_of.name])
    write_json(out / "plan.json", KIND, VERSION, content)
    write_text(out / "plan.html", drive.said(page(found), [model_of.name]))
    plot_trade_offs(out / "trade-offs.svg", found)
    plot_spread(out / "spread.svg", found, drive)
    typer.echo(drive.said(report(found), [model_of.name]))
