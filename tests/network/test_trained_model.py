"""The exported model: round trip, and every way its files can be wrong."""

import json
import resource
from dataclasses import replace

import numpy as np
import pytest

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256
from network import trained_model
from network.trained_model import ExportedNetwork, TrainedModel, TrainingRecord
from tests.network.small_images import make_device

SWAP = np.array([[0.0, 1.0], [1.0, 0.0]])


def make_network(rule, reads, mixing=None):
    weights = np.arange(6.0).reshape(2, 3) + (reads or 0) / 8
    record = TrainingRecord(0.001, 2, True, (0.9, 0.5, 0.6))
    return ExportedNetwork(rule, reads, weights, np.array([0.5, -0.5]), record, mixing)


@pytest.fixture
def written(tmp_path):
    device = tmp_path / "device.json"
    make_device().write(device)
    networks = (
        make_network("stochastic", 8),
        make_network("perceptron", None),
        make_network("mixed-sums", 1, 2 * SWAP),
    )
    model = TrainedModel("toy", sha256(device), 1, 2023, networks, {"seed": 2023})
    trained_model.write(tmp_path / "model1.json", model)
    return model, tmp_path / "model1.json", device


def test_round_trip(written):
    model, path, device = written
    back = trained_model.read(path, device)
    assert (back.device_name, back.model, back.seed, back.provenance) == (
        *("toy", 1, 2023),
        {"seed": 2023},
    )
    for one, other in zip(back.networks, model.networks, strict=True):
        assert (one.name, one.training) == (other.name, other.training)
        assert np.array_equal(one.weights, other.weights)
        assert np.array_equal(one.biases, other.biases)
        assert (one.mixing is None) == (other.mixing is None)
    assert np.array_equal(back.network("mixed-sums", 1).mixing, 2 * SWAP)


def test_networks_are_found_by_rule_and_reads(written):
    model = written[0]
    assert model.network("stochastic", 8).fields_mT.shape == (2, 3)
    read, has = "stochastic-8, mixed-sums-1$", "stochastic-8, perceptron, mixed-sums-1"
    with pytest.raises(InputError, match=f"128 reads; give --reads-train and --rule .*: {read}"):
        model.network("stochastic", 128)
    with pytest.raises(InputError, match=f"no network of rule 'mean-field'; it has {has}"):
        model.network("mean-field")
    with pytest.raises(InputError, match="weights and no fields"):
        _ = model.network("perceptron").fields_mT


def test_predictions_add_the_bias():
    network = make_network("stochastic", 8)
    outputs = np.array([[1.0, 1.5], [1.0, 2.5]])
    assert network.predictions(outputs).tolist() == [0, 1]


def test_a_matrix_mixes_the_outputs_before_the_bias():
    network = make_network("mixed-sums", 1, SWAP)
    outputs = np.array([[3.0, 1.0], [1.0, 3.0], [2.8, 2.0], [1.8, 2.0]])
    assert network.predictions(outputs).tolist() == [1, 0, 0, 0]


def change(path, **changes):
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, **changes}))


def test_another_device_is_refused(written, tmp_path):
    make_device(h0_mT=5.0).write(tmp_path / "other.json")
    with pytest.raises(InputError, match=r"model1\.json: device\.sha256: .*'toy'.*train them"):
        trained_model.read(written[1], tmp_path / "other.json")


@pytest.mark.parametrize("field_mT", [-0.1, 10.01, 10.74])
def test_fields_at_which_the_device_does_not_hold(written, field_mT):
    model, path, device = written
    make_device(field_range_mT=(0.0, 10.0 if field_mT < 10.5 else 12.0)).write(device)
    model.networks[0].weights[1, 2] = field_mT
    trained_model.write(path, replace(model, device_sha256=sha256(device)))
    place = r"model1\.json: stochastic-8 \(1, 2\)"
    expected = rf"{place}: a field of {field_mT:g} mT is not within the 0 to"
    with pytest.raises(InputError, match=expected):
        trained_model.read(path, device)


def test_weights_of_a_perceptron_are_no_fields(written):
    model, path, device = written
    model.networks[1].weights[0, 0] = -50.0
    trained_model.write(path, model)
    assert trained_model.read(path, device).network("perceptron").weights[0, 0] == -50.0


