"""The virtual laboratory: a simulated instrument that runs a program read by read.

All of its output is synthetic and marked so.
"""

import math
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.argument_types import require_type
from dwsynapse.io.errors import InputError
from dwsynapse.io.limits import MAX_LOG_ROWS
from dwsynapse.io.number_format import counted
from dwsynapse.study import Hardware
from dwsynapse.study.bench import Laboratory
from fitting.device import DeviceModel
from hardware.early_reading import early_reading
from hardware.instruments.bench import Bench, joined
from hardware.instruments.laboratory_faults import Faults
from hardware.program import Program

NAME = "virtual laboratory"
OF_LAYERS = 2
"""Marks the random numbers of layers after the first; those of faults have 1."""


@dataclass(frozen=True)
class VirtualBench(Bench):
    """A virtual laboratory with a device.

    Parameters
    ----------
    device
        The device.
    settings
        Parameters of the instrument.
    seed
        Seed of its random numbers.
    """

    device: DeviceModel
    settings: Hardware = field(default_factory=Hardware)
    seed: int = 2023
    laboratory: str = field(default=NAME, init=False)
    synthetic: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        """Refuse a device, settings or a seed that are none."""
        require_type(
            self.device, DeviceModel, "device", "give that of dw.fit, or a device.json read"
        )
        require_type(self.settings, Hardware, "settings")
        require_type(self.seed, Integral, "seed")

    def instrument(self) -> dict[str, Any]:
        """Return the settings of its field and clock, and the faults that it has.

        The jitter of the trigger adds to the spread of the field, most where the sinusoid is
        steepest.
        """
        named = {"field_step_mT", "field_noise_sd_mT", "reads_per_s"}
        stated = self.settings.model_dump(include=named)
        faults, wave = self.settings.laboratory, self.settings.field_sinusoid
        if faults.trigger_jitter_sd_us and wave is not None:
            slope_mT_per_us = 2e-6 * math.pi * wave.frequency_Hz * wave.amplitude_mT
            jitter_mT = slope_mT_per_us * faults.trigger_jitter_sd_us
            stated["field_noise_sd_mT"] = math.hypot(stated["field_noise_sd_mT"], jitter_mT)
        if faults != Laboratory():
            stated["faults"] = faults.model_dump(exclude_defaults=True)
        return stated

    def image_logs(
        self, program: Program, pixels: NDArray[np.uint8], images: Iterable[int]
    ) -> Generator[pd.DataFrame, None, None]:
        """Show images and yield the reads of each, as `run_program` logs them."""
        key = (self.seed, program.fingerprint)
        return image_logs(program, self.device, pixels, self.settings, key, images)

    def run(self, program: Program, pixels: NDArray[np.uint8]) -> pd.DataFrame:
        """Show images to the device and log every read, as `run_program` does.

        Parameters
        ----------
        program
            The program to run.
        pixels
            Inputs of the images, 0 or 1, shape (n_images, n_in).

        Returns
        -------
        DataFrame
            The inference log, in the order of the reads.

        Raises
        ------
        InputError
            If there is nothing to read, or more than a log can hold.
        """
        require_rows(program, pixels)
        return self.measure(program, pixels)


def require_rows(
    program: Program, pixels: NDArray[np.uint8], path: str | Path | None = None
) -> None:
    """Refuse images whose reads are none, or more than a log can hold.

    Parameters
    ----------
    program
        The program that is to run.
    pixels
        Inputs of the images, 0 or 1, shape (n_images, n_in).
    path
        What an error names as the file of the images.

    Raises
    ------
    InputError
        Saying how many reads they are.
    """
    rows = int(program.reads_at_most(pixels).sum())
    if 0 < rows <= MAX_LOG_ROWS:
        return
    raise InputError(
        f"{counted(rows, 'read')} to log, not 1 to {MAX_LOG_ROWS}: "
        f"{counted(len(pixels), 'image')} with {counted(program.reads, 'read')} of "
        "every synapse whose pixel is on",
        path=path,
        where="hardware.images, hardware.reads",
        remedy="request fewer" if rows else "give images with pixels that are on",
    )


def run_program(
    program: Program,
    device: DeviceModel,
    pixels: NDArray[np.uint8],
    settings: Hardware,
    key: tuple[int, ...],
) -> pd.DataFrame:
    """Show images to a simulated device and log every read.

    The field of a read is the field set plus Gaussian noise; its outcome is 1 with the device's
    passing probability at the actual field. Inputs of 0 are not read (section 2.2 of
    Ellis et al. 2023). Faults are those of ``settings.laboratory``.

    Parameters
    ----------
    program
        The program to run.
    device
        The device it runs on.
    pixels
        Inputs of the images, 0 or 1, shape (n_images, n_in).
    settings
        Parameters of the instrument.
    key
        Seeds; with the image's number they determine its reads, independently of other images.

    Returns
    -------
    DataFrame
        The inference log in the order of the reads: image by image, and in each image that of the
        program's schedule.
    """
    logs = image_logs(program, device, pixels, settings, key, range(len(pixels)))
    return joined(logs, VirtualBench(device, settings))


def image_logs(
    program: Program,
    device: DeviceModel,
    pixels: NDArray[np.uint8],
    settings: Hardware,
    key: tuple[int, ...],
    images: Iterable[int],
) -> Generator[pd.DataFrame, None, None]:
    """Yield the logs of single images, as of `run_program`; all images before them were shown."""
    faults = Faults(program, device, settings.laboratory, key)
    # The time of reads that are not made passes idle.
    per_image = program.reads_at_most(pixels)
    first = np.cumsum(per_image) - per_image
    for image in images:
        log = _image_log(faults, settings, image, pixels[image], int(first[image]))
        yield _made(log, program, device, pixels[image]) if program.early_exit else log


