"""The reads of a log as arrays, in the order in which they were made."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hardware.log import acting_fields_mT
from hardware.program import Program

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]

# Reads at fields this close are counted together: no curve that fields can show bends within it.
BIN_mT = 0.005
MAX_POINTS = 40


@dataclass(frozen=True)
class Reads:
    """The reads of a log, each array of shape (n_reads,) in the smallest type that holds it.

    In the order of their time, where the log has it, else in that of the log.

    Parameters
    ----------
    image, out, in_, read
        Where each read belongs.
    n_in
        Inputs of the program.
    field
        Number of the field of each read, among `fields_mT`.
    fields_mT
        Fields measured, or set in a log without measured ones, within `BIN_mT`: shape (n_fields,).
    passed
        1 where the wall passed, 0 where it was pinned.
    """

    image: Integers
    out: Integers
    in_: Integers
    read: Integers
    n_in: int
    field: Integers
    fields_mT: Floats
    passed: NDArray[np.uint8]

    @classmethod
    def of(cls, log: pd.DataFrame, program: Program) -> "Reads":
        """Take the reads of a log (`hardware.log.read_log`)."""
        order: Any = slice(None)
        if "timestamp_s" in log and not log["timestamp_s"].is_monotonic_increasing:
            order = np.argsort(log["timestamp_s"].to_numpy(), kind="stable")
        field, fields_mT = _binned(acting_fields_mT(log))
        image, out, in_, read = (
            log[name].to_numpy()[order].astype(np.int32) for name in ("image", "out", "in", "read")
        )
        passed = log["outcome"].to_numpy()[order].astype(np.uint8)
        n_in = program.fields_mT.shape[1]
        return cls(image, out, in_, read, n_in, field[order], fields_mT, passed)

    def __len__(self) -> int:
        """Return the number of reads."""
        return len(self.passed)

    @cached_property
    def synapse(self) -> Integers:
        """Number of the synapse, out * n_in + in."""
        return np.asarray(self.out * self.n_in + self.in_)

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
        return Groups.of(self.image.astype(np.int64) * (int(self.out.max()) + 1) + self.out)

    def passes_by_field(self, n: int = MAX_POINTS) -> dict[str, list[float]]:
        """Return mean field, reads and passes in at most n equal steps of field."""
        low, high = self.fields_mT.min(), self.fields_mT.max()
        step_mT = max((high - low) / n, BIN_mT)
        place = np.minimum((self.fields_mT - low) / step_mT, n - 1).astype(int)
        reads = self.by_field()
        columns = [reads * self.fields_mT, reads, self.by_field(self.passed)]
        sums, n_reads, n_passed = (np.bincount(place, column) for column in columns)
        used = n_reads > 0
        return {
            "field_mT": (sums[used] / n_reads[used]).tolist(),
            "n_reads": n_reads[used].tolist(),
            "n_passed": n_passed[used].tolist(),
        }

    def only(self, chosen: NDArray[np.bool_]) -> "Reads":
        """Return some of the reads, chosen by an array of shape (n_reads,)."""
        places = {name: getattr(self, name)[chosen] for name in ("image", "out", "in_", "read")}
        return replace(self, **places, field=self.field[chosen], passed=self.passed[chosen])

    def moved(self, by_mT: Floats) -> "Reads":
        """Return the reads at other fields, those that acted plus by_mT of shape (n_reads,)."""
        field, fields_mT = _binned(self.fields_mT[self.field] + by_mT)
        return replace(self, field=field, fields_mT=fields_mT)

    def by_field(self, values: NDArray[Any] | None = None) -> Floats:
        """Return the sums of values of shape (n_reads,) at each field; None counts the reads."""
        return np.asarray(np.bincount(self.field, values, len(self.fields_mT)), dtype=float)


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
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, key: Integers) -> "Groups":
        """Group reads by a key, shape (n_reads,)."""
        order = np.argsort(key, kind="stable").astype(np.int32)
        ordered = key[order]
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        return cls(ordered[starts], order, starts, np.diff(np.append(starts, len(key))))

    def sum(self, values: NDArray[Any]) -> Floats:
        """Return the sums of values of shape (n_reads,) over each group, shape (n_groups,)."""
        return np.asarray(np.add.reduceat(values[self.order], self.starts, dtype=float))


def _binned(field_mT: Floats) -> tuple[Integers, Floats]:
    """Return the number of each read's field, and the mean of the fields with that number."""
    bins = np.round(field_mT / BIN_mT).astype(np.int64)
    bins -= bins.min()
    counts = np.bincount(bins)
    used = counts > 0
    number = (np.cumsum(used) - 1).astype(np.int32)
    return number[bins], np.bincount(bins, field_mT)[used] / counts[used]
