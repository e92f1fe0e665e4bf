"""Defects that are planted in virtual runs, each named as the verdict should name it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dwsynapse.study.bench import Laboratory
from hardware.instruments.laboratory_faults import Faults
from hardware.proof.virtual_run import VirtualRun

Stage = Literal["bench", "device", "log"]


@dataclass(frozen=True)
class Defect:
    """A defect of three sizes.

    Parameters
    ----------
    name
        Its name in a diagnosis.
    sizes, unit
        The sizes tried, and of what.
    stage
        What it is a defect of: the fields that the bench sets and measures, the device, or the log.
        It is planted there.
    plant
        Function of the run, the size and a source of random numbers that changes the run.
    """

    name: str
    sizes: tuple[float, ...]
    unit: str
    stage: Stage
    plant: Callable[[VirtualRun, float, np.random.Generator], None]


def _offset(run: VirtualRun, size_mT: float, rng: np.random.Generator) -> None:
    """Move the curve to higher fields."""
    run.acting_mT -= size_mT


def _slope(run: VirtualRun, size: float, rng: np.random.Generator) -> None:
    """Make the curve steeper about its centre."""
    centre_mT = run.curve.rise_field_mT(0.5)
    run.acting_mT += size * (run.acting_mT - centre_mT)


def _floor(run: VirtualRun, size: float, rng: np.random.Generator) -> None:
    """Raise the floor."""
    run.curve = run.curve.with_values({"floor": run.curve.floor + size})


def _drift(run: VirtualRun, size_mT: float, rng: np.random.Generator) -> None:
    """Let the curve move evenly, from half the size below to half above."""
    run.acting_mT[run.reads.in_time] -= size_mT * np.linspace(-0.5, 0.5, len(run.reads))


def _wires_that_differ(run: VirtualRun, size_mT: float, rng: np.random.Generator) -> None:
    """Make every synapse a wire of its own."""
    run.let_wires_differ(size_mT, rng)


def _swapped_synapses(run: VirtualRun, size: float, rng: np.random.Generator) -> None:
    """Exchange the wires of pairs of synapses that are read."""
    read = np.unique(run.reads.synapse)
    pairs = rng.permutation(read)[: 2 * min(int(size), len(read) // 2)].reshape(2, -1)
    _replace_fields(run, *pairs)
    _replace_fields(run, *pairs[::-1])


def _another_program(run: VirtualRun, size: float, rng: np.random.Generator) -> None:
    """Set the fields of other synapses, for a share of them, while the log has those planned."""
    synapses = np.arange(run.subject.program.fields_mT.size)
    chosen = rng.choice(synapses, round(size * len(synapses)), replace=False)
    _replace_fields(run, chosen, rng.permutation(chosen))


def _replace_fields(run: VirtualRun, synapses: np.ndarray, by: np.ndarray) -> None:
    fields_mT = run.subject.program.fields_mT.ravel()
    change_mT = np.zeros_like(fields_mT)
    change_mT[synapses] = fields_mT[by] - fields_mT[synapses]
    run.acting_mT += change_mT[run.reads.synapse]


def _detection_errors(run: VirtualRun, size: float, rng: np.random.Generator) -> None:
    """Let ``false_pass`` and ``false_pin`` of a virtual laboratory be equal."""
    errors = Laboratory(false_pass=size, false_pin=size)
    faults = Faults(run.subject.program, run.subject.device, errors, key=())
    run.passed[:] = faults.outcomes(run.passed == 1, run.acting_mT, rng)


def _correlated_reads(run: VirtualRun, size: float, rng: np.random.Generator) -> None:
    """Let a share of reads have the outcome of the read of the same synapse before."""
    by_synapse = np.argsort(run.reads.synapse[run.reads.in_time], kind="stable")
    order = run.reads.in_time[by_synapse]
    first = np.diff(run.reads.synapse[order], prepend=-1) != 0
    own = first | (rng.random(len(order)) >= size)
    source = np.maximum.accumulate(np.where(own, np.arange(len(order)), 0))
    run.passed[order] = run.passed[order][source]


def _stuck_wire(run: VirtualRun, size: float, rng: np.random.Generator) -> None:
    """Let synapses that are read pass always, or never."""
    read = np.unique(run.reads.synapse)
    for synapse in rng.choice(read, min(int(size), len(read)), replace=False):
        run.passed[run.reads.synapse == synapse] = rng.integers(2)


def _copied_reads(run: VirtualRun, size: float, rng: np.random.Generator) -> None:
    """Copy the outcomes of a stretch of the first half of the log into the second."""
    half = len(run.passed) // 2
    length = min(int(size), half)
    source, target = rng.integers(half - length + 1, size=2)
    places = run.reads.in_time
    copied = run.passed[places[source : source + length]]
    run.passed[places[half + target : half + target + length]] = copied


def _missing_images(run: VirtualRun, size: float, rng: np.random.Generator) -> None:
    """Leave out a share of the images that were misread."""
    image, n_images = run.reads.log["image"].to_numpy(), run.subject.settings.images
    misread = np.flatnonzero(run.classes() != run.subject.images.test_labels[:n_images])
    dropped = rng.permutation(misread)[: round(size * len(misread))]
    # A log has an image at least.
    if len(dropped) < n_images:
        run.delivered &= ~np.isin(image, dropped)


def _fields_off(run: VirtualRun, size_mT: float, rng: np.random.Generator) -> None:
    """Set all fields too high, and measure them rightly."""
    run.bench_mT += size_mT


def _stuck_bench(run: VirtualRun, size: float, rng: np.random.Generator) -> None:
    """Set and measure the mean of the program's fields instead of them, for a share of the log."""
    n = len(run.reads)
    run.bench_mT[run.reads.in_time[n - round(size * n) :]] = run.reads.set_mT.mean()


DEFECTS = (
    Defect("offset", (0.05, 0.1, 0.2), "mT", "device", _offset),
    Defect("slope", (0.05, 0.1, 0.2), "of the slope", "device", _slope),
    Defect("floor", (0.005, 0.01, 0.02), "added to the floor", "device", _floor),
    Defect("detection errors", (0.005, 0.01, 0.02), "of the reads", "log", _detection_errors),
    Defect("drift", (0.05, 0.1, 0.2), "mT from end to end", "device", _drift),
    Defect("correlated reads", (0.1, 0.2, 0.3), "of the reads", "log", _correlated_reads),
    Defect("stuck wire", (1, 3, 10), "synapses", "log", _stuck_wire),
    Defect("swapped synapses", (1, 3, 10), "pairs", "device", _swapped_synapses),
    Defect("another program", (0.25, 0.5, 1), "of the fields", "device", _another_program),
    Defect("wires that differ", (0.05, 0.1, 0.2), "mT of spread", "device", _wires_that_differ),
    Defect("missing images", (0.25, 0.5, 1), "of those misread", "log", _missing_images),
    Defect("fields off", (0.2, 0.5, 1), "mT", "bench", _fields_off),
    Defect("fields off", (0.1, 0.5, 1), "of the log at one field", "bench", _stuck_bench),
    Defect("copied reads", (200, 500, 1000), "reads", "log", _copied_reads),
)
"""All defects; "offset" and the like within what the calibration leaves open cannot be found."""
