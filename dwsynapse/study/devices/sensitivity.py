"""How it is found what the curve of a simulated wire depends on."""

from typing import Annotated

from pydantic import Field

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
