"""Ten sums of one read per synapse, mixed by the computer before it decides.

The paper's network has one neuron for each class, whose synapses pass or do not: weights close to
0 or 1. Here the neurons are features of the image instead, and the computer that adds
their biases also mixes them,

    z_c = sum_i M_ci y_i + b_c,

with a real matrix M of classes x neurons. The hardware does the same reads as before: y_i is
Eq. 3 with K = 1 and as many synapses. The computer does n_out^2 multiplications for each image,
where it did none. The weight of pixel j for class c is then sum_i M_ci f_ij, no longer 0 or 1.

Fields, matrix and biases are learned together (`network.training.gaussian_descent`). The accuracy
is in docs/methods.md.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from dwsynapse.learning_rules import ON_DEVICE
from dwsynapse.study.network import Network
from fitting.device import DeviceModel
from network.images.prepared_images import Images
from network.kinds import Kind, PRECISION_mT, usable_fields_mT
from network.reads.random_streams import generator
from network.synapses.layer import StochasticSynapses
from network.trained_model import ExportedNetwork, TrainingRecord
from network.training.checkpoint import Checkpoint
from network.training.descent_schedule import Descent
from network.training.gaussian_descent import Learner, descend, split_tensors

RULE = "mixed-sums"
SPREAD = 0.3  # fields begin with f within this distance of 1/2, so that neurons differ
MIXING = 0.3  # the matrix begins as this multiple of the identity


def train(
    config: Network,
    device: DeviceModel,
    images: Images,
    *,
    model: int,
    seed: int,
    descent: Descent | None = None,
    checkpoint: Checkpoint | None = None,
) -> ExportedNetwork:
    """Train one network (`network.training.rules.rule_trainer.RuleTrainer`).

    Parameters
    ----------
    descent
        How it is trained; the defaults were chosen on validation images of MNIST at 14 x 14.

    Returns
    -------
    ExportedNetwork
        Fields are on the 0.1 mT grid; its matrix is M.
    """
    usable_fields_mT(device)
    plan, grid = descent or Descent(), device.field_grid(PRECISION_mT)
    chance = {"model": model, "seed": seed}
    training, validation = split_tensors(config, images, **chance)
    readout = _Readout(device, training[0][:500], int(images.train_labels.max()) + 1, **chance)
    learner = Learner(
        readout,
        layers=[readout.layer],
        others=[readout.mixing, readout.biases],
        grid=grid,
        name=f"{RULE}, model {model}",
    )
    losses = descend(learner, plan, training, validation, **chance, checkpoint=checkpoint)
    record = TrainingRecord(plan.rate_mT, plan.epochs, False, tuple(losses))
    fields_mT = grid.nearest_mT(readout.layer.fields_mT[0].detach().numpy())
    mixing, biases = readout.decision()
    return ExportedNetwork(RULE, plan.reads, fields_mT, biases, record, mixing)


class _Readout(torch.nn.Module):
    """The layer and the matrix after it, relative to the mean outputs of some images."""

    def __init__(
        self, device: DeviceModel, pixels: torch.Tensor, n_out: int, model: int, seed: int
    ):
        super().__init__()
        n_in = pixels.shape[1]
        self.layer = StochasticSynapses.start(
            device.curve,
            [Kind(ON_DEVICE, 1)],
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
    def decision(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the matrix, and the biases for outputs as they are read."""
        biases = self.biases - self.mixing @ self.middle
        return self.mixing.numpy().copy(), biases.numpy()
