"""Which wires, within what fabrication leaves possible, would have a measured curve."""

from typing import Self

from pydantic import Field, model_validator

from dwsynapse.io.limits import MAX_FIELD_MT, MAX_TRIALS
from dwsynapse.study.block import Block, FileOrDevice, GivenFolder

FIRST_WIRES = 4
"""For each parameter, and once more."""


def first_wires(n_parameters: int) -> int:
    """Return how many wires the first round of a calibration has."""
    return FIRST_WIRES * (1 + n_parameters)


class Calibration(Block):
    """Measured counts or a curve, and the priors of the wires that may explain them."""

    target: FileOrDevice = Field(min_length=1)
    """What is to be explained: a device of the study, by its name, a table of counts (CSV) with
    field_mT, n_trials, n_passed, or a wanted curve (YAML) with floor, h0_mT, delta_per_mT."""
    vary: tuple[str, ...] = Field(min_length=1)
    """Priors of up to four numbers of the wire: NAME=LOW:HIGH is uniform, NAME=MEAN+-SD normal, as
    in ["notch.covered_fraction=0.5:0.7"]."""
    max_trials: int = Field(default=10_000, ge=1, le=MAX_TRIALS)
    """Trials to simulate at most."""
    trials_per_wire: int = Field(default=96, ge=16, le=MAX_TRIALS)
    """Trials of each simulated wire."""
    discrepancy: float = Field(default=0.0, ge=0, le=10)
    """Typical error of the model itself, in log-odds of passing."""
    spread: tuple[str, ...] = ()
    """Standard deviations of fabrication of what varies, as in ["notch.covered_fraction=0.01"]."""
    shipped: GivenFolder | None = None
    """Folder of a calibration to this target that was made before; null: make it."""
    wire: str | None = None
    """Device of the study that is the calibrated wire, for its curve in the report; null: trials of
    the calibration's best wire."""
    within_mT: float = Field(default=0.3, ge=0, le=MAX_FIELD_MT)
    """Centres this near to the target's agree with it, in the report."""
    within_share: float = Field(default=0.3, ge=0, le=0.9)
    """So do steepnesses that differ by no more than this share."""

    @model_validator(mode="after")
    def _has_a_first_round(self) -> Self:
        least = first_wires(len(self.vary)) * self.trials_per_wire
        if self.max_trials < least:
            raise ValueError(
                f"max_trials is {self.max_trials}, fewer trials than the {least} of the first "
                f"round; give {least} or more, or fewer trials_per_wire"
            )
        return self
