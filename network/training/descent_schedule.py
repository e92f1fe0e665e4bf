"""The schedule of a gradient descent on Gaussian reads: from many reads to few, and when it ends.

Reads start as `first_reads` and change geometrically to the final number in the first half of the
epochs, since with few reads from the beginning neurons settle before they differ; learning rates
fall as a cosine (Loshchilov & Hutter 2017).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Descent:
    """The schedule of a descent.

    Parameters
    ----------
    epochs, batch_images
        Passes over the training images, and images in a mini-batch.
    first_reads, reads
        Reads K at the start and at the end.
    rate_mT, rate
        Adam's learning rates at the start, of fields and of all other parameters.
    patience_epochs
        Once the reads are the final ones, training stops after this many epochs without a lower
        validation loss, and the parameters of the lowest are kept. None keeps the last.
    """

    epochs: int = 60
    batch_images: int = 500
    first_reads: float = 16.0
    reads: int = 1
    rate_mT: float = 0.05
    rate: float = 0.01
    patience_epochs: int | None = None

    def reads_in(self, epoch: int) -> float:
        """Return the reads K of an epoch; the first is 0."""
        return float(
            self.reads * (self.first_reads / self.reads) ** max(0, 1 - 2 * epoch / self.epochs)
        )

    def best_epoch(self, losses: Sequence[float]) -> int:
        """Return the epoch whose parameters are kept; the first is 1.

        Parameters
        ----------
        losses
            Validation losses so far; those of other reads than the final ones do not compare.
        """
        settled = losses[min((self.epochs + 1) // 2, self.epochs - 1) :]
        if self.patience_epochs is None or not settled:
            return len(losses)
        return len(losses) - len(settled) + 1 + int(np.argmin(settled))

    def has_converged(self, losses: Sequence[float]) -> bool:
        """Return whether patience ended the training."""
        patience = self.patience_epochs
        return patience is not None and len(losses) - self.best_epoch(losses) >= patience
