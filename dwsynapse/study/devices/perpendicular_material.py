"""The material of a track: a cited preset of a perpendicular ferromagnet, and what differs."""

import math
from typing import Literal, Self

from pydantic import Field, model_validator

from dwsynapse.study.block import Block
from dwsynapse.study.presets.materials import PERPENDICULAR, PerpendicularNumbers

MU0 = 4e-7 * math.pi


class PerpendicularMaterial(Block):
    """A ferromagnet with an easy axis along z: a preset, in which numbers may be replaced."""

    preset: Literal["cofeb-perpendicular"] = "cofeb-perpendicular"
    """cofeb-perpendicular: Ms = 8e5 A/m, A = 1.3e-11 J/m, K = 5e5 J/m3 along z, alpha = 0.05,
    P = 0.7, nonadiabaticity 0.05 (Liu et al. 2021)."""
    saturation_magnetisation_A_per_m: float | None = Field(default=None, ge=1e3, le=4e6)
    """Saturation magnetisation Ms; null: the preset's."""
    exchange_stiffness_J_per_m: float | None = Field(default=None, ge=1e-14, le=1e-9)
    """Exchange stiffness A; null: the preset's."""
    anisotropy_J_per_m3: float | None = Field(default=None, ge=0, le=1e8)
    """Uniaxial anisotropy constant K along z; null: the preset's."""
    gilbert_damping: float | None = Field(default=None, ge=1e-6, le=10)
    """Gilbert damping alpha; null: the preset's."""
    polarisation: float | None = Field(default=None, ge=0, le=1)
    """Spin polarisation P of the current in the ferromagnet; null: the preset's."""
    nonadiabaticity: float | None = Field(default=None, ge=-10, le=10)
    """Nonadiabaticity (xi, or beta) of the spin-transfer torque; null: the preset's."""

    @property
    def numbers(self) -> PerpendicularNumbers:
        """The preset's numbers, replaced by those given."""
        given = self.model_dump(include=set(PerpendicularNumbers._fields), exclude_none=True)
        return PERPENDICULAR[self.preset]._replace(**given)

    @property
    def effective_anisotropy_J_per_m3(self) -> float:
        """K - mu0 Ms^2 / 2: what the demagnetising field of a film leaves of the anisotropy."""
        numbers = self.numbers
        Ms = numbers.saturation_magnetisation_A_per_m
        return numbers.anisotropy_J_per_m3 - MU0 * Ms**2 / 2

    @property
    def wall_width_nm(self) -> float:
        """Pi sqrt(A / K_eff), the width of a Bloch wall."""
        A, K = self.numbers.exchange_stiffness_J_per_m, self.effective_anisotropy_J_per_m3
        return 1e9 * math.pi * math.sqrt(A / K)

    @model_validator(mode="after")
    def _is_perpendicular(self) -> Self:
        if (effective := self.effective_anisotropy_J_per_m3) <= 0:
            raise ValueError(
                f"K - mu0 Ms^2 / 2 = {effective:.3g} J/m3: the film is magnetised in its plane; "
                "raise anisotropy_J_per_m3 or lower saturation_magnetisation_A_per_m"
            )
        return self
