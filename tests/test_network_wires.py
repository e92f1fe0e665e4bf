"""Wires that differ from synapse to synapse, and networks that learn to bear them."""

import numpy as np
import pytest
from network_setup import make_config, make_device, make_images

from network.accuracy import model_accuracies
from network.exported import TrainedModel
from network.kinds import Kind
from network.training import Trainer
from network.wires import FAR, Population

DEVICE = make_device()
CURVE = DEVICE.curve


def test_a_wire_has_the_curve_at_its_own_place_and_with_its_own_steepness():
    wires = Population(CURVE, place_sd_mT=0.5, steepness_sd=0.3).draw(
        (3, 4), np.random.default_rng(1)
    )
    place, steepness = wires.place_mT[1, 2], wires.steepness[1, 2]
    own = make_device(h0_mT=CURVE.h0_mT + place, delta_per_mT=CURVE.delta_per_mT * steepness).curve
    fields_mT = np.linspace(0, 10, 21)
    felt_mT = np.array([wires.felt_mT(np.full((3, 4), h))[1, 2] for h in fields_mT])
    np.testing.assert_allclose(CURVE.probability(felt_mT), own.probability(fields_mT), atol=1e-12)


def test_a_population_has_the_spread_it_is_told():
    wires = Population(CURVE, 0.5, 0.3).draw((200, 100), np.random.default_rng(2))
    # The relative error of an sd of n draws is 1/sqrt(2n); five of them: 6e-7 each.
    tolerance = {"rel": 5 / np.sqrt(2 * 20_000)}
    assert wires.place_mT.std() == pytest.approx(0.5, **tolerance)
    assert np.log(wires.steepness).std() == pytest.approx(0.3, **tolerance)
    low, high = Population(CURVE, 0.5, 0.3).felt_range_mT(0, 10)
    felt = wires.felt_mT(np.array([[0.0], [10.0]]).repeat(10_000, axis=1).reshape(200, 100))
    assert low < felt.min() < 0 < 10 < felt.max() < high
    assert Population(CURVE, 0.5).felt_range_mT(0, 10) == pytest.approx(
        (-0.5 * FAR, 10 + 0.5 * FAR)
    )


def train(place_sd_mT, steepness_sd=0.0, threads=1):
    config = make_config(wire_place_sd_mT=place_sd_mT, wire_steepness_sd=steepness_sd)
    kinds = [Kind("stochastic", 128, 0.02), Kind("stochastic", 8, 0.02), Kind("perceptron", None)]
    images = make_images()
    return Trainer(config, DEVICE, images, kinds, model=0, seed=1, threads=threads).train()


@pytest.fixture(scope="module")
def bearing():
    return train(1.0, 0.2)


def test_a_network_trained_so_bears_wires_it_has_not_seen(bearing):
    images, rng = make_images(), np.random.default_rng(3)
    shares = []
    for network in (train(0.0)[0], bearing[0]):
        f = network.fields_mT
        for _ in range(20):
            wires = Population(CURVE, 1.0, 0.2).draw(f.shape, rng)
            outputs = images.test_pixels @ CURVE.probability(wires.felt_mT(f)).T
            shares.append(np.mean(network.predictions(outputs) == images.test_labels))
    plain, robust = np.reshape(shares, (2, 20))
    # Seeds are fixed: this cannot fail by chance.
    assert robust.mean() > plain.mean()
    assert robust.min() > plain.min()


def test_the_perceptron_has_no_wires_and_threads_change_nothing(bearing):
    np.testing.assert_array_equal(bearing[2].weights, train(0.0)[2].weights)
    for one, other in zip(train(1.0, 0.2, threads=2), bearing, strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)
        assert one.training == other.training


def test_on_the_device_itself_it_still_tells_the_images(bearing):
    model = TrainedModel("toy", "", 0, 1, tuple(bearing))
    assert min(model_accuracies(model, CURVE, make_images())) > 0.9  # guessing gives 1/3
