"""A rule needs a file with its trainer and its registration, and all rooms know it."""

import inspect
import json
import subprocess
import sys

import pytest
import yaml

from dwsynapse.io.errors import InputError
from dwsynapse.learning_rules import RULES
from hardware.program import Program
from network import trained_model
from network.kinds import Kind
from network.training.rules.rule_trainer import trainer_of
from tests.network.small_images import CLASSES, make_config, make_device, make_images

TRAINER = """
import numpy as np

from network.trained_model import ExportedNetwork, TrainingRecord


def train(config, device, images, *, {reads}model, seed, checkpoint=None):
    on = [images.train_pixels[images.train_labels == c].mean(0) for c in range({classes})]
    low_mT, high_mT = device.field_range_mT
    fields_mT = np.where(np.array(on) > 0.5, high_mT, low_mT)
    record = TrainingRecord(1.0, best_epoch=1, converged=True, validation_loss=(1.0,))
    return ExportedNetwork({returned}, fields_mT, np.zeros({classes}), record)
"""
COMMANDS = """
import network.training.rules
from dwsynapse.learning_rules import RULES, LearningRule

network.training.rules.__path__.append(".")
RULES["toy"] = LearningRule("toy", "toy rule", "#aa5500", trainer="toy_rule", one_read=True)
RULES["any"] = LearningRule("any", "rule for any reads", "#00aa55", trainer="any_rule")

from hardware.cli import app as hardware
from network.cli import app as network

task = ["--device", "device.json", "--images", "images.npz"]
network(
    ["train", "--config", "network.yaml", *task, "--model-number", "0", "--out", "m.json"],
    standalone_mode=False,
)
network(["evaluate", "m.json", *task, "--out", "."], standalone_mode=False)
hardware(
    ["program", "m.json", "--device", "device.json", "--config", "hardware.yaml"]
    + ["--rule", "toy", "--out", "."],
    standalone_mode=False,
)
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Return a folder in which a study with a rule for one read and one for any was run."""
    folder = tmp_path_factory.mktemp("toy")
    config = make_config(reads_train=(1, 4), max_epochs=1)
    asked = {"rules": ["stochastic", "any"], "one_read": ["toy"]}
    block = config.model_dump(mode="json") | asked
    (folder / "network.yaml").write_text(yaml.safe_dump(block))
    (folder / "hardware.yaml").write_text("{}")
    for name, reads, returned in (("toy", "", "'toy', 1"), ("any", "reads, ", "'any', reads")):
        text = TRAINER.format(classes=CLASSES, reads=reads, returned=returned)
        (folder / f"{name}_rule.py").write_text(text)
    make_device().write(folder / "device.json")
    make_images().write(folder / "images.npz")
    # Another process, in which the rule is known before anything else is imported.
    run = [sys.executable, "-c", COMMANDS]
    ran = subprocess.run(run, cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return folder


def test_a_registered_rule_is_trained_and_tested(study):
    rows = json.loads((study / "accuracy.json").read_text())["accuracy"]
    trained = [(row["rule"], row["reads_train"]) for row in rows]
    assert trained[-3:] == [("any", 1), ("any", 4), ("toy", 1)]
    assert trained[:2] == [("stochastic", 1), ("stochastic", 4)]
    assert min(row["mean"] for row in rows[-3:]) > 0.9  # guessing gives 1/3
    for label in ("toy rule", "rule for any reads"):
        assert label in (study / "accuracy.svg").read_text()


def test_a_registered_rule_runs_on_the_device(study):
    assert json.loads((study / "program.json").read_text())["rule"] == "toy"
    with pytest.raises(InputError, match="unknown rule 'toy'"):
        Program.read(study / "program.csv")
    with pytest.raises(InputError, match="unknown rule 'any'"):
        trained_model.read(study / "m.json")


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.trainer])
def test_every_trainer_is_called_alike(name):
    train = trainer_of(Kind(name, 1))
    keywords = {"model": 0, "seed": 1, "checkpoint": None}
    bound = inspect.signature(train).bind("config", "device", "images", **keywords)
    assert bound.arguments.items() >= keywords.items()


def test_no_two_rules_look_the_same():
    assert all(name == rule.name for name, rule in RULES.items())
    for key in ("label", "colour"):
        assert len({getattr(rule, key) for rule in RULES.values()}) == len(RULES)
