"""How crossbars of tracks are programmed in a study, and how the log of it is tested."""

from typing import Annotated, Literal

from pydantic import Field

from dwsynapse.study.block import Block


class Programming(Block):
    """Programming of the first crossbar of each track, and the test of its log."""

    loop: Literal["closed", "open"] = "closed"
    """closed: read after each pulse; open: as many pulses as lead there in the mean."""
    walls_at: Literal["low", "high"] = "low"
    """The end of the range that all walls start from."""
    within: Annotated[float, Field(ge=1e-6, le=1)] | None = None
    """Share of the range within which a conductance counts as reached; null: half a level, or half
    the mean step."""
    max_pulses: Annotated[int, Field(ge=1, le=10_000)] = 100
    """Pulses of one device at most."""
    read_noise_S: float = Field(default=0.0, ge=0, le=1e3)
    """Standard deviation of readings of the virtual laboratory."""
    tolerance: float = Field(default=0.1, ge=1e-3, le=1)
    """Largest difference of mean steps that does not matter, as a share of them."""
