"""What the results of the stages contain, as far as the summary and later stages read them."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from dwsynapse.io.json_shapes import Shape
from dwsynapse.learning_rules import RULES


def _known_rule(name: str) -> str:
    if name not in RULES:
        raise ValueError(f"must be a rule: one of {', '.join(RULES)}")
    return name


Rule = Annotated[str, AfterValidator(_known_rule)]


class MadeBy(Shape):
    """What made a result; files of earlier versions say less."""

    code_version: str | None = None
    code: str | None = None


class Result(Shape):
    """What a stage wrote."""

    provenance: MadeBy | None = None


class FitTest(Shape):
    """A test of a fit."""

    test: str
    p_value: float


class FitGoodness(Shape):
    """How well a curve describes the counts; tests are missing from old files."""

    deviance: float
    degrees_of_freedom: float
    p_value: float
    bootstrap_simulations: int | None = None
    tests: list[FitTest] = Field(default_factory=list)


class FittedParameter(Shape):
    """A parameter of a curve, with its bounds."""

    value: float
    low: float | None
    high: float | None
    unit: str


class FittedDevice(Result):
    """``device.json``, as far as the summary reads it."""

    name: str
    source: str
    interval_kind: str
    parameters: dict[str, FittedParameter]
    goodness_of_fit: FitGoodness | None


class SimulatedField(Shape):
    """How the field of a simulation changes."""

    shape: str


class SimulatedWall(Shape):
    """The wall of a simulation."""

    kind: str


class Setup(Shape):
    """What a simulated curve depends on."""

    cell_nm: list[float]
    covered_fraction_in_cells: float
    temperature_K: float
    engine: str
    time_step_fs: float
    wall: SimulatedWall
    field: SimulatedField
    release_distance_nm: float | list[float]
    passed_beyond_nm: float
    pinned_after_ns: float
    notch_zone_nm: float
    window_ns: float


class WallOrigin(MadeBy):
    """What a wall was made from."""

    config_sha256: str | None


class WallShape(Shape):
    """``wall.json``."""

    wall_sha256: str
    setup: Setup
    provenance: WallOrigin


class SpeedShape(Result):
    """``trials-*.speed.json``."""

    engine: str
    simulated_ns: Annotated[float, Field(ge=0)]
    started_s: float
    ended_s: float


class AccuracyRow(Shape):
    """The accuracy of one kind of network."""

    rule: Rule
    reads_test: int | None
    mean: float
    sd: float | None
    n_models: int
    low: float | None
    high: float | None

    @model_validator(mode="after")
    def _interval_has_two_ends(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise ValueError("low and high must both be numbers, or both null")
        return self


class AccuracyShape(Result):
    """``accuracy.json``."""

    device: str
    accuracy: list[AccuracyRow]


class PlanShape(Result):
    """``plan.json``."""

    device: str
    wanted: float
    choices: dict[str, dict[str, Any] | None]


class TestDetails(Shape):
    """Further numbers of a test: an interval, and what it is within."""

    low: float | None = None
    high: float | None = None
    within: str | None = None


class JudgedTest(Shape):
    """A test with its verdict."""

    test: str
    p_value: float
    p_value_holm: float
    effect_size: float
    effect_meaning: str
    n: int | None
    verdict: str
    simulations: int | None = None
    details: TestDetails


class NetworkRun(Shape):
    """The network that ran."""

    rule: Rule
    reads_train: int


class ReadsRow(Shape):
    """The accuracy from some reads of a log."""

    reads_test: int
    accuracy: float


class Origin(MadeBy):
    """What a result was made from, by file."""

    inputs: dict[str, str]


class Verdict(Shape):
    """The verdict on a log, and whether any of its tests fails."""

    verdict: str
    alarm: bool
    why: str


class Quantisation(Shape):
    """What the grid of the fields costs the program of a log."""

    field_step_mT: float
    loss: float
    low: float
    high: float


class DrawnVerification(Shape):
    """What the figure of a verification shows."""

    laboratory: str
    synthetic: bool
    network: NetworkRun
    accuracy: list[ReadsRow]


class VerificationShape(DrawnVerification):
    """``verification.json``; files of earlier versions say nothing of the grid."""

    device: str
    verdict: Verdict
    tests: list[JudgedTest]
    quantisation: Quantisation | None = None
    provenance: Origin


class ComparisonShape(Result):
    """``comparison.json``."""

    device: str
    reference: str
    tests: list[JudgedTest]


class FoundNumber(Shape):
    """A statistic with its interval; tables without pulses behind them have none."""

    value: float | None
    low: float | None = None
    high: float | None = None


class ResponseWay(Shape):
    """The response to pulses in one direction."""

    mean_step: FoundNumber
    spread: FoundNumber
    nonlinearity: FoundNumber
    n_pulses: int | None = None


class ResponseShape(Result):
    """``response.json``, as far as the summary reads it."""

    source: str
    up: ResponseWay
    down: ResponseWay
    asymmetry: FoundNumber
    verdict: str


class CrossbarSettings(Shape):
    """How networks on a crossbar learned, in short."""

    hidden: list[int]
    update: str
    levels: int | None
    register_bits: int | None
    dataset: str


class LearnedShare(Shape):
    """Share of the test images that networks on a crossbar classify correctly."""

    mean: float
    sd: float | None
    low: float
    high: float
    interval: str
    n_models: int


class CrossbarAccuracyShape(Result):
    """``crossbar-accuracy.json``, as far as the summary reads it."""

    device: str
    source: str
    settings: CrossbarSettings
    test_images: int
    accuracy: LearnedShare


class CostShape(Shape):
    """What an inference costs."""

    energy_J: float
    time_s: float


class TrainingCostShape(Shape):
    """What training costs; times are by the way of writing."""

    epochs: int
    energy_J: float
    time_s: Annotated[dict[str, float], Field(min_length=1)]


class CrossbarPlanShape(Result):
    """``crossbar-plan.json``, as far as the summary reads it."""

    device: str
    inference: CostShape
    training: TrainingCostShape


class CrossbarVerificationShape(Result):
    """``crossbar_verification.json``, as far as the summary reads it."""

    device: str | None
    laboratory: str
    synthetic: bool
    verdict: Verdict
    tests: list[JudgedTest]


class Bounded(Shape):
    """A value with its bounds, as far as they are known."""

    value: float | None
    low: float | None
    high: float | None


class PredictionShape(Result):
    """``prediction.json``, as far as the summary reads it; old files do not name the device."""

    device: str | None = None
    dwell_s: float | None
    median_field_mT: Bounded
    verdict: str


class LevelShape(Shape):
    """One curve of a wire beside the target."""

    level: str
    h0_mT: Bounded
    delta_per_mT: Bounded
    difference_mT: Bounded
    steepness_ratio: Bounded
    verdict: Literal["agrees", "differs", "open", "not credible"]


class LevelsShape(Result):
    """``levels.json``, as far as the summary reads it."""

    device: str
    within_mT: float
    within_share: float
    explained: str
    levels: list[LevelShape]


SHAPES: dict[str, type[Shape]] = {
    "crossbar-accuracy": CrossbarAccuracyShape,
    "crossbar-plan": CrossbarPlanShape,
    "crossbar-verification": CrossbarVerificationShape,
    "device": FittedDevice,
    "levels": LevelsShape,
    "prediction": PredictionShape,
    "wall": WallShape,
    "speed": SpeedShape,
    "accuracy": AccuracyShape,
    "plan": PlanShape,
    "verification": VerificationShape,
    "comparison": ComparisonShape,
    "response-statistics": ResponseShape,
}
"""By the kind of the document."""
