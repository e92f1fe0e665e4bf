"""The response of a synapse: quantiles of the change of conductance at each conductance."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dwsynapse.io.damaged_archives import UNREADABLE_NPZ
from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import NPZ, unreadable
from dwsynapse.io.files import atomic_path, require_file

Floats = NDArray[np.float64]

FORMAT, VERSION = "dwsynapse-response", 1
MAX_POINTS = 100_001
MAX_S = 1e3
"""Of programs and logs, which are refused far outside the range of the response, too."""
HIGHEST_S = 1.0
"""No synapse conducts better than an ohm; conductances in uS, taken as S, are tens of S."""
MAX_STEP = 10.0  # in ranges of conductance; one already ends at a limit
ARRAYS = ("conductances_S", "probabilities", "dG_up_S", "dG_down_S", "levels_S")
REMEDY = "make it again by `dwsynapse fitting response`"


@dataclass(frozen=True)
class ResponseTable:
    """Changes of conductance by one pulse up or down, as distributions at each conductance.

    Parameters
    ----------
    conductances_S
        Centres of the bins of conductance before a pulse, rising, shape (n_bins,).
    probabilities
        Of the quantiles, rising within 0 to 1, shape (n_probabilities,).
    dG_up_S, dG_down_S
        Quantiles of the change by a pulse up and down, shape (n_probabilities, n_bins). Those of
        published tables are smoothed and not always in order.
    levels_S
        Conductances of the levels that the wall rests at, rising, shape (n_levels,); empty for a
        continuous synapse.
    source
        What it is of, such as ``simulated pulses``; empty where that is not known.
    """

    conductances_S: Floats
    probabilities: Floats
    dG_up_S: Floats
    dG_down_S: Floats
    levels_S: Floats = field(default_factory=lambda: np.empty(0))
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse arrays that are no response.

        Raises
        ------
        InputError
            Naming the array and what is wrong with it.
        """
        for name in ARRAYS:
            values = np.asarray(getattr(self, name))
            if values.dtype.kind not in "fiu" or not np.isfinite(values).all():
                raise _wrong(name, "must be finite numbers")
            object.__setattr__(self, name, values.astype(np.float64))
        require_rising(self.conductances_S, "conductances_S")
        require_rising(self.probabilities, "probabilities")
        if self.conductances_S[0] <= 0 or self.conductances_S[-1] > HIGHEST_S:
            raise InputError(
                f"conductances_S: must be above 0 and at most {HIGHEST_S:g} S (found "
                f"{self.conductances_S[0]:.3g} to {self.conductances_S[-1]:.3g})",
                remedy="give all arrays in siemens, as 8e-5 for 80 uS",
            )
        if self.probabilities[0] < 0 or self.probabilities[-1] > 1:
            raise _wrong("probabilities", "must be within 0 to 1")
        if self.levels_S.ndim != 1 or (np.diff(self.levels_S) <= 0).any():
            raise _wrong("levels_S", "must rise")
        low_S, high_S = self.conductances_S[[0, -1]] + self.range_S * np.array([-1, 1])
        if ((self.levels_S < low_S) | (self.levels_S > high_S)).any():
            # Centres of two bins are half a range within the levels.
            raise InputError(
                f"levels_S: from {self.levels_S[0]:.3g} to {self.levels_S[-1]:.3g} S, where the "
                f"conductances are {self.conductances_S[0]:.3g} to {self.conductances_S[-1]:.3g} S",
                remedy="give levels and conductances in the same unit",
            )
        shape = len(self.probabilities), len(self.conductances_S)
        for name in ("dG_up_S", "dG_down_S"):
            if (found := getattr(self, name).shape) != shape:
                raise _wrong(name, f"shape {found} is not (n_probabilities, n_bins) {shape}")
        self._require_steps_of_their_direction()

    def _require_steps_of_their_direction(self) -> None:
        up, down = self.mean_S(1).mean(), self.mean_S(-1).mean()
        if (longest := max(up, -down)) > MAX_STEP * self.range_S:
            raise InputError(
                f"a mean step of {longest:.3g} S in conductances from {self.conductances_S[0]:.3g} "
                f"to {self.conductances_S[-1]:.3g} S",
                remedy="give steps and conductances in the same unit",
            )
        if up <= 0 or down >= 0:
            raise InputError(
                f"the conductance does not rise by pulses up and fall by pulses down: mean steps "
                f"{up:.3g} and {down:.3g} S",
                remedy="check which pulses are up, and the sign of the conductance",
            )

    @property
    def range_S(self) -> float:
        """From the lowest to the highest conductance."""
        return float(self.conductances_S[-1] - self.conductances_S[0])

    @property
    def content_sha256(self) -> str:
        """SHA-256 of the arrays: the same whatever file they are in, and how that was made."""
        found = hashlib.sha256()
        for name in ARRAYS:
            array = getattr(self, name)
            found.update(f"{name} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
        return found.hexdigest()

    def quantiles_S(self, direction: int) -> Floats:
        """Return the quantiles of one direction, +1 or -1."""
        return self.dG_up_S if direction > 0 else self.dG_down_S

    def mean_S(self, direction: int) -> Floats:
        """Return the mean change at each conductance, shape (n_bins,)."""
        return self._weights() @ self.quantiles_S(direction)

    def spread_S(self, direction: int) -> Floats:
        """Return the standard deviation of the change at each conductance, shape (n_bins,)."""
        centred = self.quantiles_S(direction) - self.mean_S(direction)
        return np.sqrt(self._weights() @ centred**2)

    def _weights(self) -> Floats:
        """Return the share of the probability that each quantile stands for."""
        edges = np.concatenate([[0], (self.probabilities[1:] + self.probabilities[:-1]) / 2, [1]])
        return np.diff(edges)

    def sample(self, conductance_S: ArrayLike, uniform: ArrayLike, direction: ArrayLike) -> Floats:
        """Return changes of conductance drawn from the nearest bin.

        Parameters
        ----------
        conductance_S
            Conductances before the pulse; beyond the bins, the outermost one counts.
        uniform
            Uniform random numbers from 0 to 1, between whose neighbours among the probabilities
            the quantiles are interpolated.
        direction
            +1 or -1. All three broadcast.

        Returns
        -------
        ndarray
            Changes (S), of the common shape. A conductance with its change may be beyond the bins:
            whoever updates a synapse limits it.
        """
        edges_S = (self.conductances_S[1:] + self.conductances_S[:-1]) / 2
        column = np.searchsorted(edges_S, conductance_S)
        u, p = np.asarray(uniform, dtype=float), self.probabilities
        after = np.clip(np.searchsorted(p, u), 1, len(p) - 1)
        share = np.clip((u - p[after - 1]) / (p[after] - p[after - 1]), 0, 1)
        both = np.stack([self.dG_down_S, self.dG_up_S])
        way = (np.asarray(direction) > 0).astype(int)
        low, high = both[way, after - 1, column], both[way, after, column]
        return low + share * (high - low)

    def write(self, path: str | Path, provenance: Mapping[str, Any]) -> None:
        """Write ``response.npz``."""
        content: dict[str, Any] = {"format": FORMAT, "format_version": VERSION}
        content |= {name: getattr(self, name) for name in (*ARRAYS, "source")}
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, **content, provenance=json.dumps(provenance))

    @classmethod
    def read(cls, path: str | Path) -> "ResponseTable":
        """Read ``response.npz``.

        Raises
        ------
        InputError
            If the file is missing, of another kind or version, or an array is missing or wrong.
        """
        wanted = "a response (npz)"
        require_file(path, wanted, remedy=REMEDY)
        try:
            with np.load(path, allow_pickle=False) as arrays:
                found = {name: arrays[name] for name in ("format", "format_version", *ARRAYS)}
                source = str(arrays["source"]) if "source" in arrays else ""
        except UNREADABLE_NPZ as error:
            raise unreadable(path, wanted, "not a response", REMEDY, NPZ) from error
        for name, value in (("format", FORMAT), ("format_version", VERSION)):
            if found[name].shape != () or found[name] != value:
                problem = f"{str(found[name])[:40]!r} is not {value!r}"
                raise InputError(problem, path=path, where=name, remedy=REMEDY)
        try:
            return cls(**{name: found[name] for name in ARRAYS}, source=source)
        except InputError as error:
            raise InputError(str(error), path=path) from None


def require_rising(values: Floats, name: str) -> None:
    """Refuse values that are not two or more in rising order.

    Raises
    ------
    InputError
        Naming the first that does not rise.
    """
    if values.ndim != 1 or not 2 <= len(values) <= MAX_POINTS:
        raise _wrong(name, f"shape {values.shape} is not one row of 2 to {MAX_POINTS} values")
    falls = np.flatnonzero(np.diff(values) <= 0)
    if falls.size:
        first = int(falls[0]) + 1
        problem = f"must rise, but value {first + 1} is {values[first]:g} after "
        raise _wrong(name, problem + f"{values[first - 1]:g}")


def _wrong(name: str, problem: str) -> InputError:
    return InputError(problem, where=name, remedy="correct it, or make the table again")
