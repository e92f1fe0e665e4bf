"""The classes of the images of a log whose reading was ended early, and the test that it was."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.number_format import MIN_P_VALUE
from fitting.device import DeviceModel
from hardware.early_reading import EarlyReading, early_reading
from hardware.program import Program
from hardware.verification.class_tests.drawn_classes import MIN_SHARE, DrawnClasses, Probability
from hardware.verification.log_tests.poisson_binomial import PoissonBinomials
from hardware.verification.log_tests.result import LogResult
from hardware.verification.reads import Reads

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class EarlyClasses:
    """Classes of the images of a log that early exit gives: a single column, of all reads made.

    Parameters
    ----------
    passes
        The sums of the log, of which those after a class was dropped are not there.
    device
        The device model, which the test of early exit knows.
    pixels
        Inputs of the images of the log, shape (n_images, n_in).
    """

    passes: DrawnClasses
    device: DeviceModel
    pixels: NDArray[np.uint8]

    @classmethod
    def of(
        cls, reads: Reads, program: Program, pixels: NDArray[np.uint8], device: DeviceModel
    ) -> "EarlyClasses":
        """Find the sums of the reads of a log, at images with these inputs."""
        passes = DrawnClasses.of(reads, program, pixels)
        return cls(passes, device, pixels[passes.images])

    @property
    def images(self) -> Integers:
        """Numbers of the images in the log, shape (n_images,)."""
        return self.passes.images

    @property
    def reads_test(self) -> Integers:
        """Number of reads after which the class is taken at the latest, shape (1,)."""
        return np.array([self.passes.program.reads])

    @property
    def complete(self) -> Integers:
        """1 for images with the reads that early exit makes, but for single ones, else 0.

        Shape (n_images,).
        """
        enough = (self._delivered() >= MIN_SHARE * self._asked()).all(axis=1)
        return (enough & ~self._read_otherwise() & ~self._cut()).astype(np.int64)

    def draw(
        self, probability: Probability, rng: np.random.Generator, draws: int
    ) -> NDArray[np.int16]:
        """Draw the classes that early exit gives, shape (draws, n_images, 1).

        Reads that it did not make in the log are drawn at the mean field of their synapse. As many
        of a neuron count as pinned as the log lacks.
        """
        p = np.asarray(probability(self._fields_mT()))
        (n_images, _, n_out), reads = self.passes.shape, self.passes.program.reads
        sizes = self.pixels.sum(axis=1, dtype=np.int64)
        shares = (self._delivered() / self._asked())[:, :, None]
        of_images = zip(shares, self.pixels, strict=True)
        each = np.concatenate([(share * p[:, x == 1]).ravel() for share, x in of_images])
        sums = PoissonBinomials.of(each, np.repeat(sizes, n_out))
        result = np.zeros((draws, n_images, 1), dtype=np.int16)
        for one in result:
            passes = sums.draw(rng, reads).reshape(reads, n_images, n_out)
            one[:, 0] = self._reading(passes.transpose(1, 0, 2)).classes
        return result

    def found(self) -> NDArray[np.int16]:
        """Return the classes that the log gives, shape (n_images, 1)."""
        return self._in_log.classes.astype(np.int16)[:, None]

    def tests(self) -> list[LogResult]:
        """Test whether the reads in the log are those that early exit makes of its outcomes.

        Images with undecided or missing reads, which leave open what it makes, do not count, nor
        does one that the log ends within; without others there is no test.
        """
        n = int((~self._open()).sum())
        if not n:
            return []
        share = float(self._read_otherwise().sum() / n)
        return [
            LogResult(
                test="early exit",
                question="d",
                weight=0.01,
                statistic=share,
                statistic_meaning="share of images with other reads than their outcomes ask for",
                p_value=MIN_P_VALUE if share else 1.0,
                p_value_method="certain: the reads follow from the outcomes",
                effect_size=share,
                effect_meaning="share of images that were read too long or not long enough",
                n=n,
                details={"mean_share_of_reads": float(self._delivered().sum() / self._all())},
            )
        ]

    @cached_property
    def _in_log(self) -> EarlyReading:
        """What early exit makes of the outcomes in the log."""
        return self._reading(self.passes.sums())

    def _reading(self, sums: Integers) -> EarlyReading:
        # Passes that no image has are those after the last class but one was dropped everywhere.
        lacking = self.passes.program.reads - sums.shape[1]
        sums = np.pad(sums, [(0, 0), (0, lacking), (0, 0)])
        return early_reading(self.passes.program, self.device, self.pixels, sums)

    def _read_otherwise(self) -> NDArray[np.bool_]:
        """Return which images have other passes than their outcomes ask for, shape (n_images,)."""
        other = self._passes_made() != self._in_log.made
        return np.asarray(other.any(axis=1) & ~self._open())

    def _open(self) -> NDArray[np.bool_]:
        """Return which images lack reads that may have decided, shape (n_images,)."""
        return np.asarray((self._delivered() < self._asked()).any(axis=1) | self._cut())

    def _cut(self) -> NDArray[np.bool_]:
        """Return whether an image has too few passes because the log ends: the last or none."""
        found = np.zeros(len(self.images), dtype=bool)
        found[-1] = (self._passes_made()[-1] < self._in_log.made[-1]).any()
        return found

    def _asked(self) -> Integers:
        """Return the reads of the passes made of each neuron, shape (n_images, n_out)."""
        return np.asarray(self.pixels.sum(axis=1, dtype=np.int64)[:, None] * self._passes_made())

    def _passes_made(self) -> Integers:
        """Return each neuron's passes up to the last with a read, shape (n_images, n_out)."""
        there = self._reads_of_passes()[:, ::-1] > 0
        # The first is made of all.
        return np.where(there.any(axis=1), there.shape[1] - np.argmax(there, axis=1), 1)

    def _delivered(self) -> Integers:
        """Return the reads of each neuron that are in the log, shape (n_images, n_out)."""
        return np.asarray(self._reads_of_passes().sum(axis=1))

    def _reads_of_passes(self) -> Integers:
        sizes = np.zeros(self.passes.shape, dtype=np.int64)
        sizes.flat[self.passes.group.keys] = self.passes.group.sizes
        return sizes

    def _all(self) -> int:
        """Return the reads that there would be without early exit."""
        program = self.passes.program
        return int(self.pixels.sum(dtype=np.int64)) * program.reads * len(program.biases)

    def _fields_mT(self) -> NDArray[np.float64]:
        """Return the mean field of each synapse, the one set where it was not read."""
        reads, group = self.passes.reads, self.passes.reads.by_synapse
        fields_mT = self.passes.program.fields_mT.astype(float).ravel()
        fields_mT[group.keys] = group.sum(reads.fields_mT[reads.field]) / group.sizes
        return fields_mT.reshape(self.passes.program.fields_mT.shape)
