"""The wires of a calibration: a device in which some numbers vary."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.study.devices.sources import SimulatedDevice
from dwsynapse.study.wires.changed_wire import (
    BLOCKS,
    OPTION,
    changed_wire,
    full_key,
    keys_of,
    may_be_real,
)
from dwsynapse.study.wires.priors import Prior, prior_of

Floats = NDArray[np.float64]

MAX_PARAMETERS = 4
KEYS = [key for key in keys_of(may_be_real) if key.split(".")[0] in BLOCKS]


@dataclass(frozen=True)
class VariedWires:
    """A device in which some numbers vary within their priors.

    Parameters
    ----------
    device
        The device.
    priors
        What varies.
    path
        Its file, which errors name.
    """

    device: SimulatedDevice
    priors: tuple[Prior, ...]
    path: Path

    @classmethod
    def of(cls, device: SimulatedDevice, vary: Sequence[str], path: Path) -> "VariedWires":
        """Return the wires that ``--vary NAME=RANGE`` describes.

        Raises
        ------
        InputError
            If a name is unknown, a range is wrong, or the config refuses a wire within them.
        """
        priors = tuple(_prior(word) for word in vary)
        names = [prior.name for prior in priors]
        if twice := [name for name in names if names.count(name) > 1]:
            remedy = "give each parameter one range"
            raise InputError(f"{twice[0]} is given twice", where=OPTION, remedy=remedy)
        if len(priors) > MAX_PARAMETERS:
            raise InputError(
                f"{len(priors)} parameters vary, of at most {MAX_PARAMETERS}",
                where=OPTION,
                remedy="fix the ones that are known best in the config",
            )
        wires = cls(device, priors, path)
        for corner in [np.zeros(len(priors)), *product((-1.0, 1.0), repeat=len(priors))]:
            wires.wire(np.array(corner))
        return wires

    def values(self, scaled: Floats) -> dict[str, float]:
        """Return the parameters of a wire in their units, by their keys, in few digits."""
        return {
            prior.name: float(f"{prior.value(x):.6g}")
            for prior, x in zip(self.priors, scaled, strict=True)
        }

    def wire(self, scaled: Floats) -> SimulatedDevice:
        """Return the device with the parameters of a wire, scaled to -1...1.

        Raises
        ------
        InputError
            If the config refuses them.
        """
        values = self.values(scaled)
        try:
            return changed_wire(self.device, values, self.path)
        except InputError as error:
            chosen = ", ".join(f"{name}={value:g}" for name, value in values.items())
            raise InputError(
                f"no wire with {chosen} ({error.problem})",
                path=self.path,
                where=OPTION,
                remedy="choose ranges within which the config accepts every wire",
            ) from error


def _prior(word: str) -> Prior:
    name, equals, text = (part.strip() for part in word.partition("="))
    if not equals:
        remedy = "give NAME=LOW:HIGH, as in notch.covered_fraction=0.5:0.7"
        raise InputError(f"{word!r} is no parameter with its range", where=OPTION, remedy=remedy)
    return prior_of(full_key(name, KEYS, "real number"), text, OPTION)
