"""Networks with hidden layers: trained, written, tested and planned like all others."""

import json
from dataclasses import replace

import numpy as np
import pytest

from dwsynapse.drives import DRIVES
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256
from dwsynapse.study import Network, Plan
from network import trained_model
from network.accuracy import model_accuracies
from network.cost.cheapest_network import plan
from network.cost.looks import looks
from network.cost.pulse_energy import Pulse, with_energies
from network.images.active_inputs import active_inputs
from network.kinds import Kind, kinds_apart, usable_fields_mT
from network.reads.layer_reads import read_layers
from network.reads.random_streams import layer_stream, stream
from network.trained_model import ExportedNetwork, Layer, TrainedModel, TrainingRecord
from network.training import gaussian_descent
from network.training.checkpoint import Checkpoint
from network.training.descent_schedule import Descent
from network.training.rules import hidden_layers_rule
from network.training.train_model import train_networks
from tests.network.small_images import CLASSES, make_config, make_device, make_images

IMAGES, DEVICE = make_images(), make_device()
SHORT = Descent(epochs=14, batch_images=60, rate_mT=0.2, rate=0.05, reads=2, patience_epochs=4)


def train(hidden=(6,), descent=SHORT, device=DEVICE, **options):
    return hidden_layers_rule.train(
        make_config(hidden=hidden),
        device,
        IMAGES,
        reads=descent.reads,
        **{"model": 0, "seed": 1, **options},
        descent=descent,
    )


def model_of(*networks, number=0, **changes):
    return TrainedModel(DEVICE.name, "", number, 1, networks, **changes)


@pytest.fixture(scope="module")
def trained():
    return train()


def test_it_learns_on_the_instruments_grid_and_the_same_again(trained):
    share = model_accuracies(model_of(trained), DEVICE.curve, IMAGES)[0]
    # Deterministic for this seed. Guessing gives 1/3, with standard error 0.04 on 120 images.
    assert share > 0.8
    low, high = usable_fields_mT(DEVICE)
    for fields_mT in trained.layer_fields_mT:
        steps = fields_mT / 0.1
        np.testing.assert_allclose(steps, steps.round(), atol=1e-9)
        assert low <= fields_mT.min() < fields_mT.max() <= high
    for one, other in zip(train().layers, trained.layers, strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)
        np.testing.assert_array_equal(one.biases, other.biases)
    assert not np.array_equal(train(model=1).fields_mT, trained.fields_mT)


def test_the_parameters_of_the_lowest_loss_with_the_final_reads_are_kept():
    plan = Descent(epochs=10, patience_epochs=2)
    losses = [0.1, 0.1, 0.1, 0.1, 0.1, 0.9, 0.7, 0.8]
    assert plan.best_epoch(losses) == 7
    assert not plan.has_converged(losses)
    assert plan.has_converged([*losses, 0.75])
    assert plan.best_epoch(losses[:3]) == 3  # reads still change
    assert replace(plan, patience_epochs=None).best_epoch(losses) == 8
    assert Descent(epochs=1, patience_epochs=1).best_epoch([0.5]) == 1


def test_an_interrupted_training_reaches_the_same_network(trained, tmp_path, monkeypatch):
    checkpoint = Checkpoint(tmp_path / "hidden.checkpoint", "toy")
    original = gaussian_descent._learn_epoch

    def interrupted(learner, plan, adam, training, order, streams, epoch):
        if epoch == len(trained.training.validation_loss) - 1:
            raise KeyboardInterrupt
        original(learner, plan, adam, training, order, streams, epoch)

    monkeypatch.setattr(gaussian_descent, "_learn_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(checkpoint=checkpoint)
    monkeypatch.setattr(gaussian_descent, "_learn_epoch", original)
    resumed = train(checkpoint=checkpoint)
    assert resumed.training == trained.training
    for one, other in zip(resumed.layers, trained.layers, strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)
        np.testing.assert_array_equal(one.biases, other.biases)


def test_a_study_asks_for_layers_by_their_widths():
    settings = make_config(reads_train=(1, 8), hidden=(5, 4), max_epochs=1)
    assert kinds_apart(settings) == [Kind("hidden-layers", 1, 0.03), Kind("hidden-layers", 8, 0.02)]
    assert not kinds_apart(make_config())
    networks = train_networks(settings, DEVICE, IMAGES, model=0, seed=1)
    assert [n.name for n in networks[-2:]] == ["hidden-layers-1", "hidden-layers-8"]
    shapes = [layer.weights.shape for layer in networks[-1].layers]
    assert shapes == [(5, 196), (4, 5), (CLASSES, 4)]
    assert networks[-1].n_in == 196
    for wrong in ((0,), (5,) * 9):
        with pytest.raises(InputError):
            Network(hidden=wrong)
    with pytest.raises(InputError):  # by their widths, and not by the rule
        Network(rules=("stochastic", "hidden-layers"))


def written(folder, *networks):
    DEVICE.write(folder / "device.json")
    trained_model.write(folder / "model0.json", model_of(*networks))
    return folder / "model0.json"


def test_a_file_holds_all_layers_and_others_stay_as_they_were(trained, tmp_path):
    path = written(tmp_path, trained)
    (read,) = trained_model.read(path).networks
    assert read.training == trained.training
    for one, other in zip(read.layers, trained.layers, strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)
        np.testing.assert_array_equal(one.biases, other.biases)
    single = replace(trained, rule="stochastic", hidden=())
    written(tmp_path, single)
    (entry,) = json.loads(path.read_text())["networks"]
    assert set(entry) == {"rule", "reads_train", "training"}


def test_layers_that_do_not_fit_and_fields_out_of_range_are_refused(trained, tmp_path):
    (first,) = trained.hidden
    narrow = Layer(first.weights[:-1], first.biases[:-1])
    path = written(tmp_path, replace(trained, hidden=(narrow,)))
    with pytest.raises(InputError, match="5 neurons before 6 inputs"):
        trained_model.read(path)
    written(tmp_path, replace(trained, hidden=()))
    with pytest.raises(InputError, match="0 hidden layers"):
        trained_model.read(path)
    high = Layer(first.weights + 50, first.biases)
    written(tmp_path, replace(trained, hidden=(high,)))
    content = json.loads(path.read_text())
    content["device"]["sha256"] = sha256(tmp_path / "device.json")
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match="hidden-layers-2"):
        trained_model.read(path, tmp_path / "device.json")


