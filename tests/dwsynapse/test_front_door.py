"""`import dwsynapse as dw`: the whole chain as functions, with the numbers of the commands."""

import ast
import inspect
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.figure import Figure
from typer.testing import CliRunner

import dwsynapse as dw
from dwsynapse.io.contracts import COUNTS, PULSES, TRIALS
from dwsynapse.io.detection_errors import DetectionErrors
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256
from dwsynapse.study import Hardware, Sampling, read_study
from fitting.cli import app as fitting_app
from hardware.cli import app as hardware_app
from hardware.kerr_loops.synthetic_loops import Setup, synthetic_loops
from hardware.log import read_log, write_log
from hardware.manifest import Manifest
from hardware.program import Program
from micromag.cli import app as micromag_app
from micromag.trials import failed_steps
from network import trained_model
from network.cli import app as network_app
from network.images.grey_images import GreyImages
from network.images.prepared_images import PIXELS, Images
from tests.fitting.response.small_trains import TRACK, track_pulses
from tests.hardware.recalibration.drifting_task import drifted, drifting_task
from tests.hardware.small_task import DEVICE
from tests.micromag.tiny_wire import TINY
from tests.network.small_images import make_config, make_images

SEED = 3
NETWORK = make_config(reads_train=(1,), max_epochs=3)


def command(app, *words):
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module")
def road():
    """Run the whole chain from the shipped trials of the paper's wire."""
    study = dw.read_study()
    trials = dw.simulate(study.devices["ellis-wire"])
    counts = dw.count(trials)
    device = dw.fit(counts, name="ellis-wire", source="simulation")
    images = make_images()
    model = dw.train(device, images, NETWORK, seed=SEED)
    accuracies = dw.evaluate(model, device, images)
    program = dw.make_program(model, device)
    log = dw.VirtualBench(device, seed=SEED).run(program, images.test_pixels[:40])
    verification = dw.verify(program, device, log, images, seed=SEED)
    return locals()


def test_the_road_leads_from_trials_to_verdicts(road):
    assert road["counts"]["n_trials"].sum() == len(road["trials"])
    assert road["device"].curve.values()["h0_mT"] == pytest.approx(10.4, abs=0.1)
    assert set(road["accuracies"]["rule"]) == {
        *("stochastic", "mean-field", "mean-field-limit", "perceptron")
    }
    # The seed is fixed; with other random numbers a log would fail once in 100 times.
    assert {test["verdict"] for test in road["verification"]["tests"]} == {"consistent"}
    assert road["verification"]["synthetic"]


def test_figures_are_figures(road):
    for figure in (
        dw.draw_curve(road["device"], road["counts"]),
        dw.draw_accuracies(road["device"], road["accuracies"]),
        dw.draw_verification(road["verification"]),
    ):
        assert isinstance(figure, Figure)
        assert figure.axes[0].has_data()
        assert "</svg>" in figure._repr_svg_()  # what notebooks show


