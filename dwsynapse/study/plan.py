"""What a network costs on the device, and how accurately to estimate that."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from dwsynapse.io.limits import MAX_FIELD_MT
from dwsynapse.study.block import Block, Images, Reads

Risk = Annotated[float, Field(gt=0, lt=1)]


class Plan(Block):
    """Trade-offs of accuracy against reads, time and energy per inference (`network plan`)."""

    accuracy: Risk | None = None
    """Accuracy wanted; null: one point (0.01) below the best that any network reaches."""
    reads_test: tuple[Reads, ...] = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
    """Reads per synapse that are tried, in rising order; early exit tests after each of them."""
    risks: tuple[Risk, ...] = (0.5, 0.05, 0.005)
    """Early exit: largest probability of dropping the class that unlimited reads would give."""
    energy_per_read_J: float = Field(default=3.1e-7, gt=0, le=1e3)
    """Energy of one read: the pulse that injects a wall in Ellis et al. 2023, section 4.2, 30 V for
    100 ns over 290 ohm. Without the field and the readout."""
    wires: int = Field(default=1, ge=1, le=1_000_000)
    """Wires read at once; the demonstrator has one."""
    images: Images = 4000
    """Number of test images, evenly spread over all."""
    spread_devices: int = Field(default=40, ge=2, le=100_000)
    """Draws of the device's curve, and devices with varying wires, for each spread."""
    wire_place_sd_mT: tuple[Annotated[float, Field(ge=0, le=MAX_FIELD_MT)], ...] = (0.1, 0.2, 0.5)
    """Spreads of the curve's centre from wire to wire that are tried. No source gives them for
    wires like these: 0.1 mT is the precision of the paper's field, the others are assumptions."""
    wire_steepness_sd: float = Field(default=0.0, ge=0, le=10)
    """Spread of ln(steepness) from wire to wire, with each of these. Not known either."""

    @model_validator(mode="after")
    def _reads_rise(self) -> Self:
        if not self.reads_test or list(self.reads_test) != sorted(set(self.reads_test)):
            raise ValueError("reads_test must name at least one number, in rising order")
        return self
