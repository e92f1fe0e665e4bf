"""Sums that the computer mixes before it decides."""

import numpy as np
import pytest
from network_setup import make_config, make_device, make_images

from network.descent import Descent
from network.kinds import usable_fields_mT
from network.mixed import MixedNetwork, train_mixed

IMAGES, DEVICE = make_images(), make_device()
SHORT = Descent(epochs=15, batch_images=60, rate_mT=0.2, rate=0.05)


def trained(seed, model=0):
    return train_mixed(make_config(), DEVICE, IMAGES, model=model, seed=seed, descent=SHORT)


def test_it_learns_on_the_instruments_grid_and_the_same_again():
    network = trained(1)
    share = network.accuracy(DEVICE, IMAGES.test_pixels, IMAGES.test_labels, model=0, seed=1)
    # Deterministic for this seed. Guessing gives 1/3, with standard error 0.04 on 120 images.
    assert share > 0.8
    steps = network.fields_mT / 0.1
    np.testing.assert_allclose(steps, steps.round(), atol=1e-9)
    low, high = usable_fields_mT(DEVICE)
    assert low <= network.fields_mT.min() < network.fields_mT.max() <= high
    np.testing.assert_array_equal(trained(1).fields_mT, network.fields_mT)
    assert not np.array_equal(trained(1, model=1).fields_mT, network.fields_mT)


def test_the_matrix_mixes_the_sums():
    swap = np.array([[0.0, 1.0], [1.0, 0.0]])
    network = MixedNetwork(np.zeros((2, 3)), swap, np.array([0.0, 0.5]))
    assert network.predictions(np.array([[3.0, 1.0], [1.0, 3.0], [2.2, 2.0]])).tolist() == [1, 0, 1]


def test_accuracy_is_that_of_exact_reads():
    # Fields far below and above the rise of a curve without floor: outputs are certain.
    device = make_device(floor=0.0)
    fields_mT = np.array([[10.0, 0.0], [0.0, 10.0]])
    network = MixedNetwork(fields_mT, np.eye(2), np.zeros(2))
    pixels = np.array([[1, 0], [0, 1]], np.uint8)
    assert network.accuracy(device, pixels, np.array([0, 1]), model=0, seed=0) == pytest.approx(1)
