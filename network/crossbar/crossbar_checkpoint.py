"""The progress of a crossbar's training in a file, so that an interrupted one goes on."""

from typing import Any

import numpy as np

from network.crossbar.crossbar_progress import CrossbarProgress
from network.crossbar.kernels.pair_updates import LayerArrays
from network.training.checkpoint_file import CheckpointFile

BEST = "best."
NUMBERS = ("updates", "images", "validation", "test", "pulses")


class CrossbarCheckpoint(CheckpointFile):
    """A file for the progress after any part of an epoch."""

    def save(self, progress: CrossbarProgress) -> None:
        """Write the progress."""
        best = {f"{BEST}{name}": array for name, array in progress.best.items()}
        numbers: dict[str, Any] = {name: getattr(progress, name) for name in NUMBERS}
        numbers["scales"] = [float(layer.scale) for layer in progress.layers]
        self.save_state(progress.arrays() | best, numbers)

    def load(self) -> CrossbarProgress | None:
        """Return the saved progress; None if there is none of the same fingerprint."""
        state = self.load_state()
        if state is None:
            return None
        arrays, numbers = state
        scales = numbers.pop("scales")
        layers = tuple(
            LayerArrays(
                arrays[f"x.{n}"],
                arrays[f"device.{n}"],
                arrays[f"weights.{n}"],
                arrays[f"register.{n}"],
                np.float32(scale),
            )
            for n, scale in enumerate(scales)
        )
        best = {
            name.removeprefix(BEST): array
            for name, array in arrays.items()
            if name.startswith(BEST)
        }
        return CrossbarProgress(layers, best=best, **numbers)
