"""The command from a trained network to a device program."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from dwsynapse.io.command_options import (
    IMAGES,
    Device,
    Models,
    Seed,
    block,
    limited,
    out_folder,
)
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_output
from dwsynapse.io.limits import DEFAULT_SEED, MAX_READS
from dwsynapse.io.number_format import counted, percent
from dwsynapse.learning_rules import ON_DEVICE, rules_on_the_device

if TYPE_CHECKING:
    ReadRule = str
else:
    ReadRule = Literal[rules_on_the_device()]


def program(
    models: Models,
    device: Device,
    config: Annotated[Path, block("hardware")],
    out: Annotated[Path, out_folder("program.csv, program.json")],
    reads_train: Annotated[
        int, typer.Option(min=1, max=MAX_READS, help="Reads the network was trained with")
    ] = 1,
    rule: Annotated[ReadRule, typer.Option(help="Its learning rule")] = ON_DEVICE,
    images: Annotated[Path | None, IMAGES] = None,
    energy_per_read_j: Annotated[
        float | None,
        typer.Option(
            "--energy-per-read-J",
            callback=limited(1e-30, 1e3),
            help="Energy of one read, for the joules that --images makes known; the default is "
            "that of the study's plan, the paper's pulse",
        ),
    ] = None,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Make the program of the network with the lowest validation loss: program.csv and .json.

    With --images it says how many operations, hours and joules the program takes, and how much
    accuracy the grid of the instrument's fields costs.
    """
    from dataclasses import replace

    from dwsynapse.study import Hardware, Plan, read_block
    from fitting.device import DeviceModel
    from hardware.instruments.virtual_laboratory import require_rows
    from hardware.program import make_program
    from hardware.programming.bench_estimate import estimate
    from hardware.programming.quantisation_loss import quantisation_loss
    from network import trained_model
    from network.cost.inference_cost import Cost
    from network.images.prepared_images import Images

    inputs = [*models, device, *([images] if images else [])]
    for name in ("program.csv", "program.json"):
        require_output(out / name, *inputs, config)
    if energy_per_read_j is not None and images is None:
        raise InputError(
            "how often is read depends on the images, and no energy is said without them",
            where="--energy-per-read-J",
            remedy="give --images too, or leave it out",
        )
    settings: Hardware = read_block(config, Hardware)
    trained = [trained_model.read(path, device) for path in models]
    model = DeviceModel.read(device)
    origin = provenance("hardware", config=config, inputs=inputs)
    made = make_program(trained, reads_train, model, settings, origin, rule, seed)
    if images is not None:
        prepared = Images.read(images, made.n_in, made.n_classes)
        pixels = prepared.test_pixels[: settings.images]
        labels = prepared.test_labels[: settings.images]
        require_rows(made, pixels, images)
        energy_J = energy_per_read_j or Plan().energy_per_read_J
        _, network = trained_model.best_network(trained, reads_train, rule)
        made = replace(
            made,
            estimate=estimate(made, model, pixels, Cost(settings.reads_per_s, energy_J), seed),
            quantisation=quantisation_loss(made, network, model, pixels, labels, seed),
        )
    made.write(out / "program.csv")
    if made.estimate and made.quantisation:
        typer.echo(_in_words(made.estimate, made.quantisation))


def _in_words(takes: dict[str, Any], grid: dict[str, Any]) -> str:
    return (
        f"{counted(takes['images'], 'image')}: {takes['operations']:,} reads, "
        f"{takes['hours']:.3g} h at {takes['reads_per_s']:g} reads per second, "
        f"{takes['energy_J']:.3g} J without {takes['energy_does_not_include']}\n"
        f"grid of {grid['field_step_mT']:g} mT: accuracy {percent(grid['accuracy_on_grid'], 2)} "
        f"instead of {percent(grid['accuracy_exact_fields'], 2)} with exact fields, a loss of "
        f"{100 * grid['loss']:.2f} points [{100 * grid['low']:.2f}, {100 * grid['high']:.2f}] "
        f"({percent(grid['confidence'])}, simulated on {counted(grid['images'], 'image')})"
    )
