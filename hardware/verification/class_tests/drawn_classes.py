"""The classes that a curve gives to the images of a log: drawn, and counted in the log."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.program import Program
from hardware.verification.log_tests.poisson_binomial import PoissonBinomials
from hardware.verification.reads import Groups, Reads

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DRAWS = 400
"""Draws of each image: they add 1/400 to the variance of what is predicted."""
SIMULATIONS = 2999
"""The least p-value, 1/3000, is less than Holm's correction asks of the classes at 0.5 %."""
CHUNK = 2_000_000
MIN_SHARE = 0.9
"""Of the reads of a neuron in a pass, for it to be there: lacking reads lack in the draws too."""


Probability = Callable[[Floats], Any]
"""The passing probability at fields in mT."""


@dataclass(frozen=True)
class DrawnClasses:
    """Classes of the images of a log after 1, 2, ... reads, all of which are made.

    Parameters
    ----------
    program
        The program that ran.
    reads
        The reads.
    images
        Numbers of the images in the log, shape (n_images,).
    shape
        (n_images, reads, n_out) of the sums over the synapses of each neuron in each pass.
    group
        The reads of each sum that has any.
    complete
        First passes of each image that are there, but for single reads, shape (n_images,).
    """

    program: Program
    reads: Reads
    images: Integers
    shape: tuple[int, int, int]
    group: Groups
    complete: Integers

    @classmethod
    def of(cls, reads: Reads, program: Program, inputs: NDArray[np.uint8]) -> "DrawnClasses":
        """Find the sums of the reads of a log in the last layer, at images with these inputs."""
        # Reads that the program asks for and no log has would only take memory.
        n_out, made = len(program.biases), int(reads.read.max()) + 1
        images, place = np.unique(reads.image, return_inverse=True)
        last = program.layers[-1]
        if program.hidden_biases:
            of_last = reads.out >= last.out.start
            reads, place = reads.only(of_last), place[of_last]
        group = Groups.of((place * made + reads.read) * n_out + reads.out - last.out.start)
        shape = (len(images), made, n_out)
        sizes = np.zeros(shape, dtype=np.int64)
        sizes.flat[group.keys] = group.sizes
        active = inputs[images, last.in_].sum(axis=1, dtype=np.int64)[:, None, None]
        whole = (sizes >= MIN_SHARE * active).all(axis=2)
        complete = np.cumprod(whole, axis=1).sum(axis=1)
        return cls(program, reads, images.astype(np.int64), shape, group, complete)

    @property
    def reads_test(self) -> Integers:
        """Number of reads after which each class is taken, shape (n_columns,)."""
        return np.arange(1, self.shape[1] + 1)

    def draw(
        self, probability: Probability, rng: np.random.Generator, draws: int
    ) -> NDArray[np.int16]:
        """Draw the classes that the reads of the log give, shape (draws, n_images, n_columns)."""
        p = np.asarray(probability(self.reads.fields_mT))[self.reads.field[self.group.order]]
        sums = PoissonBinomials.of(p, self.group.sizes)
        at_once = max(CHUNK // int(np.prod(self.shape)), 1)
        result = np.zeros((draws, *self.shape[:2]), dtype=np.int16)
        for some in np.array_split(result, -(-draws // at_once)):
            some[:] = self._classes(self._place(sums.draw(rng, len(some))))
        return result

    def found(self) -> NDArray[np.int16]:
        """Return the classes that the log gives, shape (n_images, n_columns)."""
        return self._classes(self.sums())

    def sums(self) -> Integers:
        """Return the passes of each neuron in each pass over its synapses, of `shape`."""
        return self._place(self.group.sum(self.reads.passed).astype(np.int64))

    def _place(self, of_groups: Integers) -> Integers:
        """Return values of shape (..., n_groups) in the shape of the sums, 0 where none is."""
        leading, size = of_groups.shape[:-1], int(np.prod(self.shape))
        if len(self.group.keys) < size:
            result = np.zeros((*leading, size), dtype=np.int64)
            result[..., self.group.keys] = of_groups
            of_groups = result
        return of_groups.reshape(*leading, *self.shape)

    def _classes(self, sums: Integers) -> NDArray[np.int16]:
        growing = sums.copy()
        for one in range(1, self.shape[1]):
            growing[..., one, :] += growing[..., one - 1, :]
        return self.program.predictions(growing, self.reads_test[:, None]).astype(np.int16)


def simulated_images(n_images: int, draws: int, seed: int) -> Iterator[tuple[Integers, Integers]]:
    """Yield some images at a time, and the draw that each takes in each simulation.

    Images are independent, so that a few draws of each make any number of simulations. All tests
    have the same ones.

    Yields
    ------
    images : ndarray
        Places of the images, shape (n,).
    chosen : ndarray
        Numbers of draws, shape (SIMULATIONS, n).
    """
    rng = np.random.default_rng([seed, 4, 1])
    for images in np.array_split(np.arange(n_images), n_images * SIMULATIONS // CHUNK + 1):
        yield images, rng.integers(draws, size=(SIMULATIONS, len(images)))
