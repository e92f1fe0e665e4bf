"""A crossbar's training goes on from its checkpoint, anywhere in an epoch, to the same network."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from dwsynapse.study.crossbar import Carry, Crossbar
from network.crossbar.crossbar_checkpoint import CrossbarCheckpoint
from network.crossbar.train_crossbars import CrossbarRun, CrossbarTraining, train_crossbars
from network.images.grey_images import GreyImages
from tests.network.crossbar.conftest import linear_response


def training(images: GreyImages, **settings: Any) -> CrossbarTraining:
    """Return a small training."""
    given = {"hidden": (6,), "epochs": 2, "validation_images": 100, "devices": 3, **settings}
    config = Crossbar.model_validate(given)
    return CrossbarTraining(CrossbarRun(config, linear_response(0.05, 0.01), 0, 7), images)


@pytest.mark.parametrize(
    "settings",
    [
        {"levels": 32, "batch_images": 7},
        {"carry": Carry(every=3), "validation_images": 0},
        {"register_bits": 8, "update": "whole"},
        {"update": "ideal"},
    ],
)
@pytest.mark.parametrize("parts", [1, 4])
def test_from_any_part_of_an_epoch_it_ends_in_the_same_network(
    tmp_path: Path, grey_images: GreyImages, settings: dict[str, Any], parts: int
) -> None:
    """Through the file: arrays, accuracies and the best epoch are the same."""
    whole = training(grey_images, **settings)
    train_crossbars([whole])
    begun = training(grey_images, **settings)
    for _ in range(parts):
        begun.train_some(200)
    checkpoint = CrossbarCheckpoint.of(tmp_path / "model0.checkpoint", {"seed": 7}, 0)
    checkpoint.save(begun.progress)
    again = training(grey_images, **settings)
    loaded = checkpoint.load()
    assert loaded is not None
    again.progress = loaded
    train_crossbars([again])
    for name, array in whole.progress.arrays().items():
        assert_array_equal(array, again.progress.arrays()[name])
    for name, array in whole.progress.best.items():
        assert_array_equal(array, again.progress.best[name])
    assert whole.progress.test == again.progress.test
    assert whole.progress.best_epoch == again.progress.best_epoch
    assert whole.progress.updates == again.progress.updates


def test_a_checkpoint_of_other_settings_is_kept_aside(
    tmp_path: Path, grey_images: GreyImages, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not used, and not lost."""
    path = tmp_path / "model0.checkpoint"
    CrossbarCheckpoint.of(path, {"seed": 7}, 0).save(training(grey_images).progress)
    assert CrossbarCheckpoint.of(path, {"seed": 8}, 0).load() is None
    assert "starting from the beginning" in capsys.readouterr().err
    assert path.with_name("model0.checkpoint.other").exists()


def test_one_other_byte_in_a_wall_is_noticed(tmp_path: Path, grey_images: GreyImages) -> None:
    """The file says what its numbers must add up to."""
    checkpoint = CrossbarCheckpoint.of(tmp_path / "model0.checkpoint", {"seed": 7}, 0)
    checkpoint.save(training(grey_images).progress)
    content = bytearray(checkpoint.path.read_bytes())
    content[-5] ^= 1
    checkpoint.path.write_bytes(content)
    assert checkpoint.load() is None


def test_pulses_are_counted_without_an_effect(grey_images: GreyImages) -> None:
    """Training with and without counting them ends in the same network."""
    counted, plain = training(grey_images), training(grey_images)
    train_crossbars([counted])
    while not plain.is_done:
        plain.train_epoch()
    assert_array_equal(counted.progress.layers[0].x, plain.progress.layers[0].x)
    # Of so few images, each mini-batch is counted.
    n_batches = -(-len(counted.training) // counted.run.config.batch_images)
    assert [len(samples) for samples in counted.progress.pulses] == [n_batches] * 2
    assert np.all(np.array(counted.progress.pulses) > 0)
    assert plain.progress.pulses == []
