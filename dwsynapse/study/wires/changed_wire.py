"""A device in which some keys have other values, and how its keys are named."""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from dwsynapse.io.errors import InputError
from dwsynapse.study.devices.sources import SimulatedDevice
from dwsynapse.study.reading import validated

OPTION = "--vary"
BLOCKS = ("wire", "disorder", "material", "protocol")
"""Blocks of a device that describe the wire and what is done to it; the others say how trials are
computed."""
EDGES = ("length_nm", "width_nm", "thickness_nm")
"""Keys of the wire that cells tile."""


def keys_of(wanted: Callable[[Any], bool]) -> list[str]:
    """Return the keys of a simulated device, dotted, whose types are wanted."""
    return _keys_of(SimulatedDevice, wanted)


def _keys_of(kind: type[BaseModel], wanted: Callable[[Any], bool], above: str = "") -> list[str]:
    found = []
    for name, field in kind.model_fields.items():
        annotation: Any = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            found += _keys_of(annotation, wanted, f"{above}{name}.")
        elif wanted(annotation):
            found.append(above + name)
    return found


def may_be_real(annotation: Any) -> bool:
    """Return whether a type is that of a real number, or of one among others."""
    if get_origin(annotation) in (Annotated, Union, UnionType):
        return any(may_be_real(part) for part in get_args(annotation))
    return annotation is float


def value_at(device: SimulatedDevice, key: str) -> Any:
    """Return the value of a device's key; of the material also what its preset says."""
    *above, name = key.split(".")
    block: Any = device
    for part in above:
        block = getattr(block, part)
    value = getattr(block, name)
    return getattr(block.numbers, name) if value is None and above == ["material"] else value


def full_key(name: str, keys: Sequence[str], what: str, option: str = OPTION) -> str:
    """Return the full key of what may be named by its end.

    Parameters
    ----------
    name
        What the user gave.
    keys
        The keys that there are.
    what
        What an error calls one of them, as in ``real number``.
    option
        Where it was given, for errors.

    Raises
    ------
    InputError
        If none or several have that name.
    """
    found = [key for key in keys if f".{key}".endswith(f".{name}")]
    if len(found) == 1:
        return found[0]
    if name in found:
        return name
    if found:
        remedy = f"give one of {', '.join(found)}"
        raise InputError(f"several parameters are named {name!r}", where=option, remedy=remedy)
    ends = {".".join(key.split(".")[i:]): key for key in keys for i in range(key.count(".") + 1)}
    near = dict.fromkeys(ends[end] for end in get_close_matches(name, ends, 3, 0.5))
    raise InputError(
        f"no {what} of a device is named {name!r}",
        where=option,
        remedy=f"did you mean {' or '.join(near)}?" if near else f"choose of {', '.join(keys)}",
    )


def changed_wire(device: SimulatedDevice, values: Mapping[str, Any], path: Path) -> SimulatedDevice:
    """Return a device in which some keys have other values, to be simulated.

    Where an edge of the wire changes, the number of cells stays, and they change with it.

    Parameters
    ----------
    device
        The device.
    values
        Values by dotted key.
    path
        Its file, which errors name.

    Raises
    ------
    InputError
        If the config refuses them.
    """
    content = device.model_dump(exclude_defaults=True) | {"source": "simulation", "shipped": None}
    edges = [key for key in EDGES if f"wire.{key}" in values]
    if edges and "wire.cell_nm" not in values:
        # The cells of the declared wire would not tile another.
        cells = list(device.wire.cell_nm)
        for key in edges:
            axis = EDGES.index(key)
            cells[axis] = values[f"wire.{key}"] / device.wire.cells[axis]
        values = {**values, "wire.cell_nm": cells}
    for name, value in values.items():
        *above, key = name.split(".")
        block = content
        for part in above:
            block = block.setdefault(part, {})
        block[key] = value
    return validated(SimulatedDevice, content, path)
