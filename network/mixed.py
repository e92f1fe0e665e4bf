"""Ten sums of one read per synapse, mixed by the computer before it decides.

The paper's network has one neuron for each class, whose synapses pass or do not: weights of hardly
more than 0 and 1. Here the neurons are features of the image instead, and the computer that adds
their biases also mixes them,

    z_c = sum_i M_ci y_i + b_c,

with a real matrix M of classes x neurons. The hardware does the same reads as before: y_i is
Eq. 3 with K = 1 and as many synapses. The computer does n_out^2 multiplications for each image,
where it did none. The weight of pixel j for class c is then sum_i M_ci f_ij, no longer 0 or 1.

Fields, matrix and biases are learned together, by the stochastic rule on Gaussian reads. Reads go
from 16 to one in the first half of the training, and the learning rate falls as a cosine.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from config.network import Network
from fitting.device import DeviceModel
from network.grid import FieldGrid
from network.images import Images
from network.kinds import Kind, usable_fields_mT
from network.layer import StochasticSynapses
from network.sampling import neuron_sums
from network.streams import generator, stream

Floats = NDArray[np.float64]
KIND = Kind("stochastic", 1)


@dataclass(frozen=True)
class Schedule:
    """How the training goes; the defaults were chosen on validation images of MNIST at 14 x 14.

    Parameters
    ----------
    epochs, batch_images
        Passes over the training images, and images in a mini-batch.
    rate_mT, mixing_rate
        Adam's learning rates at the start, of the fields and of matrix and biases.
    first_reads
        Reads K at the start; falls geometrically to one after half of the epochs.
    spread
        The fields begin where f is between 1/2 - spread and 1/2 + spread, so that neurons differ.
    mixing
        The matrix begins as so many times the identity.
    """

    epochs: int = 60
    batch_images: int = 500
    rate_mT: float = 0.05
    mixing_rate: float = 0.01
    first_reads: float = 16.0
    spread: float = 0.3
    mixing: float = 0.3


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
    schedule: Schedule | None = None,
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
    schedule
        How the training goes.

    Raises
    ------
    InputError
        If the device cannot serve as a synapse.
    """
    plan, grid = schedule or Schedule(), FieldGrid(*usable_fields_mT(device))
    chosen = generator(seed, model, "split").permutation(len(images.train_labels))
    chosen = chosen[config.validation_images :]
    pixels = torch.from_numpy(images.train_pixels[chosen])
    labels = torch.from_numpy(images.train_labels[chosen])
    readout = _Readout(device, pixels[: plan.batch_images], int(labels.max()) + 1, plan, seed, grid)
    adam = torch.optim.Adam(
        [
            {"params": [readout.layer.fields_mT], "lr": plan.rate_mT},
            {"params": [readout.mixing, readout.biases], "lr": plan.mixing_rate},
        ]
    )
    starts = range(0, len(labels), plan.batch_images)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(adam, plan.epochs * len(starts))
    for epoch in tqdm(range(plan.epochs), desc=f"{device.name}, mixed, model {model}"):
        readout.take_reads(plan.first_reads ** max(0.0, 1 - 2 * epoch / plan.epochs))
        order = generator(seed, model, "order", epoch).permutation(len(labels))
        streams = np.array([stream(seed, model, KIND, "mixed training", epoch)])
        for start in starts:
            batch = order[start : start + plan.batch_images]
            outputs = readout(pixels[batch], streams, start)
            adam.zero_grad()
            torch.nn.functional.cross_entropy(outputs, labels[batch]).backward()
            adam.step()
            falling.step()
            with torch.no_grad():
                readout.layer.fields_mT.clamp_(grid.low_mT, grid.high_mT)
    return readout.network()


class _Readout(torch.nn.Module):
    """The layer and the matrix after it, about the mean outputs of some images."""

    def __init__(
        self,
        device: DeviceModel,
        pixels: torch.Tensor,
        n_out: int,
        plan: Schedule,
        seed: int,
        grid: FieldGrid,
    ):
        super().__init__()
        self.grid = grid
        self.layer = StochasticSynapses.start(
            device.curve,
            [KIND],
            pixels.shape[1],
            n_out,
            spread=plan.spread,
            seed=seed,
            sampler="gaussian",
        )
        self.mixing = torch.nn.Parameter(plan.mixing * torch.eye(n_out, dtype=torch.float64))
        self.biases = torch.nn.Parameter(torch.zeros(n_out, dtype=torch.float64))
        with torch.no_grad():
            self.middle = (pixels.double() @ self.layer.weights()[0].T).mean(0)

    def take_reads(self, reads: float) -> None:
        """Let the outputs vary as those of so many reads."""
        self.layer.inverse_reads.fill_(1 / reads)

    def forward(
        self, pixels: torch.Tensor, streams: NDArray[np.uint64], first_image: int
    ) -> torch.Tensor:
        y = self.layer(pixels, streams, first_image)[0]
        return (y - self.middle) @ self.mixing.T + self.biases

    @torch.no_grad()
    def network(self) -> MixedNetwork:
        """Return what was learned, with fields on the grid."""
        fields_mT = self.grid.nearest_mT(self.layer.fields_mT)[0].numpy()
        biases = (self.biases - self.mixing @ self.middle).numpy()
        return MixedNetwork(fields_mT, self.mixing.numpy().copy(), biases)
