"""Barriers of the fields finished so far, in a file from which a stopped run goes on."""

from pathlib import Path
from typing import Any

import numpy as np

from micromag.barriers.kept_arrays import KeptArrays
from micromag.barriers.notch_barriers import Barrier

ARRAYS = ("pinned", "energies_J", "positions_nm", "torque_A_per_m")


class KeptBarriers:
    """Barriers next to the table that is made from them (`KeptArrays`).

    Parameters
    ----------
    out
        The table (CSV).
    origin
        What its barriers are made from: a provenance (`dwsynapse.io.files.provenance`).
    options
        What else affects them: where paths end, and their images.
    """

    def __init__(self, out: Path, origin: dict[str, Any], **options: Any):
        self._arrays = KeptArrays(out, "barriers", origin, **options)
        self._found: list[Barrier] = []
        self._kept: list[Barrier] = []

    def read(self) -> list[Barrier]:
        """Return the barriers that a stopped run has left, by field."""
        if arrays := self._arrays.read():
            rows = zip(*(arrays[name] for name in ("fields_mT", *ARRAYS)), strict=True)
            self._found = [Barrier(float(f), m, E, x, float(torque)) for f, m, E, x, torque in rows]
        return self._found

    def add(self, barrier: Barrier) -> None:
        """Keep a barrier; without a pinned wall there is nothing that takes time to compute."""
        if barrier.pinned is None:
            return
        self._kept.append(barrier)
        if not any(barrier is found for found in self._found):
            arrays = {name: np.stack([getattr(b, name) for b in self._kept]) for name in ARRAYS}
            self._arrays.write(fields_mT=np.array([b.field_mT for b in self._kept]), **arrays)

    def remove(self) -> None:
        """Remove the file, once the table is written."""
        self._arrays.remove()
