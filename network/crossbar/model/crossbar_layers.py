"""The layers of a trained crossbar, as arrays by name, and what must be true of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.study.crossbar import Crossbar

AGAIN = "train it again"
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CrossbarLayer:
    """One layer: row i belongs to input i, the last to the bias.

    Parameters
    ----------
    weights
        As read from the devices, shape (n_in + 1, n_out).
    scale
        Weight of a pair, G+ - G- being the range of the nominal device, in the highest digit.
    x
        Positions of the walls, from 0 to 1 over the range of each device, shape (n_digits, 2,
        n_in + 1, n_out): digits from the highest, and devices G+ and G-. None for ideal updates.
    device
        Kind of each device, of the same shape.
    """

    weights: NDArray[np.float32]
    scale: float
    x: NDArray[np.float32] | None = None
    device: NDArray[np.uint8] | None = None

    @property
    def n_in(self) -> int:
        """Inputs, without the bias."""
        return self.weights.shape[0] - 1


def layer_arrays(layers: Sequence[CrossbarLayer]) -> dict[str, NDArray]:
    """Return the arrays of layers by name, such as ``layer0.x``."""
    return {
        f"layer{n}.{name}": array
        for n, layer in enumerate(layers)
        for name in ("weights", "x", "device")
        if (array := getattr(layer, name)) is not None
    }


def layers_of(arrays: Mapping[str, NDArray], scales: Sequence[float]) -> tuple[CrossbarLayer, ...]:
    """Return layers from their arrays; raise KeyError where weights are missing."""
    return tuple(
        CrossbarLayer(
            arrays[f"layer{n}.weights"],
            scale,
            arrays.get(f"layer{n}.x"),
            arrays.get(f"layer{n}.device"),
        )
        for n, scale in enumerate(scales)
    )


def require_layers(
    layers: Sequence[CrossbarLayer],
    config: Crossbar,
    low_S: Floats,
    high_S: Floats,
    path: str | Path,
) -> None:
    """Refuse layers that are not those of a crossbar of these settings.

    Parameters
    ----------
    layers, config
        The layers and the settings.
    low_S, high_S
        Range of conductance of each kind of device.
    path
        The file that an error names.

    Raises
    ------
    InputError
        Naming the array and what is wrong with it.
    """
    if len(layers) != len(config.hidden) + 1:
        problem = f"{len(layers)} layers, where the config has {len(config.hidden) + 1}"
        raise InputError(problem, path=path, where="layers", remedy=AGAIN)
    if (
        low_S.ndim != 1
        or low_S.shape != high_S.shape
        or (low_S <= 0).any()
        or (high_S <= low_S).any()
    ):
        problem = "must be ranges of conductance, above 0 and rising, one for each kind"
        raise InputError(problem, path=path, where="devices.low_S, devices.high_S", remedy=AGAIN)
    n_in = layers[0].n_in
    for n, (layer, n_out) in enumerate(zip(layers, (*config.hidden, None), strict=True)):
        shape = n_in + 1, n_out or layer.weights.shape[-1]
        _require_shape(layer.weights, shape, f"layer{n}.weights", path)
        if config.update != "ideal":
            every = (2 if config.carry else 1, 2, *shape)
            device = _require_shape(layer.device, every, f"layer{n}.device", path)
            x = _require_shape(layer.x, every, f"layer{n}.x", path)
            _require_kinds(device, len(low_S), f"layer{n}.device", path)
            _require_positions(x, f"layer{n}.x", config.n_levels, path)
        n_in = shape[1]


def _require_shape(
    array: NDArray | None, shape: tuple[int, ...], name: str, path: str | Path
) -> NDArray:
    if array is None or array.shape != shape:
        found = "no such array" if array is None else f"shape {array.shape} is not {shape}"
        raise InputError(found, path=path, where=name, remedy=AGAIN)
    return array


def _require_kinds(device: NDArray, n_kinds: int, name: str, path: str | Path) -> None:
    if device.dtype != np.uint8 or device.max() >= n_kinds:
        problem = f"names devices that are not among the {n_kinds} kinds"
        raise InputError(problem, path=path, where=name, remedy=AGAIN)


def _require_positions(x: NDArray, name: str, levels: int, path: str | Path) -> None:
    outside = np.argwhere((x < 0) | (x > 1))
    problem = None
    if len(outside):
        at = tuple(int(index) for index in outside[0])
        problem = (
            f"the conductance at {at} is outside the response: {x[at]:.4g} of its device's range, "
            "not 0 to 1"
        )
    elif levels:
        steps = x * np.float32(levels - 1)
        if np.abs(steps - np.rint(steps)).max() > 1e-3:
            problem = f"has walls between the {levels} levels of the config"
    if problem:
        raise InputError(problem, path=path, where=name, remedy=AGAIN)
