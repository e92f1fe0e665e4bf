"""Barriers of the fields finished so far, in a file from which a stopped run goes on."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from dwsynapse.io.damaged_archives import UNREADABLE_NPZ
from dwsynapse.io.files import atomic_path, identity
from dwsynapse.io.replacing import keep_aside
from micromag.barriers.notch_barriers import Barrier

ARRAYS = ("pinned", "energies_J", "positions_nm", "torque_A_per_m")


class KeptBarriers:
    """Barriers in ``<out>.done.npz``, next to the table that is made from them.

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
        self._path = out.with_suffix(".done.npz")
        self._about = json.dumps({"origin": identity(origin), **options}, sort_keys=True)
        self._found: list[Barrier] = []
        self._kept: list[Barrier] = []

    def read(self) -> list[Barrier]:
        """Return the barriers that a stopped run has left, by field.

        Those of another origin, or damaged, are kept under another name.
        """
        if self._path.exists():
            try:
                self._found = self._read()
            except UNREADABLE_NPZ:
                self._put_aside()
        return self._found

    def _read(self) -> list[Barrier]:
        with np.load(self._path) as file:
            if str(file["about"]) != self._about:
                raise ValueError("of another origin")
            rows = zip(*(file[name] for name in ("fields_mT", *ARRAYS)), strict=True)
            return [Barrier(float(f), m, E, x, float(torque)) for f, m, E, x, torque in rows]

    def _put_aside(self) -> None:
        tqdm.write(
            f"{self._path}: barriers of another config, options or code, or damaged; computed "
            f"again, with those kept as {keep_aside(self._path)}",
            file=sys.stderr,
        )

    def add(self, barrier: Barrier) -> None:
        """Keep a barrier; without a pinned wall there is nothing that takes time to compute."""
        if barrier.pinned is None:
            return
        self._kept.append(barrier)
        if not any(barrier is found for found in self._found):
            self._write()

    def _write(self) -> None:
        arrays = {name: np.stack([getattr(b, name) for b in self._kept]) for name in ARRAYS}
        fields_mT = np.array([barrier.field_mT for barrier in self._kept])
        with atomic_path(self._path) as temporary, temporary.open("wb") as file:
            np.savez(file, about=np.array(self._about), fields_mT=fields_mT, **arrays)  # type: ignore[arg-type]

    def remove(self) -> None:
        """Remove the file, once the table is written."""
        self._path.unlink(missing_ok=True)
