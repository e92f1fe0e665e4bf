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
