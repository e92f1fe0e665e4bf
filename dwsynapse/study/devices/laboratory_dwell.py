"""The time at the notch in the laboratory, and how a simulation of nanoseconds is taken there."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from dwsynapse.io.limits import MAX_FIELD_MT, MAX_TRIALS, MAX_WINDOW_NS
from dwsynapse.study.block import Block

LEAST_FIELDS = 3
"""As many as the law of Neel and Brown has parameters."""
Field_mT = Annotated[float, Field(ge=0, le=MAX_FIELD_MT)]


class LaboratoryDwell(Block):
    """A passing curve at the laboratory's time, predicted by rates of pinned walls."""

    dwell_s: float = Field(ge=1e-15, le=1e18)
    """Time at the notch that the laboratory resolves: a wall that depins within it has passed."""
    barrier_fields_mT: tuple[Field_mT, ...] = ()
    """Fields at which the energy barrier of a pinned wall is computed, three or more of them below
    static depinning (`micromag depinning`); empty: no prediction from barriers."""
    beyond_nm: float | None = Field(default=None, ge=1, le=1e6)
    """Where the paths over these barriers end, behind the notch; null: at the release distance."""
    depinning_from_mT: Field_mT | None = None
    """Field of a pinned wall that is followed to static depinning, whose barriers near it come from
    how its moment runs up to it (`micromag depinning --out`); null: no prediction from that."""
    survival_fields_mT: tuple[Field_mT, ...] = ()
    """Fields at which pinned walls are followed until they depin, three or more; empty: no
    prediction from survival times."""
    critical_mT: tuple[Field_mT, Field_mT] | None = None
    """Lowest and highest value that static depinning may have (`micromag depinning`), for survival
    times; null: it is fitted to them, which takes walls that depin at three fields."""
    walls: int = Field(default=64, ge=1, le=MAX_TRIALS)
    """Walls that are followed at each of these."""
    window_ns: float = Field(default=8.0, gt=0, le=MAX_WINDOW_NS)
    """How long each is followed."""
    settle_ns: float | None = Field(default=None, ge=0, le=MAX_WINDOW_NS)
    """Time at the notch at which its clock starts; null: protocol.pinned_after_ns. The walls are
    cold when they start, and the tests of the law say where this is too short."""

    @property
    def fields_mT(self) -> dict[str, tuple[float, ...]]:
        """Fields of each prediction, by what it is made from."""
        of = {"barriers": self.barrier_fields_mT, "survival": self.survival_fields_mT}
        return {basis: fields for basis, fields in of.items() if fields}

    @model_validator(mode="after")
    def _depinning_is_above_the_walls(self) -> Self:
        if self.critical_mT is None:
            return self
        low, high = self.critical_mT
        if not self.survival_fields_mT:
            raise ValueError("critical_mT is for survival_fields_mT; give them, or leave it out")
        if not 1e-3 <= low <= high:
            raise ValueError("critical_mT is no range; give two rising fields, as in [14.3, 14.4]")
        if max(self.survival_fields_mT) >= high:
            raise ValueError(
                f"at critical_mT, up to {high:g} mT, no wall stays; give survival_fields_mT below"
            )
        return self

    @model_validator(mode="after")
    def _determines_a_law(self) -> Self:
        if not self.fields_mT and self.depinning_from_mT is None:
            raise ValueError(
                "laboratory_dwell has nothing to predict from; give barrier_fields_mT, "
                "depinning_from_mT or survival_fields_mT"
            )
        for fields in self.fields_mT.values():
            if len(set(fields)) != len(fields) or len(fields) < LEAST_FIELDS:
                raise ValueError(
                    f"the law of pinned walls needs {LEAST_FIELDS} different fields or more; "
                    "add to barrier_fields_mT or survival_fields_mT, each field once"
                )
        return self
