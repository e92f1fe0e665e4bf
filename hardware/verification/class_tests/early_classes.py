"""The classes of the images of a log whose reading was ended early, and the test that it was."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.number_format import MIN_P_VALUE
from fitting.device import DeviceModel
from hardware.early_reading import EarlyReading, early_reading
from hardware.program import Program
from hardware.verification.class_tests.drawn_classes import DrawnClasses, Probability
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
        """1 for images with all reads that early exit makes, else 0, shape (n_images,)."""
        active = self.pixels.sum(axis=1, dtype=np.int64)[:, None]
        made = active * self._reading(self.passes.sums()).made
        return (self._delivered() == made).all(axis=1).astype(np.int64)

    def draw(
        self, probability: Probability, rng: np.random.Generator, draws: int
    ) -> NDArray[np.int16]:
        """Draw the classes that early exit gives, shape (draws, n_images, 1).

        Reads that it did not make in the log are drawn at the mean field of their synapse.
        """
        p = np.asarray(probability(self._fields_mT()))
        (n_images, _, n_out), reads = self.passes.shape, self.passes.program.reads
        sizes = self.pixels.sum(axis=1, dtype=np.int64)
        each = np.concatenate([p[:, inputs == 1].ravel() for inputs in self.pixels])
        sums = PoissonBinomials.of(each, np.repeat(sizes, n_out))
        result = np.zeros((draws, n_images, 1), dtype=np.int16)
        for one in result:
            passes = sums.draw(rng, reads).reshape(reads, n_images, n_out)
            one[:, 0] = self._reading(passes.transpose(1, 0, 2)).classes
        return result

    def found(self) -> NDArray[np.int16]:
        """Return the classes that the log gives, shape (n_images, 1)."""
        return self._reading(self.passes.sums()).classes.astype(np.int16)[:, None]

    def test(self) -> LogResult:
        """Test whether the reads in the log are those that early exit makes of its outcomes."""
        whole = self.complete == 1
        share = float(1 - whole.mean())
        return LogResult(
            test="early exit",
            question="d",
            weight=0.01,
            statistic=share,
            statistic_meaning="share of images with other reads than their outcomes ask for",
            p_value=1.0 if whole.all() else MIN_P_VALUE,
            p_value_method="certain: the reads follow from the outcomes",
            effect_size=share,
            effect_meaning="share of images that were read too long or not long enough",
            n=len(whole),
            details={"mean_share_of_reads": float(self._delivered().sum() / self._all())},
        )

    def _reading(self, sums: Integers) -> EarlyReading:
        # Passes that no image has are those after the last class but one was dropped everywhere.
        lacking = self.passes.program.reads - sums.shape[1]
        sums = np.pad(sums, [(0, 0), (0, lacking), (0, 0)])
        return early_reading(self.passes.program, self.device, self.pixels, sums)

    def _delivered(self) -> Integers:
        """Return the reads of each neuron that are in the log, shape (n_images, n_out)."""
        sizes = np.zeros(self.passes.shape, dtype=np.int64)
        sizes.flat[self.passes.group.keys] = self.passes.group.sizes
        return np.asarray(sizes.sum(axis=1))

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
