"""The state of a training, kept in a file so that an interrupted one reaches the same result."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.training.checkpoint_file import CheckpointFile

ARRAYS = ("parameters", "first", "second", "best")


@dataclass
class Progress:
    """The state of a training of many networks after a whole number of epochs.

    Parameters
    ----------
    parameters
        All that is learned, such as synapses (n_in x n_out, mT) followed by biases, shape
        (n_networks, n_parameters).
    first, second
        Adam's moments of the gradient, of the same shape.
    best
        Parameters with the lowest validation loss so far; unused where the last are kept.
    epoch
        Epochs finished.
    validation_loss
        For each network, its validation loss after every epoch it was trained.
    """

    parameters: NDArray[np.float64]
    first: NDArray[np.float64]
    second: NDArray[np.float64]
    best: NDArray[np.float64]
    epoch: int
    validation_loss: list[list[float]]

    @classmethod
    def start(cls, parameters: NDArray[np.float64]) -> "Progress":
        """Return the progress before the first epoch."""
        zeros = np.zeros_like(parameters)
        losses: list[list[float]] = [[] for _ in parameters]
        return cls(parameters, zeros, zeros.copy(), parameters.copy(), 0, losses)

    def part(self, networks: NDArray[np.int64]) -> "Progress":
        """Return a copy of the state of some of the networks."""
        arrays = {name: getattr(self, name)[networks] for name in ARRAYS}
        losses = [self.validation_loss[n].copy() for n in networks]
        return Progress(**arrays, epoch=self.epoch, validation_loss=losses)

    def put_back(self, networks: NDArray[np.int64], part: "Progress") -> None:
        """Copy back the state of some of the networks."""
        for name in ARRAYS:
            getattr(self, name)[networks] = getattr(part, name)
        for n, losses in zip(networks, part.validation_loss, strict=True):
            self.validation_loss[n] = losses

    def add_losses(self, losses: NDArray[np.float64]) -> None:
        """Add the validation losses of an epoch; keep the parameters of networks at their best."""
        for n, (loss, before) in enumerate(zip(losses, self.validation_loss, strict=True)):
            if loss < min(before, default=np.inf):
                self.best[n] = self.parameters[n]
            before.append(float(loss))

    def epochs_since_best(self, n: int) -> int:
        """Return how many epochs of a network brought no lower validation loss."""
        losses = self.validation_loss[n]
        return len(losses) - 1 - losses.index(min(losses)) if losses else 0


class Checkpoint(CheckpointFile):
    """A file for the progress after every epoch."""

    def for_part(self, name: str) -> "Checkpoint":
        """Return the checkpoint of another part of the same training."""
        return Checkpoint(self.path.with_suffix(f".{name}{self.path.suffix}"), self.fingerprint)

    def save(self, progress: Progress) -> None:
        """Write the progress."""
        numbers = {"epoch": progress.epoch, "validation_loss": progress.validation_loss}
        self.save_state({name: getattr(progress, name) for name in ARRAYS}, numbers)

    def load(self) -> Progress | None:
        """Return the saved progress; None if there is none of the same fingerprint."""
        state = self.load_state()
        if state is None:
            return None
        both: dict[str, Any] = {**state[0], **state[1]}
        return Progress(**both)
