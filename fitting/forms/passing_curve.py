"""What every passing curve has: a floor, a lapse, and a rise between them."""

from abc import ABC, abstractmethod
from dataclasses import KW_ONLY, dataclass, fields, replace
from typing import Any, ClassVar, Self

import numpy as np


@dataclass(frozen=True)
class PassingCurve(ABC):
    """A passing curve f(h) = d + (1 - d - l) s(h), where a form gives the rise s from 0 to 1.

    Parameters may be numbers, or arrays that broadcast against the fields; fields may be numpy
    arrays or torch tensors, through which gradients flow.

    Parameters
    ----------
    floor
        Passing probability at low field, d.
    lapse
        Share of walls that stay at any field, l; 0 in Eq. 9 of Ellis et al. 2023.
    """

    floor: Any
    _: KW_ONLY
    lapse: Any = 0.0

    form: ClassVar[str]
    """Name of the form."""
    shape: ClassVar[dict[str, str]]
    """Units of the parameters of the rise, by name: a position, then a width or steepness."""
    title: ClassVar[str]
    """Name of the form in figures and reports."""

    @classmethod
    def units(cls) -> dict[str, str]:
        """Return the units of the parameters by name: floor, those of the rise, lapse."""
        return {"floor": "1", **cls.shape, "lapse": "1"}

    @abstractmethod
    def rise(self, field_mT: Any) -> Any:
        """Return s(h) for fields in mT."""

    @abstractmethod
    def rise_slope_per_mT(self, field_mT: Any) -> Any:
        """Return ds/dh in 1/mT."""

    @abstractmethod
    def rise_field_mT(self, rise: Any) -> Any:
        """Return the field at which s(h) has a value strictly between 0 and 1."""

    @abstractmethod
    def placed(self, centre_mT: Any, steepness_per_mT: Any) -> Self:
        """Return the curve of this form with s = 1/2 and ds/dh = steepness/4 at a centre.

        So starting points and priors of every form are in the same two coordinates, which are h0
        and Delta of the logistic form.
        """

    @classmethod
    @abstractmethod
    def bounds(cls, flattest_per_mT: float, steepest_per_mT: float) -> dict[str, Any]:
        """Return the range of each parameter of the rise that has one, for a fit."""

    def probability(self, field_mT: Any) -> Any:
        """Return f(h) for fields in mT, in the array type of the fields."""
        return self.floor + (1 - self.floor - self.lapse) * self.rise(_array(field_mT))

    def slope_per_mT(self, field_mT: Any) -> Any:
        """Return df/dh in 1/mT, in the array type of the fields."""
        return (1 - self.floor - self.lapse) * self.rise_slope_per_mT(_array(field_mT))

    def field_mT(self, probability: float) -> float:
        """Return the field at which f(h) has a value between the floor and 1 minus the lapse.

        Raises
        ------
        ValueError
            If the curve never has that value.
        """
        if not self.floor < probability < 1 - self.lapse:
            raise ValueError(
                f"the curve never reaches {probability:g}; ask for more than the floor "
                "and less than 1 - lapse"
            )
        rise = (probability - self.floor) / (1 - self.floor - self.lapse)
        return float(self.rise_field_mT(rise))

    def values(self) -> dict[str, float]:
        """Return the parameters by name, in the order of `units`."""
        return {name: float(getattr(self, name)) for name in self.units()}

    def constants(self) -> dict[str, float]:
        """Return the constants of a fit: the fields of the curve that are not parameters."""
        names = [field.name for field in fields(self) if field.name not in self.units()]
        return {name: float(getattr(self, name)) for name in names}

    def with_values(self, values: dict[str, Any]) -> Self:
        """Return the curve with other parameters and the same constants."""
        return replace(self, **values)

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return the curve with the given parameters and constants; others are ignored."""
        return cls(**{f.name: values[f.name] for f in fields(cls) if f.name in values})

    @classmethod
    def typical(cls, constants: dict[str, float] | None = None) -> Self:
        """Return a curve without floor at 1 mT, a template with the given constants."""
        return cls.of({"floor": 0.0} | dict.fromkeys(cls.shape, 1.0) | (constants or {})).placed(
            1.0, 1.0
        )


def _array(field_mT: Any) -> Any:
    """Return arrays and tensors as they are, a number or a list as an array."""
    return field_mT if hasattr(field_mT, "shape") else np.asarray(field_mT, dtype=float)
