"""Contents of ``device.json``: keys and types, as `fitting.device.DeviceModel` reads them."""

from typing import Annotated, Any, Literal

from pydantic import Field

from dwsynapse.io.json_shapes import Shape

Rows = list[list[float]]


class DriveShape(Shape):
    """What the walls are driven by; the other keys are named after it."""

    drive: str = "field"
    drive_unit: str = "mT"


class Estimate(Shape):
    """A value with its bounds."""

    value: float
    low: float | None
    high: float | None


class Parameter(Estimate):
    """A parameter of the curve, with its unit."""

    unit: str


class Tested(Shape):
    """A test of the fit."""

    test: str
    statistic: float
    p_value: float


class Goodness(Shape):
    """How well the curve describes the counts; tests are missing from old files."""

    deviance: float
    degrees_of_freedom: float
    p_value: float
    tests: list[Tested] = Field(default_factory=list)


class DeviceShape(Shape):
    """The whole document."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    source: Literal["simulation", "measurement", "published"]
    form: str
    parameters: dict[str, Parameter]
    constants: dict[str, float] = Field(default_factory=dict)
    nuisances: dict[str, Estimate] = Field(default_factory=dict)
    interval_kind: str
    confidence: float | None
    fields_at: list[dict[str, Any]] = Field(default_factory=list)
    field_range_mT: Annotated[list[float], Field(min_length=2, max_length=2)]
    nucleation_field_mT: float | None
    goodness_of_fit: Goodness | None
    forms: list[dict[str, Any]] = Field(default_factory=list)
    covariance: Rows | None
    draws: Rows
    at_cap: dict[str, float] = Field(default_factory=dict)
    provenance: dict[str, Any]
