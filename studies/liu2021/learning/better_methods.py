"""Ways to learn with 32 levels and one device a side: what each needs beyond the paper's update."""

from dataclasses import dataclass

from studies.liu2021.learning.conditions import Condition
from studies.liu2021.learning.figure_5 import (
    BEST_RATE,
    FASHION,
    LEVELS,
    MNIST,
    Lines,
    continuous,
    notched,
)
from studies.liu2021.learning.synapses import PUBLISHED, of


@dataclass(frozen=True)
class Method:
    """A way to update weights.

    Parameters
    ----------
    settings
        Of a `Crossbar`.
    memory_bits
        Digital memory for each weight.
    needs
        What the periphery must do, in words.
    """

    settings: tuple[tuple[str, object], ...]
    memory_bits: int
    needs: str


METHODS = {
    "whole pulses at random": Method(
        (("update", "whole"),), 0, "a random number for each weight and update"
    ),
    **{
        f"register of {bits} bits": Method(
            (("update", "whole"), ("register_bits", bits)),
            bits,
            "a register for each weight, read and written at each update",
        )
        for bits in (4, 8)
    },
}


def lines(dataset: str, mechanism: str = "stt") -> Lines:
    """Return the networks of a dataset by method, ideal updates and the paper's first."""
    synapse = of(PUBLISHED, mechanism)
    ours = {
        name: Condition(dataset, synapse, BEST_RATE[dataset], LEVELS, settings=method.settings)
        for name, method in METHODS.items()
    }
    return {
        "ideal updates": continuous(dataset, None),
        "nearest level (the paper)": notched(dataset, synapse),
        **ours,
    }


DATASETS = MNIST, FASHION
