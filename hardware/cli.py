"""Commands of the hardware room.

Each imports what it needs when it runs: libraries of figures and compilers take long to load.
"""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_options import (
    MODELS,
    Device,
    ImagesFile,
    LogFile,
    ProgramFile,
    Seed,
    block,
    confidence_option,
    out_folder,
)
from dwsynapse.io.files import provenance, require_output, write_json
from dwsynapse.io.limits import DEFAULT_SEED
from dwsynapse.io.number_format import p_value_of
from hardware.instruments.run_command import run
from hardware.kerr_loops.loops_command import loops
from hardware.manifest_command import manifest
from hardware.program_command import program
from hardware.proof.prove_command import prove

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
app.command()(manifest)

Config = Annotated[Path, block("hardware")]


@app.command()
def verify(
    program: ProgramFile,
    log: LogFile,
    manifest: Annotated[Path, typer.Option(help="manifest.json of the log")],
    device: Device,
    images: ImagesFile,
    config: Config,
    out: Annotated[Path, out_folder("verification.json, accuracy.svg")],
    models: Annotated[list[Path] | None, MODELS] = None,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Test a log against the device model: verification.json and accuracy.svg.

    With MODELS, the figure has the lines without sampling. Prints the tests and the verdict:
    consistent, equivalent within the tolerance, inconsistent and why, or not enough data. An
    inconsistent log is a result, not an error.
    """
    from dwsynapse.study import Hardware, read_block
    from fitting.device import DeviceModel
    from hardware.log import read_log, require_log
    from hardware.manifest import Manifest
    from hardware.program import Program
    from hardware.verification import accuracy_figure, log_verification
    from hardware.verification.reference_accuracies import reference_accuracies
    from network import trained_model
    from network.images.prepared_images import Images

    inputs = [program, log, manifest, device, images, *(models or [])]
    require_output(out / "verification.json", *inputs, config)
    settings: Hardware = read_block(config, Hardware)
    loaded = Program.read(program, device)
    require_log(log)
    stated = Manifest.read(manifest, program, log, loaded.reads)
    prepared = Images.read(images, loaded.fields_mT.shape[1])
    reads = read_log(log, loaded, prepared.test_pixels, **stated.log_is)
    stated.require_spread(reads, manifest)
    device_model = DeviceModel.read(device)
    verdict = log_verification.verify(loaded, device_model, reads, stated, prepared, settings, seed)
    shown = reads["image"].unique()
    trained = [trained_model.read(path, device) for path in models or []]
    pixels, labels = prepared.test_pixels[shown], prepared.test_labels[shown]
    references = reference_accuracies(trained, device_model, pixels, labels) if trained else {}
    verdict["references"] = references
    verdict["provenance"] = provenance(config=config, seed=seed, inputs=inputs)
    write_json(out / "verification.json", log_verification.KIND, log_verification.VERSION, verdict)
    accuracy_figure.plot_accuracy(out / "accuracy.svg", verdict, references)
    for test in verdict["tests"]:
        typer.echo(f"{test['test']}: {test['verdict']} ({p_value_of(test)})")
    typer.echo(f"verdict: {verdict['verdict']['verdict']} ({verdict['verdict']['why']})")
    if verdict["accuracy_stated"]["as_the_log"] is False:
        typer.echo(
            f"warning: {manifest}: the accuracies stated are not those of the log, which count",
            err=True,
        )


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