def test_numbers_are_those_of_the_commands(road, tmp_path):
    TRIALS.write(tmp_path / "trials.csv", road["trials"], {})
    blocks = {"network": NETWORK, "hardware": Hardware(images=40)}
    for name, block in blocks.items():
        text = yaml.safe_dump(block.model_dump(mode="json"))
        (tmp_path / f"{name}.yaml").write_text(text)
    counts, images = tmp_path / "counts.csv", tmp_path / "images.npz"
    road["images"].write(images)
    command(fitting_app, "count", tmp_path / "trials.csv", "--out", counts)
    pd.testing.assert_frame_equal(COUNTS.read(counts), road["counts"], check_dtype=False)

    fitted = ("--name", "ellis-wire", "--source", "simulation", "--out", tmp_path)
    command(fitting_app, "fit", counts, *fitted)
    device = tmp_path / "device.json"
    road["device"].write(tmp_path / "own.json")
    ours, theirs = (json.loads(path.read_text()) for path in (tmp_path / "own.json", device))
    assert ours | {"provenance": 0} == theirs | {"provenance": 0}

    given = ("--device", device, "--images", images)
    model = tmp_path / "model0.json"
    training = ("--config", tmp_path / "network.yaml", "--model-number", 0, "--seed", SEED)
    command(network_app, "train", *training, *given, "--out", model)
    command(network_app, "evaluate", model, *given, "--out", tmp_path)
    networks = trained_model.read(model, device).networks
    for one, other in zip(road["model"].networks, networks, strict=True):
        assert (one.weights == other.weights).all()
    rows = json.loads((tmp_path / "accuracy.json").read_text())["accuracy"]
    assert list(road["accuracies"]["mean"]) == [row["mean"] for row in rows]

    # Models made here and by the command go with either device: they differ in provenance only.
    assert device.read_bytes() != (tmp_path / "own.json").read_bytes()
    trained_model.write(tmp_path / "ours.json", road["model"])
    assert trained_model.read(tmp_path / "ours.json", device).networks
    # Its biases are in a JSON file of the same name, which does not replace the network.
    with pytest.raises(InputError, match=r"ours\.json: a JSON file \(format 'dwsynapse-network'\)"):
        road["program"].write(tmp_path / "ours.csv")
    road["program"].write(tmp_path / "our-program.csv")
    assert Program.read(tmp_path / "our-program.csv", device).reads
    theirs = trained_model.read(model)
    assert list(dw.evaluate(theirs, road["device"], road["images"])["mean"]) == [
        row["mean"] for row in rows
    ]

    settings = ("--config", tmp_path / "hardware.yaml", "--device", device)
    made = ("--program", tmp_path / "program.csv", "--images", images, "--seed", SEED)
    command(hardware_app, "program", model, *settings, "--out", tmp_path)
    command(hardware_app, "run", *made, *settings, "--out", tmp_path)
    log, manifest = tmp_path / "inference_log.parquet", tmp_path / "manifest.json"
    pd.testing.assert_frame_equal(pd.read_parquet(log), road["log"])
    told = ("--log", log, "--manifest", manifest)
    command(hardware_app, "verify", *made, *told, *settings, "--out", tmp_path)
    verification = json.loads((tmp_path / "verification.json").read_text())
    assert verification["tests"] == json.loads(json.dumps(road["verification"]["tests"]))


@pytest.mark.parametrize("of", ["pixels", "classes"])
def test_images_of_other_networks_are_refused(road, of):
    arrays = {name: array.copy() for name, array in vars(road["images"]).items()}
    for part in ("train", "test"):
        if of == "pixels":
            arrays[f"{part}_pixels"] = np.repeat(arrays[f"{part}_pixels"], 4, axis=1)
        else:
            arrays[f"{part}_labels"][0] = road["model"].n_classes
    images = dw.Images(**arrays)
    says = "images: images of 784 pixels|images: a label of .* classes, from 0 on; give the images"
    with pytest.raises(InputError, match=says):
        dw.evaluate(road["model"], road["device"], images)
    with pytest.raises(InputError, match=says):
        dw.verify(road["program"], road["device"], road["log"], images)


@pytest.mark.parametrize("of", ["log", "counts"])
def test_a_drifted_device_is_recalibrated_as_by_the_command(tmp_path, of):
    program, pixels, labels = drifting_task(PIXELS[0])
    images = Images(pixels, labels, pixels, labels)
    DEVICE.write(tmp_path / "device.json")
    made = replace(program, device_sha256=sha256(tmp_path / "device.json"))
    made.write(tmp_path / "program.csv")
    images.write(tmp_path / "images.npz")
    settings = Hardware(images=20, reads=4, field_scale_sd=0)
    (tmp_path / "hardware.yaml").write_text(yaml.safe_dump(settings.model_dump(mode="json")))
    words = ["--program", tmp_path / "program.csv", "--device", tmp_path / "device.json"]
    words += ["--images", tmp_path / "images.npz", "--config", tmp_path / "hardware.yaml"]
    if of == "log":
        log = dw.VirtualBench(drifted(0.3), settings, 1).run(made, pixels[:20])
        write_log(tmp_path / "log.parquet", log)
        hashes = sha256(tmp_path / "program.csv"), sha256(tmp_path / "log.parquet")
        manifest = Manifest("virtual", True, *hashes)
        manifest.write(tmp_path / "manifest.json")
        words += ["--log", tmp_path / "log.parquet", "--manifest", tmp_path / "manifest.json"]
        given = {"log": log, "manifest": manifest}
    else:
        fields_mT = np.linspace(2.5, 7.5, 11)
        passed = (200 * drifted(0.3).curve.probability(fields_mT)).astype(int)
        table = pd.DataFrame({"field_mT": fields_mT, "n_trials": 200, "n_passed": passed})
        table.to_csv(tmp_path / "new.csv", index=False)
        words += ["--new-counts", tmp_path / "new.csv"]
        given = {"new_counts": table}
    command(hardware_app, "recalibrate", *words, "--out", tmp_path / "now")
    found = dw.recalibrate(made, DEVICE, images=images, settings=settings, **given)
    content = json.loads((tmp_path / "now" / "recalibration.json").read_text())
    assert json.loads(json.dumps(found.content)) == {key: content[key] for key in found.content}
    theirs = Program.read(tmp_path / "now" / "program.csv", tmp_path / "now" / "device.json")
    assert (found.program.fields_mT == theirs.fields_mT).all()
    dw.VirtualBench(found.device, settings, 1).run(found.program, pixels[:1])
    with pytest.raises(InputError, match="give either log and images, or new_counts"):
        dw.recalibrate(made, DEVICE)


