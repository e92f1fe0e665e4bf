"""The command that tests a log against the device model."""

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
    out_folder,
)
from dwsynapse.io.files import atomic_path, provenance, require_output, write_json
from dwsynapse.io.limits import DEFAULT_SEED
from dwsynapse.io.notes import note_once
from dwsynapse.io.number_format import p_value_of

FILES = ("verification.json", "verification.html", "verification.svg", "accuracy.svg")


def verify(
    program: ProgramFile,
    log: LogFile,
    manifest: Annotated[Path, typer.Option(help="manifest.json of the log")],
    device: Device,
    images: ImagesFile,
    config: Annotated[Path, block("hardware")],
    out: Annotated[Path, out_folder(", ".join(FILES))],
    models: Annotated[list[Path] | None, MODELS] = None,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Test a log against the device model: verification.json, a page (.html) and its figures.

    With MODELS, the figure of accuracies has the lines without sampling. Prints the tests and the
    verdict: consistent, equivalent within the tolerance, inconsistent and why, or not enough data.
    An inconsistent log is a result, not an error.
    """
    from dwsynapse.study import Hardware, read_block
    from fitting.device import DeviceModel
    from hardware.log import read_log, require_log
    from hardware.manifest import Manifest
    from hardware.program import Program
    from hardware.verification import log_verification
    from hardware.verification.accuracy_figure import plot_accuracy
    from hardware.verification.reference_accuracies import reference_accuracies
    from hardware.verification.verification_figure import plot_verification
    from hardware.verification.verification_page import to_html
    from network import trained_model
    from network.images.prepared_images import Images

    inputs = [program, log, manifest, device, images, *(models or [])]
    for name in FILES:
        require_output(out / name, *inputs, config)
    settings: Hardware = read_block(config, Hardware)
    loaded = Program.read(program, device)
    require_log(log)
    stated = Manifest.read(manifest, program, log, loaded.reads)
    prepared = Images.read(images, loaded.n_in, loaded.n_classes)
    reads = read_log(log, loaded, prepared.test_pixels, **stated.log_is)
    stated.require_spread(reads, manifest)
    device_model = DeviceModel.read(device)
    verdict = log_verification.verify(loaded, device_model, reads, stated, prepared, settings, seed)
    shown = reads["image"].unique()
    without = "leave the models out, which only add the accuracies without sampling to the figure"
    trained = [trained_model.read(path, device, remedy=without) for path in models or []]
    pixels, labels = prepared.test_pixels[shown], prepared.test_labels[shown]
    references = reference_accuracies(trained, device_model, pixels, labels) if trained else {}
    verdict["references"] = references
    verdict["provenance"] = provenance("hardware", config=config, seed=seed, inputs=inputs)
    write_json(out / "verification.json", log_verification.KIND, log_verification.VERSION, verdict)
    plot_accuracy(out / "accuracy.svg", verdict, references)
    plot_verification(out / "verification.svg", verdict, device_model)
    figures = [(out / f"{name}.svg").read_text("utf-8") for name in ("verification", "accuracy")]
    with atomic_path(out / "verification.html") as temporary:
        temporary.write_text(to_html(verdict, figures), encoding="utf-8")
    for test in verdict["tests"]:
        typer.echo(f"{test['test']}: {test['verdict']} ({p_value_of(test)})")
    for note in verdict["notes"]:
        note_once(log, note)
    typer.echo(f"verdict: {verdict['verdict']['verdict']} ({verdict['verdict']['why']})")
    if verdict["accuracy_stated"]["as_the_log"] is False:
        typer.echo(
            f"warning: {manifest}: the accuracies stated are not those of the log, which count",
            err=True,
        )
