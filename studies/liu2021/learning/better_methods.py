"""Ways to learn with 32 levels and one device a side, beside the paper's update."""

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

METHODS: dict[str, tuple[tuple[str, object], ...]] = {
    "whole pulses at random": (("update", "whole"),),
    **{
        f"register of {bits} bits": (("update", "whole"), ("register_bits", bits))
        for bits in (4, 8)
    },
}
"""Settings of a `Crossbar`, as pairs."""


def lines(dataset: str) -> Lines:
    """Return the networks of an STT synapse by method, ideal updates and the paper's first."""
    synapse = of(PUBLISHED, "stt")
    ours = {
        name: Condition(dataset, synapse, BEST_RATE[dataset], LEVELS, settings=settings)
        for name, settings in METHODS.items()
    }
    return {
        "ideal updates": continuous(dataset, None),
        "nearest level (the paper)": notched(dataset, synapse),
        **ours,
    }


DATASETS = MNIST, FASHION
