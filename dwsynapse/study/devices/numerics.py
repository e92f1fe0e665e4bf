"""How trials are computed, and how many are made."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dwsynapse.io.limits import MAX_FIELD_MT, MAX_TRIALS, MIN_STEP_MT
from dwsynapse.study.block import Block

FIRST_ROUND = {"first_fields_mT", "trials_per_round"}
LATER_ROUNDS = {"field_step_mT"}
"""Keys of `Sampling` that the plan of the first round depends on, and further ones of the later."""


class Numerics(Block):
    """How trials are computed."""

    engine: Literal["embedded", "oommf"] = "embedded"
    """The embedded ensemble engine, or OOMMF through oommfc."""
    time_step_fs: float = Field(default=400.0, ge=1, le=1e6)
    """Step of the embedded engine (fourth-order Runge-Kutta); OOMMF's Heun step is 100 fs."""
    demag_evaluations: Literal[1, 4] = 1
    """How often the embedded engine computes the demagnetising field in a step: once, at the
    midpoint, extrapolated to its ends (second order for this slow term), or in all four stages."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the embedded engine runs: auto is CUDA where available, else the processor."""
    noise: Literal["of-wire", "common"] = "of-wire"
    """Key of the thermal noise and of drawn walls, with seed and replica. of-wire: also the wire,
    so that the trials of any two wires are independent. common: nothing else, so that equal
    replicas of two wires have the same noise: differences between near-identical wires then scatter
    less than intervals for independent wires say."""
    observe_every_ps: float = Field(default=2.0, ge=1e-3, le=1e6)
    """How often the embedded engine locates the wall; OOMMF does so every 10 ps."""


class Sampling(Block):
    """How many trials are made, and at which fields, round by round."""

    first_fields_mT: tuple[Annotated[float, Field(le=MAX_FIELD_MT)], ...] = Field(
        default=(4.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0), min_length=2
    )
    """Fields of the first round; later rounds concentrate where the curve changes."""
    rounds: int = Field(default=3, ge=1, le=1000)
    """Number of rounds; more of them add to existing trials."""
    trials_per_round: int = Field(default=112, ge=1, le=MAX_TRIALS)
    """Trials in each round, shared among its fields; another number starts all rounds again."""
    batches_per_round: int = Field(default=2, ge=1, le=10_000)
    """Jobs that a round is split into."""
    field_step_mT: float = Field(default=0.1, ge=MIN_STEP_MT, le=1000)
    """Fields of later rounds are multiples of this."""

    @model_validator(mode="after")
    def _fields_are_valid(self) -> Self:
        if min(self.first_fields_mT) < 0:
            raise ValueError(
                "first_fields_mT must not be negative: the field drives the wall along +x"
            )
        if len(set(self.first_fields_mT)) != len(self.first_fields_mT):
            raise ValueError("first_fields_mT names a field twice; give each field once")
        if self.trials_per_round < len(self.first_fields_mT):
            raise ValueError("trials_per_round must give every first field at least one trial")
        if self.batches_per_round > self.trials_per_round:
            raise ValueError("batches_per_round must not exceed trials_per_round")
        return self
