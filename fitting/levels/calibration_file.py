"""``calibration.json`` of `micromag calibrate`, as far as this room reads it."""

from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from dwsynapse.io.files import read_json
from dwsynapse.io.json_shapes import Shape

KIND, VERSION = "calibration", 1
Count = Annotated[float, Field(ge=0)]


class CountsShape(Shape):
    """Trials at a field; those wanted of a curve are no whole numbers."""

    field_mT: float = Field(ge=0)
    n_trials: Count
    n_passed: Count

    @model_validator(mode="after")
    def _passed_are_trials(self) -> Self:
        if self.n_passed > self.n_trials:
            raise ValueError(f"n_passed {self.n_passed:g} exceeds n_trials {self.n_trials:g}")
        return self


Counts = Annotated[list[CountsShape], Field(min_length=1)]


class BestWireShape(Shape):
    """The wire that agrees best."""

    simulated: Counts


class CurveShape(Shape):
    """Parameters of the logistic curve."""

    floor: float = Field(ge=0, lt=1)
    h0_mT: float
    delta_per_mT: float = Field(ge=0)


class WiresShape(Shape):
    """The parameters of wires as fabricated, an entry for each."""

    floor: list[Annotated[float, Field(ge=0, lt=1)]] = Field(min_length=2)
    h0_mT: list[float]
    delta_per_mT: list[Annotated[float, Field(ge=0)]]

    @model_validator(mode="after")
    def _as_many(self) -> Self:
        numbers = [len(values) for values in (self.floor, self.h0_mT, self.delta_per_mT)]
        if len(set(numbers)) > 1:
            raise ValueError(f"lists of {', '.join(map(str, numbers))} numbers, not of as many")
        return self


class FabricationShape(Shape):
    """How the curve varies with the spread of fabrication."""

    field_range_mT: Annotated[list[float], Field(min_length=2, max_length=2)]
    nominal: CurveShape
    wires: WiresShape

    @field_validator("field_range_mT")
    @classmethod
    def _rises(cls, field_range_mT: list[float]) -> list[float]:
        if not field_range_mT[0] < field_range_mT[1]:
            raise ValueError("no lower field before a higher one")
        return field_range_mT


class CalibrationShape(Shape):
    """What a calibration found."""

    verdict: str
    measured: Counts
    best_wire: BestWireShape
    fabrication: FabricationShape | None = None


def read_calibration(path: Path) -> dict[str, Any]:
    """Read a calibration.

    Raises
    ------
    InputError
        Naming the file and the first key that is missing or wrong.
    """
    return read_json(
        path, KIND, VERSION, CalibrationShape, "make it again with `micromag calibrate`"
    )
