"""What a bench does besides the program: the field it drives wires with, and the faults it has."""

from typing import Annotated, Literal

from pydantic import Field

from dwsynapse.io.limits import MAX_FIELD_MT
from dwsynapse.study.block import Block

Order = Literal["interleaved", "sequential", "randomised"]
FieldSpread = Annotated[float, Field(ge=0, le=MAX_FIELD_MT)]
Share = Annotated[float, Field(ge=0, lt=0.5)]


class FieldSinusoid(Block):
    """A field that repeats offset + amplitude sin(2 pi frequency t), as in Ellis et al. 2023."""

    amplitude_mT: float = Field(gt=0, le=MAX_FIELD_MT)
    """Amplitude."""
    frequency_Hz: float = Field(gt=0, le=1e9)
    """Frequency."""
    offset_mT: float = Field(default=0.0, ge=-MAX_FIELD_MT, le=MAX_FIELD_MT)
    """Mean field."""
