"""The network results of Ellis et al. 2023, reproduced on request."""

from typing import Self

from pydantic import model_validator

from dwsynapse.study.block import Block, Epochs, Models, Reads
from dwsynapse.study.network import Network

COMPARED = {1, 2, 128}


class Paper(Block):
    """The network results of Ellis et al. 2023, made only on request: target paper-<device>."""

    reads: tuple[Reads, ...] = (1, 2, 4, 8, 16, 32, 64, 128)
    """Reads per synapse K, in training and in the test; 1, 2 and 128 are needed."""
    models: Models = 5
    """Independent models (seeds) of each kind."""
    patience_epochs: Epochs = 20
    """Training stops after this many epochs without a lower validation loss (section 4.5)."""
    max_epochs: Epochs = 300
    """Training stops after this many epochs at the latest; section 4.5 has no such limit."""

    @model_validator(mode="after")
    def _holds_what_is_compared(self) -> Self:
        if missing := COMPARED - set(self.reads):
            raise ValueError(f"reads has no {sorted(missing)}, which the figures compare; add them")
        return self

    def training(self, network: Network) -> Network:
        """Return the study's training with the paper's reads, rules and stopping."""
        return network.model_copy(
            update={
                "reads_train": self.reads,
                "rules": ("stochastic", "mean-field"),
                "hidden": (),
                "one_read": (),
                "wire_place_sd_mT": 0.0,
                "wire_steepness_sd": 0.0,
                "patience_epochs": self.patience_epochs,
                "max_epochs": self.max_epochs,
            }
        )
