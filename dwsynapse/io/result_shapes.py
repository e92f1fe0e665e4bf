"""What the results of the stages contain, as far as the summary and later stages read them."""

from typing import Any

from dwsynapse.io.json_shapes import Shape


class AccuracyRow(Shape):
    """The accuracy of one kind of network."""

    rule: str
    reads_test: int | None
    mean: float
    sd: float | None
    n_models: int
    low: float | None
    high: float | None


class AccuracyShape(Shape):
    """``accuracy.json``."""

    device: str
    accuracy: list[AccuracyRow]


class PlanShape(Shape):
    """``plan.json``."""

    device: str
    wanted: float
    choices: dict[str, dict[str, Any] | None]


class JudgedTest(Shape):
    """A test with its verdict."""

    test: str
    p_value: float
    n: int | None
    verdict: str
    details: dict[str, Any]


class NetworkRun(Shape):
    """The network that ran."""

    rule: str
    reads_train: int


class ReadsRow(Shape):
    """The accuracy from some reads of a log."""

    reads_test: int
    accuracy: float


class Origin(Shape):
    """What a result was made from, by file."""

    inputs: dict[str, str]


class Verdict(Shape):
    """The verdict on a log, and whether any of its tests fails."""

    verdict: str
    alarm: bool
    why: str


class VerificationShape(Shape):
    """``verification.json``."""

    device: str
    laboratory: str
    synthetic: bool
    network: NetworkRun
    verdict: Verdict
    tests: list[JudgedTest]
    accuracy: list[ReadsRow]
    provenance: Origin


class ComparisonShape(Shape):
    """``comparison.json``."""

    device: str
    reference: str
    tests: list[JudgedTest]


SHAPES: dict[str, type[Shape]] = {
    "accuracy": AccuracyShape,
    "plan": PlanShape,
    "verification": VerificationShape,
    "comparison": ComparisonShape,
}
"""By the kind of the document."""
