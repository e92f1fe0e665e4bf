"""Wires that differ from synapse to synapse, and networks trained for them."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from dwsynapse.io.errors import InputError
from network.accuracy import model_accuracies
from network.kinds import Kind
from network.reads.random_streams import generator
from network.synapses.wire_variation import FAR, Population
from network.trained_model import TrainedModel
from network.training.checkpoint import Checkpoint
from network.training.trainer import Trainer
from network.training.validation_loss import SETS_OF_WIRES
from tests.network.small_images import make_config, make_device, make_images

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


def test_a_population_has_the_spread_asked_for():
    wires = Population(CURVE, 0.5, 0.3).draw((200, 100), np.random.default_rng(2))
    # The relative error of an sd of n draws is 1/sqrt(2n); five of them: 6e-7 each.
    tolerance = {"rel": 5 / np.sqrt(2 * 20_000)}
    assert wires.place_mT.std() == pytest.approx(0.5, **tolerance)
    assert np.log(wires.steepness).std() == pytest.approx(0.3, **tolerance)
    low, high = Population(CURVE, 0.5, 0.03).felt_range_mT(0, 10)
    wires = Population(CURVE, 0.5, 0.03).draw((200, 100), np.random.default_rng(2))
    felt = wires.felt_mT(np.array([[0.0], [10.0]]).repeat(10_000, axis=1).reshape(200, 100))
    assert low < felt.min() < 0 < 10 < felt.max() < high
    assert Population(CURVE, 0.5, 2.0).felt_range_mT(0, 10) == (-10, 20)
    assert Population(CURVE, 0.5).felt_range_mT(0, 10) == pytest.approx(
        (-0.5 * FAR, 10 + 0.5 * FAR)
    )


def make_trainer(place_sd_mT, steepness_sd, *, model=0, threads=1, **changes):
    config = make_config(wire_place_sd_mT=place_sd_mT, wire_steepness_sd=steepness_sd, **changes)
    kinds = [Kind("stochastic", 128, 0.02), Kind("mean-field", 1, 0.02), Kind("perceptron", None)]
    return Trainer(config, DEVICE, make_images(), kinds, model=model, seed=1, threads=threads)


def train(place_sd_mT, steepness_sd=0.0, **options):
    return make_trainer(place_sd_mT, steepness_sd, **options).train()


@pytest.fixture(scope="module")
def bearing():
    return train(1.0, 0.2)


def share_on_wires(network, images):
    """Return the mean accuracy without sampling, over the same 20 sets of wires."""
    shares, fields_mT = [], network.fields_mT
    for number in range(20):
        rng = np.random.default_rng([3, number])
        felt_mT = Population(CURVE, 1.0, 0.2).draw(fields_mT.shape, rng).felt_mT(fields_mT)
        outputs = images.test_pixels @ CURVE.probability(felt_mT).T
        shares.append(np.mean(network.predictions(outputs) == images.test_labels))
    return np.mean(shares)


def test_networks_trained_so_tolerate_wires_they_have_not_seen():
    images = make_images()
    gains = [
        share_on_wires(train(1.0, 0.2, model=model)[0], images)
        - share_on_wires(train(0.0, model=model)[0], images)
        for model in range(6)
    ]
    # Student's one-sided test over models.
    assert ttest_1samp(gains, 0.0, alternative="greater").pvalue < 1e-3, gains


def test_wires_of_training_are_not_those_of_the_test():
    trainer = make_trainer(1.0, 0.0)
    seen = generator(1, 0, "training wires", 0).standard_normal(4)
    assert not np.array_equal(seen, generator(1, 0, "wires", 0).standard_normal(4))
    assert len(trainer.validation.wires) == SETS_OF_WIRES
    assert len(make_trainer(1.0, 0.0, validation_images=5).validation.wires) == 5


def test_wires_that_differ_by_more_than_all_fields_are_refused():
    with pytest.raises(InputError, match=r"wire_place_sd_mT: 50 mT is more .* 0 to 10 mT"):
        make_trainer(50.0, 0.0)


def test_the_record_says_for_which_wires_a_network_is(bearing):
    records = [network.training for network in bearing]
    assert [record.wire_place_sd_mT for record in records] == [1.0, 1.0, 0.0]
    assert [record.wire_steepness_sd for record in records] == [0.2, 0.2, 0.0]


def test_an_interrupted_training_meets_the_same_wires(bearing, tmp_path, monkeypatch):
    checkpoint, original = Checkpoint(tmp_path / "w.checkpoint", "toy"), Trainer._train_epoch

    def interrupted(self, progress, live):
        if progress.epoch == 3:
            raise KeyboardInterrupt
        original(self, progress, live)

    monkeypatch.setattr(Trainer, "_train_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make_trainer(1.0, 0.2).train(checkpoint)
    monkeypatch.setattr(Trainer, "_train_epoch", original)
    for one, other in zip(make_trainer(1.0, 0.2).train(checkpoint), bearing, strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)


def test_the_perceptron_has_no_wires_and_threads_change_nothing(bearing):
    np.testing.assert_array_equal(bearing[2].weights, train(0.0)[2].weights)
    for one, other in zip(train(1.0, 0.2, threads=2), bearing, strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)
        assert one.training == other.training


def test_on_the_device_itself_it_still_classifies_the_images(bearing):
    model = TrainedModel("toy", "", 0, 1, tuple(bearing))
    assert min(model_accuracies(model, CURVE, make_images())) > 0.9  # guessing gives 1/3
