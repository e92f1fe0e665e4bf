"""Contents of the JSON of a trained crossbar: keys and types that its reader reads."""

from typing import Annotated, Any

from pydantic import Field

from dwsynapse.io.json_shapes import Shape
from network.trained_model_shape import Arrays, Number

Share = Annotated[float, Field(ge=0, le=1)]


class ResponseShape(Shape):
    """The response that the network learned through."""

    name: str
    sha256: str
    content_sha256: str
    source: str


class TrainingShape(Shape):
    """How the network was trained (`network.crossbar.model.trained_crossbar.CrossbarRecord`)."""

    learning_rate: Annotated[float, Field(gt=0)]
    best_epoch: Annotated[int, Field(ge=1)]
    updates: Annotated[int, Field(ge=0)]
    lost_updates: Share | None = None
    pulses_per_image: list[Annotated[float, Field(ge=0)]] | None = None
    validation_accuracy: list[Share] | None
    test_accuracy: Annotated[list[Share], Field(min_length=1)]


class LayerShape(Shape):
    """One layer."""

    scale: Annotated[float, Field(gt=0)]


class CrossbarShape(Shape):
    """The whole document."""

    model: Number
    seed: Number
    response: ResponseShape
    config: dict[str, Any]
    arrays: Arrays
    layers: Annotated[list[LayerShape], Field(min_length=1)]
    training: TrainingShape
    provenance: dict[str, Any]
