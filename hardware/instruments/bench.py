"""What every instrument that runs a program is: a bench."""

from abc import abstractmethod
from collections.abc import Generator, Iterable
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hardware.program import Program


class Bench(Protocol):
    """An instrument that shows images to a device and logs every read.

    A session (`hardware.instruments.session`) stores the log of an image when it has it.
    """

    laboratory: str
    """Name of the laboratory, for the manifest."""
    synthetic: bool
    """Whether its logs are simulated and not measured."""

    @abstractmethod
    def instrument(self) -> dict[str, Any]:
        """Return its parameters for the manifest, with units in their names."""

    @abstractmethod
    def image_logs(
        self, program: Program, pixels: NDArray[np.uint8], images: Iterable[int]
    ) -> Generator[pd.DataFrame, None, None]:
        """Show images one after another and yield the reads of each (`hardware.log.LOG`).

        Parameters
        ----------
        program
            The program to run; `hardware.schedule.operations` gives its reads.
        pixels
            Inputs of all images, 0 or 1, shape (n_images, n_in).
        images
            Numbers of the images to show.
        """

    def measure(self, program: Program, pixels: NDArray[np.uint8]) -> pd.DataFrame:
        """Show all images and return the log, with what it is in its attrs."""
        return joined(self.image_logs(program, pixels, range(len(pixels))), self)


def joined(logs: Iterable[pd.DataFrame], bench: Bench) -> pd.DataFrame:
    """Return the logs of images as one, which says in its attrs where it comes from."""
    log = pd.concat(logs, ignore_index=True)
    # Parquet keeps them with the table.
    log.attrs = {"laboratory": bench.laboratory, "synthetic": bench.synthetic}
    return log
