"""Commands of the network room."""

import hashlib
import json
from pathlib import Path
from typing import Annotated

import torch
import typer

from config import Network, read_block
from fitting.device import DeviceModel
from network import exported
from network.accuracy import PASSES, model_accuracies, require_same_origin, summarise
from network.exported import TrainedModel
from network.figures import plot_accuracy, plot_fields
from network.images import Images, obtain, prepare
from network.kinds import kinds
from network.paper.claims import as_lines
from network.paper.make import make
from network.paper.material import Material, require_networks
from network.paper.reads import laboratory_points
from network.sweep import plot_map
from network.sweep import sweep as sweep_reads
from network.training import Trainer
from workflow.errors import InputError
from workflow.files import provenance, sha256, write_json

app = typer.Typer(
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Train perceptrons whose synapses are the device's stochastic passings, and test them.",
)

torch.set_num_threads(1)  # the workflow runs one training per core

Config = Annotated[Path, typer.Option(help="Block `network` of the study (YAML)")]
Device = Annotated[Path, typer.Option(help="Device model (device.json)")]
ImagesFile = Annotated[Path, typer.Option(help="Prepared images, from `images` (.npz)")]


@app.command()
def images(config: Config, out: Annotated[Path, typer.Option(help="File to write (.npz)")]) -> None:
    """Obtain MNIST, verify it, and prepare it: 14 x 14 binary pixels."""
    settings: Network = read_block(config, Network)
    prepare(obtain(settings.images_folder)).write(out)


@app.command()
def train(
    config: Config,
    device: Device,
    images: ImagesFile,
    model: Annotated[int, typer.Option(min=0, help="Number of the model: another, other chance")],
    seed: Annotated[int, typer.Option(min=0, help="Seed of the study")],
    out: Annotated[Path, typer.Option(help="Model to write (JSON; arrays go beside it)")],
) -> None:
    """Train every kind of network on a device from one seed.

    After an interruption the same command goes on where it stood.
    """
    settings: Network = read_block(config, Network)
    trainer = Trainer(
        settings,
        DeviceModel.read(device),
        Images.read(images),
        kinds(settings),
        model=model,
        seed=seed,
    )
    origin = provenance(config=config, seed=seed, inputs=[device, images])
    fingerprint = hashlib.sha256(json.dumps([origin, model]).encode()).hexdigest()
    checkpoint = out.with_suffix(".checkpoint")
    networks = trainer.train(checkpoint, fingerprint)
    name = trainer.device.name
    exported.write(out, TrainedModel(name, sha256(device), model, seed, tuple(networks), origin))
    checkpoint.unlink(missing_ok=True)


@app.command()
def evaluate(
    models: Annotated[list[Path], typer.Argument(help="Models of one device, from `train`")],
    device: Device,
    images: ImagesFile,
    out: Annotated[Path, typer.Option(help="Folder for accuracy.json, accuracy.svg, fields.svg")],
) -> None:
    """Test trained models on the 10 000 test images, with the reads they were trained with."""
    model_of, data = DeviceModel.read(device), Images.read(images)
    trained = _read_models(models, device)
    rows = summarise(trained, [model_accuracies(m, model_of.curve, data) for m in trained])
    content = {
        "device": model_of.name,
        "test_images": len(data.test_labels),
        "passes_per_model": PASSES,
        "accuracy": rows,
        "provenance": provenance(inputs=[*models, device, images]),
    }
    write_json(out / "accuracy.json", "accuracy", 1, content)
    plot_accuracy(out / "accuracy.svg", model_of, rows)
    plot_fields(out / "fields.svg", model_of, trained)


@app.command()
def sweep(
    models: Annotated[list[Path], typer.Argument(help="Models of one device, from `train`")],
    device: Device,
    images: ImagesFile,
    out: Annotated[Path, typer.Option(help="Folder for sweep.json, sweep.svg")],
    reads_test: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Reads in the test, repeated; default: those of training"),
    ] = None,
) -> None:
    """Test trained models with other numbers of reads than they were trained with."""
    model_of, data = DeviceModel.read(device), Images.read(images)
    trained = _read_models(models, device)
    trained_with = [n.reads_train for n in trained[0].networks if n.reads_train]
    tested = sorted(set(reads_test or trained_with))
    rows = sweep_reads(trained, model_of, data, ("stochastic", "mean-field"), tested)
    content = {
        "device": model_of.name,
        "test_images": len(data.test_labels),
        "passes_per_model": PASSES,
        "accuracy": rows,
        "provenance": provenance(inputs=[*models, device, images]),
    }
    write_json(out / "sweep.json", "sweep", 1, content)
    plot_map(out / "sweep.svg", model_of, rows)


@app.command()
def paper(
    models: Annotated[list[Path], typer.Argument(help="Models of one device, from `train`")],
    device: Device,
    images: ImagesFile,
    out: Annotated[Path, typer.Option(help="Folder for paper.json and the figures")],
    laboratory: Annotated[
        list[Path] | None,
        typer.Option(help="verification.json of a program of these models, for Fig. 4(a, b)"),
    ] = None,
) -> None:
    """Make the network figures of Ellis et al. 2023 again, and judge the paper's claims."""
    trained = _read_models(models, device)
    require_networks(models, trained)
    material = Material(DeviceModel.read(device), tuple(trained), Images.read(images))
    content = make(material, laboratory_points(laboratory or [], device, models), out)
    inputs = [*models, device, images, *(laboratory or [])]
    content["provenance"] = provenance(seed=trained[0].seed, inputs=inputs)
    write_json(out / "paper.json", "paper", 1, content)
    print("\n".join(as_lines(content["claims"])))


def _read_models(paths: list[Path], device: Path) -> list[TrainedModel]:
    models = [exported.read(path, device) for path in paths]
    require_same_origin(paths, models)
    if len({model.model for model in models}) < len(models):
        raise InputError("the same model is given twice", remedy="give each model once")
    return models