def test_loops_are_those_of_the_command(tmp_path):
    setup = Setup(signal_to_noise=30.0)
    for folder, n_loops, seed in (("loops", 60, 1), ("known", 40, 2)):
        fields_mT = np.repeat([4.0, 4.6, 5.2], n_loops // 3 + 1)[:n_loops]
        loops = synthetic_loops(n_loops, setup, seed, fields_mT, (fields_mT - 3.6) / 2)
        (tmp_path / folder).mkdir()
        arrays = {"field_mT": loops.field_mT, "signal": loops.signal, "field_set_mT": fields_mT}
        np.savez(tmp_path / folder / "loops.npz", **arrays, outcome=loops.outcome)
    given = (tmp_path / "loops", tmp_path / "known")
    command(hardware_app, "loops", given[0], "--calibration", given[1], "--out", tmp_path / "out")
    found = dw.loops(*given)
    counts = COUNTS.read(tmp_path / "out" / "counts.csv")
    pd.testing.assert_frame_equal(found.counts, counts, check_dtype=False)
    assert found.detection == DetectionErrors.read(tmp_path / "out" / "detection.json")
    assert len(found.outcomes) == 60
    assert dw.loops(given[0]).detection is None


def test_responses_are_those_of_the_command(tmp_path):
    pulses = track_pulses(0)
    PULSES.write(tmp_path / "pulses.csv", pulses, {})
    TRACK.write(tmp_path / "track.json", {})
    words = ("--rp-ohm", 6000, "--tmr", 1.5, "--draws", 50, "--out", tmp_path)
    command(fitting_app, "response", tmp_path / "pulses.csv", *words)
    found = dw.response(pulses, junction=dw.Junction(6000, 1.5), track=TRACK, draws=50)
    content = json.loads((tmp_path / "response.json").read_text())
    assert json.loads(json.dumps(found.statistics)) == {
        key: content[key] for key in found.statistics
    }
    table = dw.ResponseTable.read(tmp_path / "response.npz")
    assert (found.table.dG_up_S == table.dG_up_S).all()
    assert found.table.source == table.source == "simulated pulses"
    found.write(str(tmp_path / "again"), {})
    assert json.loads((tmp_path / "again/response.json").read_text())["up"] == content["up"]
    for figure in (dw.draw_response(found), dw.draw_ramp(found)):
        assert isinstance(figure, Figure)
    with pytest.raises(InputError, match="the table: positions of a wall are no conductances yet"):
        dw.response(pulses, track=TRACK)


def test_a_crossbar_knows_what_its_response_is_of():
    found = dw.response(track_pulses(0), junction=dw.Junction(6000, 1.5), track=TRACK, draws=50)
    rng = np.random.default_rng(2)
    parts = [(rng.integers(0, 256, (n, 16), np.uint8), rng.integers(0, 3, n)) for n in (60, 30)]
    images = GreyImages(*parts[0], *parts[1])
    settings = dw.Crossbar(hidden=(4,), epochs=1, validation_images=10)
    assert dw.train_crossbar(found, images, settings).response.source == "simulated pulses"


@pytest.mark.parametrize("of", ["counts", "curves"])
def test_comparisons_are_those_of_the_command(tmp_path, of):
    passed = {"n_trials": 200, "n_passed": [2, 14, 70, 150, 190, 198]}
    tables = [
        pd.DataFrame({"field_mT": np.arange(first, first + 6.0), **passed}) for first in (3, 4)
    ]
    models = [dw.fit(table, name=name) for table, name in zip(tables, "ab", strict=True)]
    (tmp_path / "hardware.yaml").write_text("field_offset_sd_mT: 0.05\nfield_scale_sd: 0\n")
    words, given = [], []
    for table, model, option in zip(tables, models, ("counts", "reference-counts"), strict=True):
        model.write(tmp_path / f"{model.name}.json")
        if of == "counts":
            table.to_csv(tmp_path / f"{model.name}.csv", index=False)
            words += [f"--{option}", tmp_path / f"{model.name}.csv"]
            given.append(table)
    both = ("--device", tmp_path / "a.json", "--reference", tmp_path / "b.json")
    asked = ("--config", tmp_path / "hardware.yaml", "--out", tmp_path)
    command(hardware_app, "compare", *both, *words, *asked)
    content = json.loads((tmp_path / "comparison.json").read_text())
    settings = Hardware(field_offset_sd_mT=0.05, field_scale_sd=0)
    found = dw.compare(*models, *given, settings=settings)
    assert found["compared"] == of
    assert found["verdict"] != "not distinguished"
    assert json.loads(json.dumps(found)) == {name: content[name] for name in found}


def test_a_curve_against_current_is_fitted_trained_on_and_compared():
    passed = {"n_trials": 200, "n_passed": [2, 14, 70, 150, 190, 198]}
    currents = pd.DataFrame({"current_uA": np.arange(20.0, 44, 4), **passed})
    fields = pd.DataFrame({"field_mT": np.arange(5.0, 11), **passed})
    track, other = (dw.fit(currents, name=name) for name in ("track", "other"))
    wire = dw.fit(fields, name="wire")
    # Currents are four times the fields.
    assert track.curve.values()["h0_mT"] == pytest.approx(4 * wire.curve.values()["h0_mT"])
    images = make_images()
    model = dw.train(track, images, NETWORK, seed=SEED)
    assert model.drive is track.drive
    assert dw.evaluate(model, track, images)["mean"].max() > 0.5
    found = dw.compare(track, other, currents, currents)
    assert {"difference in h0_uA", "difference in delta_per_uA"} < {
        test["test"] for test in found["tests"]
    }
    assert "pulse current (µA)" in dw.draw_curve(track, currents).axes[0].get_xlabel()
    with pytest.raises(InputError, match="track against a current and wire against a field"):
        dw.compare(track, wire)
    with pytest.raises(InputError, match="driven by a field, not by a current"):
        dw.make_program(model, track)
    with pytest.raises(InputError, match="the table: row 4, column current_uA: must be at least 0"):
        dw.fit(currents.assign(current_uA=[20, 24, -1, 32, 36, 40]))


def test_trials_are_those_of_the_commands(tmp_path):
    device = TINY.model_copy(
        update={"sampling": Sampling(first_fields_mT=(20, 100), trials_per_round=4)}
    )
    config, plan = tmp_path / "device.yaml", tmp_path / "plan.csv"
    config.write_text(yaml.safe_dump(device.model_dump(mode="json")))
    wall, trials = tmp_path / "wall.omf", tmp_path / "trials.csv"
    command(micromag_app, "plan", "--config", config, "--out", plan)
    command(micromag_app, "relax", "--config", config, "--out", wall)
    run = ("--config", config, "--wall", wall, "--plan", plan, "--seed", SEED, "--out", trials)
    command(micromag_app, "simulate", *run)
    ours = dw.simulate(device, seed=SEED)
    pd.testing.assert_frame_equal(ours, TRIALS.read(trials))
    assert len(ours) == 4


def test_a_log_says_whether_it_was_measured(road):
    program, device, images = road["program"], road["device"], road["images"]
    log = road["log"].copy()
    log.attrs = {}  # as of a laboratory's own table
    with pytest.raises(InputError, match=r"neither the log nor a manifest .* set it to False if"):
        dw.verify(program, device, log, images)
    log.attrs["synthetic"] = False
    assert dw.verify(program, device, log, images, seed=SEED)["synthetic"] is False
    manifest = Manifest("lab", True, "", "", (0.5,) * program.reads)
    with pytest.raises(InputError, match=r"^the log: metadata, synthetic: False where True"):
        dw.verify(program, device, log, images, manifest=manifest)
    log.attrs = {}
    told = dw.verify(program, device, log, images, manifest=manifest, seed=SEED)
    assert (told["laboratory"], told["synthetic"]) == ("lab", True)


def test_a_log_that_was_read_before_still_says_how_many_reads_were_undecided(road, tmp_path):
    log = road["log"].assign(outcome=road["log"]["outcome"].astype(float))
    log.loc[:4, "outcome"] = np.nan
    log.attrs = road["log"].attrs
    program, device, images = road["program"], road["device"], road["images"]
    write_log(tmp_path / "log.parquet", log)
    read = read_log(tmp_path / "log.parquet", program, images.test_pixels, synthetic=True)
    for one in (log, read):
        notes = dw.verify(program, device, one, images, seed=SEED)["notes"]
        assert notes[0].startswith(f"5 of {len(log)} reads undecided")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"n_trials": [-1]}, r"^the plan: row 2, column n_trials: must be at least 1"),
        ({"field_mT": ["x"]}, r"^the plan: row 2, column field_mT: must be a finite number"),
        ({"first_replica": None}, r"^the plan: header: no column 'first_replica'"),
    ],
)
def test_a_wrong_plan_is_refused_before_anything_is_simulated(rows, message):
    plan = {"field_mT": [20.0], "n_trials": [1], "first_replica": [0]} | rows
    plan = pd.DataFrame({name: values for name, values in plan.items() if values})
    with pytest.raises(InputError, match=message):
        dw.simulate(TINY, plan)


