"""The exported model: all networks trained from one seed on one device, as JSON and arrays."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dwsynapse.drives import DRIVES, FIELD, Drive
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json, write_json
from dwsynapse.io.number_format import counted
from dwsynapse.learning_rules import ON_DEVICE
from fitting.device import DeviceModel
from fitting.device.content_hash import is_same_device
from network.array_files import read_arrays, write_arrays
from network.model_entries import network_of
from network.trained_model_shape import ModelShape
from network.trained_network import ExportedNetwork, Floats, Layer, TrainingRecord, decide

__all__ = [
    "ExportedNetwork",
    "Layer",
    "TrainedModel",
    "TrainingRecord",
    "best_network",
    "decide",
    "read",
    "write",
]
KIND, VERSION = "network", 1
AGAIN = "train the model again"


@dataclass(frozen=True)
class TrainedModel:
    """All networks trained on one device from one seed.

    Parameters
    ----------
    device_name
        Name of the device.
    device_sha256
        SHA-256 of the ``device.json`` the networks were trained on.
    model
        Number of the model among the study's independent ones.
    seed
        Seed of the study.
    networks
        The trained networks.
    provenance
        What they were made from.
    device_content_sha256
        The same without its provenance (`fitting.device.content_hash`); None in older files. A
        device is the one of the model if either is the same.
    drive
        What drives the device; fields of the networks are in its unit.
    """

    device_name: str
    device_sha256: str
    model: int
    seed: int
    networks: tuple[ExportedNetwork, ...]
    provenance: dict[str, Any] = field(default_factory=dict)
    device_content_sha256: str | None = None
    drive: Drive = FIELD

    @property
    def n_in(self) -> int:
        """Inputs of every network."""
        return self.networks[0].n_in

    @property
    def n_classes(self) -> int:
        """Classes that every network tells apart."""
        return len(self.networks[0].biases)

    def network(self, rule: str, reads_train: int | None = None) -> ExportedNetwork:
        """Return the network of a rule and number of reads.

        Raises
        ------
        InputError
            If the model has no such network.
        """
        for network in self.networks:
            if (network.rule, network.reads_train) == (rule, reads_train):
                return network
        possible = [n.name for n in self.networks if reads_train is None or n.reads_train]
        names = ", ".join(possible) or "none"
        if reads_train is None:
            raise InputError(
                f"model {self.model} has no network of rule {rule!r}", remedy=f"it has {names}"
            )
        raise InputError(
            f"model {self.model} has no network of rule {rule!r} trained with "
            f"{counted(reads_train, 'read')}",
            where="--reads-train",
            remedy=f"give --reads-train and --rule of one with reads that it has: {names}",
        )


def best_network(
    models: Sequence[TrainedModel], reads_train: int, rule: str = ON_DEVICE
) -> tuple[TrainedModel, ExportedNetwork]:
    """Return the network of a rule and number of reads with the lowest loss (section 4.6).

    Raises
    ------
    InputError
        If a model has no such network.
    """
    candidates = [(model, model.network(rule, reads_train)) for model in models]
    return min(candidates, key=lambda pair: pair[1].training.kept_loss)


def write(path: str | Path, model: TrainedModel) -> None:
    """Write a model as JSON, with its arrays in a ``.safetensors`` file of the same stem."""
    arrays = {name: a for network in model.networks for name, a in network.arrays.items()}
    content = {
        "model": model.model,
        "seed": model.seed,
        "device": {
            "name": model.device_name,
            "sha256": model.device_sha256,
            "content_sha256": model.device_content_sha256,
            **({} if model.drive is FIELD else {"drive": model.drive.name}),
        },
        "arrays": {
            **write_arrays(path, arrays),
            "weights_unit": f"{model.drive.unit} (1 for the perceptron)",
        },
        "networks": [
            {
                "rule": network.rule,
                "reads_train": network.reads_train,
                **({"hidden_layers": len(network.hidden)} if network.hidden else {}),
                "training": model.drive.document(asdict(network.training)),
            }
            for network in model.networks
        ],
        "provenance": model.provenance,
    }
    write_json(path, KIND, VERSION, content)


def read(
    path: str | Path,
    device: str | Path | None = None,
    remedy: str = "train them on this device, or give the device.json they were trained on",
) -> TrainedModel:
    """Read a model and its arrays.

    Parameters
    ----------
    path
        The JSON file; its arrays are next to it.
    device
        The ``device.json`` the networks are to be used with; None accepts any.
    remedy
        What to do if they were trained on another one.

    Raises
    ------
    InputError
        If a file is missing or damaged, an array is not finite, or the networks were trained on
        another device or have fields at which it is not valid.
    """
    content = read_json(path, KIND, VERSION, ModelShape, AGAIN)
    drive = _drive(content, path)
    try:
        arrays = _float_arrays(path, content["arrays"])
        model = TrainedModel(
            device_name=content["device"]["name"],
            device_sha256=content["device"]["sha256"],
            model=content["model"],
            seed=content["seed"],
            networks=tuple(
                network_of(drive.document_of_field(entry), arrays) for entry in content["networks"]
            ),
            provenance=content["provenance"],
            device_content_sha256=content["device"].get("content_sha256"),
            drive=drive,
        )
    except InputError:
        raise
    except KeyError as error:
        raise InputError(f"no {error}", path=path, where="networks", remedy=AGAIN) from error
    except (TypeError, ValueError) as error:
        problem = f"wrong value ({error})"
        raise InputError(problem, path=path, where="networks", remedy=AGAIN) from error
    if len({(network.n_in, len(network.biases)) for network in model.networks}) != 1:
        problem = "must have networks, all of one shape"
        raise InputError(problem, path=path, where="networks", remedy=AGAIN)
    if device is not None:
        _require_trained_on(device, model, path, remedy)
    return model


def _require_trained_on(
    device: str | Path, model: TrainedModel, path: str | Path, remedy: str
) -> None:
    """Refuse a device that is not the model's, or not valid at the fields of its networks."""
    known = DeviceModel.read(device)
    if not is_same_device(device, model.device_sha256, model.device_content_sha256):
        other = "another state of " if known.name == model.device_name else ""
        raise InputError(
            f"the networks were trained on {other}device {model.device_name!r}, and {device} "
            f"is of {known.name!r}",
            path=path,
            where="device.sha256",
            remedy=remedy,
        )
    for network in model.networks:
        if not network.plain:
            for fields_mT in network.layer_fields_mT:
                known.require_fields(fields_mT, path, network.name)


def _drive(content: dict[str, Any], path: str | Path) -> Drive:
    """Return what drives the device of a model; that of a file that says none is a field."""
    name = content["device"].get("drive", FIELD.name)
    if name not in DRIVES:
        raise InputError(
            f"unknown drive {name!r}",
            path=path,
            where="device.drive",
            remedy=f"choose {', '.join(DRIVES)}, or {AGAIN}",
        )
    return DRIVES[name]


def _float_arrays(path: str | Path, entry: dict[str, str]) -> dict[str, Floats]:
    arrays = read_arrays(path, entry, "the arrays of a trained model")
    for name, array in arrays.items():
        if not np.issubdtype(array.dtype, np.floating):
            raise InputError(
                f"has no floating-point numbers, but {array.dtype}",
                path=Path(path).with_name(entry["file"]),
                where=name,
                remedy=AGAIN,
            )
    return arrays
