"""Networks on a device against current or duration: trained as on a field; energies of pulses."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from dwsynapse.drives import DRIVES, FIELD
from dwsynapse.io.errors import InputError
from dwsynapse.study import Plan
from network import trained_model
from network.cli import app
from network.cost.cheapest_network import plan
from network.cost.pulse_energy import Pulse, with_energies
from network.training.train_model import train_networks
from network.training.training_scale import as_a_field, mT_per_unit
from tests.network.small_images import make_config, make_device, make_images

CURRENT, DURATION = DRIVES["current"], DRIVES["duration"]
FACTOR = 8  # a power of two, so that scaling is exact
STRAY = re.compile(r"(?<![A-Za-z])mT(?![A-Za-z])|(?<!mean-)(?<![A-Za-z])[Ff]ields?(?![A-Za-z])")
IMAGES = make_images()


def make_track(drive=CURRENT, **changes):
    """Return the device of small images with an axis that is FACTOR times as long, in uA or ns."""
    keys = {"h0_mT": 4.63 * FACTOR, "delta_per_mT": 2.73 / FACTOR, "field_range_mT": (0.0, 80.0)}
    return make_device(**{**keys, "nucleation_field_mT": None, "drive": drive, **changes})


def test_a_field_is_trained_as_it_is_and_a_current_on_a_curve_as_steep():
    assert mT_per_unit(make_device(delta_per_mT=9.0)) == 1
    track = make_track()
    assert mT_per_unit(track) == pytest.approx(1 / FACTOR, rel=1e-12)
    stretched = as_a_field(track)
    assert stretched.drive is FIELD
    assert stretched.field_range_mT == pytest.approx((0, 10))
    currents = np.linspace(0, 80, 9)
    np.testing.assert_allclose(
        stretched.curve.probability(currents / FACTOR), track.curve.probability(currents)
    )


@pytest.mark.parametrize("drive", [CURRENT, DURATION], ids=["current", "duration"])
def test_a_stretched_curve_gives_the_networks_of_a_field_in_its_unit(drive):
    settings = make_config(reads_train=(1, 8), max_epochs=3, wire_place_sd_mT=0.1)
    chance = {"model": 0, "seed": 1}
    # The range without nucleation is the same for both.
    of_field = make_device(nucleation_field_mT=None)
    there = train_networks(settings, of_field, IMAGES, **chance)
    here = train_networks(settings, make_track(drive), IMAGES, **chance)
    for a, b in zip(there, here, strict=True):
        scale = 1 if a.plain else FACTOR
        np.testing.assert_allclose(b.weights, a.weights * scale, rtol=1e-9)
        np.testing.assert_allclose(b.biases, a.biases, rtol=1e-9, atol=1e-12)
        assert b.training.learning_rate == pytest.approx(a.training.learning_rate * scale)
        assert b.training.wire_place_sd_mT == pytest.approx(a.training.wire_place_sd_mT * scale)


def test_networks_for_one_read_are_trained_on_a_current_within_its_range():
    settings = make_config(reads_train=(1,), max_epochs=1, one_read=("mixed-sums",))
    track = make_track(field_range_mT=(20.3, 55.1))
    networks = train_networks(settings, track, IMAGES, model=0, seed=1)
    (mixed,) = (network for network in networks if network.rule == "mixed-sums")
    assert 20.3 <= mixed.fields_mT.min() < mixed.fields_mT.max() <= 55.1
    # The grid of 0.1 mT, in the unit of the drive.
    steps = mixed.fields_mT / (0.1 * FACTOR)
    np.testing.assert_allclose(steps, steps.round(), atol=1e-6)


def test_a_curve_too_flat_is_refused_in_its_unit():
    with pytest.raises(InputError, match="between 0 and 20 uA") as raised:
        train_networks(
            make_config(), make_track(field_range_mT=(0.0, 20.0)), IMAGES, model=0, seed=1
        )
    assert not STRAY.search(str(raised.value))


def test_the_energy_of_a_pulse_is_its_joule_heat():
    # 1 kOhm, 50 uA and 1 ns: 1e3 x (5e-5)^2 x 1e-9 = 2.5e-15 J.
    by_current = Pulse(1000.0, duration_ns=1.0).energies_J(np.array([50.0, 100.0]))
    np.testing.assert_allclose(by_current, [2.5e-15, 1e-14])
    by_duration = Pulse(1000.0, current_uA=50.0).energies_J(np.array([1.0, 2.0]))
    np.testing.assert_allclose(by_duration, [2.5e-15, 5e-15])


@pytest.mark.parametrize(
    ("drive", "given", "problem"),
    [
        (CURRENT, (None, None, None), "--pulse-resistance-ohm and --pulse-duration-ns"),
        (CURRENT, (1e3, None, None), "--pulse-resistance-ohm and --pulse-duration-ns"),
        (CURRENT, (1e3, 50.0, 1.0), "and no other"),
        (DURATION, (1e3, None, 1.0), "--pulse-resistance-ohm and --pulse-current-uA"),
        (FIELD, (1e3, None, 1.0), "driven by a field.*leave it out"),
    ],
)
def test_a_pulse_that_does_not_belong_to_the_drive_is_refused(drive, given, problem):
    with pytest.raises(InputError, match=problem):
        Pulse.of_drive(drive, *given)
    assert Pulse.of_drive(FIELD, None, None, None) is None


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Return a folder with a config, a track, images and two models trained on it."""
    folder = tmp_path_factory.mktemp("study")
    config = make_config(reads_train=(1, 8), max_epochs=4)
    (folder / "network.yaml").write_text(yaml.safe_dump(config.model_dump(mode="json")))
    settings = {"reads_test": [1, 4, 16], "spread_devices": 2, "images": 100, "accuracy": 0.5}
    (folder / "plan.yaml").write_text(yaml.safe_dump(settings))
    make_track(source="measurement").write(folder / "device.json")
    IMAGES.write(folder / "images.npz")
    for model in (0, 1):
        invoke(
            *("train", "--config", folder / "network.yaml", "--device", folder / "device.json"),
            *("--images", folder / "images.npz", "--model-number", model, "--seed", 1),
            *("--out", folder / f"model{model}.json"),
        )
    return folder


