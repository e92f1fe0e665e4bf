"""How it is found what the curve of a simulated wire depends on."""

from typing import Annotated

from pydantic import Field, field_validator

from dwsynapse.io.limits import MAX_FIELD_MT
from dwsynapse.study.block import Block


class Sensitivity(Block):
    """What `snakemake sensitivity-<device>` simulates."""

    vary: tuple[str, ...] = ()
    """What changes, as in ["notch.covered_fraction=0.55,0.65", "notch.shape=rectangle"]; empty:
    what fabrication and convention leave open (docs/sensitivity.md)."""
    fields_mT: tuple[Annotated[float, Field(ge=0, le=MAX_FIELD_MT)], ...] = ()
    """Fields, two or more in the rise of the curve; empty: four, chosen by the device's counts."""
    replicas: int = Field(default=64, ge=1, le=10_000)
    """Walls of each wire at each of them."""

    @field_validator("fields_mT")
    @classmethod
    def _give_a_steepness(cls, fields_mT: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(fields_mT)) == 1:
            raise ValueError("a steepness needs two fields; give two or more, or none")
        if finer := [field for field in fields_mT if abs(field - round(field, 2)) > 1e-9]:
            raise ValueError(f"{finer[0]:g} mT is no multiple of 0.01 mT; round it")
        return fields_mT
