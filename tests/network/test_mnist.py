"""The accuracies that the published device must reach on MNIST."""

import numpy as np
import pytest

from dwsynapse.study import Network, Paper
from network.accuracy import model_accuracies
from network.images.downloads import obtain
from network.images.prepared_images import prepare
from network.kinds import Kind, kinds
from network.reads_sweep import sweep
from network.trained_model import TrainedModel
from network.training.rules import mixed_sums_rule, win_probability_rule
from network.training.rules.win_probability_rule import Schedule
from network.training.trainer import Trainer
from studies.claims_of_papers import as_lines
from studies.ellis2023 import fig3h_both_rules
from studies.ellis2023.claims import all_claims
from studies.ellis2023.figure_inputs import Material
from tests.network.small_images import make_device

CHOSEN = [
    Kind("stochastic", 1, 0.01),
    Kind("stochastic", 8, 0.001),
    Kind("stochastic", 128, 0.001),
    Kind("mean-field", 1, 0.01),
]


@pytest.mark.slow
def test_published_device_reaches_the_expected_accuracies():
    images, device = prepare(obtain("mnist", None)), make_device()
    shares = []
    for model in range(3):
        trainer = Trainer(Network(), device, images, CHOSEN, model=model, seed=2023)
        trained = TrainedModel("ellis2023", "", model, 2023, tuple(trainer.train()))
        shares.append(model_accuracies(trained, device.curve, images))
    # Training and test are deterministic for the fixed seed, so no threshold fails by chance on
    # unchanged code. The K = 1 bound is a property of this seed, whose mean is 0.8452: nine models
    # of other seeds ranged from 0.843 to 0.848 with mean 0.8456 (standard deviation, from the
    # range, 0.0017), so after a change of the random stream right code misses 0.845 by chance once
    # in four. The other means lie 0.003 or more above their bounds, with a standard error of 0.001.
    one, eight, many, one_mean_field = np.mean(shares, axis=0)
    assert one >= 0.845
    assert eight >= 0.866
    assert many >= 0.890
    assert one - one_mean_field >= 0.04


@pytest.mark.slow
def test_the_papers_claims_on_the_published_device():
    images, device = prepare(obtain("mnist", None)), make_device()
    config = Paper(reads=(1, 2, 8, 128)).training(Network())
    models = []
    for model in range(3):
        trainer = Trainer(config, device, images, kinds(config), model=model, seed=2023)
        models.append(TrainedModel("ellis2023", "", model, 2023, tuple(trainer.train())))
    material = Material(device, tuple(models), images)
    swept = sweep(models, device, images, ["stochastic"], material.reads)
    claims = all_claims(material, fig3h_both_rules.numbers(material)["rows"], swept)
    binary, wins, converge, for_one, _ = claims
    text = "\n".join(as_lines(claims))
    # Everything is deterministic for the fixed seed: no verdict changes by chance on unchanged
    # code.
    assert binary["verdict"] == "holds", text
    gains = {part["part"]: part for part in wins["parts"]}
    assert gains["K = 1"]["verdict"] == gains["K = 2"]["verdict"] == "holds", text
    assert wins["verdict"] != "does not hold", text
    assert converge["verdict"] == "holds", text
    # Three models leave a wide interval; only the gain of each can be tested.
    assert min(for_one["parts"][0]["per_model"]) > 0, text


@pytest.mark.slow
def test_better_training_for_one_read_closes_the_gap_by_the_amount_stated():
    images, device, config = prepare(obtain("mnist", None)), make_device(), Network()
    kind, gradient_only = Kind("stochastic", 1, 0.01), Schedule(search_passes=0)
    shares = []
    for model in range(3):
        chance = {"model": model, "seed": 1}
        networks = (
            Trainer(config, device, images, [kind], **chance).train()[0],
            win_probability_rule.train(config, device, images, **chance, schedule=gradient_only),
            mixed_sums_rule.train(config, device, images, **chance),
        )
        trained = TrainedModel("ellis2023", "", model, 1, networks)
        shares.append(model_accuracies(trained, device.curve, images))
    paper, winning, mixed = np.transpose(shares)
    # Over five models the gains are 0.016 and 0.029 with standard deviations of at most 0.004 and
    # 0.003; the bounds lie 2.6 and 2.8 standard errors of three models below, which right code of
    # other random numbers misses once in two hundred times. Half of the gap is 0.024.
    assert np.mean(winning - paper) >= 0.010
    assert np.mean(mixed - paper) >= 0.024
