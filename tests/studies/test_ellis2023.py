"""The paper's figures and claims: each statistic on networks whose answer is known."""

import json
from dataclasses import replace

import numpy as np
import pytest
import yaml
from scipy.stats import binom
from typer.testing import CliRunner

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256
from network import trained_model
from network.accuracy import model_accuracies
from network.cli import app
from network.reads_sweep import sweep
from network.trained_model import ExportedNetwork, TrainedModel, TrainingRecord
from studies.ellis2023 import (
    cli,
    fig1d_mean_weights,
    fig3abc_trained_fields,
    fig3def_neuron_outputs,
    fig3g_output_deviation,
    fig3h_both_rules,
    fig4ab_accuracy,
)
from studies.ellis2023.claims import bimodal, rules_compared, two_reads_against_one, verdict_on
from studies.ellis2023.figure_inputs import NEEDED, Material, require_networks, sampled_outputs
from tests.network.small_images import CLASSES, make_config, make_device, make_images

PIXELS = 196
NEVER_ON = 6  # pixels that are off in every image here, as the corners of MNIST
FIGURES = ("1d", "3abc", "3def", "3g", "3h", "4ab", "4c")


def images_with_dark_pixels():
    images = make_images()
    for pixels in (images.train_pixels, images.test_pixels):
        pixels[:, :NEVER_ON] = 0
    return images


def toy_model(number=0, changes=None, fields_mT=4.63, biases=0.0):
    """Return a model with every network needed, all of the same fields and biases."""
    networks = []
    for rule, k in NEEDED:
        h = np.broadcast_to((changes or {}).get((rule, k), fields_mT), (CLASSES, PIXELS))
        record = TrainingRecord(0.001, 1, True, (1.0 - 0.1 * number,))
        networks.append(ExportedNetwork(rule, k, h.copy(), np.full(CLASSES, biases), record))
    return TrainedModel("toy", "0", number, 1, tuple(networks))


def toy_material(*models, device=None):
    return Material(device or make_device(), models or (toy_model(),), images_with_dark_pixels())


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Return a folder with a device, images and two models trained with the paper's reads."""
    folder = tmp_path_factory.mktemp("paper")
    config = make_config(reads_train=(1, 2, 128), max_epochs=3)
    (folder / "network.yaml").write_text(yaml.safe_dump(config.model_dump(mode="json")))
    make_device(source="simulation").write(folder / "device.json")
    images_with_dark_pixels().write(folder / "images.npz")
    for model in (0, 1):
        invoke(
            *("train", "--config", folder / "network.yaml", *inputs(folder), "--seed", 1),
            *("--model-number", model, "--out", folder / f"model{model}.json"),
        )
    return folder


def inputs(folder):
    return "--device", folder / "device.json", "--images", folder / "images.npz"


def invoke(*arguments, command=app):
    return CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=False)


def paper(folder, *models, out, more=()):
    return invoke(*models, *inputs(folder), *more, "--out", out, command=cli.app)


@pytest.fixture(scope="module")
def verification(study):
    """Return the verification of a laboratory that ran the many-reads network of the models."""
    table = [{"reads_test": k, "accuracy": 0.75, "predicted": 0.7} for k in (1, 2)]
    names = ("device.json", "model0.json", "model1.json")
    test = {
        **{"test": "accuracy", "n": 40, "p_value": 0.5, "p_value_holm": 1.0},
        **{"effect_size": 0.0, "effect_meaning": "accuracy found minus accuracy predicted"},
        **{"verdict": "consistent", "details": {}},
    }
    content = {
        **{"format": "dwsynapse-verification", "format_version": 1},
        **{"device": "toy", "laboratory": "a bench", "synthetic": False},
        **{"network": {"rule": "stochastic", "reads_train": 128}, "tests": [test]},
        "verdict": {"verdict": "consistent", "alarm": False, "why": "no test fails"},
        "accuracy": table,
        "provenance": {"inputs": {name: sha256(study / name) for name in names}},
    }
    path = study / "verification.json"
    path.write_text(json.dumps(content))
    return path


