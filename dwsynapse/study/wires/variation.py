"""A wire that differs from the declared one in one thing, and what it is compared with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dwsynapse.io.errors import InputError
from dwsynapse.study.devices.sources import SimulatedDevice
from dwsynapse.study.wires.changed_wire import (
    BLOCKS,
    OPTION,
    changed_wire,
    full_key,
    keys_of,
    value_at,
)

SMOOTH = "wire.smooth_edges"
NOT_VARIED = {"numerics.device", "numerics.noise", "numerics.engine"}
KEYS = [
    key
    for key in keys_of(lambda annotation: True)
    if key.split(".")[0] in (*BLOCKS, "numerics") and key not in NOT_VARIED
]
WORDS = {
    "wire.notch.shape": "shape of the notch",
    "wire.notch.covered_fraction": "covered share of the width",
    "wire.notch.opening_nm": "opening of the notch",
    SMOOTH: "smooth edges",
    "wire.thickness_nm": "thickness",
    "wire.cell_nm": "cells",
    "material.saturation_magnetisation_A_per_m": "Ms",
    "material.exchange_stiffness_J_per_m": "exchange stiffness",
    "material.gilbert_damping": "damping",
    "disorder.roughness.sd_nm": "roughness of the edges",
    "disorder.grains.saturation_sd": "grains, spread of Ms",
    "protocol.temperature_K": "temperature",
    "protocol.release_distance_nm": "distance of release",
    "protocol.pinned_after_ns": "time at the notch",
    "numerics.time_step_fs": "time step",
    "numerics.observe_every_ps": "time between two looks",
}
"""What figures call the keys of the default variations."""
UNITS = {
    "A_per_m": (1e-3, "kA/m"),
    "J_per_m": (1e12, "pJ/m"),
    "J_per_m3": (1e-3, "kJ/m³"),
    "nm": (1, "nm"),
    "ns": (1, "ns"),
    "ps": (1, "ps"),
    "fs": (1, "fs"),
    "K": (1, "K"),
}
"""Scales and units of labels, by the end of a key."""


@dataclass(frozen=True)
class Variation:
    """A change of a wire.

    Parameters
    ----------
    changes
        New values by dotted key, the one that it is about first.
    remark
        What its label says besides.
    reference
        What is changed in the wire that it is compared with, too. Whole cells hide small changes of
        a notch: they are compared between wires with smooth edges.
    """

    changes: dict[str, Any]
    remark: str = ""
    reference: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key that it is about."""
        return next(iter(self.changes))

    def label(self, device: SimulatedDevice) -> str:
        """Return what changes in a device, in words."""
        scale, unit = next((u for end, u in UNITS.items() if self.key.endswith(f"_{end}")), (1, ""))
        values = (value_at(device, self.key), self.changes[self.key])
        before, after = (_text(value, scale) for value in values)
        name = WORDS.get(self.key, self.key)
        said = f"{name} {before} → {after} {unit}".rstrip()
        return f"{said} ({self.remark})" if self.remark else said

    def wire(self, device: SimulatedDevice, path: Path) -> SimulatedDevice:
        """Return the changed wire.

        Raises
        ------
        InputError
            If the config at `path` refuses it.
        """
        return changed_wire(device, {**self.reference, **self.changes}, path)


def variation(device: SimulatedDevice, changes: dict[str, Any], remark: str = "") -> Variation:
    """Return a change of a device; one of the notch is compared with smooth edges."""
    of_notch = next(iter(changes)).startswith("wire.notch.") and not device.wire.smooth_edges
    return Variation(changes, remark, {SMOOTH: True} if of_notch else {})


def given_variations(device: SimulatedDevice, vary: Sequence[str], path: Path) -> list[Variation]:
    """Return the variations that ``--vary NAME=A,B`` describes.

    Raises
    ------
    InputError
        If a name is unknown, a value is left out or the config refuses it.
    """
    found = []
    for word in vary:
        name, _, texts = (part.strip() for part in word.partition("="))
        key = full_key(name, KEYS, "key")
        values = [text.strip() for text in texts.split(",")]
        if not all(values):
            remedy = "give NAME=A,B, as in notch.covered_fraction=0.55,0.65"
            raise InputError(f"{word!r} has no value", where=OPTION, remedy=remedy)
        found += [variation(device, {key: _value(text)}) for text in values]
    for one in found:
        try:
            one.wire(device, path)
        except InputError as error:
            raise InputError(
                f"no wire with {one.key} = {_text(one.changes[one.key])} ({error.problem})",
                path=path,
                where=OPTION,
                remedy=error.remedy or "give another value",
            ) from error
    return found


def _value(text: str) -> Any:
    """Return the value that a text stands for: a number, several with colons, a truth or a word."""
    if text in ("true", "false"):
        return text == "true"
    parts = text.split(":")
    try:
        numbers = [int(part) if re.fullmatch(r"[-+]?\d+", part) else float(part) for part in parts]
    except ValueError:
        return text
    return numbers[0] if len(numbers) == 1 else numbers


def _text(value: Any, scale: float = 1) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_text(part, scale) for part in value) + "]"
    return f"{value * scale:.4g}" if isinstance(value, float | int) else str(value)
