"""What is measured of updates: the pulses they take, and what of them is lost."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dwsynapse.io.errors import InputError
from dwsynapse.study.crossbar import Carry, Crossbar
from fitting.response.response_table import ResponseTable
from network.crossbar.kernels.gradients import wanted_changes
from network.crossbar.probe import lost_updates, pulses_per_image, warning_of
from network.crossbar.train_crossbars import CrossbarRun, CrossbarTraining
from network.images.grey_images import GreyImages
from tests.network.crossbar.conftest import linear_response


def training(
    images: GreyImages, response: ResponseTable | None = None, **settings: Any
) -> CrossbarTraining:
    """Return a small training, of nominal devices without spread from pulse to pulse."""
    given = {"hidden": (6,), "epochs": 1, "validation_images": 100, "devices": 1, **settings}
    response = response or linear_response(0.05)
    return CrossbarTraining(CrossbarRun(Crossbar.model_validate(given), response, 0, 7), images)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_wanted_changes_are_those_of_the_kernel(grey_images: GreyImages, activation: str) -> None:
    """Ideal updates by one mini-batch change weights by them."""
    run = training(grey_images, update="ideal", activation=activation)
    before = [layer.weights.copy() for layer in run.progress.layers]
    part = run.order()[:10]
    pixels, labels = grey_images.train_pixels[part], grey_images.train_labels[part]
    wanted = wanted_changes(before, pixels, labels, activation, run.rate)
    run.train_some(10)
    for layer, old, change in zip(run.progress.layers, before, wanted, strict=True):
        assert_allclose(layer.weights - old, change, atol=1e-6)


def test_pulses_are_the_change_over_the_step(grey_images: GreyImages) -> None:
    """Walls without noise move by a step for each pulse; carries make a digit's step smaller."""
    run = training(grey_images)
    counted = pulses_per_image(run)
    before = [layer.x.copy() for layer in run.progress.layers]
    run.train_some(10)
    moved = sum(
        float(np.abs(layer.x - old).sum())
        for layer, old in zip(run.progress.layers, before, strict=True)
    )
    assert counted == pytest.approx(moved / 0.05 / 10, rel=1e-3)
    with_carry = pulses_per_image(training(grey_images, carry=Carry(base=8)))
    assert with_carry == pytest.approx(8 * counted, rel=0.05)
    assert pulses_per_image(training(grey_images, update="ideal")) is None


def test_registers_give_off_few_pulses(grey_images: GreyImages) -> None:
    """Most wanted changes cancel in them: what is counted is what moves walls, by whole steps."""
    run = training(grey_images, update="whole", register_bits=4, learning_rate=0.05)
    run.train_some(100)
    counted = moved = 0.0
    for _ in range(30):
        counted += 10 * (pulses_per_image(run) or 0.0)
        before = [layer.x.copy() for layer in run.progress.layers]
        run.train_some(10)
        moved += sum(
            float(np.abs(layer.x - old).sum()) / 0.05
            for layer, old in zip(run.progress.layers, before, strict=True)
        )
    assert moved > 50
    # Pulses of two devices come together: five standard deviations of a Poisson number of pairs.
    assert counted == pytest.approx(moved, abs=5 * np.sqrt(2 * moved))


def test_updates_that_move_no_wall_are_lost(grey_images: GreyImages) -> None:
    """Changes below half a level are, and a warning says so with their share; training waits."""
    run = training(grey_images, levels=4, learning_rate=1e-4)
    before = run.progress.layers[0].x.copy()
    assert lost_updates(run) == 1.0
    assert_array_equal(run.progress.layers[0].x, before)
    assert run.progress.updates == 0
    said = warning_of(run, 1.0)
    assert said is not None
    assert said.startswith("100 % of the updates of a mini-batch are lost: they move no wall betw")
    free = training(grey_images, learning_rate=0.05)
    lost = lost_updates(free)
    assert lost is not None
    assert lost < 0.01
    assert warning_of(free, lost) is None


def test_what_keeps_the_mean_of_changes_is_not_warned_of(grey_images: GreyImages) -> None:
    """Whole pulses and random levels move few walls at once; a register loses nothing."""
    whole = training(grey_images, update="whole", learning_rate=0.01)
    lost = lost_updates(whole)
    assert lost is not None
    assert 0.5 < lost < 1
    assert warning_of(whole, 0.995) is None
    assert lost_updates(training(grey_images, register_bits=8)) is None
    assert lost_updates(training(grey_images, update="ideal")) is None


def test_levels_are_those_of_the_response(grey_images: GreyImages) -> None:
    """Where the settings say so; a response without levels is refused."""
    plain = linear_response(0.05)
    levels_S = np.linspace(1e-5, 2e-5, 6)
    notched = ResponseTable(
        plain.conductances_S, plain.probabilities, plain.dG_up_S, plain.dG_down_S, levels_S
    )
    run = training(grey_images, notched, levels="response")
    assert run.run.config.levels == 6
    assert set(np.rint(run.progress.layers[0].x * 5).ravel()) <= {0, 1, 2, 3, 4, 5}
    with pytest.raises(InputError, match=r"levels: the response has 0 levels; give their number"):
        training(grey_images, levels="response")