def test_every_figure_and_number_and_verdict_is_written(study, verification, tmp_path):
    models = study / "model0.json", study / "model1.json"
    result = paper(
        study, *models, out=tmp_path, more=("--laboratory", verification, "--threads", 2)
    )
    content = json.loads((tmp_path / "paper.json").read_text())
    assert {path.name for path in tmp_path.glob("*.svg")} == {f"fig{f}.svg" for f in FIGURES}
    assert set(content["figures"]) == set(FIGURES)
    for name in FIGURES:
        assert "toy (simulation)" in (tmp_path / f"fig{name}.svg").read_text()
    assert "a bench" in (tmp_path / "fig4ab.svg").read_text()
    assert sha256(study / "model1.json") in content["provenance"]["inputs"].values()
    assert content["provenance"]["seed"] == 1
    assert len(content["claims"]) == 5
    for claim in content["claims"]:
        assert f"{claim['claim']}: {claim['verdict']}" in result.output
        assert all(part["low"] <= part["mean"] <= part["high"] for part in claim["parts"])


def test_a_laboratory_must_have_run_these_models(study, verification):
    device, models = study / "device.json", [study / "model0.json", study / "model1.json"]
    found = fig4ab_accuracy.laboratory_points([verification], device, models)
    point = found[128]["rows"][0]
    # Wilson's 95 % interval of 30 in 40.
    assert (point["low"], point["high"]) == pytest.approx((0.5981, 0.8581), abs=1e-4)
    others = [*models, study / "images.npz"]
    with pytest.raises(InputError, match=r"verification\.json: .*was not made with .*images"):
        fig4ab_accuracy.laboratory_points([verification], device, others)


def test_the_numbers_do_not_depend_on_the_threads(study, tmp_path):
    found = []
    for threads in (1, 2):
        out = tmp_path / str(threads)
        models = study / "model0.json", study / "model1.json"
        invoke("sweep", *models, *inputs(study), "--threads", threads, "--out", out)
        found.append((out / "sweep.json").read_bytes())
    assert found[0] == found[1]
    material = toy_material()
    assert fig3h_both_rules.numbers(material, threads=2) == fig3h_both_rules.numbers(material)


def test_draws_follow_from_the_seed():
    material = toy_material()
    again = toy_material(replace(toy_model(), seed=1))
    other = toy_material(replace(toy_model(), seed=2))
    for figure in (fig1d_mean_weights, fig3def_neuron_outputs):
        assert figure.numbers(material) == figure.numbers(again) != figure.numbers(other)


def test_a_sweep_tests_each_rule_with_each_number_of_reads(study, tmp_path):
    models = study / "model0.json", study / "model1.json"
    reads = ("--reads-test", "3,1", "--reads-test", 3)
    invoke("sweep", *models, *inputs(study), *reads, "--out", tmp_path)
    rows = json.loads((tmp_path / "sweep.json").read_text())["accuracy"]
    found = {(row["rule"], row["reads_train"], row["reads_test"]) for row in rows}
    rules = ("stochastic", "mean-field")
    assert found == {(rule, k, t) for rule in rules for k in (1, 2, 128) for t in (1, 3)}
    assert "mean of 2 models" in (tmp_path / "sweep.svg").read_text()


def test_the_sweep_agrees_with_evaluation_where_test_and_training_have_the_same_reads():
    model, device, images = toy_model(), make_device(), images_with_dark_pixels()
    rows = sweep([model], device, images, ["stochastic"], [1, 2, 128])
    swept = {(r["reads_train"], r["reads_test"]): r["mean"] for r in rows}
    evaluated = dict(zip(NEEDED, model_accuracies(model, device.curve, images), strict=True))
    for k in (1, 2, 128):
        assert swept[k, k] == evaluated["stochastic", k]
    # The networks differ only in their names, and each name draws its own reads.
    assert swept[1, 2] != swept[2, 2]


def test_more_reads_in_the_test_read_graded_weights_better():
    # Neuron 0 leads by 3 % of 65 active synapses: with 128 reads that is four standard deviations
    # of the difference of two outputs, with one read a third of one.
    device, images = make_device(), images_with_dark_pixels()
    h = np.full((CLASSES, PIXELS), device.curve.field_mT(0.5))
    h[0] = device.curve.field_mT(0.53)
    zeros = replace(images, test_labels=np.zeros_like(images.test_labels))
    rows = sweep([toy_model(fields_mT=h)], device, zeros, ["stochastic"], [1, 128])
    few, many = (row["mean"] for row in rows if row["reads_train"] == 1)
    assert few < 0.7
    assert many > 0.9


