"""The command that computes what accuracies cost on a device."""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.files import provenance, require_output, write_json, write_text
from dwsynapse.study.hardware import Hardware
from network.command_options import Device, ImagesFile, Models


def plan_command(
    models: Models,
    device: Device,
    images: ImagesFile,
    out: Annotated[Path, typer.Option(help="Folder for plan.json, plan.html and figures")],
    accuracy: Annotated[
        float | None,
        typer.Option(
            min=0.001, max=0.999, help="Accuracy wanted, such as 0.88; default: the config's"
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Block `plan` of the study (YAML); default: the defaults")
    ] = None,
    reads_per_s: Annotated[
        float, typer.Option(min=1e-3, max=1e12, help="Reads per second of one wire")
    ] = Hardware().reads_per_s,
) -> None:
    """Compute what accuracies cost in reads, time and energy, and how they spread over devices."""
    from dwsynapse.study import Plan, read_block
    from fitting.device import DeviceModel
    from network import trained_model
    from network.accuracy import require_same_origin
    from network.cost.cheapest_network import KIND, VERSION, plan
    from network.cost.cost_figures import plot_spread, plot_trade_offs
    from network.cost.cost_report import page, report
    from network.images.prepared_images import Images

    require_output(out / "plan.json", *models, device, images, config)
    settings: Plan = read_block(config, Plan) if config else Plan()
    if accuracy is not None:
        settings = settings.model_copy(update={"accuracy": accuracy})
    model_of = DeviceModel.read(device)
    trained = [trained_model.read(path, device) for path in models]
    require_same_origin(models, trained)
    prepared = Images.read(images, trained[0].n_in)
    content = plan(trained, model_of, prepared, settings, reads_per_s)
    origin = provenance(config=config, inputs=[*models, device, images])
    write_json(out / "plan.json", KIND, VERSION, {**content, "provenance": origin})
    write_text(out / "plan.html", page(content))
    plot_trade_offs(out / "trade-offs.svg", content)
    plot_spread(out / "spread.svg", content)
    typer.echo(report(content))
