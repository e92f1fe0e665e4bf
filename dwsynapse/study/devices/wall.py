"""The wall that is released: its kind, its chirality and polarity, and which of these are drawn."""

from typing import Literal, Self

from pydantic import model_validator

from dwsynapse.study.block import Block

SENSES = {"transverse": ("up", "down"), "vortex": ("counterclockwise", "clockwise")}


class Wall(Block):
    """A head-to-head wall. What is drawn is drawn for every trial, both cases equally often."""

    kind: Literal["transverse", "vortex"] = "transverse"
    """Transverse, as in narrow thin wires, or vortex, as in wide thick ones."""
    chirality: Literal["up", "down", "clockwise", "counterclockwise", "drawn"] = "up"
    """Direction (along y) of a transverse wall: up or down; sense of a vortex, seen from above:
    clockwise or counterclockwise; or drawn, for every trial."""
    polarity: Literal["none", "up", "down", "drawn"] = "none"
    """Direction (along z) of a vortex's core: up, down or drawn; none for a transverse wall."""

    @property
    def variants(self) -> tuple[tuple[str, str], ...]:
        """The initial states of a trial: every (chirality, polarity) that may be drawn."""
        senses = SENSES[self.kind] if self.chirality == "drawn" else (self.chirality,)
        polarities = ("up", "down") if self.polarity == "drawn" else (self.polarity,)
        return tuple((sense, polarity) for sense in senses for polarity in polarities)

    @model_validator(mode="after")
    def _belongs_to_the_kind(self) -> Self:
        polarities = ("none",) if self.kind == "transverse" else ("up", "down", "drawn")
        senses = (*SENSES[self.kind], "drawn")
        if self.chirality not in senses or self.polarity not in polarities:
            raise ValueError(
                f"a {self.kind} wall has the chirality {' or '.join(senses)} and the polarity "
                f"{' or '.join(polarities)}; set wall.chirality and wall.polarity"
            )
        return self