def test_shipped_trials_of_another_device_are_refused():
    shipped = dw.read_study().devices["ellis-wire"]
    warm = shipped.model_copy(
        update={"protocol": shipped.protocol.model_copy(update={"temperature_K": 400.0})}
    )
    with pytest.raises(InputError, match=r"^the device: protocol.temperature_K: .*with 300"):
        dw.simulate(warm)


def test_a_published_device_and_a_laboratorys_own_table(tmp_path):
    published = read_study({}).devices["ellis2023"]
    assert dw.publish(published, "ellis2023").curve.values()["h0_mT"] == 4.63
    table = pd.DataFrame({"H (Oe)": [30, 40, 50, 60], "N": [40] * 4, "n_passed": [1, 9, 30, 39]})
    device = dw.fit(table, columns={"n_trials": "N"}, name="lab")
    assert 3 < device.curve.values()["h0_mT"] < 6
    with pytest.raises(
        InputError, match=r"^the table: row 2 .*column n_passed: must be at least 0"
    ):
        dw.fit(table.assign(n_passed=-1), columns={"n_trials": "N"})


def test_a_study_of_ones_own_overrides_the_default_one_key_by_key(tmp_path):
    default = dw.read_study()
    (path := tmp_path / "my-study.yaml").write_text(
        "devices: {my-wire: {source: measurement, counts: my.csv}, quick-wire: null,"
        " ellis-wire: {networks: true}}"
    )
    study = dw.read_study(path)
    assert list(study.devices) == ["ellis-wire", "ellis2023", "quick-track", "my-wire"]
    changed = default.devices["ellis-wire"].model_copy(update={"networks": True})
    assert study.devices["ellis-wire"] == changed
    assert study.network == default.network
    path.write_text("network: 3")
    with pytest.raises(InputError, match=r"my-study\.yaml: network: must be keys and values"):
        dw.read_study(path)


