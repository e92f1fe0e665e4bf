"""Checkpoints of training: of which code, config and inputs they are used."""

import numpy as np
import pytest

from dwsynapse.io.files import provenance
from network.training.checkpoint import Checkpoint, Progress


@pytest.mark.parametrize(
    ("changed", "goes_on"),
    [({"code_version": "a later commit"}, True), ({"code": "other"}, False), ({"seed": 2}, False)],
)
def test_training_goes_on_after_a_commit_and_not_after_a_change_of_code(
    tmp_path, capsys, changed, goes_on
):
    origin, path = provenance("network", seed=1), tmp_path / "model0.checkpoint"
    Checkpoint.of(path, origin, 0).save(Progress.start(np.ones((2, 3))))
    assert (Checkpoint.of(path, origin | changed, 0).load() is not None) == goes_on
    said = capsys.readouterr().err
    assert ("of another device, config, images, seed or code" in said) != goes_on
    assert path.exists() == goes_on


def test_a_checkpoint_with_one_other_byte_anywhere_is_not_used(tmp_path):
    path, rng = tmp_path / "model0.checkpoint", np.random.default_rng(0)
    checkpoint = Checkpoint.of(path, provenance("network", seed=1), 0)
    progress = Progress.start(rng.random((2, 3)))
    progress.add_losses(np.array([0.5, 0.25]))
    checkpoint.save(progress)
    whole = path.read_bytes()
    assert checkpoint.load().validation_loss == [[0.5], [0.25]]
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        loaded = checkpoint.load()
        if loaded is not None:  # a space of the header, for example
            for name in ("parameters", "first", "second", "best"):
                assert np.array_equal(getattr(loaded, name), getattr(progress, name))
            assert loaded.validation_loss == progress.validation_loss