def invoke(*arguments):
    found = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    return found.output


def on_models(folder, command, *options):
    return invoke(
        *(command, folder / "model0.json", folder / "model1.json"),
        *("--device", folder / "device.json", "--images", folder / "images.npz"),
        *("--out", folder / command, *options),
    )


PULSES = ("--pulse-resistance-ohm", 1000, "--pulse-duration-ns", 1)


def test_a_model_is_stored_with_its_drive(study):
    path = study / "model0.json"
    content = json.loads(path.read_text())
    assert content["device"]["drive"] == "current"
    assert content["arrays"]["weights_unit"] == "uA (1 for the perceptron)"
    assert "wire_place_sd_uA" in content["networks"][0]["training"]
    model = trained_model.read(path, study / "device.json")
    assert model.drive is CURRENT
    assert {network.rule for network in model.networks} >= {"mean-field", "mean-field-limit"}
    trained_model.write(study / "again" / "model0.json", model)
    assert (study / "again" / "model0.json").read_bytes() == path.read_bytes()
    content["device"]["drive"] = "voltage"
    (study / "other.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match="unknown drive 'voltage'"):
        trained_model.read(study / "other.json")


def test_evaluation_reports_the_energy_of_an_inference(study):
    assert "pJ" not in on_models(study, "evaluate")
    printed = on_models(study, "evaluate", *PULSES)
    rows = json.loads((study / "evaluate" / "accuracy.json").read_text())["accuracy"]
    models = [trained_model.read(study / f"model{n}.json") for n in (0, 1)]
    for row in rows:
        if not row["reads_test"]:
            assert row["energy_J"] is None
            continue
        expected = []
        for model in models:
            currents_A = model.network(row["rule"], row["reads_train"]).fields_mT * 1e-6
            for image in IMAGES.test_pixels:
                passes = (currents_A**2 * 1000 * 1e-9)[:, image == 1]
                expected.append(passes.sum() * row["reads_test"])
        assert row["energy_J"] == pytest.approx(np.mean(expected))
        assert f"{row['energy_J'] * 1e12:.3g} pJ per inference" in printed
    assert with_energies(rows, models, None, IMAGES.test_pixels, make_track().curve) == rows


def test_a_plan_costs_the_pulses_of_each_class_until_it_is_dropped(study):
    on_models(study, "plan", "--config", study / "plan.yaml", *PULSES)
    content = json.loads((study / "plan" / "plan.json").read_text())
    assert content["pulse"] == {
        "resistance_ohm": 1000,
        "duration_ns": 1,
        "energy": "I^2 R t, the Joule heat of a current pulse in the track",
    }
    fixed, early = content["fixed"], content["early_exit"]
    for row in fixed:
        one = next(r for r in fixed if r["rule"] == row["rule"] and r["reads_test"] == 1
                   and r["reads_train"] == row["reads_train"])  # fmt: skip
        assert row["energy_J"] == pytest.approx(one["energy_J"] * row["reads_test"])
    for row in early:
        (same,) = (
            r for r in fixed if all(r[k] == row[k] for k in ("rule", "reads_train", "reads_test"))
        )
        # Early exit spends less, about as much less of the energy as of the reads.
        assert row["energy_J"] <= same["energy_J"] * (1 + 1e-9)
        assert row["energy_J"] / same["energy_J"] == pytest.approx(
            row["reads"] / same["reads"], abs=0.2
        )
    chosen = content["choices"]["fixed"]
    assert content["energy_per_read_J"] == pytest.approx(chosen["energy_J"] / chosen["reads"])


def test_energies_of_equal_currents_are_reads_times_one_energy():
    track = make_track()
    network = train_networks(
        make_config(reads_train=(8,), max_epochs=1), track, IMAGES, model=0, seed=1
    )[0]
    equal = replace(network, weights=np.full_like(network.weights, 40.0))
    model = trained_model.TrainedModel("toy", "", 0, 1, (equal,), drive=CURRENT)
    settings = Plan(reads_test=(1, 4), spread_devices=2, accuracy=1e-3, wire_place_sd_mT=(0.1,))
    found = plan([model], track, IMAGES, settings, 50.0, Pulse(1000.0, duration_ns=2.0))
    one_J = 1000 * (40e-6) ** 2 * 2e-9
    for row in found["fixed"] + found["early_exit"]:
        assert row["energy_J"] == pytest.approx(row["reads"] * one_J)
    (wires,) = (row for row in found["spread"] if row["cause"] == "wires")
    # The same share of the curve's width as 0.1 mT of the published one.
    assert wires["place_sd_mT"] == pytest.approx(0.1 * FACTOR)


def test_nothing_about_a_current_says_field_or_mT(study):
    printed = on_models(study, "evaluate", *PULSES)
    printed += on_models(study, "plan", "--config", study / "plan.yaml", *PULSES)
    printed += on_models(study, "sweep")
    assert not STRAY.findall(printed)
    for folder in ("evaluate", "plan", "sweep"):
        for path in sorted((study / folder).glob("*.*")):
            text = re.sub(r'"provenance": \{.*?\}\s*\}', "", path.read_text(), flags=re.DOTALL)
            assert not STRAY.findall(text), path.name
    assert not STRAY.findall(json.dumps(json.loads((study / "model0.json").read_text())))
    assert "pulse current (µA)" in (study / "evaluate" / "fields.svg").read_text()
