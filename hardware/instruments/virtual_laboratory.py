"""The virtual laboratory: a simulated instrument that runs a program read by read.

All of its output is synthetic and marked so.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.limits import MAX_LOG_ROWS
from dwsynapse.io.number_format import counted
from dwsynapse.study import Hardware
from fitting.device import DeviceModel
from hardware.log import LOG
from hardware.program import Program

NAME = "virtual laboratory"


@dataclass(frozen=True)
class VirtualBench:
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
            The inference log, in the order of image, read, out, in.

        Raises
        ------
        InputError
            If there is nothing to read, or more than a log can hold.
        """
        require_rows(program, pixels)
        key = (self.seed, program.fingerprint)
        return run_program(program, self.device, pixels, self.settings, key)


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
    rows = int(pixels.sum(dtype=np.int64)) * len(program.biases) * program.reads
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
    Ellis et al. 2023).

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
        The inference log, in the order of image, read, out, in.
    """
    logs = []
    for image, inputs in enumerate(pixels):
        rng = np.random.default_rng([*key, image])
        shown = _show(program, device, np.flatnonzero(inputs), settings, rng)
        logs.append(shown.assign(image=np.uint16(image)))
    log = pd.concat(logs, ignore_index=True)
    log["timestamp_s"] = np.arange(len(log)) / settings.reads_per_s
    log = log[[column.name for column in LOG.columns]]
    log.attrs = {"laboratory": NAME, "synthetic": True}  # Parquet keeps them with the table
    return log


def _show(
    program: Program,
    device: DeviceModel,
    active: NDArray[np.intp],
    settings: Hardware,
    rng: np.random.Generator,
) -> pd.DataFrame:
    shape = (program.reads, len(program.biases), len(active))
    set_mT = np.broadcast_to(program.fields_mT[:, active], shape)
    noise_mT = settings.field_noise_sd_mT * rng.standard_normal(shape)
    # The electromagnet does not reverse: a field set near zero stays positive.
    measured_mT = np.maximum(set_mT + noise_mT, 0).astype(np.float32)
    outcome = rng.random(shape) < device.curve.probability(measured_mT.astype(float))
    read, out, place = np.indices(shape, dtype=np.uint16)
    columns = {
        "out": out.astype(np.uint8),
        "in": active[place].astype(np.uint16),
        "read": read,
        "field_set_mT": set_mT.astype(np.float32),
        "field_measured_mT": measured_mT,
        "outcome": outcome.astype(np.uint8),
    }
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()})


def accuracy_by_reads(
    program: Program, log: pd.DataFrame, labels: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the share of images classified correctly from their first 1, 2, ... reads, (reads,).

    Parameters
    ----------
    program
        The program that ran.
    log
        Its log in the order of image, read, out, in.
    labels
        Classes of the images by their number, shape (n_images,).
    """
    images = log["image"].unique()
    shape = (len(images), program.reads, len(program.biases))
    sums = np.zeros(shape, dtype=np.int64)
    place = np.searchsorted(images, log["image"])
    np.add.at(sums, (place, log["read"], log["out"]), log["outcome"])
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
    reads = np.arange(1, program.reads + 1)[:, None]
    predicted = program.predictions(np.cumsum(sums, axis=1), reads)
    return np.asarray((predicted == labels[:, None]).mean(axis=0))
