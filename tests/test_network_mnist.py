"""The accuracies that the published device must reach on MNIST."""

import numpy as np
import pytest
from network_setup import make_device

from config import Network
from network.accuracy import model_accuracies
from network.exported import TrainedModel
from network.images import obtain, prepare
from network.kinds import Kind
from network.training import Trainer

CHOSEN = [
    Kind("stochastic", 1, 0.01),
    Kind("stochastic", 8, 0.001),
    Kind("stochastic", 128, 0.001),
    Kind("mean-field", 1, 0.01),
]


@pytest.mark.slow
def test_published_device_reaches_the_expected_accuracies():
    images, device = prepare(obtain(None)), make_device()
    shares = []
    for model in range(3):
        trainer = Trainer(Network(), device, images, CHOSEN, model=model, seed=2023)
        trained = TrainedModel("ellis2023", "", model, 2023, tuple(trainer.train()))
        shares.append(model_accuracies(trained, device.curve, images))
    one, eight, many, one_mean_field = np.mean(shares, axis=0)
    assert one >= 0.845
    assert eight >= 0.866
    assert many >= 0.890
    assert one - one_mean_field >= 0.04
