"""The commands of the network room, as a user types them."""

import json
import re
from dataclasses import replace

import pytest
import yaml
from typer.testing import CliRunner

from dwsynapse.io.errors import InputError, checked
from dwsynapse.io.files import sha256, write_json
from network import trained_model
from network.cli import app
from network.network_figures import plot_fields
from tests.network.small_images import make_config, make_device, make_images


def invoke(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)


def train(folder, model):
    invoke(
        *("train", "--config", folder / "network.yaml", "--device", folder / "device.json"),
        *("--images", folder / "images.npz", "--model-number", model, "--seed", 1),
        *("--out", folder / f"model{model}.json"),
    )
    return folder / f"model{model}.json"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Return a folder with a config, a device, images and two trained models."""
    folder = tmp_path_factory.mktemp("study")
    config = make_config(reads_train=(1, 8), max_epochs=4)
    (folder / "network.yaml").write_text(yaml.safe_dump(config.model_dump(mode="json")))
    make_device(source="simulation").write(folder / "device.json")
    make_images().write(folder / "images.npz")
    for model in (0, 1):
        train(folder, model)
    return folder


def evaluate(folder, *models):
    return invoke(
        *("evaluate", *models, "--device", folder / "device.json"),
        *("--images", folder / "images.npz", "--out", folder),
    )


def test_training_writes_a_model_tied_to_its_device_and_no_checkpoint(study):
    model = trained_model.read(study / "model0.json", study / "device.json")
    names = {n.name for n in model.networks}
    assert names == {
        *("stochastic-1", "stochastic-8", "mean-field-1", "mean-field-8"),
        *("mean-field-limit", "perceptron"),
    }
    assert model.device_sha256 == sha256(study / "device.json")
    assert sha256(study / "images.npz") in model.provenance["inputs"].values()
    assert not list(study.glob("*.checkpoint"))


def test_training_again_gives_the_same_files(study):
    before = (study / "model1.json").read_bytes(), sha256(study / "model1.safetensors")
    path = train(study, 1)
    assert (path.read_bytes(), sha256(path.with_suffix(".safetensors"))) == before


def test_accuracies_have_their_spread_over_models(study):
    evaluate(study, study / "model0.json", study / "model1.json")
    content = json.loads((study / "accuracy.json").read_text())
    assert content["device"] == "toy"
    assert len(content["accuracy"]) == 6
    assert "2 models" in (study / "training.svg").read_text()
    for row in content["accuracy"]:
        one, other = row["per_model"]
        assert row["n_models"] == 2
        assert row["reads_test"] == row["reads_train"]
        assert row["mean"] == pytest.approx((one + other) / 2)
        assert row["sd"] == pytest.approx(abs(one - other) / 2**0.5)
        # Student's 97.5 % point for one degree of freedom is 12.706. No accuracy is beyond 0 and 1.
        half = 12.706 * row["sd"] / 2**0.5
        assert row["high"] == pytest.approx(min(row["mean"] + half, 1), rel=1e-4)
        assert row["low"] == pytest.approx(max(row["mean"] - half, 0), rel=1e-4)
        assert row["mean"] > 1 / 3
    figure = (study / "accuracy.svg").read_text()
    assert "toy (simulation)" in figure
    assert "ordinary perceptron" in figure
    assert "toy: stochastic, K = 8" in (study / "fields.svg").read_text()


def test_the_fields_shown_are_those_of_the_stochastic_rule_in_any_order(study, tmp_path):
    model, device = trained_model.read(study / "model0.json"), make_device()
    backwards = replace(model, networks=model.networks[::-1])
    assert backwards.networks[-1].rule == "stochastic"
    plot_fields(tmp_path / "fields.svg", device, [backwards])
    assert "toy: stochastic, K = 1" in (tmp_path / "fields.svg").read_text()
    others = [network for network in model.networks if network.rule != "stochastic"]
    with pytest.raises(InputError, match=r"network\.rules: no network .* stochastic rule"):
        plot_fields(tmp_path / "none.svg", device, [replace(model, networks=tuple(others))])
    assert not (tmp_path / "none.svg").exists()


def test_one_model_has_no_spread(study):
    evaluate(study, study / "model0.json")
    rows = json.loads((study / "accuracy.json").read_text())["accuracy"]
    assert {(row["sd"], row["low"], row["high"]) for row in rows} == {(None, None, None)}


def test_models_of_another_device_or_given_twice_are_refused(study, tmp_path):
    with pytest.raises(InputError, match="given twice"):
        evaluate(study, study / "model0.json", study / "model0.json")
    make_device(h0_mT=5.0).write(tmp_path / "device.json")
    assert trained_model.read(study / "model0.json").device_content_sha256
    with pytest.raises(InputError, match="another state of device"):
        invoke(
            *("evaluate", study / "model0.json", "--device", tmp_path / "device.json"),
            *("--images", study / "images.npz", "--out", tmp_path),
        )
    assert not (tmp_path / "accuracy.json").exists()


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("seed", {"seed": 2}),
        ("provenance.config_sha256", {"config_sha256": "another"}),
        ("provenance.inputs", {"inputs": {"device.json": "the device", "images.npz": "another"}}),
    ],
)
def test_models_of_another_seed_config_or_images_are_not_averaged(study, tmp_path, key, change):
    content = json.loads((study / "model1.json").read_text())
    (content["provenance"] if "." in key else content).update(change)
    (tmp_path / "model1.json").write_text(json.dumps(content))
    arrays = "model1.safetensors"
    (tmp_path / arrays).write_bytes((study / arrays).read_bytes())
    with pytest.raises(InputError, match=rf"model1\.json: {key}: not the same as in .*model0"):
        evaluate(study, study / "model0.json", tmp_path / "model1.json")


@pytest.mark.parametrize("missing", ["network.yaml", "device.json", "images.npz"])
def test_a_missing_file_is_reported_in_one_line(study, tmp_path, missing):
    for name in {"network.yaml", "device.json", "images.npz"} - {missing}:
        (tmp_path / name).write_bytes((study / name).read_bytes())
    with pytest.raises(InputError, match=f"{missing}: no such file"):
        train(tmp_path, 0)


def test_evaluating_without_a_device_or_model_is_reported_in_one_line(study, tmp_path):
    with pytest.raises(InputError, match=r"device\.json: no such file"):
        evaluate(tmp_path, study / "model0.json")
    with pytest.raises(InputError, match=r"model7\.json: no such file"):
        evaluate(study, study / "model7.json")


def test_help_teaches():
    assert "train" in invoke("--help").output
    assert "--seed" in invoke("train", "--help").output


def test_evaluate_and_sweep_print_the_accuracies(study):
    evaluated = evaluate(study, study / "model0.json", study / "model1.json")
    assert re.search(
        r"stochastic, K_train = 8, K_test = 8: [01]\.\d{4} \[[\d., ]+\], 2 models", evaluated.output
    )
    swept = invoke(
        *("sweep", study / "model0.json", "--device", study / "device.json", "--reads-test", 3),
        *("--images", study / "images.npz", "--out", study),
    )
    assert re.search(r"mean-field, K_train = 1, K_test = 3: [01]\.\d{4}, 1 model", swept.output)
    # Both estimate how long they take, pass by pass.
    n_networks = len(json.loads((study / "model0.json").read_text())["networks"])
    n_passes = 2 * 16 * n_networks
    assert re.search(rf"toy, evaluate: 100%.* {n_passes}/{n_passes} ", evaluated.stderr)
    assert re.search(r"toy, sweep: 100%.* (\d+)/\1 .*3 reads", swept.stderr)


def test_images_of_another_size_than_the_config_are_refused(study, tmp_path):
    (tmp_path / "network.yaml").write_text("image_side_px: 28")
    with pytest.raises(InputError, match=r"images\.npz: .*784"):
        invoke(
            *("train", "--config", tmp_path / "network.yaml", "--device", study / "device.json"),
            *("--images", study / "images.npz", "--model-number", 0, "--seed", 1),
            *("--out", tmp_path / "model0.json"),
        )


@pytest.mark.parametrize(
    ("out", "says"),
    [
        ("device.json", "is also an input or another output"),
        ("folder.json", "is a folder, not a file"),
        ("device.json/model0.json", "is a file, not a folder"),
    ],
)
def test_training_writes_over_nothing_and_says_so_before_it_begins(study, tmp_path, out, says):
    for name in ("network.yaml", "device.json", "images.npz"):
        (tmp_path / name).write_bytes((study / name).read_bytes())
    (tmp_path / "folder.json").mkdir()
    before = sha256(tmp_path / "device.json")
    with pytest.raises(InputError, match=says):
        invoke(
            *("train", "--config", tmp_path / "network.yaml", "--images", tmp_path / "images.npz"),
            *("--device", tmp_path / "device.json", "--model-number", 0, "--seed", 1),
            *("--out", tmp_path / out),
        )
    assert sha256(tmp_path / "device.json") == before


def test_a_folder_of_results_that_is_a_file_is_reported_before_anything_is_computed(study):
    for command in ("evaluate", "sweep", "plan"):
        with pytest.raises(InputError, match=r"model1\.json: is a file, not a folder; choose"):
            invoke(
                *(command, study / "model0.json", "--device", study / "device.json"),
                *("--images", study / "images.npz", "--out", study / "model1.json"),
            )


def test_a_model_of_another_call_is_not_replaced(study, tmp_path):
    kept = (study / "model1.json").read_bytes()
    arguments = ["train", "--config", study / "network.yaml", "--device", study / "device.json"]
    arguments += ["--images", study / "images.npz", "--out", study / "model1.json"]
    for number, seed, word in ((1, 2, "seed"), (0, 1, "number"), (0, 2, "seed, number")):
        with pytest.raises(InputError, match=rf"trained with other {word}, and would be lost"):
            invoke(*arguments, "--model-number", number, "--seed", seed)
    assert (study / "model1.json").read_bytes() == kept


def test_a_failure_while_a_progress_bar_is_shown_is_a_separate_line(study, monkeypatch, capsys):
    def full(*_):
        raise InputError("no space left", path="x.checkpoint", remedy="make some")

    monkeypatch.setattr("network.training.checkpoint.Checkpoint.save", full)
    arguments = ["train", "--config", study / "network.yaml", "--device", study / "device.json"]
    arguments += ["--images", study / "images.npz", "--model-number", 7, "--seed", 1]
    arguments += ["--out", study / "model7.json"]
    with pytest.raises(SystemExit):
        checked(lambda: app([*map(str, arguments)]))
    assert "error: x.checkpoint: no space left; make some" in capsys.readouterr().err.splitlines()


def test_a_place_that_cannot_be_written_is_reported_in_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("a user's own")
    with pytest.raises(SystemExit) as stop:
        checked(lambda: write_json(tmp_path / "file" / "x.json", "x", 1, {}))
    assert stop.value.code == 2
    output = capsys.readouterr().err
    assert output.startswith(f"error: {tmp_path / 'file'}")
    assert output.count("\n") == 1
    assert (tmp_path / "file").read_text() == "a user's own"
