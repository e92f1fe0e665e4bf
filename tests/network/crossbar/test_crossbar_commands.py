"""The commands of crossbars, as a user types them."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

import dwsynapse as dw
from dwsynapse.io.errors import InputError
from dwsynapse.study import Crossbar, read_block
from network.cli import app
from network.crossbar.model import trained_crossbar
from network.images.grey_images import GreyImages
from tests.network.crossbar.conftest import linear_response

SETTINGS = {"hidden": [6], "epochs": 3, "validation_images": 100, "learning_rate": 0.1}
PULSES = ("--pulse-resistance-ohm", 1000, "--pulse-current-uA", 50, "--pulse-duration-ns", 2)


def invoke(*words: Any) -> Result:
    """Call the command line of the network room."""
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def words_of(folder: Path, out: Path, **changes: Path) -> list[Any]:
    """Return the options that all commands have."""
    paths = {"response": folder / "response.npz", "images": folder / "grey.npz", **changes}
    return [*(word for name, path in paths.items() for word in (f"--{name}", path)), "--out", out]


def train(folder: Path, out: Path, models: str = "0,1", **settings: Any) -> Result:
    """Train crossbars of a folder with other settings than its own."""
    config = folder / "crossbar.yaml"
    config.write_text(yaml.safe_dump(SETTINGS | settings))
    return invoke(
        *("train-crossbar", "--config", config, "--model-numbers", models, "--threads", 2),
        *("--seed", 7, *words_of(folder, out)),
    )


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, grey_images: GreyImages) -> Path:
    """Return a folder with a response, images and two crossbars."""
    folder = tmp_path_factory.mktemp("my-track")
    response = replace(linear_response(0.05, 0.01), source="simulated pulses")
    response.write(folder / "response.npz", {})
    grey_images.write(folder / "grey.npz")
    train(folder, folder)
    return folder


def test_training_writes_models_tied_to_their_response_and_no_checkpoint(study: Path) -> None:
    """Each model depends on its number alone."""
    one, other = (trained_crossbar.read(study / f"model{n}.json") for n in (0, 1))
    assert (one.response.name, one.response.source) == (study.name, "simulated pulses")
    assert one.layers[0].x is not None
    assert (one.layers[0].x != other.layers[0].x).any()
    assert len(one.record.pulses_per_image or ()) == 3
    assert not list(study.glob("*.checkpoint"))


def test_a_model_is_the_same_whatever_others_are_trained(study: Path, tmp_path: Path) -> None:
    """Files are the same to the byte."""
    train(study, tmp_path, "1")
    for name in ("model1.json", "model1.safetensors"):
        assert (tmp_path / name).read_bytes() == (study / name).read_bytes()


def test_models_of_other_settings_are_not_replaced(study: Path, tmp_path: Path) -> None:
    """Hours of training; the same command makes the same files."""
    train(study, tmp_path, "1")
    whole = (tmp_path / "model1.json").read_bytes()
    train(study, tmp_path, "1")
    assert (tmp_path / "model1.json").read_bytes() == whole
    with pytest.raises(InputError, match=r"1\.json: a model .* other config, and .*; choose") as e:
        train(study, tmp_path, "0,1", learning_rate=0.2)
    assert "\n" not in str(e.value)
    assert (tmp_path / "model1.json").read_bytes() == whole
    assert not (tmp_path / "model0.json").exists()


def test_python_trains_the_network_that_the_command_trains(
    study: Path, grey_images: GreyImages
) -> None:
    """From a file of a response, or from its table."""
    kept = trained_crossbar.read(study / "model1.json")
    table = dw.ResponseTable.read(study / "response.npz")
    for response in (study / "response.npz", table):
        made = dw.train_crossbar(response, grey_images, dw.Crossbar(**SETTINGS), model=1, seed=7)
        assert made.record == kept.record
        for n in range(2):
            assert (made.conductances_S(n) == kept.conductances_S(n)).all()
    with pytest.raises(InputError, match="response: "):
        dw.train_crossbar(0.05, grey_images)


def evaluate(study: Path, *models: str, **changes: Path) -> Result:
    """Evaluate models of the study."""
    paths = [study / name for name in models]
    return invoke("evaluate-crossbar", *paths, *words_of(study, study, **changes))


def test_accuracies_have_intervals_over_models_or_images(study: Path) -> None:
    """Student's over models; Wilson's for a single one; the source is said."""
    said = evaluate(study, "model0.json", "model1.json").output
    found = json.loads((study / "crossbar-accuracy.json").read_text())
    models = found["models"]
    assert found["accuracy"]["interval"] == "Student, over models"
    assert found["accuracy"]["mean"] == pytest.approx(sum(m["accuracy"] for m in models) / 2)
    for model in models:
        assert model["accuracy"] == model["test_accuracy"][model["best_epoch"] - 1]
        assert 0.5 < model["low"] < model["accuracy"] <= model["high"]
    assert [sum(row) for row in found["confusion"]] == pytest.approx([1] * 4)
    assert "(simulated pulses)" in said
    for figure in ("accuracy", "confusion"):
        assert "(simulated pulses)" in (study / f"crossbar-{figure}.svg").read_text()
    evaluate(study, "model1.json")
    one = json.loads((study / "crossbar-accuracy.json").read_text())["accuracy"]
    assert one["interval"] == "Wilson, over test images"
    assert one["sd"] is None


def test_costs_are_those_of_pulses_and_reads(study: Path) -> None:
    """A pulse is I^2 R t; reads grow with the square of the voltage."""

    def plan(voltage_mV: float) -> dict[str, Any]:
        models = study / "model0.json", study / "model1.json"
        read = "--read-voltage-mV", voltage_mV
        invoke("plan-crossbar", *models, *words_of(study, study), *PULSES, *read)
        return json.loads((study / "crossbar-plan.json").read_text())

    found, more = plan(100), plan(200)
    assert found["pulse"]["energy_J"] == pytest.approx(5e-15)
    pulses = found["epoch"]["pulses"]
    models = [trained_crossbar.read(study / f"model{n}.json") for n in (0, 1)]
    per_image = [model.record.pulses_per_image[0] for model in models]
    assert pulses[0] == pytest.approx(500 * sum(per_image) / 2)
    assert found["epoch"]["update_energy_J"] == pytest.approx([5e-15 * n for n in pulses])
    assert more["inference"]["energy_J"] == pytest.approx(4 * found["inference"]["energy_J"])
    assert found["devices"] == 2 * (17 * 6 + 7 * 4)
    # The bias alone reads 12 devices of 10 to 20 uS in the first layer, 8 in the second.
    assert found["inference"]["energy_J"] > 20 * 1e-5 * 0.01 * 1e-8
    assert "0 ns" in (study / "crossbar-plan.html").read_text()


def test_networks_without_pulses_have_no_costs(study: Path, tmp_path: Path) -> None:
    """Ideal updates are numbers, for comparison."""
    train(study, tmp_path, "0", update="ideal")
    with pytest.raises(InputError, match=r"pulses of model 0 were not counted \(update: ideal\)"):
        invoke("plan-crossbar", tmp_path / "model0.json", *words_of(study, tmp_path), *PULSES)


def test_a_rate_that_moves_no_wall_is_warned_of(study: Path, tmp_path: Path) -> None:
    """With the share of lost updates, in one line."""
    said = train(study, tmp_path, "0,1", levels=4, learning_rate=1e-4, epochs=1).stderr
    assert said.count("warning: 100 % of the updates of a mini-batch are lost") == 1
    found = trained_crossbar.read(tmp_path / "model0.json")
    assert found.record.lost_updates == 1.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train_pixels": lambda p: p // 128}, "train_pixels, train_labels: pixels are 0 and 1"),
        ({"test_pixels": lambda p: p // 128}, "test_pixels, test_labels: pixels are 0 and 1"),
        ({"train_labels": lambda n: n * 10**9}, "a label of [0-9]+, where labels are classes"),
        ({"train_labels": lambda n: n + 1, "test_labels": lambda n: n + 1}, "labels start at 1"),
        ({"train_pixels": lambda p: p * 0}, "every pixel is 0, which leaves nothing to learn"),
    ],
)
def test_binary_pixels_and_labels_that_are_no_classes_are_refused(grey_images, changes, message):
    arrays = vars(grey_images)
    changed = {name: change(arrays[name]) for name, change in changes.items()}
    with pytest.raises(InputError, match=message):
        GreyImages(**{**arrays, **changed}).require_whole()


@pytest.mark.parametrize("in_si", [("current-uA", 5e-5), ("duration-ns", 1e-9)])
def test_pulses_in_another_unit_are_refused(in_si: tuple[str, float]) -> None:
    name, size = in_si
    words = ("plan-crossbar", "crossbar.json", *words_of(Path("a"), Path("b")), *PULSES)
    done = invoke(*words, f"--pulse-{name}", size)
    assert done.exit_code == 2
    assert f"'--pulse-{name}': must be a number from 0.001 to" in done.output


def test_what_does_not_belong_together_is_refused(study: Path, tmp_path: Path) -> None:
    """Another response, other images, a model twice, settings that are wrong."""
    linear_response(0.04).write(tmp_path / "response.npz", {})
    with pytest.raises(InputError, match=r"model0\.json: response\.sha256: was trained through an"):
        evaluate(study, "model0.json", response=tmp_path / "response.npz")
    images = GreyImages.read(study / "grey.npz")
    smaller = GreyImages(
        images.train_pixels[:, :9],
        images.train_labels,
        images.test_pixels[:, :9],
        images.test_labels,
    )
    smaller.write(tmp_path / "grey.npz")
    with pytest.raises(InputError, match="--images: images of 9 pixels in 4 classes for networks"):
        evaluate(study, "model0.json", images=tmp_path / "grey.npz")
    with pytest.raises(InputError, match="the same model is given twice"):
        evaluate(study, "model0.json", "model0.json")
    with pytest.raises(InputError, match="levels: the response has 0 levels"):
        train(study, tmp_path, "0", levels="response")


def test_a_training_that_is_stopped_goes_on_to_the_same_model(study: Path, tmp_path: Path) -> None:
    """Ctrl-C ends it in one line within two seconds."""
    config = tmp_path / "crossbar.yaml"
    config.write_text(yaml.safe_dump(SETTINGS | {"epochs": 400}))

    def started(out: str) -> "subprocess.Popen[str]":
        words = [*("--config", config, "--model-numbers", 0), *words_of(study, tmp_path / out)]
        return subprocess.Popen(
            [sys.executable, "-m", "network", "train-crossbar", *map(str, words)],
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
        )

    assert started("whole").wait(timeout=300) == 0
    process = started("stopped")
    while not (tmp_path / "stopped" / "model0.checkpoint").exists():
        assert process.poll() is None, "training ended before it could be stopped"
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    begun = time.monotonic()
    said = process.communicate(timeout=20)[1]
    assert time.monotonic() - begun < 2
    assert process.returncode == 130
    assert len([line for line in said.splitlines() if "stopped by SIGINT" in line]) == 1
    assert "Traceback" not in said
    assert not (tmp_path / "stopped" / "model0.json").exists()
    assert started("stopped").wait(timeout=300) == 0
    names = [tmp_path / out / "model0.safetensors" for out in ("whole", "stopped")]
    assert names[0].read_bytes() == names[1].read_bytes()


def test_the_number_of_devices_is_not_taken_for_the_devices_of_a_study(tmp_path: Path) -> None:
    """Both are below `devices`; one is a number."""
    (tmp_path / "crossbar.yaml").write_text("devices: 3\n")
    assert read_block(tmp_path / "crossbar.yaml", Crossbar).devices == 3
    (tmp_path / "study.yaml").write_text("devices:\n  my-track: null\n")
    with pytest.raises(InputError, match=r"a study .it has devices., not a block .*`crossbar:`"):
        read_block(tmp_path / "study.yaml", Crossbar)
