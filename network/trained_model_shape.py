"""Contents of the JSON of a trained model: keys and types that `network.trained_model` reads."""

from typing import Annotated, Any

from pydantic import Field

from dwsynapse.io.json_shapes import Shape
from dwsynapse.io.limits import MAX_SEED

Number = Annotated[int, Field(ge=0, le=MAX_SEED)]


class DeviceOfModel(Shape):
    """The device that the networks were trained on."""

    name: str
    sha256: str
    content_sha256: str | None = None
    drive: str = "field"


class Arrays(Shape):
    """The file of arrays next to the JSON."""

    file: str
    sha256: str


class Training(Shape):
    """How a network was trained (`network.trained_model.TrainingRecord`)."""

    learning_rate: Annotated[float, Field(gt=0)]
    best_epoch: Annotated[int, Field(ge=1)]
    converged: bool
    validation_loss: Annotated[list[float], Field(min_length=1)]
    wire_place_sd_mT: float = 0.0
    wire_steepness_sd: float = 0.0


class NetworkShape(Shape):
    """One network."""

    rule: str
    reads_train: Annotated[int, Field(ge=1)] | None
    hidden_layers: Annotated[int, Field(ge=0, le=8)] = 0
    training: Training


class ModelShape(Shape):
    """The whole document."""

    model: Number
    seed: Number
    device: DeviceOfModel
    arrays: Arrays
    networks: Annotated[list[NetworkShape], Field(min_length=1)]
    provenance: dict[str, Any]
