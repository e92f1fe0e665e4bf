"""The material of a simulated wire."""

from typing import Self

from pydantic import PositiveFloat, model_validator

from config.block import Block


class Material(Block):
    """A ferromagnet; the default is Permalloy."""

    saturation_magnetisation_A_per_m: PositiveFloat = 8e5
    """Saturation magnetisation Ms."""
    exchange_stiffness_J_per_m: PositiveFloat = 1.3e-11
    """Exchange stiffness A."""
    gilbert_damping: PositiveFloat = 0.02
    """Gilbert damping alpha."""
    anisotropy_J_per_m3: float = 0.0
    """Uniaxial anisotropy constant K."""
    anisotropy_axis: tuple[float, float, float] = (1.0, 0.0, 0.0)
    """Axis of the uniaxial anisotropy."""

    @model_validator(mode="after")
    def _axis_has_direction(self) -> Self:
        if not any(self.anisotropy_axis):
            raise ValueError("anisotropy_axis is zero; give it a direction")
        return self
