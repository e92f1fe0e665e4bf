"""The accuracies that the published device must reach on MNIST."""

import numpy as np
import pytest
from network_setup import make_device

from config import Network
from network.accuracy import model_accuracies
from network.exported import TrainedModel
from network.images import prepare
from network.kinds import Kind
from network.sources import obtain
from network.training import Trainer

CHOSEN = [
    Kind("stochastic", 1, 0.01),
    Kind("stochastic", 8, 0.001),
    Kind("stochastic", 128, 0.001),
    Kind("mean-field", 1, 0.01),
]


@pytest.mark.slow
def test_published_device_reaches_the_expected_accuracies():
    images, device = prepare(obtain("mnist", None)), make_device()
    shares = []
    for model in range(3):
        trainer = Trainer(Network(), device, images, CHOSEN, model=model, seed=2023)
        trained = TrainedModel("ellis2023", "", model, 2023, tuple(trainer.train()))
        shares.append(model_accuracies(trained, device.curve, images))
    # Training and test are deterministic for the fixed seed, so no threshold fails by chance on
    # unchanged code. The K = 1 bound is a property of this seed, whose mean is 0.847: nine models
    # of other seeds ranged from 0.843 to 0.848 with mean 0.8456 (standard deviation, from the
    # range, 0.0017), so after a change of the random stream right code misses 0.845 by chance once
    # in four. The other means lie 0.003 or more above their bounds, with a standard error of 0.001.
    one, eight, many, one_mean_field = np.mean(shares, axis=0)
    assert one >= 0.845
    assert eight >= 0.866
    assert many >= 0.890
    assert one - one_mean_field >= 0.04
