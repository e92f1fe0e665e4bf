"""The reads of a log as arrays, in the order in which they were made, and their residuals."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hardware.log import acting_fields_mT
from hardware.program import Program

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Reads:
    """The reads of a log, each array of shape (n_reads,).

    In the order of their time, where the log has it, else in that of the log.

    Parameters
    ----------
    image, out, in_, read
        Where each read belongs.
    n_in
        Inputs of the program.
    field_mT
        The field measured, or the field set in a log without measured ones.
    passed
        1.0 where the wall passed, 0.0 where it was pinned.
    """

    image: Integers
    out: Integers
    in_: Integers
    read: Integers
    n_in: int
    field_mT: Floats
    passed: Floats

    @classmethod
    def of(cls, log: pd.DataFrame, program: Program) -> "Reads":
        """Take the reads of a log (`hardware.log.read_log`)."""
        if "timestamp_s" in log:
            log = log.iloc[np.argsort(log["timestamp_s"].to_numpy(), kind="stable")]
        image, out, in_, read = (
            log[name].to_numpy(np.int64) for name in ("image", "out", "in", "read")
        )
        n_in, passed = program.fields_mT.shape[1], log["outcome"].to_numpy(float)
        return cls(image, out, in_, read, n_in, acting_fields_mT(log), passed)

    def __len__(self) -> int:
        """Return the number of reads."""
        return len(self.passed)

    @cached_property
    def synapse(self) -> Integers:
        """Number of the synapse, out * n_in + in."""
        return self.out * self.n_in + self.in_

    @cached_property
    def time(self) -> Floats:
        """Place of each read in the order of reading, from -1/2 to 1/2."""
        return np.linspace(-0.5, 0.5, len(self)) if len(self) > 1 else np.zeros(1)

    @cached_property
    def by_synapse(self) -> "Groups":
        """The reads of each synapse."""
        return Groups.of(self.synapse)

    @cached_property
    def by_neuron(self) -> "Groups":
        """The reads of each neuron at each image."""
        return Groups.of(self.image * (int(self.out.max()) + 1) + self.out)


@dataclass(frozen=True)
class Groups:
    """Reads that belong together.

    Parameters
    ----------
    keys
        The key of each group, rising, shape (n_groups,).
    order
        The reads, group by group and in their order within each, shape (n_reads,).
    starts, sizes
        Where each group starts in `order`, and its number of reads, shape (n_groups,).
    """

    keys: Integers
    order: Integers
    starts: Integers
    sizes: Integers

    @classmethod
    def of(cls, key: Integers) -> "Groups":
        """Group reads by a key, shape (n_reads,)."""
        order = np.argsort(key, kind="stable")
        keys, starts, sizes = np.unique(key[order], return_index=True, return_counts=True)
        return cls(keys, order, starts, sizes)

    def sum(self, values: NDArray[Any]) -> Floats:
        """Return the sums of values of shape (n_reads, ...) over each group, (n_groups, ...)."""
        return np.asarray(np.add.reduceat(values[self.order], self.starts, axis=0), dtype=float)
