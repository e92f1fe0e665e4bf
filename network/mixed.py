"""Ten sums of one read per synapse, mixed by the computer before it decides.

The paper's network has one neuron for each class, whose synapses pass or do not: weights of hardly
more than 0 and 1. Here the neurons are features of the image instead, and the computer that adds
their biases also mixes them,

    z_c = sum_i M_ci y_i + b_c,

with a real matrix M of classes x neurons. The hardware does the same reads as before: y_i is
Eq. 3 with K = 1 and as many synapses. The computer does n_out^2 multiplications for each image,
where it did none. The weight of pixel j for class c is then sum_i M_ci f_ij, no longer 0 or 1.

Fields, matrix and biases are learned together (`network.descent`). What it does without, and why,
is in docs/methods.md.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from config.network import Network
from fitting.device import DeviceModel
from fitting.grid import FieldGrid
from network.descent import Descent, descend, training_images
from network.images import Images
from network.kinds import Kind, usable_fields_mT
from network.layer import StochasticSynapses
from network.sampling import neuron_sums
from network.streams import generator, stream

Floats = NDArray[np.float64]
STEP_mT = 0.1  # the precision of the paper's field
KIND = Kind("stochastic", 1)
SPREAD = 0.3  # fields begin where f is 1/2 at most so far off, so that neurons differ
MIXING = 0.3  # the matrix begins as so many times the identity


@dataclass(frozen=True)
class MixedNetwork:
    """A trained network.

    Parameters
    ----------
    fields_mT
        Fields on the instrument's grid, shape (n_out, n_in).
    mixing
        Matrix M, shape (n_out, n_out).
    biases
        b_c, shape (n_out,).
    """

    fields_mT: Floats
    mixing: Floats
    biases: Floats

    def predictions(self, outputs: Floats) -> NDArray[np.int64]:
        """Return classes from the outputs y_i, shape (..., n_out)."""
        return np.argmax(outputs @ self.mixing.T + self.biases, axis=-1)

    def accuracy(
        self,
        device: DeviceModel,
        pixels: NDArray[np.uint8],
        labels: NDArray[np.int64],
        *,
        model: int,
        seed: int,
        passes: int = 16,
    ) -> float:
        """Return the share of images told right with one exact read per active synapse.

        Parameters
        ----------
        device
            The device.
        pixels, labels
            Binary images, shape (n_images, n_in), and their classes.
        model, seed
            The reads follow from these and from the number of the pass.
        passes
            So many times all images are read.
        """
        f = np.asarray(device.curve.probability(self.fields_mT))[None]
        right = []
        for number in range(passes):
            streams = np.array([stream(seed, model, KIND, "mixed test", number)])
            sums = neuron_sums(f, pixels, [1], streams)[0]
            right.append(np.mean(self.predictions(sums) == labels))
        return float(np.mean(right))


def train_mixed(
    config: Network,
    device: DeviceModel,
    images: Images,
    *,
    model: int,
    seed: int,
    descent: Descent | None = None,
) -> MixedNetwork:
    """Train one network; the result depends on these arguments alone.

    Parameters
    ----------
    config
        Gives the number of validation images, which are left out.
    device
        The device whose curve the synapses follow.
    images
        The images to learn from; labels run from 0.
    model, seed
        Number of the model among the independent ones, and the seed of the study.
    descent
        How it is trained; the defaults were chosen on validation images of MNIST at 14 x 14.

    Raises
    ------
    InputError
        If the device cannot serve as a synapse.
    """
    usable_fields_mT(device)
    grid = device.field_grid(STEP_mT)
    pixels, labels = training_images(config, images, model=model, seed=seed)
    readout = _Readout(device, pixels[:500], int(labels.max()) + 1, model, seed)
    descend(
        *(descent or Descent(), readout, [readout.layer], [readout.mixing, readout.biases]),
        *(pixels, labels),
        grid=grid,
        model=model,
        seed=seed,
        name=f"{device.name}, mixed, model {model}",
    )
    return readout.network(grid)


class _Readout(torch.nn.Module):
    """The layer and the matrix after it, about the mean outputs of some images."""

    def __init__(
        self, device: DeviceModel, pixels: torch.Tensor, n_out: int, model: int, seed: int
    ):
        super().__init__()
        n_in = pixels.shape[1]
        self.layer = StochasticSynapses.start(
            device.curve,
            [KIND],
            n_in,
            n_out,
            spread=SPREAD,
            rng=generator(seed, model, "start"),
            sampler="gaussian",
        )
        self.mixing = torch.nn.Parameter(MIXING * torch.eye(n_out, dtype=torch.float64))
        self.biases = torch.nn.Parameter(torch.zeros(n_out, dtype=torch.float64))
        with torch.no_grad():
            self.middle = (pixels.double() @ self.layer.weights()[0].T).mean(0)

    def forward(
        self, pixels: torch.Tensor, streams: NDArray[np.uint64], first_image: int
    ) -> torch.Tensor:
        y = self.layer(pixels, streams, first_image)[0]
        return (y - self.middle) @ self.mixing.T + self.biases

    @torch.no_grad()
    def network(self, grid: FieldGrid) -> MixedNetwork:
        """Return what was learned, with fields on the grid."""
        fields_mT = grid.nearest_mT(self.layer.fields_mT[0].numpy())
        biases = (self.biases - self.mixing @ self.middle).numpy()
        return MixedNetwork(fields_mT, self.mixing.numpy().copy(), biases)
