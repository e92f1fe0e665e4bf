"""What a trained crossbar says of its response and of how training went."""

from dataclasses import dataclass
from os.path import realpath
from pathlib import Path

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256
from fitting.response.response_table import ResponseTable

COUNTED_EVERY = 500
"""Images at most from one mini-batch whose pulses are counted to the next."""
LEAST_COUNTS = 40
"""Mini-batches of an epoch, however short, whose pulses are counted: most come early."""


@dataclass(frozen=True)
class ResponseOrigin:
    """The response that a crossbar learned through.

    Parameters
    ----------
    name
        Name of the device: the folder of its response.
    sha256, content_sha256
        Of ``response.npz``, and of its arrays alone. It is the same response if either is.
    source
        What the response is of, such as ``simulated pulses``; empty where that is not known.
    """

    name: str
    sha256: str
    content_sha256: str
    source: str

    @classmethod
    def of(cls, path: str | Path, response: ResponseTable) -> "ResponseOrigin":
        """Return that of a response that was read from a file."""
        name = Path(realpath(path)).parent.name
        return cls(name, sha256(path), response.content_sha256, response.source)

    def require(self, given: str | Path, path: str | Path) -> None:
        """Refuse another response for the crossbar of a file.

        Raises
        ------
        InputError
            Naming both.
        """
        if sha256(given) == self.sha256:
            return
        if ResponseTable.read(given).content_sha256 != self.content_sha256:
            raise InputError(
                f"was trained through another response, of {self.name!r}, than {given}",
                path=path,
                where="response.sha256",
                remedy="train it through this response, or give the one it was trained through",
            )


@dataclass(frozen=True)
class CrossbarRecord:
    """How a crossbar was trained.

    Parameters
    ----------
    learning_rate
        Rate of the first epochs.
    best_epoch
        Epoch (the first is 1) after which the network is as it was kept.
    updates
        Updates of the arrays, one for each mini-batch.
    validation_accuracy
        Share of the validation images classified correctly after every epoch; None without any.
    test_accuracy
        Share of the test images.
    lost_updates
        Share of the changes wanted by the first mini-batch that moved neither wall of their weight;
        None where nothing is lost.
    pulses_per_image
        Pulses for an image in each epoch, without those of carries; None for ideal updates, or
        where they were not counted.
    """

    learning_rate: float
    best_epoch: int
    updates: int
    validation_accuracy: tuple[float, ...] | None
    test_accuracy: tuple[float, ...]
    lost_updates: float | None = None
    pulses_per_image: tuple[float, ...] | None = None
