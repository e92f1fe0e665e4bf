"""Current pulses on the wall of a track: single ones from each level, or ramps."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dwsynapse.io.limits import MAX_TRIALS
from dwsynapse.study.block import Block

Current = Annotated[float, Field(gt=0, le=1e6)]
Duration = Annotated[float, Field(ge=0.01, le=1e4)]


class SinglePulses(Block):
    """Trials of one pulse each, from each level, for every current, duration and direction."""

    kind: Literal["single"] = "single"
    """One pulse on a wall at rest at a notch."""
    levels: tuple[Annotated[int, Field(ge=0)], ...] | None = Field(default=None, min_length=1)
    """Levels from which walls start; null: all."""
    directions: Literal["both", "up", "down"] = "both"
    """up: with the current that drives the wall towards larger x; down: against it."""
    walls: int = Field(default=20, ge=1, le=MAX_TRIALS)
    """Trials from each level for each current, duration and direction."""


class Ramps(Block):
    """Trains of pulses up and then down: the wall stays where a pulse has left it."""

    kind: Literal["ramps"]
    """Pulses up, then down."""
    level: int = Field(default=0, ge=0)
    """Level at which the wall starts; 0: the lowest."""
    up: int = Field(default=7, ge=1, le=100_000)
    """Pulses up."""
    down: int = Field(default=7, ge=0, le=100_000)
    """Pulses down after these."""
    number: int = Field(default=20, ge=1, le=MAX_TRIALS)
    """Ramps for each current and duration."""


class Pulses(Block):
    """The pulses and what they are given to."""

    temperature_K: float = Field(default=300.0, ge=0, le=2000)
    """Temperature."""
    current_uA: tuple[Current, ...] = Field(default=(50.0,), min_length=1)
    """Current of a pulse, one or several."""
    duration_ns: tuple[Duration, ...] = Field(default=(1.0,), min_length=1)
    """Duration of a pulse, one or several."""
    rest_ns: float = Field(default=4.0, ge=0.01, le=1e5)
    """Time without current after each pulse, at the end of which the wall is located."""
    settle_ns: float = Field(default=1.0, ge=0, le=1e5)
    """Time at this temperature before the first pulse: walls are relaxed at 0 K."""
    sequence: Annotated[SinglePulses | Ramps, Field(discriminator="kind")] = Ramps(kind="ramps")
    """Single pulses from each level, or ramps."""

    @model_validator(mode="after")
    def _trials_differ(self) -> Self:
        for name in ("current_uA", "duration_ns"):
            values = getattr(self, name)
            if len(set(values)) != len(values):
                raise ValueError(f"{name} names a value twice; give each value once")
        repeats = self.sequence.walls if self.sequence.kind == "single" else self.sequence.number
        key = "walls" if self.sequence.kind == "single" else "number"
        if self.temperature_K == 0 and repeats > 1:
            raise ValueError(
                f"{repeats} trials at 0 K are identical: there is no noise; set sequence.{key} to "
                "1 or raise temperature_K"
            )
        return self
