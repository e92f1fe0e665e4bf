"""Fig. 5: which networks each of its lines shows."""

from collections.abc import Callable, Sequence

from studies.liu2021.learning.conditions import Condition
from studies.liu2021.learning.synapses import OURS, PUBLISHED, of

Lines = dict[str, Condition]
MNIST, FASHION = "mnist", "fashion-mnist"
TITLES = {MNIST: "MNIST", FASHION: "Fashion-MNIST"}
LEVELS = 32
BEST_RATE = {MNIST: 0.1, FASHION: 0.03}
"""The best on validation images of 0.003, 0.01, 0.03 and 0.1 for ideal updates, continuous synapses
and those with 32 levels, with and without carry, for both mechanisms (docs/crossbars.md)."""
SAME_RATE = 0.01
"""A lower rate, at which few changes reach half a level: that of the paper is not given."""
NUMBERS_OF_LEVELS = 16, 32, 64, 128, 256
SOURCES = {PUBLISHED: "published tables", OURS: "our simulation"}


def continuous(dataset: str, synapse: str | None) -> Condition:
    """Return a network whose walls rest anywhere; None: with ideal updates."""
    return Condition(dataset, synapse, BEST_RATE[dataset])


def notched(dataset: str, synapse: str, rate: float | None = None) -> Condition:
    """Return a network of synapses with 32 levels; None: with the best rate."""
    return Condition(dataset, synapse, rate or BEST_RATE[dataset], LEVELS)


def with_carry(dataset: str, synapse: str) -> Condition:
    """Return the same with periodic carry."""
    return Condition(dataset, synapse, BEST_RATE[dataset], LEVELS, carry=True)


def accuracy_of_stt(dataset: str) -> Lines:
    """Return the lines of Fig. 5(a) and (b)."""
    synapse = of(PUBLISHED, "stt")
    return {
        "ideal updates": continuous(dataset, None),
        "continuous": continuous(dataset, synapse),
        "32 levels, periodic carry": with_carry(dataset, synapse),
        "32 levels": notched(dataset, synapse),
    }


def mechanisms(make: Callable[[str, str], Condition], names: Sequence[str]) -> Lines:
    """Return the lines of Fig. 5(c), for `continuous`, or (d), for `with_carry`, on Fashion-MNIST.

    Parameters
    ----------
    make
        Returns the network for a dataset and a synapse.
    names
        Synapses, as `studies.liu2021.learning.synapses` names them.
    """
    return {label(name): make(FASHION, name) for name in names}


def label(name: str) -> str:
    """Return what figures call a synapse."""
    source, mechanism, temperature_K = name.split("-")
    return f"{mechanism.upper()}, {temperature_K} K, {SOURCES[source]}"


def against_levels() -> dict[str, list[Condition]]:
    """Return the lines of Fig. 5(e), each with a network for each number of levels."""
    stt, sot = of(PUBLISHED, "stt"), of(PUBLISHED, "sot")
    chosen = {
        f"SOT, rate {SAME_RATE:g}": (sot, SAME_RATE),
        f"STT, rate {SAME_RATE:g}": (stt, SAME_RATE),
        f"STT, rate {BEST_RATE[FASHION]:g}": (stt, BEST_RATE[FASHION]),
    }
    return {
        name: [Condition(FASHION, synapse, rate, levels) for levels in NUMBERS_OF_LEVELS]
        for name, (synapse, rate) in chosen.items()
    }
