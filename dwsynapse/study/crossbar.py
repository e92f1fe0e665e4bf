"""How crossbars of current-driven synapses learn (S. Liu et al., Appl. Phys. Lett. 118, 202405)."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from dwsynapse.study.block import Block, Epochs, GivenFolder, Images, Models

MAX_NEURONS = 10_000
MAX_LEVELS = 65_536
MAX_REGISTER_BITS = 20


def _levels(given: object) -> object:
    # Of a union pydantic reports an error for each type.
    number = given if isinstance(given, int) and not isinstance(given, bool) else 0
    if given != "response" and not 2 <= number <= MAX_LEVELS:
        raise ValueError(
            f"must be 2 to {MAX_LEVELS}, response or null (found {given!r:.40}); give one of these"
        )
    return given


Neurons = Annotated[int, Field(ge=1, le=MAX_NEURONS)]
Activation = Literal["sigmoid", "tanh", "relu"]
Levels = Annotated[int | Literal["response"], BeforeValidator(_levels)]
UpdateName = Literal["ideal", "fractional", "whole"]


class Carry(Block):
    """Periodic carry: two devices for each side of a weight, as a higher and a lower digit."""

    base: Annotated[float, Field(gt=1, le=1000)] = 16.0
    """Weight of a level of the higher digit, in levels of the lower one."""
    every: Annotated[int, Field(ge=1, le=1_000_000)] = 10
    """Updates from one carry to the next."""
    threshold: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of the lower digit's limit from which it is carried to the higher digit."""


class Crossbar(Block):
    """Training of networks whose weights are pairs of current-driven synapses, W = G+ - G-."""

    dataset: Literal["mnist", "fashion-mnist"] = "mnist"
    """Images to learn, with all 28 x 28 grey pixels."""
    images_folder: GivenFolder | None = None
    """Folder with the four IDX files of the dataset (plain or .gz); fetched where null."""
    hidden: tuple[Neurons, ...] = (300,)
    """Neurons of each hidden layer; none for a perceptron."""
    activation: Activation = "sigmoid"
    """Of the hidden neurons; the last layer is a softmax. Both are digital."""
    update: UpdateName = "fractional"
    """How a wanted change of a weight becomes pulses. fractional: s = wanted / mean step pulses,
    also a part of one, change the conductance by s mean + sqrt(s) (drawn - mean), as in the paper.
    whole: whole pulses, the fraction being the probability of one more. ideal: the weight changes
    exactly, for comparison."""
    levels: Levels | None = None
    """Levels that a wall can rest at, evenly spaced over the range; response: as many as the
    response has; null for a wall that rests anywhere."""
    rounding: Literal["nearest", "stochastic"] = "nearest"
    """To which level a wall goes: the nearest, or one of both neighbours at random, which keeps the
    mean."""
    carry: Carry | None = None
    """Periodic carry; null for one device for each side of a weight."""
    register_bits: Annotated[int, Field(ge=2, le=MAX_REGISTER_BITS)] | None = None
    """Bits of a digital register for each weight, which gathers wanted changes until they make a
    pulse; one is the sign, and what is less than the last is rounded at random. null: none."""
    spread: Annotated[float, Field(ge=0, le=10)] = 1.0
    """Factor of the spread of the response from pulse to pulse."""
    noise: Literal["table", "uniform"] = "table"
    """Deviations as in the response, or uniform ones of the same variance: rounding at random."""
    devices: Annotated[int, Field(ge=1, le=255)] = 20
    """Kinds of device that differ in R_p and TMR, assigned to synapses at random; 1 for none."""
    weight_limits: tuple[Annotated[float, Field(gt=0, le=1000)], ...] = (1.0, 1.3)
    """Largest weight of each layer within 10 to 90 % of the range of conductance."""
    learning_rate: Annotated[float, Field(gt=0, le=1000)] = 0.01
    """Weights change by it times the derivative of the loss of each image; it falls to a half, a
    third, a quarter and a fifth after 3, 5, 8 and 10 epochs."""
    batch_images: Images = 10
    """Images whose changes are added before devices are updated; 1 is the outer product of the
    hardware."""
    epochs: Epochs = 20
    """Epochs of training."""
    validation_images: Annotated[int, Field(ge=0, le=59_999)] = 10_000
    """Training images set aside at random; the network is kept as after the epoch that classified
    most of them correctly. 0 keeps the last."""
    training_images: Images | None = None
    """How many of the other training images are learned from; null for all."""
    models: Models = 3
    """Independent networks (seeds)."""

    @property
    def n_levels(self) -> int:
        """Number of levels, 0 for a wall that rests anywhere; those of a response are filled in."""
        if self.levels == "response":
            raise ValueError("the levels of the response are not filled in")
        return self.levels or 0

    @model_validator(mode="after")
    def _has_a_limit_for_each_layer(self) -> "Crossbar":
        if len(self.weight_limits) != len(self.hidden) + 1:
            raise ValueError(
                f"weight_limits has {len(self.weight_limits)} values for {len(self.hidden) + 1} "
                "layers; give one for each"
            )
        return self
