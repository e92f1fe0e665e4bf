"""The file of a trained crossbar: what is written is read, and each defect is named."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dwsynapse.io.errors import InputError
from dwsynapse.study.crossbar import Carry, Crossbar
from network.crossbar.model import trained_crossbar
from network.crossbar.model.crossbar_record import ResponseOrigin
from network.crossbar.model.export_crossbar import export
from network.crossbar.model.trained_crossbar import TrainedCrossbar
from network.crossbar.starting_arrays import weights_of
from network.crossbar.train_crossbars import CrossbarRun, CrossbarTraining
from network.images.grey_images import GreyImages
from tests.network.crossbar.conftest import linear_response

RESPONSE = replace(linear_response(0.05, 0.01), source="simulated pulses")


def train(folder: Path, images: GreyImages, **settings: object) -> TrainedCrossbar:
    """Return a crossbar after one epoch, trained through a response in a folder."""
    RESPONSE.write(folder / "response.npz", {"seed": 1})
    given = {"hidden": (5,), "epochs": 1, "validation_images": 100, "devices": 3, **settings}
    run = CrossbarRun(Crossbar.model_validate(given), RESPONSE, 2, 7)
    training = CrossbarTraining(run, images)
    training.train_epoch()
    origin = ResponseOrigin.of(folder / "response.npz", RESPONSE)
    return export(training, origin, {"seed": 7}, 0.25)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"update": "ideal", "validation_images": 0},
        {"carry": Carry(base=4), "levels": 16},
        {"devices": 255},
    ],
)
def test_what_is_written_is_read(
    tmp_path: Path, grey_images: GreyImages, settings: dict[str, object]
) -> None:
    """Arrays, settings and record."""
    made = train(tmp_path, grey_images, **settings)
    trained_crossbar.write(tmp_path / "model2.json", made)
    back = trained_crossbar.read(tmp_path / "model2.json", tmp_path / "response.npz")
    for name in ("response", "model", "seed", "record", "provenance", "widths"):
        assert getattr(back, name) == getattr(made, name)
    assert back.config.model_copy(update={"models": 1}) == made.config.model_copy(
        update={"models": 1}
    )
    assert back.response.source == "simulated pulses"
    for a, b in zip(back.layers, made.layers, strict=True):
        assert_array_equal(a.weights, b.weights)
        assert (a.x is None) == (b.x is None) == (made.config.update == "ideal")
        assert_array_equal(a.x, b.x)
        assert_array_equal(a.device, b.device)


def test_weights_are_differences_of_conductances(tmp_path: Path, grey_images: GreyImages) -> None:
    """W = scale (G+ - G-) / range of the nominal device, for devices that differ."""
    made = train(tmp_path, grey_images)
    conductances_S = made.conductances_S(0)
    assert conductances_S.shape == (1, 2, 17, 5)
    difference = (conductances_S[0, 0] - conductances_S[0, 1]) / RESPONSE.range_S
    assert_allclose(made.layers[0].scale * difference, made.weights[0], atol=1e-5)
    ideal = train(tmp_path, grey_images, update="ideal")
    with pytest.raises(InputError, match="ideal updates, and has no conductances"):
        ideal.conductances_S(0)


def test_the_same_response_in_another_file_is_accepted(
    tmp_path: Path, grey_images: GreyImages
) -> None:
    """One that was made at another time; not one of another device."""
    trained_crossbar.write(tmp_path / "model2.json", train(tmp_path, grey_images))
    RESPONSE.write(tmp_path / "again.npz", {"seed": 2})
    trained_crossbar.read(tmp_path / "model2.json", tmp_path / "again.npz")
    linear_response(0.04).write(tmp_path / "other.npz", {})
    with pytest.raises(
        InputError, match=r"response\.sha256: was trained through another .*; train"
    ):
        trained_crossbar.read(tmp_path / "model2.json", tmp_path / "other.npz")


def of_layer(n: int, **changes: Callable[[np.ndarray], np.ndarray]) -> Callable[..., object]:
    """Return what changes arrays of one layer of a crossbar."""

    def change(made: TrainedCrossbar) -> TrainedCrossbar:
        layers = list(made.layers)
        changed = {name: f(getattr(layers[n], name).copy()) for name, f in changes.items()}
        layers[n] = replace(layers[n], **changed)
        return replace(made, layers=tuple(layers))

    return change


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (of_layer(0, x=lambda x: x * 3), r"layer0\.x: the conductance at .* outside the response"),
        (of_layer(1, x=lambda x: x[:, :1]), r"layer1\.x: shape \(1, 1, 6, 4\) is not \(1, 2, 6, 4"),
        (of_layer(0, x=lambda x: x * 0.99), r"layer0\.x: has walls between the 16 levels"),
        (of_layer(0, device=lambda d: d + 9), r"layer0\.device: names devices that are not among"),
        (of_layer(0, weights=lambda w: w[:, :3]), r"layer0\.weights: shape \(17, 3\) is not"),
        (of_layer(1, weights=lambda w: w * np.nan), r"safetensors: layer1\.weights: .* not finite"),
        (lambda made: replace(made, layers=made.layers[:1]), r"layers: 1 layers, where .* has 2"),
        (
            lambda made: replace(made, low_S=made.high_S),
            r"devices\.low_S, devices\.high_S: must be",
        ),
        (
            lambda made: replace(made, low_S=made.low_S[:2]),
            r"devices\.low_S, devices\.high_S: must",
        ),
    ],
)
def test_arrays_that_are_wrong_are_named(
    tmp_path: Path, grey_images: GreyImages, damage: Callable[..., TrainedCrossbar], line: str
) -> None:
    """Conductances outside the table, shapes, kinds of device."""
    made = train(tmp_path, grey_images, levels=16)
    trained_crossbar.write(tmp_path / "model2.json", damage(made))
    with pytest.raises(InputError, match=line):
        trained_crossbar.read(tmp_path / "model2.json")


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("config", {"levels": 1}, r"levels: must be 2 to 65536, .* \(found 1\)"),
        ("model", "one", "model: must be a valid integer"),
        ("format_version", 9, "format version 9 is not 1"),
        ("format", "dwsynapse-network", "expected a file of format 'dwsynapse-crossbar'"),
    ],
)
def test_keys_that_are_wrong_are_named(
    tmp_path: Path, grey_images: GreyImages, key: str, value: object, line: str
) -> None:
    """One line with the file."""
    path = tmp_path / "model2.json"
    trained_crossbar.write(path, train(tmp_path, grey_images))
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, key: value}))
    with pytest.raises(InputError, match=rf"model2\.json: .*{line}"):
        trained_crossbar.read(path)


def test_the_best_epoch_is_one_of_the_epochs(tmp_path: Path, grey_images: GreyImages) -> None:
    """Else nothing says how well the network does."""
    made = train(tmp_path, grey_images)
    later = replace(made, record=replace(made.record, best_epoch=2))
    trained_crossbar.write(tmp_path / "model2.json", later)
    with pytest.raises(InputError, match=r"training\.best_epoch: 2 is after the last epoch"):
        trained_crossbar.read(tmp_path / "model2.json")


def test_weights_follow_from_the_positions(tmp_path: Path, grey_images: GreyImages) -> None:
    """What is kept are weights and positions of the same epoch."""
    made = train(tmp_path, grey_images, devices=1)
    layer = made.layers[1]
    from network.crossbar.kernels.packed_tables import pack

    read = weights_of(layer.x, layer.device, pack([RESPONSE]), layer.scale, 1.0)
    assert_allclose(read, layer.weights, atol=1e-6)
