"""How well a response is known: by the pulses that it was made of."""

from dataclasses import dataclass
from functools import cached_property
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
        For down (0) and up (1), those nearest to each bin, shape (2, n_bins); None where not known:
        the response is then taken for exact.
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
        return cls(numbers, pooled)

    @cached_property
    def _tells(self) -> NDArray[np.bool_]:
        """Which bins' pulses (last axis) tell each bin, shape (2, n_bins, n_bins)."""
        from fitting.response.binned_updates import widened

        of_bins = self.of_bins if self.of_bins is not None else np.zeros((2, 0))
        tells = np.zeros((*of_bins.shape, of_bins.shape[1]), dtype=bool)
        for way, own in enumerate(of_bins):
            for column in range(len(own)):
                tells[way, column, widened(own, column)] = True
        return tells

    @cached_property
    def _behind(self) -> Floats:
        """Number of pulses that tell each bin, shape (2, n_bins)."""
        of_bins = self.of_bins if self.of_bins is not None else np.zeros((2, 0))
        if self.pooled:
            return np.repeat(of_bins.max(axis=1, keepdims=True), of_bins.shape[1], axis=1)
        return (self._tells * of_bins[:, None]).sum(axis=-1)

    def of_steps(self, way: Integers, column: Integers) -> Floats:
        """Return the number of pulses behind each step's distribution, infinite where not known."""
        if self.of_bins is None:
            return np.full(len(way), np.inf)
        return self._behind[way, column]

    def largest_variance(self) -> float:
        """Return the variance of the mean of the pulses that tell one bin, the largest of all."""
        return 0.0 if self.of_bins is None else float(1 / self._behind.min())

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
        # A pulse counts in all bins that it tells.
        weight = ((share / self._behind)[:, :, None] * self._tells).sum(axis=1)
        return float((self.of_bins * weight**2).sum())
