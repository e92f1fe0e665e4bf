"""Commands of the network room.

Each imports what it needs when it runs: PyTorch and compilers take long to load.
"""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_line import Commands
from dwsynapse.io.command_options import (
    Device,
    ImagesFile,
    Models,
    Seed,
    Threads,
    block,
    out_file,
    out_folder,
)
from dwsynapse.io.files import provenance, require_output, require_outputs, sha256
from dwsynapse.io.limits import DEFAULT_SEED, MAX_SEED
from dwsynapse.io.progress_bars import progress_bar
from network.cost.plan_command import plan_command
from network.cost.pulse_options import PulseCurrent, PulseDuration, PulseResistance
from network.crossbar.commands.evaluate_command import evaluate_crossbar_command
from network.crossbar.commands.plan_command import plan_crossbar_command
from network.crossbar.commands.train_command import train_crossbar_command
from network.sweep_command import sweep_command

app = Commands(
    no_args_is_help=True,
    help="Train perceptrons whose synapses pass with the device's probability, and test them.",
)

Config = Annotated[Path, block("network")]


@app.command()
def images(
    config: Annotated[Path, block("network", ", or with --grey below `crossbar:`")],
    out: Annotated[Path, out_file("prepared images (.npz)")],
    grey: Annotated[bool, typer.Option("--grey", help="Grey pixels, for crossbars")] = False,
) -> None:
    """Obtain MNIST or Fashion-MNIST, verify it, and prepare it: binary pixels, or grey ones."""
    from dwsynapse.study import Crossbar, Network, read_block
    from network.images.downloads import obtain
    from network.images.grey_images import prepare_grey
    from network.images.prepared_images import prepare

    require_output(out, config)
    if grey:
        of_crossbar: Crossbar = read_block(config, Crossbar)
        provenance("network", config=config)
        prepare_grey(obtain(of_crossbar.dataset, of_crossbar.images_folder)).write(out)
        return
    settings: Network = read_block(config, Network)
    provenance("network", config=config)
    prepare(obtain(settings.dataset, settings.images_folder), settings.image_side_px).write(out)


@app.command()
def train(
    config: Config,
    device: Device,
    images: ImagesFile,
    model_number: Annotated[
        int,
        typer.Option(
            min=0, max=MAX_SEED, help="Number of the model, which selects its random numbers"
        ),
    ],
    out: Annotated[Path, out_file("trained model (.json); its arrays go next to it")],
    seed: Seed = DEFAULT_SEED,
    threads: Threads = 1,
) -> None:
    """Train every kind of network on a device from one seed.

    After an interruption the same command continues where it stopped. A model that was trained with
    other settings, inputs or code is not replaced.
    """
    from dwsynapse.study import Network, read_block
    from fitting.device import DeviceModel
    from fitting.device.content_hash import content_sha256
    from network import trained_model
    from network.images.prepared_images import Images
    from network.training.checkpoint import Checkpoint
    from network.training.earlier_training import require_no_other_training
    from network.training.train_model import forget, train_networks

    require_output(out, config, device, images, suffixes=(".json",), kind="network")
    for suffix in (".safetensors", ".checkpoint"):
        require_output(out.with_suffix(suffix), config, device, images)
    settings: Network = read_block(config, Network)
    data, device_model = Images.read(images, settings.image_side_px**2), DeviceModel.read(device)
    origin = provenance("network", config=config, seed=seed, inputs=[device, images])
    require_no_other_training(out, origin, model_number)
    checkpoint = Checkpoint.of(out.with_suffix(".checkpoint"), origin, model_number)
    networks = train_networks(
        settings,
        device_model,
        data,
        model=model_number,
        seed=seed,
        threads=threads,
        checkpoint=checkpoint,
    )
    trained = trained_model.TrainedModel(
        device_model.name,
        sha256(device),
        model_number,
        seed,
        tuple(networks),
        origin,
        content_sha256(device),
        device_model.drive,
    )
    trained_model.write(out, trained)
    forget(settings, checkpoint)


@app.command()
def evaluate(
    models: Models,
    device: Device,
    images: ImagesFile,
    out: Annotated[Path, out_folder("accuracy.json, accuracy.svg, fields.svg, training.svg")],
    threads: Threads = 1,
    pulse_resistance_ohm: PulseResistance = None,
    pulse_duration_ns: PulseDuration = None,
    pulse_current_ua: PulseCurrent = None,
) -> None:
    """Test trained models on all test images, with the reads they were trained with.

    With the pulses of a device against current or duration, also the energy of an inference.
    """
    from fitting.device import DeviceModel
    from network import trained_model
    from network.accuracy import (
        PASSES,
        as_lines,
        model_accuracies,
        require_same_origin,
        summarise,
        write_accuracies,
    )
    from network.cost.pulse_energy import Pulse, with_energies
    from network.images.prepared_images import Images
    from network.network_figures import plot_accuracy, plot_fields, plot_training

    files = ("accuracy.json", "accuracy.svg", "fields.svg", "training.svg")
    require_outputs(out, files, *models, device, images)
    model_of = DeviceModel.read(device)
    sizes = pulse_resistance_ohm, pulse_current_ua, pulse_duration_ns
    pulse = Pulse.of_drive(model_of.drive, *sizes) if any(sizes) else None
    trained = [trained_model.read(path, device) for path in models]
    data = Images.read(images, trained[0].n_in, trained[0].n_classes)
    require_same_origin(models, trained)
    passes = PASSES * sum(len(model.networks) for model in trained)
    with progress_bar(total=passes, desc=f"{model_of.name}, evaluate", unit="pass") as bar:
        shares = [
            model_accuracies(m, model_of.curve, data, threads=threads, on_pass=bar.update)
            for m in trained
        ]
    rows = summarise(trained, shares)
    if pulse is not None:
        rows = with_energies(rows, trained, pulse, data.test_pixels, model_of.curve)
    inputs = [*models, device, images]
    write_accuracies(out / "accuracy.json", model_of.name, len(data.test_labels), rows, inputs)
    plot_accuracy(out / "accuracy.svg", model_of, rows)
    plot_fields(out / "fields.svg", model_of, trained)
    plot_training(out / "training.svg", model_of, trained)
    typer.echo(as_lines(rows))


app.command("plan")(plan_command)
app.command("train-crossbar")(train_crossbar_command)
app.command("evaluate-crossbar")(evaluate_crossbar_command)
app.command("plan-crossbar")(plan_crossbar_command)
app.command("sweep")(sweep_command)