def test_mean_weights_have_k_plus_one_levels_and_follow_the_curve():
    material = toy_material()
    for reads_text, drawn in fig1d_mean_weights.numbers(material)["reads"].items():
        k, means = int(reads_text), np.array(drawn["mean_weight"])
        assert np.allclose(means * k, np.round(means * k))
        f = material.device.curve.probability(np.array(drawn["field_mT"]))
        # The summed passes of independent synapses, within five standard errors: false alarm 6e-7.
        assert abs((means - f).sum()) < 5 * np.sqrt((f * (1 - f)).sum() / k)


def test_histograms_of_fields_contain_all_synapses_and_separate_the_unused():
    material = toy_material(toy_model(0), toy_model(1, {("stochastic", 1): 8.0}))
    found = fig3abc_trained_fields.numbers(material)
    assert found["n_unused_per_model"] == NEVER_ON * CLASSES
    width = found["edges_mT"][1] - found["edges_mT"][0]
    for density in found["density_per_mT"].values():
        assert sum(density["unused"]) * width == pytest.approx(NEVER_ON / PIXELS)
        assert sum(density["used"]) * width == pytest.approx(1 - NEVER_ON / PIXELS)
    after = np.array(found["density_per_mT"]["1"]["used"]) * width * PIXELS / (PIXELS - NEVER_ON)
    at_8_mT = np.searchsorted(found["edges_mT"], 8.0, side="right") - 1
    assert after[at_8_mT] == pytest.approx(0.5)


def test_outputs_have_the_distribution_of_equations_4_and_5():
    material = toy_material(toy_model(fields_mT=5.2, biases=0.25))
    found = fig3def_neuron_outputs.numbers(material)
    assert material.images.test_labels[found["test_image"]] == found["label"]
    n_on = material.images.test_pixels[found["test_image"]].sum()
    for state, f in {
        "untrained": 0.5,
        "1": float(material.device.curve.probability(np.array(5.2))),
    }.items():
        for k, one in found["states"][state]["reads_test"].items():
            sigma = np.sqrt(n_on * f * (1 - f) / int(k))
            # The relative error of an sd of n draws is 1/sqrt(2n); five of them: 6e-7 each.
            assert one["correct_sd"] == pytest.approx(sigma, rel=5 / np.sqrt(2 * found["shows"]))
            for which in ("correct", "incorrect"):
                assert np.dot(one[which], np.diff(one["edges"])) == pytest.approx(1)
            # All neurons are alike, and the right one is the first, which takes ties: it wins where
            # no other has more passes. Five standard errors of the share of shows: 6e-7 each.
            passes = binom(n_on * int(k), f)
            counts = np.arange(n_on * int(k) + 1)
            p = np.sum(passes.pmf(counts) * passes.cdf(counts) ** (CLASSES - 1))
            assert abs(one["classified_correctly"] - p) < 5 * np.sqrt(p * (1 - p) / found["shows"])


def test_the_mean_deviation_is_that_of_sampled_outputs():
    rng = np.random.default_rng(4)
    material = toy_material(toy_model(fields_mT=rng.uniform(3, 7, (CLASSES, PIXELS))))
    network = material.models[0].network("stochastic", 2)
    images = replace(
        material.images, test_pixels=np.tile(material.images.test_pixels[:1], (4000, 1))
    )
    f = material.passing(network)
    sampled = sampled_outputs(f, images.test_pixels, 2, material.models[0], "a test").std(axis=0)
    exact = fig3g_output_deviation.mean_deviation(replace(material, images=images), network, 2)
    # Three neurons of 4000 draws each: five standard errors, false alarm 6e-7.
    assert sampled.mean() == pytest.approx(exact, rel=5 / np.sqrt(2 * 4000 * 3))
    rows = fig3g_output_deviation.numbers(material)["rows"]
    by_reads = {(row["reads_train"], row["reads_test"]): row["mean"] for row in rows}
    assert by_reads[2, 2] == pytest.approx(by_reads[2, 1] / np.sqrt(2))
    assert len(rows) == 5


def test_the_network_of_figure_4_is_the_best_by_validation_loss():
    material = toy_material(toy_model(0), toy_model(1))
    found = fig4ab_accuracy.numbers(material, {})
    assert {panel["model"] for panel in found["reads_train"].values()} == {1}
    rows = found["reads_train"]["1"]["rows"]
    assert [row["reads_test"] for row in rows] == [1, 2, 3, 4, 5, 6, 7, 8, 128]
    assert all(row["low"] <= row["mean"] <= row["high"] for row in rows)


