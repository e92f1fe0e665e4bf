"""Test accuracy of trained networks, with its spread over independently trained models."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, write_json
from dwsynapse.io.number_format import counted
from fitting.device import PassingCurve
from network.images.active_inputs import active_inputs
from network.images.prepared_images import Images
from network.kinds import Kind
from network.model_spread import spread
from network.reads.layer_reads import read_layers
from network.reads.random_streams import stream
from network.trained_model import ExportedNetwork, TrainedModel

PASSES = 16


def model_accuracies(
    model: TrainedModel,
    curve: PassingCurve,
    images: Images,
    reads_test: int | None = None,
    threads: int = 1,
    on_pass: Callable[[], object] = lambda: None,
) -> list[float]:
    """Return the share of all test images that each network classifies correctly.

    Each is the mean over 16 passes, so that the randomness of the reads hardly adds to the spread
    over models.

    Parameters
    ----------
    model
        The networks.
    curve
        Passing curve of the device they were trained on.
    images
        Images and labels.
    reads_test
        Reads K_test per synapse; None tests each network with the reads it was trained with. The
        perceptron has no reads.
    threads
        Processor threads.
    on_pass
        Called after each pass of each network, from this thread.
    """
    test_images = active_inputs(images.test_pixels)

    def share_right(network: ExportedNetwork, number: int) -> float:
        kind = Kind(network.rule, network.reads_train, network.training.learning_rate)
        plain = network.plain
        reads = network.reads_train if plain else reads_test or network.reads_train
        purpose = _purpose(network.reads_train, reads)
        weights = [
            layer.weights if plain else curve.probability(layer.weights) for layer in network.layers
        ]
        of_pass = stream(model.seed, model.model, kind, purpose, number)
        y = read_layers(network, weights, reads, test_images, of_pass).outputs
        return float(np.mean(network.predictions(y) == images.test_labels))

    with ThreadPoolExecutor(threads) as pool:
        shares = []
        for share in pool.map(
            share_right,
            [network for network in model.networks for _ in range(PASSES)],
            [*range(PASSES)] * len(model.networks),
        ):
            shares.append(share)
            on_pass()
        by_network = np.reshape(shares, (len(model.networks), PASSES))
    return [float(share) for share in by_network.mean(axis=1)]


def _purpose(reads_train: int | None, reads_test: int | None) -> str:
    """Name the reads of a test: each K_test has its own draws."""
    return "test" if reads_test == reads_train else f"test with {reads_test}"


class FromASeed(Protocol):
    """A trained model of any kind."""

    @property
    def model(self) -> int:
        """Number of the model among the study's independent ones."""

    @property
    def seed(self) -> int:
        """Seed of the study."""

    @property
    def provenance(self) -> dict[str, Any]:
        """What it was made from."""


def require_same_origin(paths: Sequence[Path], models: Sequence[FromASeed]) -> None:
    """Refuse to average over models that differ by more than chance.

    Parameters
    ----------
    paths
        The models' files.
    models
        The models, of one device.

    Raises
    ------
    InputError
        If they are not of one seed, one config and the same images, or one is given twice.
    """
    if len({model.model for model in models}) < len(models):
        raise InputError("the same model is given twice", remedy="give each model once")
    for path, model in zip(paths, models, strict=True):
        for key, value in _origin(model).items():
            if value != _origin(models[0])[key]:
                raise InputError(
                    f"not the same as in {paths[0]}",
                    path=path,
                    where=key,
                    remedy="evaluate models of one seed, config and file of images together",
                )


def _origin(model: FromASeed) -> dict[str, Any]:
    """Return seed and hashes of config and inputs by key; inputs may be at any path."""
    return {
        "seed": model.seed,
        "provenance.config_sha256": model.provenance.get("config_sha256"),
        "provenance.inputs": sorted(model.provenance.get("inputs", {}).values()),
    }


def summarise(
    models: Sequence[TrainedModel],
    per_model: Sequence[Sequence[float]],
    reads_test: int | None = None,
) -> list[dict[str, Any]]:
    """Return mean, spread and interval of the accuracy of every kind of network over the models.

    Parameters
    ----------
    models
        Independently trained models with the same kinds of network.
    per_model
        Accuracies of each model's networks.
    reads_test
        Reads they were tested with; None where each was tested as it was trained.

    Returns
    -------
    list of dict
        Keys rule, reads_train, reads_test, those of `network.model_spread.spread`, and n_converged
        (models whose training ended by patience, not at the limit of epochs).

    Raises
    ------
    InputError
        If the models do not have the same kinds of network.
    """
    names = [network.name for network in models[0].networks]
    for model in models:
        if [network.name for network in model.networks] != names:
            raise InputError(
                f"models {models[0].model} and {model.model} have different networks",
                remedy="evaluate models of one config together",
            )
    rows = []
    kinds = zip(*(model.networks for model in models), strict=True)
    for networks, shares in zip(kinds, np.transpose(per_model), strict=True):
        network = networks[0]
        rows.append(
            {
                "rule": network.rule,
                "reads_train": network.reads_train,
                "reads_test": reads_test or network.reads_train,
                **spread(shares, shares=True),
                "n_converged": sum(each.training.converged for each in networks),
            }
        )
    return rows


def write_accuracies(
    path: Path,
    device_name: str,
    n_images: int,
    rows: Sequence[dict[str, Any]],
    inputs: Sequence[Path],
) -> None:
    """Write accuracies as ``accuracy.json`` or ``sweep.json``; the stem is the kind of the file.

    Parameters
    ----------
    path
        The file.
    device_name
        Device that the networks were tested on.
    n_images
        Test images.
    rows
        From `summarise`.
    inputs
        Files they were made from.
    """
    content = {
        "device": device_name,
        "test_images": n_images,
        "passes_per_model": PASSES,
        "accuracy": list(rows),
        "provenance": provenance("network", inputs=inputs),
    }
    write_json(path, path.stem, 1, content)


def as_lines(rows: Sequence[dict[str, Any]]) -> str:
    """Return a line for each of the rows that `summarise` made."""
    lines = []
    for row in rows:
        reads = f", K_train = {row['reads_train']}, K_test = {row['reads_test']}"
        interval = ""
        if row["low"] is not None:
            interval = f" [{max(row['low'], 0.0):.4f}, {min(row['high'], 1.0):.4f}]"
        kind = row["rule"] + (reads if row["reads_test"] else "")
        energy_J = row.get("energy_J")
        energy = "" if energy_J is None else f", {energy_J * 1e12:.3g} pJ per inference"
        models = counted(row["n_models"], "model")
        lines.append(f"{kind}: {row['mean']:.4f}{interval}, {models}{energy}")
    return "\n".join(lines)
