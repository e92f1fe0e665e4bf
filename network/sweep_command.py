"""The command that tests networks with other numbers of reads than they were trained with."""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_options import (
    Device,
    ImagesFile,
    Models,
    Threads,
    numbers,
    out_folder,
    several,
)
from dwsynapse.io.files import require_outputs
from dwsynapse.io.limits import MAX_READS
from dwsynapse.learning_rules import rules_for_any_reads


def sweep_command(
    models: Models,
    device: Device,
    images: ImagesFile,
    out: Annotated[Path, out_folder("sweep.json, sweep.svg")],
    reads_test: Annotated[
        list[str] | None,
        several(help="Reads in the test", metavar="READS", show_default="those of training"),
    ] = None,
    threads: Threads = 1,
) -> None:
    """Test trained models with other numbers of reads than they were trained with.

    Only networks of the rules for any number of reads; `plan` tries all.
    """
    from fitting.device import DeviceModel
    from network import trained_model
    from network.accuracy import as_lines, require_same_origin, write_accuracies
    from network.images.prepared_images import Images
    from network.reads_sweep import plot_map, sampled_only, sweep

    require_outputs(out, ("sweep.json", "sweep.svg"), *models, device, images)
    asked = numbers(reads_test or [], "--reads-test", int, 1, MAX_READS)
    model_of = DeviceModel.read(device)
    trained = [trained_model.read(path, device) for path in models]
    require_same_origin(models, trained)
    data = Images.read(images, trained[0].n_in, trained[0].n_classes)
    rules = rules_for_any_reads()
    trained_with = [
        n.reads_train for n in sampled_only(trained[0], rules).networks if n.reads_train
    ]
    tested = sorted(set(asked or trained_with))
    rows = sweep(trained, model_of, data, rules, tested, threads)
    inputs = [*models, device, images]
    write_accuracies(out / "sweep.json", model_of.name, len(data.test_labels), rows, inputs)
    plot_map(out / "sweep.svg", model_of, rows)
    typer.echo(as_lines(rows))