def test_judging_needs_the_whole_interval_on_one_side():
    assert verdict_on([0.1, 0.11, 0.12], low=0.0)["verdict"] == "holds"
    assert verdict_on([-0.1, -0.11, -0.12], low=0.0)["verdict"] == "does not hold"
    assert verdict_on([-0.1, 0.11, 0.12], low=0.0)["verdict"] == "undecided"
    assert verdict_on([0.1, 0.11, 0.12], low=-0.05, high=0.05)["verdict"] == "does not hold"
    assert verdict_on([0.01, 0.011, 0.012], low=-0.05, high=0.05)["verdict"] == "holds"
    assert verdict_on([0.1], low=0.0)["verdict"] == "undecided"  # one model tells no interval


def two_ended(rng, share_low=0.5):
    return np.where(rng.random((CLASSES, PIXELS)) < share_low, 1.0, 9.0)


@pytest.mark.parametrize(
    ("share_low", "verdict"), [(0.5, "holds"), (0.0, "does not hold"), (None, "does not hold")]
)
def test_two_modes_are_distinguished_from_one_and_unused_synapses_do_not_count(share_low, verdict):
    rng = np.random.default_rng(8)
    models = []
    for number in range(3):
        h = rng.uniform(3.5, 5.8, (CLASSES, PIXELS))
        if share_low is not None:
            h = two_ended(rng, share_low)
        h[:, :NEVER_ON] = 4.63
        models.append(toy_model(number, {("stochastic", 1): h}))
    claim = bimodal(toy_material(*models))
    assert claim["verdict"] == verdict
    if share_low == 0.5:
        assert claim["parts"][1]["mean"] == 1.0  # of the synapses that count, all are at an end
    assert f"{PIXELS - NEVER_ON} of {PIXELS} pixels" in claim["says"]


def row(rule, reads_train, per_model, reads_test=None):
    reads_test = reads_test or reads_train
    return dict(rule=rule, reads_train=reads_train, reads_test=reads_test, per_model=per_model)


def test_rules_are_compared_model_by_model():
    # The spread over models is ten times the gain, which shows in the pairs alone.
    base = np.array([0.80, 0.85, 0.90])
    jitter = np.array([0.0, 0.001, -0.001])
    gains = {1: 0.01, 8: 0.005, 16: 0.03}
    rows = [row("mean-field", k, list(base)) for k in gains]
    rows += [row("stochastic", k, list(base + gain + jitter)) for k, gain in gains.items()]
    wins, converge = rules_compared(rows)
    assert wins["verdict"] == "holds"
    assert [part["mean"] for part in wins["parts"]] == pytest.approx(list(gains.values()))
    verdicts = {part["part"]: part["verdict"] for part in converge["parts"]}
    assert verdicts == {"K = 8": "holds", "K = 16": "does not hold"}
    assert converge["verdict"] == "does not hold"


def test_one_part_that_fails_fails_a_claim_and_is_named():
    one = np.array([0.80, 0.81, 0.82])
    jitter = np.array([0.0, 0.001, -0.001])
    rows = [row("stochastic", 1, list(one), t) for t in (1, 2)]
    rows += [row("stochastic", 2, list(one + 0.01 + jitter), 1)]
    rows += [row("stochastic", 2, list(one - 0.01 + jitter), 2)]
    at_one, throughout = two_reads_against_one(rows)
    assert at_one["verdict"] == "holds"
    assert throughout["verdict"] == "does not hold"
    assert [p["part"] for p in throughout["parts"] if p["verdict"] != "holds"] == ["K_test = 2"]


def test_models_of_another_device_or_without_the_needed_reads_are_refused(study, tmp_path):
    make_device(h0_mT=5.0).write(tmp_path / "device.json")
    with pytest.raises(InputError, match="another state of device"):
        invoke(
            *(study / "model0.json", "--device", tmp_path / "device.json"),
            *("--images", study / "images.npz", "--out", tmp_path),
            command=cli.app,
        )
    with pytest.raises(InputError, match="given twice"):
        paper(study, study / "model0.json", study / "model0.json", out=tmp_path)
    model = trained_model.read(study / "model0.json")
    without = tuple(n for n in model.networks if n.name != "mean-field-2")
    trained_model.write(tmp_path / "model0.json", replace(model, networks=without))
    with pytest.raises(InputError) as error:
        paper(study, tmp_path / "model0.json", out=tmp_path)
    assert "model0.json: networks: no network of rule mean-field with 2 reads; train" in str(
        error.value
    )
    assert not (tmp_path / "paper.json").exists()
    require_networks([study / "model0.json"], [model])
