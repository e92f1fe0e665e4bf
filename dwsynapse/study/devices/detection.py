"""How outcomes are decided from the raw Kerr loops of a measured device."""

from typing import Annotated, Literal

from pydantic import Field

from dwsynapse.study.block import Block


class Detection(Block):
    """How outcomes are decided from raw Kerr loops; see docs/hardware.md."""

    detector: Literal["change-point", "derivative"] = "change-point"
    """Likelihood of one step and of two, or the paper's peaks of the differentiated signal."""
    branch: Literal["rising", "falling"] = "rising"
    """How the field changes while the wall is injected."""
    min_confidence: Annotated[float, Field(ge=0.5, lt=1)] = 0.95
    """Confidence below which a loop is undecided."""
    resolution_mT: Annotated[float, Field(gt=0)] = 0.2
    """Steps closer than this are one; at least three times the width of a single step."""
    tolerance_mT: Annotated[float, Field(gt=0)] = 0.5
    """Greatest distance of the first switch from the set field."""
