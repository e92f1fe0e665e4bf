"""Random numbers by name: every draw follows from the study's seed and from what it is for."""

import zlib

import numpy as np

from network.kinds import Kind


def generator(seed: int, model: int, purpose: str, epoch: int = 0) -> np.random.Generator:
    """Return the generator of what all networks of a model share: the split, the order."""
    return np.random.default_rng([seed, model, _number(purpose), epoch])


def stream(seed: int, model: int, kind: Kind, purpose: str, epoch: int = 0) -> np.uint64:
    """Return the stream that the reads of one network are drawn from."""
    entropy = [seed, model, _number(kind.rule), kind.reads or 0, _number(purpose), epoch]
    return np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0]


def _number(name: str) -> int:
    return zlib.crc32(name.encode())