def test_the_engine_is_a_calculator():
    assert dw.calculator.TimeDriver
    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        dw.absent  # noqa: B018


def test_type_checkers_and_python_are_told_the_same():
    """Where a name comes from stands twice, since Python imports it at its first use only."""
    tree = ast.parse(Path(dw.__file__).read_text())
    (for_checkers,) = (node for node in tree.body if isinstance(node, ast.If))
    told = {
        alias.asname: f"{node.module}.{alias.name}"
        for node in for_checkers.body
        for alias in node.names
    }
    modules = {name: f"{module}.{name}" for name, module in dw._FROM.items()}
    assert told == modules | {"calculator": dw._FROM["calculator"]}


@pytest.mark.parametrize("name", dw.__all__)
def test_everything_is_documented(name):
    documented = getattr(dw, name)
    text = inspect.getdoc(documented)
    assert text
    if inspect.isfunction(documented):
        parameters = [word for word in inspect.signature(documented).parameters]
        section = text.partition("Parameters\n")[2]
        assert all(word in section for word in parameters)


def test_models_and_programs_of_another_device_are_refused(road):
    other = replace(road["device"], name="other")
    model, program, log, images = (road[name] for name in ("model", "program", "log", "images"))
    for use in (
        lambda: dw.evaluate(model, other, images),
        lambda: dw.make_program(model, other),
        lambda: dw.verify(program, other, log, images),
    ):
        with pytest.raises(InputError, match="another state of the device than 'other' as given"):
            use()


