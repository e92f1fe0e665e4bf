"""How well a response is known: by the pulses that it was made of."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json
from fitting.response.response_table import ResponseTable

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class ResponsePulses:
    """How many pulses a response was made of, which say how well it is known.

    Parameters
    ----------
    of_bins
        For down (0) and up (1), those of each bin, shape (2, n_bins); None where not known: the
        response is then taken for exact.
    pooled
        Whether all bins have the same pulses.
    why_exact
        Why the response is taken for exact, where it is.
    """

    of_bins: Floats | None = None
    pooled: bool = False
    why_exact: str = "no response.json next to the response"

    @classmethod
    def read(cls, path: str | Path, table: ResponseTable) -> "ResponsePulses":
        """Read ``response.json`` next to a response, where there is one.

        Raises
        ------
        InputError
            If it is of another response.
        """
        from fitting.response.binned_updates import PULSES_PER_LEVEL
        from fitting.response.response_content import KIND, VERSION

        path = Path(path).with_name("response.json")
        if not path.exists():
            return cls()
        content = read_json(path, KIND, VERSION)
        try:
            bins: Any = content.get("bins")
            if bins is None:
                return cls(why_exact="response.json does not say how many pulses the response has")
            numbers = np.array([bins[way]["n_pulses"] for way in ("down", "up")], dtype=float)
            if not np.allclose(bins["conductance_S"], table.conductances_S, rtol=1e-6):
                raise ValueError
            pooled = bool((content.get("pulses") or {}).get("pooled_levels"))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                "is not of the response next to it", path=path, remedy="make both again"
            ) from error
        # Bins of fewer take the pulses of their neighbours, too.
        return cls(np.maximum(numbers, PULSES_PER_LEVEL), pooled)

    def of_steps(self, way: Integers, column: Integers) -> Floats:
        """Return the number of pulses behind each step's distribution, infinite where not known."""
        if self.of_bins is None:
            return np.full(len(way), np.inf)
        return self.of_bins[way, column]

    def largest_variance(self) -> float:
        """Return the variance of the mean of the pulses of one bin, the largest of all."""
        return 0.0 if self.of_bins is None else float(1 / self.of_bins.min())

    def variance(self, way: Integers, column: Integers) -> float:
        """Return the variance of a mean over steps that the response's own scatter adds.

        In units of that of one step, which is also that of one pulse of the response.
        """
        if self.of_bins is None:
            return 0.0
        counts = np.zeros_like(self.of_bins)
        np.add.at(counts, (way, column), 1.0)
        share = counts / max(len(way), 1)
        if self.pooled:
            return float((share.sum(axis=1) ** 2 / self.of_bins.max(axis=1)).sum())
        return float((share**2 / self.of_bins).sum())
