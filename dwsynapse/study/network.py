"""What the networks learn from, and how (section 4.5 of Ellis et al. 2023)."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from dwsynapse.io.limits import MAX_FIELD_MT
from dwsynapse.learning_rules import rules_for_one_read, rules_of_one_layer
from dwsynapse.study.block import Block, Epochs, GivenFolder, Images, Models, Reads

if TYPE_CHECKING:
    AnyReadsRule = str
    OneReadRule = str
else:
    AnyReadsRule = Literal[rules_of_one_layer()]
    OneReadRule = Literal[rules_for_one_read()]
Neurons = Annotated[int, Field(ge=1, le=10_000)]


class Network(Block):
    """Training of the perceptron on stochastic synapses."""

    dataset: Literal["mnist", "fashion-mnist"] = "mnist"
    """Images to learn: MNIST (handwritten digits) or Fashion-MNIST (clothes)."""
    image_side_px: Literal[14, 28] = 14
    """Side of the images: 14 pixels (the largest of every 2 x 2, as in the paper) or all 28."""
    images_folder: GivenFolder | None = None
    """Folder with the four IDX files of the dataset (plain or .gz); fetched where null."""
    validation_images: Images = 10_000
    """Training images set aside at random for validation."""
    reads_train: tuple[Reads, ...] = (1, 2, 8, 128)
    """Reads per synapse K while training, each with both rules."""
    rules: tuple[AnyReadsRule, ...] = ("stochastic", "mean-field")
    """Learning rules."""
    hidden: Annotated[tuple[Neurons, ...], Field(max_length=8)] = ()
    """Hidden layers of one more network for each of reads_train, by their numbers of neurons from
    the inputs on, as in [60]; none where empty. A hidden neuron counts its reads and injects walls
    into the next layer, or does not (docs/learning.md). Training has a schedule of its own and uses
    of the settings below patience_epochs and max_epochs; fields are multiples of 0.1 mT."""
    models: Models = 3
    """Independent models (seeds) of each kind, for the spread of the accuracy."""
    batch_images: Images = 50
    """Images in a mini-batch."""
    learning_rate: float = Field(default=0.001, gt=0, le=100)
    """Learning rate of Adam for K >= 2, in mT per step. For a device against current or duration
    this and other settings in mT are the same share of its curve's width as on the published
    device: x mT are 2.73 x / Delta."""
    learning_rate_one_read: float = Field(default=0.01, gt=0, le=100)
    """Learning rate of Adam for K = 1."""
    patience_epochs: Epochs = 20
    """Training stops after this many epochs without a lower validation loss."""
    max_epochs: Epochs = 40
    """Training stops after this many epochs at the latest. Section 4.5 has no such limit:
    patience alone ends training after 37 to 120 epochs, for at most 0.007 more accuracy on the
    published device."""
    wire_place_sd_mT: float = Field(default=0.0, ge=0, le=MAX_FIELD_MT)
    """Where above 0, training for devices that vary: in every mini-batch each synapse has
    its own passing curve, shifted by a normal field of this standard deviation. Not for the
    networks of hidden and one_read."""
    wire_steepness_sd: float = Field(default=0.0, ge=0, le=10)
    """The same for the steepness: standard deviation of its logarithm."""
    one_read: tuple[OneReadRule, ...] = ()
    """More networks for one read per synapse, better than the paper's rule at K = 1
    (docs/methods.md): win-probability trains by the probability of the right class, mixed-sums
    lets the computer mix the ten sums by a matrix. They have their own schedules and
    use of the settings above only the images, the validation images and the number of models;
    their fields are multiples of 0.1 mT. They also run on the device."""