def test_a_model_counts_once_and_there_is_one(road):
    device, model, images = (road[name] for name in ("device", "model", "images"))
    with pytest.raises(InputError, match="the same model is given twice; give each model once"):
        dw.evaluate([model, model], device, images)
    with pytest.raises(InputError, match="models: there are none"):
        dw.evaluate([], device, images)


@pytest.mark.parametrize("given", [None, [1, 2], {"field_mT": [4]}, np.ones((2, 3))])
def test_what_is_no_table_is_called_by_its_type(given):
    for function in (dw.fit, dw.count, dw.response):
        with pytest.raises(InputError, match=rf"\(found {type(given).__name__}\); "):
            function(given)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        ("fit", {"counts": {"field_mT": [1]}}, r"counts: .*found dict\); give pandas.DataFrame\(c"),
        ("fit", {"counts": "a", "settings": {}}, r"settings: .*; give dw.Fitting with its keys"),
        ("fit", {"counts": "a", "source": "lab"}, r"source: must be 'simulation' or 'measurement'"),
        (
            "fit",
            {"counts": "a", "seed": -1},
            r"seed: must be from 0 to 4294967295 \(found -1\); see",
        ),
        ("fit", {"counts": "a", "seed": True}, r"seed: must be of type int \(found bool\)"),
        ("fit", {"counts": "a", "name": ""}, r"name: is empty; see help\(dw.fit\)"),
        (
            "fit",
            {"counts": "a", "nucleation_field_mT": np.nan},
            r"nucleation_field_mT: must be above",
        ),
        (
            "loops",
            {"folder": "a", "detector": "best"},
            r"detector: must be 'change-point' or 'deriv",
        ),
        ("loops", {"folder": "a", "min_confidence": 1}, r"must be from 0.5 and below 1 \(found 1"),
        ("simulate", {"device": 5}, r"device: must be of type SimulatedDevice \(found int\)"),
        ("response", {"pulses": "a", "bins": 0}, r"bins: must be from 2 to 1000 \(found 0\)"),
        ("response", {"pulses": "a", "bins": 10**6}, r"bins: must be from 2 to 1000"),
        ("Junction", {"parallel_ohm": -1.0, "tmr": 1.5}, r"parallel_ohm: must be above 0"),
    ],
)
def test_arguments_that_are_none_of_what_is_wanted_are_refused(function, arguments, message):
    with pytest.raises(InputError, match=message):
        getattr(dw, function)(**arguments)