def exact_network(reads_train=1):
    """Return a network of certain synapses: both hidden neurons see half of the inputs each.

    The first fires if more than three of its inputs are on, the second if more than one is.
    """
    always, never = 10.0, 0.0
    halves = np.full((2, 196), never)
    halves[0, :98] = halves[1, 98:] = always
    hidden = Layer(halves, np.array([-3.5, -1.5]))
    record = TrainingRecord(0.05, 1, False, (1.0,))
    weights = np.array([[always, never], [never, always]])
    return ExportedNetwork(
        "hidden-layers", reads_train, weights, np.array([0.0, 0.5]), record, hidden=(hidden,)
    )


def exact_pixels():
    """Return images with 4 and 1, 3 and 2, and 4 and 2 inputs on in the two halves."""
    pixels = np.zeros((3, 196), np.uint8)
    for image, (first, second) in enumerate([(4, 1), (3, 2), (4, 2)]):
        pixels[image, :first] = pixels[image, 98 : 98 + second] = 1
    return pixels


CERTAIN = make_device(floor=0.0, delta_per_mT=100.0, h0_mT=5.0)
FIRED = [[1, 0], [0, 1], [1, 1]]


@pytest.mark.parametrize("reads", [1, 4, None])
def test_hidden_neurons_decide_what_the_next_layer_gets(reads):
    network = exact_network()
    f = [CERTAIN.curve.probability(fields_mT) for fields_mT in network.layer_fields_mT]
    found = read_layers(network, f, reads, active_inputs(exact_pixels()), np.uint64(7))
    np.testing.assert_array_equal(found.fired, [FIRED])
    np.testing.assert_allclose(found.outputs, FIRED, atol=1e-12)
    np.testing.assert_array_equal(network.predictions(found.outputs), [0, 1, 1])


def test_looks_cost_the_reads_of_the_inputs_that_are_on():
    network, reads = exact_network(), [1, 3]
    f = [CERTAIN.curve.probability(fields_mT) for fields_mT in network.layer_fields_mT]
    seen = looks(model_of(network), network, f, exact_pixels(), reads)
    np.testing.assert_array_equal(seen.sums, [FIRED, 3 * np.array(FIRED)])
    # 1, 1 and 2 hidden neurons fire, each of which both classes read.
    np.testing.assert_allclose(seen.later_reads(network), [8 / 3, 8 / 3])
    ones = [np.ones_like(layer.weights) for layer in network.layers]
    # 2 (5 + 5 + 6) / 3 reads of the first layer.
    np.testing.assert_allclose(seen.mean_over_reads(exact_pixels(), ones), [40 / 3, 40 / 3])


def test_a_plan_counts_the_reads_of_all_layers():
    network = exact_network()
    pixels, labels = np.tile(exact_pixels(), (20, 1)), np.tile([0, 1, 1], 20)
    images = replace(IMAGES, test_pixels=pixels, test_labels=labels)
    settings = Plan(reads_test=(1, 4), images=60, spread_devices=2, wire_place_sd_mT=(0.1,))
    found = plan([model_of(network)], CERTAIN, images, settings, reads_per_s=10)
    assert [row["accuracy"] for row in found["fixed"]] == [1, 1]
    assert [row["reads"] for row in found["fixed"]] == pytest.approx([40 / 3, 160 / 3])
    assert found["early_exit"] == []
    assert found["choices"]["fixed"]["time_s"] == pytest.approx(4 / 3)
    assert found["spread"][-1]["cause"] == "wires"
    pulse = Pulse(1000.0, duration_ns=1.0)
    row = {"rule": "hidden-layers", "reads_train": 1, "reads_test": 2}
    priced = with_energies([row], [model_of(network)], pulse, pixels, CERTAIN.curve)
    # Reads at 10 uA take 1e-16 J, and at 0 none: 4 or 3 and 1 or 2 of the first layer, then 1 or 2.
    assert priced[0]["energy_J"] == pytest.approx(2 * (16 / 3 + 4 / 3) * 1e-16)


def test_a_layer_has_reads_of_its_own():
    own = stream(1, 0, Kind("hidden-layers", 1), "test")
    assert layer_stream(own, 0) == own
    assert len({layer_stream(own, layer) for layer in range(4)}) == 4


def test_layers_of_a_current_are_scaled_as_those_of_a_field():
    settings = make_config(reads_train=(2,), hidden=(4,), max_epochs=1)
    factor = 8  # a power of two, so that scaling is exact
    of_field = make_device(nucleation_field_mT=None)
    track = make_device(
        h0_mT=4.63 * factor,
        delta_per_mT=2.73 / factor,
        field_range_mT=(0.0, 10.0 * factor),
        nucleation_field_mT=None,
        drive=DRIVES["current"],
    )
    there, here = (
        train_networks(settings, device, IMAGES, model=0, seed=1)[-1]
        for device in (of_field, track)
    )
    for one, other in zip(there.layers, here.layers, strict=True):
        np.testing.assert_allclose(other.weights, factor * one.weights, rtol=1e-9)
