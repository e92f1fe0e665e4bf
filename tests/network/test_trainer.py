"""Training: the same network in any batch, and networks that learn."""

from dataclasses import replace

import numpy as np
import pytest

from dwsynapse.io.errors import InputError
from network.accuracy import model_accuracies, summarise
from network.kinds import Kind, kinds
from network.trained_model import TrainedModel
from network.training.checkpoint import Checkpoint
from network.training.trainer import Trainer
from tests.network.small_images import make_config, make_device, make_images

CHOSEN = [
    Kind("stochastic", 1, 0.03),
    Kind("stochastic", 128, 0.02),
    Kind("mean-field", 2, 0.02),
    Kind("mean-field-limit", None, 0.02),
    Kind("perceptron", None, 0.02),
]


def train(chosen=CHOSEN, *, checkpoint=None, model=0, threads=1, device=None, **changes):
    trainer = Trainer(
        *(make_config(**changes), device or make_device(), make_images(n_in=30), chosen),
        model=model,
        seed=1,
        threads=threads,
    )
    return trainer.train(checkpoint and Checkpoint(checkpoint, "toy"))


@pytest.fixture(scope="module")
def trained():
    return train()


def assert_same(one, other):
    assert one.training == other.training
    assert np.array_equal(one.weights, other.weights)
    assert np.array_equal(one.biases, other.biases)


@pytest.mark.parametrize("n", range(len(CHOSEN)))
def test_a_network_is_bit_identical_trained_alone_or_among_others(trained, n):
    assert_same(train(CHOSEN[n : n + 1])[0], trained[n])


@pytest.mark.parametrize("threads", [2, 7])
def test_the_number_of_threads_changes_nothing(trained, threads):
    for one, other in zip(train(threads=threads), trained, strict=True):
        assert_same(one, other)
    model, images = TrainedModel("toy", "", 0, 1, tuple(trained)), make_images(n_in=30)
    curve = make_device().curve
    assert model_accuracies(model, curve, images, threads=threads) == model_accuracies(
        model, curve, images
    )


def test_an_interrupted_training_reaches_the_same_networks(trained, tmp_path, monkeypatch):
    checkpoint = tmp_path / "model0.checkpoint"
    original, calls = Trainer._train_epoch, []

    def interrupted(self, progress, live):
        if len(calls) == 4:
            raise KeyboardInterrupt
        calls.append(progress.epoch)
        original(self, progress, live)

    monkeypatch.setattr(Trainer, "_train_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(checkpoint=checkpoint)
    monkeypatch.setattr(Trainer, "_train_epoch", original)
    resumed = train(checkpoint=checkpoint)
    for one, other in zip(resumed, trained, strict=True):
        assert_same(one, other)


def test_a_checkpoint_of_something_else_is_left_aside(trained, tmp_path, capsys):
    checkpoint = tmp_path / "model0.checkpoint"
    checkpoint.write_bytes(b"not a checkpoint")
    assert_same(train(CHOSEN[:1], checkpoint=checkpoint)[0], trained[0])
    assert "starting from the beginning" in capsys.readouterr().err


def test_every_kind_learns(trained):
    # The patterns differ in about 12 of 30 pixels and 3 are flipped: separable.
    model = TrainedModel("toy", "", 0, 1, tuple(trained))
    shares = model_accuracies(model, make_device().curve, make_images(n_in=30))
    # Seeds are fixed, so these bounds cannot fail by chance; untrained networks, whose neurons
    # are all alike, reach 0.34 to 0.36.
    assert min(shares) > 0.8
    assert shares[1] > 0.95


def test_the_summary_counts_the_models_that_ended_by_patience(trained):
    models = [
        TrainedModel(
            *("toy", "", model, 1),
            (replace(trained[0], training=replace(trained[0].training, converged=model == 0)),),
        )
        for model in range(3)
    ]
    (row,) = summarise(models, [[0.8], [0.9], [0.7]])
    assert (row["n_converged"], row["n_models"]) == (1, 3)


def test_training_stops_by_patience_and_returns_the_best(trained):
    for network in train(CHOSEN[:3], max_epochs=300, patience_epochs=2):
        losses = network.training.validation_loss
        assert network.training.converged
        assert network.training.best_epoch == np.argmin(losses) + 1 == len(losses) - 2
    assert not all(network.training.converged for network in trained)


def test_models_differ_in_split_and_chance(trained):
    assert train(CHOSEN[:1], model=1)[0].training != trained[0].training


def test_fields_stay_in_the_devices_range_and_below_nucleation():
    device = make_device(field_range_mT=(3.0, 10.0), nucleation_field_mT=5.2)
    trainer = Trainer(
        make_config(), device, make_images(n_in=30), [Kind("stochastic", 1, 0.5)], model=0, seed=1
    )
    fields_mT = trainer.train()[0].fields_mT
    assert fields_mT.min() == 3.0
    assert 5.19 < fields_mT.max() < 5.2


def test_kinds_are_every_rule_with_every_k_and_both_limits():
    found = {(k.rule, k.reads, k.learning_rate) for k in kinds(make_config(reads_train=(1, 8)))}
    assert found == {
        ("stochastic", 1, 0.03),
        ("stochastic", 8, 0.02),
        ("mean-field", 1, 0.03),
        ("mean-field", 8, 0.02),
        ("mean-field-limit", None, 0.02),
        ("perceptron", None, 0.02),
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"field_range_mT": (5.0, 10.0)}, "never crosses 1/2"),
        ({"field_range_mT": (0.0, 4.5)}, "never crosses 1/2"),
        ({"field_range_mT": (4.5, 4.8)}, "never leaves 0.05 to 0.95"),
    ],
)
def test_a_device_that_cannot_be_a_synapse_is_reported_in_one_line(changes, message):
    with pytest.raises(InputError, match=message) as error:
        Trainer(make_config(), make_device(**changes), make_images(), CHOSEN, model=0, seed=1)
    assert "\n" not in str(error.value)


def test_no_images_left_to_train_on():
    with pytest.raises(InputError, match="validation_images"):
        train(validation_images=460)
