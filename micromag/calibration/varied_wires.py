"""The wires of a calibration: a device in which some numbers vary."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from dwsynapse.io.errors import InputError
from dwsynapse.study import SimulatedDevice
from dwsynapse.study.reading import validated
from micromag.calibration.priors import Prior, prior_of

Floats = NDArray[np.float64]

OPTION = "--vary"
BLOCKS = ("wire", "disorder", "material", "protocol")
"""Blocks of a device whose numbers may vary; the others say how trials are computed."""
EDGES = ("length_nm", "width_nm", "thickness_nm")
"""Keys of the wire that cells tile."""
MAX_PARAMETERS = 4


def _numbers_of(kind: type[BaseModel], above: str = "") -> list[str]:
    """Return the keys of a block, dotted, that are real numbers."""
    found = []
    for name, field in kind.model_fields.items():
        annotation: Any = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            found += _numbers_of(annotation, f"{above}{name}.")
        elif _may_be_real(annotation):
            found.append(above + name)
    return found


def _may_be_real(annotation: Any) -> bool:
    """Return whether a type is that of a real number, or of one among others."""
    if get_origin(annotation) in (Annotated, Union, UnionType):
        return any(_may_be_real(part) for part in get_args(annotation))
    return annotation is float


KEYS = [key for key in _numbers_of(SimulatedDevice) if key.split(".")[0] in BLOCKS]


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
        content = self.device.model_dump(exclude_defaults=True) | {
            "source": "simulation",
            "shipped": None,
        }
        for name, value in values.items():
            *above, key = name.split(".")
            block = content
            for part in above:
                block = block.setdefault(part, {})
            block[key] = value
        if edges := [key for key in EDGES if f"wire.{key}" in values]:
            # The cells of the declared wire would not tile another: their number stays.
            cells = list(self.device.wire.cell_nm)
            for key in edges:
                axis = EDGES.index(key)
                cells[axis] = values[f"wire.{key}"] / self.device.wire.cells[axis]
            content["wire"]["cell_nm"] = cells
        try:
            return validated(SimulatedDevice, content, self.path)
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
    return prior_of(_key(name), text, OPTION)


def _key(name: str) -> str:
    """Return the full key of a parameter that may be named by its end.

    Raises
    ------
    InputError
        If none or several have that name.
    """
    found = [key for key in KEYS if f".{key}".endswith(f".{name}")]
    if len(found) == 1:
        return found[0]
    if name in found:
        return name
    if found:
        remedy = f"give one of {', '.join(found)}"
        raise InputError(f"several parameters are named {name!r}", where=OPTION, remedy=remedy)
    ends = {".".join(key.split(".")[i:]): key for key in KEYS for i in range(key.count(".") + 1)}
    near = dict.fromkeys(ends[end] for end in get_close_matches(name, ends, 3, 0.5))
    raise InputError(
        f"no real number of a device is named {name!r}",
        where=OPTION,
        remedy=f"did you mean {' or '.join(near)}?" if near else f"choose of {', '.join(KEYS)}",
    )
