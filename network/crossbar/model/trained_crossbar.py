"""A trained crossbar: where the walls are, what its devices conduct, and how it was trained."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json, write_json
from dwsynapse.study.crossbar import Crossbar
from dwsynapse.study.reading import validated
from network.array_files import read_arrays, write_arrays
from network.crossbar.model.crossbar_layers import (
    AGAIN,
    CrossbarLayer,
    layer_arrays,
    layers_of,
    require_layers,
)
from network.crossbar.model.crossbar_record import CrossbarRecord, ResponseOrigin
from network.crossbar.model.trained_crossbar_shape import CrossbarShape

KIND, VERSION = "crossbar", 1
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TrainedCrossbar:
    """One network, trained on a crossbar.

    Parameters
    ----------
    response
        The response it learned through.
    model, seed
        Number of the network among the study's independent ones, and the study's seed.
    config
        How it learned.
    layers
        Its layers.
    low_S, high_S
        Range of conductance of each kind of device, shape (n_kinds,). The first is the nominal
        one, which no synapse is of where there are others.
    record
        How training went.
    provenance
        What it was made from.
    """

    response: ResponseOrigin
    model: int
    seed: int
    config: Crossbar
    layers: tuple[CrossbarLayer, ...]
    low_S: Floats
    high_S: Floats
    record: CrossbarRecord
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def widths(self) -> tuple[int, ...]:
        """Neurons of all layers, the first being the pixels."""
        return self.layers[0].n_in, *(layer.weights.shape[1] for layer in self.layers)

    @property
    def weights(self) -> list[NDArray[np.float32]]:
        """Weights of each layer as read from its devices, shape (n_in + 1, n_out)."""
        return [layer.weights for layer in self.layers]

    def conductances_S(self, number: int) -> Floats:
        """Return the conductances of the devices of a layer (the first is 0).

        Returns
        -------
        ndarray
            In siemens, shape (n_digits, 2, n_in + 1, n_out): G+ and G- of each digit.

        Raises
        ------
        InputError
            If it was trained by ideal updates, on no devices.
        """
        layer = self.layers[number]
        if layer.x is None or layer.device is None:
            raise InputError(
                "was trained by ideal updates, and has no conductances",
                where="config.update",
                remedy="train with update: fractional or whole",
            )
        low_S, high_S = self.low_S[layer.device], self.high_S[layer.device]
        return low_S + layer.x * (high_S - low_S)


def write(path: str | Path, crossbar: TrainedCrossbar) -> None:
    """Write a crossbar as JSON, with its arrays in a ``.safetensors`` file of the same stem."""
    arrays = layer_arrays(crossbar.layers)
    kinds = {"devices.low_S": crossbar.low_S, "devices.high_S": crossbar.high_S}
    content = {
        "model": crossbar.model,
        "seed": crossbar.seed,
        "response": asdict(crossbar.response),
        "config": crossbar.config.model_dump(mode="json", exclude={"models"}),
        "arrays": write_arrays(path, {**arrays, **kinds}),
        "layers": [{"scale": layer.scale} for layer in crossbar.layers],
        "training": asdict(crossbar.record),
        "provenance": crossbar.provenance,
    }
    write_json(path, KIND, VERSION, content)


def read(path: str | Path, response: str | Path | None = None) -> TrainedCrossbar:
    """Read a crossbar and its arrays.

    Parameters
    ----------
    path
        The JSON file; its arrays are next to it.
    response
        The ``response.npz`` that it is to be used with; None accepts any.

    Raises
    ------
    InputError
        If a file is missing or damaged, shapes do not match, a conductance is outside the range
        of its device, or the crossbar learned through another response.
    """
    content = read_json(path, KIND, VERSION, CrossbarShape, AGAIN)
    config: Crossbar = validated(Crossbar, content["config"], path, remedy=AGAIN)
    arrays = read_arrays(path, content["arrays"], "the arrays of a trained crossbar")
    training = content["training"]
    for name in ("test_accuracy", "validation_accuracy", "pulses_per_image"):
        if training.get(name) is not None:
            training[name] = tuple(training[name])
    if training["best_epoch"] > len(training["test_accuracy"]):
        problem = f"{training['best_epoch']} is after the last epoch"
        raise InputError(problem, path=path, where="training.best_epoch", remedy=AGAIN)
    scales = [entry["scale"] for entry in content["layers"]]
    try:
        crossbar = TrainedCrossbar(
            response=ResponseOrigin(**content["response"]),
            model=content["model"],
            seed=content["seed"],
            config=config,
            layers=layers_of(arrays, scales),
            low_S=arrays["devices.low_S"],
            high_S=arrays["devices.high_S"],
            record=CrossbarRecord(**training),
            provenance=content["provenance"],
        )
    except KeyError as error:
        raise InputError(f"no array {error}", path=path, remedy=AGAIN) from error
    require_layers(crossbar.layers, config, crossbar.low_S, crossbar.high_S, path)
    if response is not None:
        crossbar.response.require(response, path)
    return crossbar