def test_arrays_of_another_training_are_refused(written):
    arrays = written[1].with_suffix(".safetensors")
    arrays.write_bytes(arrays.read_bytes()[:-8] + bytes(8))
    with pytest.raises(InputError, match=r"model1\.safetensors: .*checksum differs"):
        trained_model.read(written[1])


def test_a_full_disk_is_an_error_of_the_file_and_leaves_the_old_one(written):
    model, path, _ = written
    arrays = path.with_suffix(".safetensors")
    before, (soft, hard) = arrays.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError, match="too large") as caught:
            trained_model.write(path, model)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.filename == str(arrays)
    assert arrays.read_bytes() == before
    assert sorted(p.name for p in path.parent.iterdir() if p.name.startswith(".")) == []


def test_missing_arrays(written):
    written[1].with_suffix(".safetensors").unlink()
    with pytest.raises(InputError, match=r"model1\.safetensors: no such file"):
        trained_model.read(written[1])


def test_a_matrix_of_another_size(written):
    model, path, _ = written
    wrong = replace(model.networks[2], mixing=np.eye(3))
    trained_model.write(path, replace(model, networks=(*model.networks[:2], wrong)))
    with pytest.raises(InputError, match=r"matrix \(3, 3\) does not mix 2 outputs"):
        trained_model.read(path)


def test_arrays_that_are_no_safetensors(written):
    arrays = written[1].with_suffix(".safetensors")
    arrays.write_bytes(b"nonsense")
    change(written[1], arrays={"file": arrays.name, "sha256": sha256(arrays)})
    with pytest.raises(InputError, match="not a safetensors file"):
        trained_model.read(written[1])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_arrays_that_are_not_finite(written, value):
    model, path, _ = written
    model.networks[0].weights[1, 2] = value
    trained_model.write(path, model)
    with pytest.raises(
        InputError, match=r"model1\.safetensors: stochastic-8\.weights: .* not finite"
    ):
        trained_model.read(path)


@pytest.mark.parametrize(
    ("of_another_kind", "said"),
    [(lambda w: w > 0, "has no floating-point"), (lambda w: w[:0], "is empty, or has")],
)
def test_arrays_that_are_empty_or_no_floats(written, of_another_kind, said):
    model, path, _ = written
    first = replace(model.networks[0], weights=of_another_kind(model.networks[0].weights))
    trained_model.write(path, replace(model, networks=(first, *model.networks[1:])))
    with pytest.raises(InputError, match=rf"stochastic-8\.weights: {said}"):
        trained_model.read(path)


def network(rule, reads, **changes):
    """Return what the JSON of a model says of a network."""
    kept = {"best_epoch": 1, "converged": True, "validation_loss": [1.0], "learning_rate": 0.1}
    return {"rule": rule, "reads_train": reads, "training": kept | changes}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "dwsynapse-device"}, "format: expected"),
        ({"format_version": 99}, "format_version"),
        ({"device": {}}, "device.name: no such key"),
        ({"model": "first"}, "model: must be a valid integer"),
        ({"model": -1}, "model: must be greater than or equal to 0"),
        ({"networks": [network("magic", 1)]}, "unknown rule 'magic'"),
        ({"networks": [network("stochastic", 4)]}, "no 'stochastic-4.weights'"),
        ({"networks": [network("mixed-sums", 8)]}, "no 'mixed-sums-8.weights'"),
        ({"networks": 7}, "networks: must be a valid list"),
        ({"networks": [network("stochastic", 8, best_epoch=2)]}, "best_epoch is after the last"),
        ({"networks": [network("stochastic", 8, validation_loss=[])]}, "at least 1 item"),
        ({"networks": [network("stochastic", 8, converged=None)]}, "converged: must be a valid"),
    ],
)
def test_a_wrong_key_is_reported_in_one_line(written, changes, message):
    change(written[1], **changes)
    with pytest.raises(InputError, match=message) as error:
        trained_model.read(written[1])
    assert str(error.value).startswith(str(written[1]))
    assert "\n" not in str(error.value)
