"""A passing curve at one level, and whether it agrees with the target's."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fitting.device import DeviceModel

Floats = NDArray[np.float64]
Bounds = tuple[float | None, float | None, float | None]

AGREES, DIFFERS, OPEN, NOT_CREDIBLE = "agrees", "differs", "open", "not credible"
FIELDS = 200


@dataclass(frozen=True)
class Level:
    """A curve with its band, its centre and steepness.

    Parameters
    ----------
    name
        What a reader calls it.
    curve
        Columns field_mT, probability, low, high.
    centre_mT, steepness_per_mT
        Value, lower and upper bound; None: one that is not known.
    credible
        Whether the curve is credible at its centre.
    """

    name: str
    curve: pd.DataFrame
    centre_mT: Bounds
    steepness_per_mT: Bounds
    credible: bool = True

    @classmethod
    def of_device(cls, name: str, device: DeviceModel) -> "Level":
        """Return that of a fitted device."""
        fields_mT = np.linspace(*device.field_range_mT, FIELDS)
        low, high = device.band(fields_mT, device.confidence or 0.95)
        probability = device.curve.probability(fields_mT)
        columns = {"field_mT": fields_mT, "probability": probability, "low": low, "high": high}
        found = device.place_and_steepness()
        return cls(name, pd.DataFrame(columns), found["h0_mT"], found["delta_per_mT"])

    @classmethod
    def of_prediction(cls, name: str, table: pd.DataFrame, median_mT: Bounds) -> "Level":
        """Return that of a prediction (`dwsynapse.io.contracts.PREDICTION`).

        The centre is the median, the field at which half of the walls pass, with its bounds; the
        steepness is four times the slope there, without bounds. Neither is known where the median
        is beyond the fields.
        """
        value, *_ = median_mT
        if value is None:
            return cls(name, table, median_mT, (None, None, None), bool(table["credible"].any()))
        fields_mT = table["field_mT"].to_numpy(dtype=float)
        at = int(np.abs(fields_mT - value).argmin())
        slope = np.gradient(table["probability"].to_numpy(dtype=float), fields_mT)[at]
        credible = bool(table["credible"].iloc[at])
        return cls(name, table, median_mT, (4 * float(slope), None, None), credible)

    def beside(self, target: "Level", within_mT: float, within_share: float) -> dict[str, Any]:
        """Return what a table says of it: how it differs from the target, and the verdict.

        It agrees if the whole intervals of both differences are within the tolerances, and differs
        if one of them is outside; otherwise that is open.
        """
        difference_mT = _difference(self.centre_mT, target.centre_mT)
        logs = (_logarithms(x.steepness_per_mT) for x in (self, target))
        of_log = _difference(*logs)
        ratio = tuple(None if x is None else float(np.exp(x)) for x in of_log)
        verdicts = {
            _within(difference_mT, within_mT, within_mT),
            _within(of_log, -np.log1p(-within_share), np.log1p(within_share)),
        }
        verdict = next(v for v in (DIFFERS, OPEN, AGREES) if v in verdicts)
        return {
            "level": self.name,
            "h0_mT": _named(self.centre_mT),
            "delta_per_mT": _named(self.steepness_per_mT),
            "difference_mT": _named(difference_mT),
            "steepness_ratio": _named(ratio),
            "verdict": verdict if self.credible else NOT_CREDIBLE,
        }


def _named(bounds: Any) -> dict[str, float | None]:
    return dict(zip(("value", "low", "high"), bounds, strict=True))


def _logarithms(bounds: Bounds) -> Any:
    return tuple(None if x is None or x <= 0 else float(np.log(x)) for x in bounds)


def _difference(one: Any, other: Any) -> Any:
    """Return the difference of two independent values, whose distances to their bounds add up."""
    if one[0] is None or other[0] is None:
        return None, None, None
    value = one[0] - other[0]

    def apart(end: int, other_end: int) -> float | None:
        if one[end] is None or other[other_end] is None:
            return None
        return float(np.hypot(one[0] - one[end], other[0] - other[other_end]))

    below, above = apart(1, 2), apart(2, 1)
    return (
        value,
        None if below is None else value - below,
        None if above is None else value + above,
    )


def _within(bounds: Any, below: float, above: float) -> str:
    _, low, high = bounds
    low, high = (-np.inf if low is None else low), (np.inf if high is None else high)
    if -below <= low and high <= above:
        return AGREES
    return DIFFERS if low > above or high < -below else OPEN
