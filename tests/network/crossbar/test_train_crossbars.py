"""Tests of the training of crossbars: its gradient, and that results depend on nothing else."""

import signal
import threading
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from dwsynapse.io.errors import InputError
from dwsynapse.study.crossbar import Carry, Crossbar
from network.crossbar.train_crossbars import CrossbarRun, CrossbarTraining, train_crossbars
from network.images.grey_images import GreyImages
from tests.network.crossbar.conftest import linear_response

SMALL = {"hidden": (12,), "epochs": 3, "validation_images": 100, "learning_rate": 0.05}


def training(images: GreyImages, model: int = 0, **settings: object) -> CrossbarTraining:
    """Return a small training."""
    config = Crossbar.model_validate({**SMALL, **settings})
    return CrossbarTraining(CrossbarRun(config, linear_response(0.05, 0.01), model, 7), images)


def weights(of: CrossbarTraining) -> list[np.ndarray]:
    """Return the weights of all layers."""
    return [layer.weights for layer in of.progress.layers]


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_ideal_updates_are_gradient_descent(grey_images: GreyImages, activation: str) -> None:
    """One epoch in mini-batches of 7 gives what automatic differentiation gives."""
    run = training(
        grey_images, update="ideal", activation=activation, epochs=1, batch_images=7, devices=1
    )
    expected = [torch.tensor(w.copy(), requires_grad=True) for w in weights(run)]
    from network.reads.random_streams import generator

    order = generator(7, 0, "crossbar order", 0).permutation(run.training)
    run.train_epoch()
    act = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}[activation]
    for first in range(0, len(order), 7):
        part = order[first : first + 7]
        x = torch.tensor(grey_images.train_pixels[part] / np.float32(255))
        hidden = act(x @ expected[0][:-1] + expected[0][-1])
        scores = hidden @ expected[1][:-1] + expected[1][-1]
        labels = torch.tensor(grey_images.train_labels[part])
        loss = torch.nn.functional.cross_entropy(scores, labels, reduction="sum")
        slopes = torch.autograd.grad(loss, expected)
        with torch.no_grad():
            for w, slope in zip(expected, slopes, strict=True):
                w -= 0.05 * slope
    for found, w in zip(weights(run), expected, strict=True):
        assert_allclose(found, w.detach(), atol=2e-4)


def test_pulses_without_noise_learn_as_ideal_updates(grey_images: GreyImages) -> None:
    """A linear response without spread does what is wanted, while weights stay in their range."""
    wide = {"weight_limits": (20.0, 20.0), "devices": 1}
    ideal = training(grey_images, update="ideal", **wide)
    pulses = training(grey_images, spread=0.0, **wide)
    train_crossbars([ideal, pulses])
    for a, b in zip(weights(ideal), weights(pulses), strict=True):
        assert_allclose(a, b, atol=0.01)
    assert ideal.progress.test[-1] > 0.9


DIFFERENT = (
    {"model": 0},
    {"model": 1, "levels": 32},
    {"model": 0, "carry": Carry(), "levels": 16, "rounding": "stochastic"},
    {"model": 2, "update": "whole", "batch_images": 1},
    {"model": 0, "register_bits": 8},
)


def trained(images: GreyImages, threads: int, settings: Sequence[dict]) -> list[list[np.ndarray]]:
    """Return the weights of networks that are trained together."""
    runs = [training(images, **given) for given in settings]
    train_crossbars(runs, threads)
    return [weights(run) for run in runs]


def test_a_network_depends_on_itself_alone(grey_images: GreyImages) -> None:
    """Together on two threads, or each alone: the same to the bit."""
    together = trained(grey_images, 2, DIFFERENT)
    for settings, found in zip(DIFFERENT, together, strict=True):
        for a, b in zip(found, trained(grey_images, 1, [settings])[0], strict=True):
            assert_array_equal(a, b)


def test_an_interrupted_training_ends_in_the_same_network(grey_images: GreyImages) -> None:
    """The progress after an epoch is all that the next one needs."""
    whole = training(grey_images, levels=32, devices=3)
    train_crossbars([whole])
    first = training(grey_images, levels=32, devices=3)
    first.train_epoch()
    second = CrossbarTraining(first.run, grey_images, first.progress)
    train_crossbars([second])
    for a, b in zip(weights(whole), weights(second), strict=True):
        assert_array_equal(a, b)
    assert whole.progress.test == second.progress.test


def test_any_number_of_layers(grey_images: GreyImages) -> None:
    """A perceptron and three layers learn, too."""
    perceptron = training(grey_images, hidden=(), weight_limits=(2.0,))
    deep = training(grey_images, hidden=(12, 8), weight_limits=(2.0, 2.0, 2.0), activation="tanh")
    train_crossbars([perceptron, deep])
    assert perceptron.progress.test[-1] > 0.9
    assert deep.progress.test[-1] > 0.8


def test_the_best_epoch_is_kept(grey_images: GreyImages) -> None:
    """That which classified most validation images correctly, with its weights."""
    run = training(grey_images, epochs=4)
    train_crossbars([run])
    progress = run.progress
    assert progress.best_epoch == int(np.argmax(progress.validation)) + 1
    again = training(grey_images, epochs=progress.best_epoch)
    train_crossbars([again])
    assert_array_equal(progress.best["weights.0"], weights(again)[0])


def test_settings_without_images_to_learn_from_are_refused(grey_images: GreyImages) -> None:
    """As many validation images as there are."""
    with pytest.raises(InputError, match="set aside fewer"):
        training(grey_images, validation_images=600)


def test_an_interrupt_ends_the_threads(grey_images: GreyImages) -> None:
    """As Ctrl-C in a notebook, which reaches the main thread alone."""
    long = training(grey_images, epochs=1000)

    def interrupt(run: CrossbarTraining) -> None:
        if run.progress.epoch == 2:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    # Shells start jobs in the background with the signal ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            train_crossbars([long], on_part=interrupt)
    finally:
        signal.signal(signal.SIGINT, before)
    assert 2 <= long.progress.epoch < 1000
