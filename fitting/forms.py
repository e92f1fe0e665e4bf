"""Forms of the passing-probability curve, for numpy arrays and torch tensors alike."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from array_api_compat import array_namespace


@dataclass(frozen=True)
class Logistic:
    """Logistic curve with a floor: f(h) = d + (1 - d) / (1 + exp(-Delta (h - h0))).

    Eq. 9 of Ellis et al. 2023.

    Parameters
    ----------
    floor
        Passing probability at low field, d.
    h0_mT
        Centre h0.
    delta_per_mT
        Steepness Delta.
    """

    floor: Any
    h0_mT: Any
    delta_per_mT: Any

    form: ClassVar[str] = "logistic"
    units: ClassVar[dict[str, str]] = {"floor": "1", "h0_mT": "mT", "delta_per_mT": "1/mT"}

    def probability(self, field_mT: Any) -> Any:
        """Return f(h) for fields in mT, in the array type of the fields."""
        return self.floor + (1 - self.floor) * self._sigmoid(field_mT)

    def slope_per_mT(self, field_mT: Any) -> Any:
        """Return df/dh in 1/mT, in the array type of the fields."""
        s = self._sigmoid(field_mT)
        return (1 - self.floor) * self.delta_per_mT * s * (1 - s)

    def field_mT(self, probability: float) -> float:
        """Return the field at which f(h) equals a probability between the floor and 1."""
        if not self.floor < probability < 1:
            raise ValueError(
                f"the curve never reaches {probability:g}; ask for more than the floor"
            )
        s = (probability - self.floor) / (1 - self.floor)
        return float(self.h0_mT + math.log(s / (1 - s)) / self.delta_per_mT)

    def values(self) -> dict[str, float]:
        """Return the parameters by name."""
        return {name: float(getattr(self, name)) for name in self.units}

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return the curve with the given parameters."""
        return cls(**{name: values[name] for name in cls.units})

    def _sigmoid(self, field_mT: Any) -> Any:
        # The hyperbolic tangent cannot overflow, where exp(-Delta (h - h0)) can.
        xp = array_namespace(field_mT)
        return 0.5 * (1 + xp.tanh(0.5 * self.delta_per_mT * (field_mT - self.h0_mT)))


FORMS: dict[str, type[Logistic]] = {Logistic.form: Logistic}