def _made(
    log: pd.DataFrame, program: Program, device: DeviceModel, inputs: NDArray[np.uint8]
) -> pd.DataFrame:
    """Return the reads that are made of an image with early exit."""
    sums = np.zeros((1, program.reads, len(program.biases)), dtype=np.int64)
    read, out = (log[name].to_numpy(np.int64) for name in ("read", "out"))
    np.add.at(sums[0], (read, out), log["outcome"].fillna(0).to_numpy(np.int64))
    made = early_reading(program, device, inputs[None], sums).made[0]
    return log[read < made[out]]


def _image_log(
    faults: Faults, settings: Hardware, image: int, pixels: NDArray[np.uint8], first: int
) -> pd.DataFrame:
    """Return the log of an image whose first read is the bench's read number `first`."""
    program, layers, logs = faults.program, faults.program.layers, list[pd.DataFrame]()
    active, fires = np.flatnonzero(pixels), np.empty(0, dtype=bool)
    for number, layer in enumerate(layers):
        log = _layer_log(faults, settings, image, number, active, first)
        first += len(active) * layer.n_out * program.reads
        if number:
            log = log[fires[log["in"].to_numpy() - layer.in_.start]]
        logs.append(log)
        if number < len(layers) - 1:
            # Undecided and missing reads count as pinned.
            passed = log["outcome"].fillna(0).to_numpy(float)
            sums = np.bincount(log["out"] - layer.out.start, passed, layer.n_out)
            fires = program.fires(number, sums).astype(bool)
            # All are drawn, so that no random number depends on a decision.
            active = np.arange(layer.n_out) + layers[number + 1].in_.start
    return logs[0] if len(logs) == 1 else pd.concat(logs)


def _layer_log(
    faults: Faults,
    settings: Hardware,
    image: int,
    number: int,
    active: NDArray[np.intp],
    first: int,
) -> pd.DataFrame:
    """Return the log of a layer whose first read is the bench's read number `first`."""
    program, layer = faults.program, faults.program.layers[number]
    rng = np.random.default_rng([*faults.key, image, *([OF_LAYERS, number] if number else [])])
    shape = (program.reads, layer.n_out, len(active))
    set_mT = np.tile(program.fields_mT[layer.out, active].ravel(), program.reads)
    fields_mT = set_mT + settings.field_noise_sd_mT * rng.standard_normal(len(set_mT))
    chances = rng.random(len(set_mT))
    read, out, place = (axis.ravel() for axis in np.indices(shape, dtype=np.uint16))
    out += np.uint16(layer.out.start)
    in_ = active.astype(np.uint16)[place]
    running_s = np.arange(first, first + len(read)) / settings.reads_per_s
    order = None
    if program.schedule.order != "interleaved":
        # A read has its random numbers whatever the order, but its place in time.
        order = np.ravel_multi_index(program.schedule.places(shape, image, number), shape)
        running_s[order] = running_s.copy()
    streams = faults.of_image(image, number) if faults.any else None
    if streams is not None:
        fields_mT = faults.fields_mT(fields_mT, set_mT, running_s, streams)
    # The electromagnet does not reverse: a field set near zero stays positive.
    measured_mT = np.maximum(fields_mT, 0).astype(np.float32)
    acting_mT = measured_mT.astype(float)
    if streams is None:
        outcome = (chances < faults.device.curve.probability(acting_mT)).astype(np.uint8)
    else:
        passed = chances < faults.probabilities(acting_mT, out, in_, running_s)
        outcome = faults.outcomes(passed, acting_mT, streams)
    columns = {
        "image": np.full(len(read), image, dtype=np.uint16),
        "out": out.astype(np.min_scalar_type(len(program.fields_mT) - 1)),
        "in": in_,
        "read": read,
        "field_set_mT": set_mT.astype(np.float32),
        "field_measured_mT": measured_mT,
        "outcome": outcome,
        "timestamp_s": faults.timestamps_s(running_s),
    }
    if not settings.laboratory.measures_field:
        del columns["field_measured_mT"]
    log = pd.DataFrame(columns)
    if streams is not None and settings.laboratory.dropped:
        order = np.arange(len(log)) if order is None else order
        order = order[faults.kept(len(log), streams)]
    return log if order is None else log.iloc[order]


def accuracy_by_reads(
    program: Program, log: pd.DataFrame, labels: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the share of images classified correctly from their first 1, 2, ... reads, (reads,).

    Parameters
    ----------
    program
        The program that ran.
    log
        Its log, in any order.
    labels
        Classes of the images by their number, shape (n_images,).
    """
    log = log[log["outcome"].notna()]  # undecided reads count as pinned, like missing ones
    images = np.unique(log["image"])
    first = program.layers[-1].out.start
    shape = (len(images), int(log["read"].max()) + 1, len(program.biases))
    if program.hidden_biases:
        log = log[log["out"] >= first]
    sums = np.zeros(shape, dtype=np.int64)
    place = np.searchsorted(images, log["image"])
    np.add.at(sums, (place, log["read"], log["out"] - first), log["outcome"].astype(np.int64))
    return correct_share(program, sums, labels[images])


def correct_share(
    program: Program, sums: NDArray[np.int64], labels: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the share of images classified correctly for every number of reads, shape (reads,).

    Parameters
    ----------
    program
        The program that ran.
    sums
        Passes of each read, shape (n_images, reads, n_out).
    labels
        Classes, shape (n_images,).
    """
    reads = np.arange(1, sums.shape[1] + 1)[:, None]
    predicted = program.predictions(np.cumsum(sums, axis=1), reads)
    return np.asarray((predicted == labels[:, None]).mean(axis=0))