def test_numbers_of_numpy_and_defaults_are_taken():
    with pytest.raises(InputError, match=r"none\.csv: no such file"):
        dw.fit("none.csv", None, seed=np.int64(3), nucleation_field_mT=np.float32(20))
    with pytest.raises(InputError, match="none: no such file"):
        dw.loops("none", detector="derivative", min_confidence=0.5)
    with pytest.raises(TypeError, match=r"fit\(\) got an unexpected keyword argument 'form'"):
        dw.fit("none.csv", form="logistic")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train_labels": np.array([-1, 0, 1, 0])}, "labels must (run|be whole numbers) from 0"),
        ({"train_labels": np.array([0, 1, 0])}, "shapes .* are not"),
        ({"train_pixels": np.full((4, 196), 0.5)}, r"pixels must be .*uint8\)"),
        ({"test_pixels": np.zeros((4, 784), np.uint8)}, "shapes .* are not"),
        (
            {"test_labels": [0, 1, 0, 1]},
            r"test_labels: must be an array \(found list\); give numpy",
        ),
    ],
)
def test_images_of_ones_own_are_checked_before_anything_is_trained(changes, message):
    pixels, labels = np.zeros((4, 196), np.uint8), np.array([0, 1, 0, 1])
    arrays = {"train_pixels": pixels, "train_labels": labels, "test_pixels": pixels}
    arrays |= {"test_labels": labels, **changes}
    with pytest.raises(InputError, match=message):
        dw.train_crossbar("response.npz", dw.GreyImages(**arrays))
    with pytest.raises(InputError, match=message):
        dw.train(DEVICE, dw.Images(**arrays))


TABLE = pd.DataFrame(
    {"field_mT": [3.0, 4, 4.5, 5, 6], "n_trials": 60, "n_passed": [2, 11, 22, 47, 60]}
)


def test_draws_any_table_that_is_fitted_and_none_of_another_drive():
    device = dw.fit(TABLE)
    oersted = TABLE.rename(columns={"field_mT": "H"}).assign(H=10 * TABLE["field_mT"])
    axes = dw.draw_curve(device, oersted, columns={"field_Oe": "H"}).axes[0]
    points = axes.containers[0].lines[0].get_xdata()
    assert points == pytest.approx(TABLE["field_mT"].to_numpy())
    with pytest.raises(dw.InputError, match="counts against current"):
        dw.draw_curve(device, TABLE.rename(columns={"field_mT": "current_uA"}))


def test_a_table_whose_index_has_the_field_is_that_table():
    device = dw.fit(TABLE)
    for index in (["field_mT"], ["n_passed", "field_mT"]):
        assert dw.fit(TABLE.set_index(index)).curve == device.curve
    assert dw.fit(TABLE.set_index("field_mT", drop=False)).curve == device.curve


def test_notes_of_a_table_do_not_name_a_file_and_are_those_of_each_table(capsys):
    for _ in range(2):
        dw.fit(pd.concat([TABLE.assign(temperature_K=300), TABLE.assign(temperature_K=350)]))
        assert "note: the table: the column 'temperature_K' (300, 350)" in capsys.readouterr().err


def test_counts_that_a_device_was_not_fitted_to_are_not_compared_under_its_name(tmp_path):
    other = TABLE.assign(n_passed=[0, 5, 12, 30, 58])
    TABLE.to_csv(tmp_path / "table.csv", index=False)
    device, reference = dw.fit(TABLE, name="A"), dw.fit(other, name="B")
    device.write(tmp_path / "device.json")
    # Another file and another order of rows are the same counts.
    for given in (TABLE, TABLE[::-1], tmp_path / "table.csv"):
        again = dw.DeviceModel.read(tmp_path / "device.json")
        assert dw.compare(again, reference, given, other)["compared"] == "counts"
    for counts, message in (
        ((other, TABLE), "the table: counts: not the counts that A was fitted to, or changed"),
        ((TABLE, TABLE), "the table: reference_counts: not the counts that B was fitted to"),
    ):
        with pytest.raises(dw.InputError, match=f"^{message}"):
            dw.compare(device, reference, *counts)


def test_trials_that_all_fail_name_no_file_that_is_gone(monkeypatch):
    monkeypatch.setattr(failed_steps, "LARGEST_STRETCH", -1.0)
    plan = pd.DataFrame({"field_mT": [10.0], "n_trials": [2], "first_replica": [0]})
    with pytest.raises(
        dw.InputError, match=r"^the trials: all of 2 trials failed, .*config accordingly$"
    ):
        dw.simulate(TINY, plan)
