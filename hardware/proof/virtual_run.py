"""A virtual run of a program, all of its reads at once.

`hardware.instruments.virtual_laboratory` makes a log image by image, each from its own random
numbers; this makes logs of the same statistics faster, for experiments that are repeated hundreds
of times.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.study import Hardware
from dwsynapse.study.bench import Laboratory
from fitting.device import DeviceModel
from fitting.forms import PassingCurve
from hardware.early_reading import classes_read, early_reading
from hardware.instruments.virtual_laboratory import NAME, accuracy_by_reads, run_program
from hardware.log import ORDER
from hardware.manifest import Manifest
from hardware.program import Program
from network.images.prepared_images import Images
from network.synapses.wire_variation import Population

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
UNKNOWN_SHA256 = "0" * 64


@dataclass(frozen=True)
class Subject:
    """What an experiment is about.

    Parameters
    ----------
    program
        The program that runs.
    device
        The device model that it was made for, with its uncertainty.
    images
        The images, of which the first test images are shown.
    settings
        The instrument, what is known of its calibration, and how logs are tested; `images` is how
        many are shown.
    """

    program: Program
    device: DeviceModel
    images: Images
    settings: Hardware

    def showing(self, n_images: int) -> "Subject":
        """Return the same with another number of images."""
        settings = self.settings.model_copy(update={"images": n_images})
        return replace(self, settings=settings)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """Inputs of the images that are shown, shape (n_images, n_in)."""
        return self.images.test_pixels[: self.settings.images]

    @cached_property
    def reads(self) -> "PlannedReads":
        """The reads of the program."""
        return PlannedReads.of(self.program, self.device, self.images, self.settings)


@dataclass(frozen=True)
class PlannedReads:
    """The reads of a program in the order of a log that is read: image, read, out, in.

    Parameters
    ----------
    log
        A log of the virtual laboratory, of which what a run changes is not used.
    synapse
        Number of each read's synapse, shape (n_reads,).
    set_mT
        Field set, shape (n_reads,).
    in_time
        Places of the reads in this order as they follow each other in time, shape (n_reads,).
    """

    log: pd.DataFrame
    synapse: Integers
    set_mT: Floats
    in_time: Integers

    @classmethod
    def of(cls, program: Program, device: DeviceModel, images: Images, settings: Hardware) -> Self:
        """Plan the reads of the images that the settings ask for, in their order of reads."""
        shown = images.test_pixels[: settings.images]
        # Faults are planted; but where no field is measured a log has none.
        measures = Laboratory(measures_field=settings.laboratory.measures_field)
        plain = settings.model_copy(update={"laboratory": measures})
        # What early exit leaves out depends on the outcomes of each experiment.
        log = run_program(replace(program, early_exit=None), device, shown, plain, key=(0,))
        log = log.sort_values(ORDER, ignore_index=True)
        out, in_ = (log[name].to_numpy(np.int64) for name in ("out", "in"))
        in_time = np.argsort(log["timestamp_s"].to_numpy(), kind="stable")
        return cls(
            log, out * images.test_pixels.shape[1] + in_, program.fields_mT[out, in_], in_time
        )

    def __len__(self) -> int:
        """Return the number of reads."""
        return len(self.log)


@dataclass(frozen=True)
class Truth:
    """What an experiment's device and calibration really are.

    Parameters
    ----------
    curve
        The device's passing curve.
    offset_mT, scale
        The field that acts is (measured - offset) / (1 + scale).
    bench_offset_mT, bench_scale
        The field that a probe measures is (1 + bench_scale) set + bench_offset.
    """

    curve: PassingCurve
    offset_mT: float
    scale: float
    bench_offset_mT: float = 0.0
    bench_scale: float = 0.0

    @classmethod
    def drawn(cls, device: DeviceModel, settings: Hardware, rng: np.random.Generator) -> "Truth":
        """Draw a curve that the device may have, and a calibration that the bench may have.

        The curve is a draw of the fit's posterior or, of a published device, evenly between the
        bounds of its digits. Fields measured are off those that act, and off those set, as far as
        the calibration leaves open, each by a draw of its own; where no field is measured, those
        set are off those that act.
        """
        if len(device.draws):
            values = device.draws[rng.integers(len(device.draws))]
        else:
            best = device.curve.values()
            ends = [
                [best[name] if end is None else end for end in interval]
                for name, interval in device.intervals.items()
            ]
            values = rng.uniform(*np.transpose(ends))
        named = dict(zip(device.intervals, map(float, values), strict=True))
        sds = np.array([settings.field_offset_sd_mT, settings.field_scale_sd])
        of_probe, of_bench = rng.normal(0, np.array([sds, sds]))
        if not settings.laboratory.measures_field:
            of_bench = np.zeros(2)
        return cls(device.curve.with_values(named), *of_probe.tolist(), *of_bench.tolist())


@dataclass
class VirtualRun:
    """A run of a program while it is made, for planted defects to change.

    Parameters
    ----------
    subject
        What runs.
    reads
        The reads planned.
    curve
        The device's passing curve.
    bench_mT
        The field that the bench means to set, shape (n_reads,); it measures what it sets, but for
        its calibration.
    acting_mT
        The field that acts on the wire.
    passed
        Outcomes, 0 or 1.
    delivered
        Which reads get into the log.
    """

    subject: Subject
    reads: PlannedReads
    curve: PassingCurve
    bench_mT: Floats
    acting_mT: Floats
    passed: NDArray[np.uint8]
    delivered: NDArray[np.bool_]

    @classmethod
    def start(cls, subject: Subject, curve: PassingCurve) -> "VirtualRun":
        """Return the run before its first read."""
        reads, none = subject.reads, np.empty(0)
        delivered = np.ones(len(reads), dtype=bool)
        return cls(
            subject, reads, curve, reads.set_mT.copy(), none, none.astype(np.uint8), delivered
        )

    def let_wires_differ(self, spread_mT: float, rng: np.random.Generator) -> None:
        """Make every synapse a wire of its own, as ``wire_place_sd_mT`` of a virtual laboratory."""
        n_synapses = self.subject.program.fields_mT.size
        wires = Population(self.curve, spread_mT, 0.0).draw((n_synapses,), rng)
        self.acting_mT -= wires.place_mT[self.reads.synapse]

    def end_early(self) -> None:
        """Leave out of the log the reads that the program's early exit does not make."""
        subject, log = self.subject, self.reads.log
        if subject.program.early_exit:
            found = early_reading(subject.program, subject.device, subject.pixels, self.sums())
            made = found.made[log["image"], log["out"]]
            self.delivered &= (log["read"] < made).to_numpy()

    def classes(self) -> Integers:
        """Return the classes that the outcomes give, shape (n_images,)."""
        subject = self.subject
        return classes_read(subject.program, subject.device, subject.pixels, self.sums())

    def sums(self) -> Integers:
        """Return the passes of each neuron in each read, shape (n_images, reads, n_out)."""
        program, log = self.subject.program, self.reads.log
        shape = self.subject.settings.images, program.reads, len(program.biases)
        places = np.ravel_multi_index((log["image"], log["read"], log["out"]), shape)
        return np.bincount(places, self.passed, math.prod(shape)).astype(np.int64).reshape(shape)

    def log(self, measured_mT: NDArray[np.float32]) -> pd.DataFrame:
        """Return the inference log, with the fields measured."""
        made: dict[Any, NDArray] = {"field_measured_mT": measured_mT, "outcome": self.passed}
        planned = self.reads.log
        columns = {name: made.get(name, planned[name].to_numpy()) for name in planned}
        log = pd.DataFrame(columns, copy=False)
        if not self.delivered.all():
            log = log[self.delivered].reset_index(drop=True)
        log.attrs = planned.attrs | {"undecided": 0}
        return log


def manifest_of(subject: Subject, log: pd.DataFrame) -> Manifest:
    """Return the manifest of a log, with its own accuracies and the noise of its fields."""
    instrument = subject.settings.model_dump(include={"field_noise_sd_mT"})
    accuracy = accuracy_by_reads(subject.program, log, subject.images.test_labels)
    by_reads = len(accuracy) == subject.program.reads and not subject.program.early_exit
    stated = tuple(map(float, accuracy)) if by_reads else None
    return Manifest(NAME, True, UNKNOWN_SHA256, UNKNOWN_SHA256, stated, instrument)
