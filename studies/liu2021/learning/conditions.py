"""What is trained: which images, synapses, levels and rate, for each line of each figure."""

from dataclasses import dataclass
from typing import Any

from dwsynapse.study.crossbar import Carry, Crossbar

SEED = 2021
"""Networks of one number share images, their order and starting weights, whatever their condition:
differences between conditions are of pairs."""


@dataclass(frozen=True)
class Length:
    """How long networks are trained, and how many.

    Parameters
    ----------
    epochs
        Number of epochs; the rate falls after 3, 5, 8 and 10.
    training_images
        Images in each.
    models
        Networks for each condition.
    """

    epochs: int
    training_images: int
    models: int


SHORT = Length(10, 10_000, 3)
"""A tenth of the paper's training, so that all of it takes less than an hour on two cores."""
FULL = Length(20, 50_000, 3)
"""The paper's, but for 10 000 of the 60 000 training images, which are for validation."""


@dataclass(frozen=True)
class Condition:
    """One kind of network.

    Parameters
    ----------
    dataset
        Images.
    synapse
        Name of a response in `studies.liu2021.learning.synapses`; None updates weights exactly.
    rate
        Learning rate.
    levels, carry
        Levels of a device, and whether weights have two digits.
    settings
        Other settings of a `Crossbar`, as pairs.
    """

    dataset: str
    synapse: str | None
    rate: float
    levels: int | None = None
    carry: bool = False
    settings: tuple[tuple[str, Any], ...] = ()

    @property
    def name(self) -> str:
        """Name of its files."""
        parts = [self.dataset, self.synapse or "ideal", f"rate{self.rate:g}"]
        parts += [f"{self.levels}levels"] if self.levels else []
        parts += ["carry"] if self.carry else []
        parts += [f"{key}={value}" for key, value in self.settings]
        return "_".join(parts)

    def crossbar(self, length: Length) -> Crossbar:
        """Return its settings."""
        settings: dict[str, Any] = {
            "dataset": self.dataset,
            "learning_rate": self.rate,
            "levels": self.levels,
            "carry": Carry() if self.carry else None,
            "update": "fractional" if self.synapse else "ideal",
            "epochs": length.epochs,
            "training_images": length.training_images,
            **dict(self.settings),
        }
        return Crossbar.model_validate(settings)
