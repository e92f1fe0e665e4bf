"""A fitted Neel-Brown law: its best values, draws from its uncertainty, and its data range."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from fitting.forms.neel_brown import NeelBrown
from fitting.lifetime.law_tests import LawTest

Range = tuple[float, float]

# The usual attempt frequency of magnets, where nothing else is known.
USUAL_ATTEMPT_HZ = (1e9, 1e10)
# No notch has a barrier outside these.
BARRIERS_KT = (0.1, 1e4)


@dataclass(frozen=True)
class LawFit:
    """A Neel-Brown law fitted to survival times or barriers.

    Parameters
    ----------
    law
        The law of greatest likelihood, or, where no wall depinned and none is greatest, of the
        medians of the draws; of least squares with f0 in the middle of its range.
    draws
        Draws of attempt_Hz, barrier_kT, critical_mT, shape (n_draws, 3).
    fields_mT
        Lowest and highest field at which the data constrain the law.
    rates_Hz
        Lowest and highest rate observed; None where no wall was seen to depin.
    tests
        Tests of the law against the data.
    details
        Further results of the fit for the report; can be written as JSON.
    """

    law: NeelBrown
    draws: NDArray[np.float64]
    fields_mT: Range
    rates_Hz: Range | None
    tests: tuple[LawTest, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def rejected_by(self) -> list[LawTest]:
        """The tests that reject the law."""
        return [test for test in self.tests if test.rejects]

    def tests_content(self) -> list[dict[str, Any]]:
        """Return the tests as they go into JSON."""
        return [asdict(test) for test in self.tests]

    def drawn(self) -> NeelBrown:
        """Return the law with drawn parameters, shape (n_draws, 1) against fields (n_fields,)."""
        return NeelBrown.of_points(self.draws[:, None], self.law.exponent)

    def parameters(self, confidence: float) -> dict[str, dict[str, Any]]:
        """Return for each parameter its value, unit, and the central interval of its draws.

        A best value at a bound, which draws never reach, is included in the interval.
        """
        tail = (1 - confidence) / 2
        low, high = np.quantile(self.draws, [tail, 1 - tail], axis=0)
        return {
            name: {
                "value": value,
                "low": min(float(low[i]), value),
                "high": max(float(high[i]), value),
                "unit": NeelBrown.units[name],
            }
            for i, (name, value) in enumerate(self.law.values().items())
        }

    def log_covariance(self) -> NDArray[np.float64]:
        """Return the covariance of the logarithms of the parameters over the draws, (3, 3)."""
        return np.cov(np.log(self.draws).T)


def straight_start(
    fields_mT: NDArray[np.float64], barriers_kT: NDArray[np.float64], exponent: float
) -> tuple[float, float] | None:
    """Return E0/kT and Hc of the straight line of barrier^(1/n) over field; None if it rises."""
    slope, intercept = np.polyfit(fields_mT, np.maximum(barriers_kT, 0) ** (1 / exponent), 1)
    if not (slope < 0 < intercept):
        return None
    return float(intercept**exponent), float(-intercept / slope)


def one_temperature_K(table: pd.DataFrame, path: str | Path) -> float:
    """Return the temperature of all rows, whose barriers in kT are then those of one law.

    Raises
    ------
    InputError
        If there are several, or 0, where nothing depins thermally.
    """
    temperatures = table["temperature_K"].unique()
    if len(temperatures) > 1 or (temperatures <= 0).any():
        raise InputError(
            "needs one temperature above 0",
            path=path,
            where="column temperature_K",
            remedy="give one table for each temperature",
        )
    return float(temperatures[0])
