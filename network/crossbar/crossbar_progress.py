"""The state of the training of a crossbar, in memory and in a checkpoint."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from network.crossbar.kernels.pair_updates import LayerArrays

Arrays = dict[str, NDArray]


@dataclass
class CrossbarProgress:
    """The state after a whole number of mini-batches.

    Parameters
    ----------
    layers
        The arrays, changed in place.
    updates
        Updates done.
    images
        Images learned from since the last whole epoch.
    validation, test
        Share classified correctly of the validation and test images after each epoch.
    pulses
        For each epoch, pulses that an image cost in samples of its mini-batches.
    best
        Positions of the walls and weights after the epoch that is kept, as `positions` returns.
    """

    layers: tuple[LayerArrays, ...]
    updates: int = 0
    images: int = 0
    validation: list[float] = field(default_factory=list)
    test: list[float] = field(default_factory=list)
    pulses: list[list[float]] = field(default_factory=list)
    best: Arrays = field(default_factory=dict)

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return len(self.test)

    @property
    def best_epoch(self) -> int:
        """The epoch (the first is 1) that is kept: the best one, or without validation the last."""
        if np.isnan(self.validation).any():
            return self.epoch
        return int(np.argmax(self.validation)) + 1

    def add_pulses(self, per_image: float | None) -> None:
        """Note the pulses that an image of the next mini-batch costs, where it costs any."""
        if per_image is None:
            return
        while len(self.pulses) <= self.epoch:
            self.pulses.append([])
        self.pulses[-1].append(per_image)

    def add_epoch(self, validation: float, test: float) -> None:
        """Note how an epoch ended, and keep the arrays if they are the best."""
        self.validation.append(validation)
        self.test.append(test)
        self.images = 0
        if self.best_epoch == self.epoch:
            self.best = {
                name: array.copy()
                for name, array in self.arrays().items()
                if name.startswith(("x.", "weights."))
            }

    def arrays(self) -> Arrays:
        """Return all arrays by name, such as ``weights.0`` of the first layer."""
        return {
            f"{name}.{n}": getattr(layer, name)
            for n, layer in enumerate(self.layers)
            for name in ("x", "device", "weights", "register")
        }
