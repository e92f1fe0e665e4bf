"""The material of a simulated wire: a cited preset, and what differs from it."""

import math
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dwsynapse.study.block import Block
from dwsynapse.study.presets.materials import PRESETS, Numbers

Component = Annotated[float, Field(ge=-1e6, le=1e6)]


class Material(Block):
    """A ferromagnet: a preset, in which single numbers may be replaced."""

    preset: Literal["permalloy", "cofeb"] = "permalloy"
    """permalloy: Ms = 8e5 A/m, A = 1.3e-11 J/m, alpha = 0.02 (muMAG standard problem 4); cofeb,
    amorphous: 1.25e6, 1.5e-11, 0.004 (SpinWaveToolkit; films as of Conca et al. 2013)."""
    saturation_magnetisation_A_per_m: float | None = Field(default=None, ge=1e3, le=4e6)
    """Saturation magnetisation Ms; null: the preset's."""
    exchange_stiffness_J_per_m: float | None = Field(default=None, ge=1e-14, le=1e-9)
    """Exchange stiffness A; null: the preset's."""
    gilbert_damping: float | None = Field(default=None, ge=1e-6, le=10)
    """Gilbert damping alpha; null: the preset's."""
    anisotropy_J_per_m3: float = Field(default=0.0, ge=-1e8, le=1e8)
    """Uniaxial anisotropy constant K."""
    anisotropy_axis: tuple[Component, Component, Component] = (1.0, 0.0, 0.0)
    """Axis of the uniaxial anisotropy."""

    @property
    def numbers(self) -> Numbers:
        """The preset's numbers, replaced by those given."""
        given = self.model_dump(include=set(Numbers._fields), exclude_none=True)
        return PRESETS[self.preset]._replace(**given)

    @model_validator(mode="after")
    def _axis_has_direction(self) -> Self:
        if math.hypot(*self.anisotropy_axis) < 1e-6:
            raise ValueError("anisotropy_axis is zero; give it a direction")
        return self
