"""Programs with hidden layers: written, run on the virtual laboratory, verified, step by step."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256
from dwsynapse.study.bench import EarlyExit, Laboratory
from hardware.cli import app
from hardware.instruments.virtual_laboratory import VirtualBench, accuracy_by_reads, run_program
from hardware.layer_inputs import layer_inputs
from hardware.log import read_log, write_log
from hardware.program import Program, make_program
from hardware.programming.bench_estimate import estimate
from hardware.schedule import layer_operations, operations
from hardware.verification.class_tests.images_delivered import _p_wrong
from hardware.verification.log_verification import verify
from hardware.wiring import wiring
from network import trained_model
from network.cost.inference_cost import Cost
from network.images.prepared_images import PIXELS, Images
from network.trained_model import TrainedModel
from tests.hardware.layered_task import N_HIDDEN, make_layered_network, make_layered_task
from tests.hardware.small_task import (
    DEVICE,
    N_IMAGES,
    N_IN,
    N_OUT,
    SETTINGS,
    images_of,
    make_task,
    manifest_of,
)

PROGRAM, SHOWN, LABELS = make_layered_task()


def run(settings=SETTINGS, seed=1, program=PROGRAM):
    return run_program(program, DEVICE, SHOWN, settings, key=(seed,))


@pytest.fixture(scope="module")
def log():
    return run()


def inputs_of(log, program=PROGRAM):
    columns = (log[name].to_numpy() for name in ("image", "out", "in", "outcome"))
    return layer_inputs(program, SHOWN, *columns)


def verdict(log, folder):
    """Return the verdict of a log, and its tests by name."""
    write_log(folder / "log.parquet", log)
    back = read_log(folder / "log.parquet", PROGRAM, SHOWN, synthetic=True)
    settings = SETTINGS.model_copy(update={"images": N_IMAGES})
    manifest = manifest_of(PROGRAM, back, LABELS)
    found = verify(PROGRAM, DEVICE, back, manifest, images_of(SHOWN, LABELS), settings, 1)
    return found, {test["test"]: test for test in found["tests"]}


def test_neurons_and_inputs_are_numbered_through_the_layers():
    first, second, last = wiring(4, [3, 2, 5])
    assert (first.out, first.in_) == (slice(0, 3), slice(0, 4))
    assert (second.out, second.in_) == (slice(3, 5), slice(4, 7))
    assert (last.out, last.in_) == (slice(5, 10), slice(7, 9))
    assert wiring(4, [5]) == ((slice(0, 5), slice(0, 4)),)


def test_a_program_is_written_and_read_with_its_layers(tmp_path):
    path = tmp_path / "program.csv"
    PROGRAM.write(path)
    table = pd.read_csv(path, comment="#")
    assert len(table) == N_HIDDEN * N_IN + N_OUT * N_HIDDEN
    assert table[table["layer"] == 1]["in"].min() == N_IN
    back = Program.read(path)
    np.testing.assert_array_equal(back.fields_mT, PROGRAM.fields_mT)
    np.testing.assert_array_equal(back.hidden_biases, PROGRAM.hidden_biases)
    assert (back.n_in, back.layers) == (N_IN, PROGRAM.layers)
    assert back.content_sha256 == PROGRAM.content_sha256
    other = dataclasses.replace(PROGRAM, hidden_biases=(PROGRAM.hidden_biases[0] + 1,))
    assert other.fingerprint != PROGRAM.fingerprint
    lines = path.read_text().splitlines()
    lines[0] = lines[0].replace("825 rows", "824 rows")
    path.write_text("\n".join(lines[:-1]) + "\n")
    with pytest.raises(InputError, match=r"824 rows do not give each of 15 x 50 and 5 x 15 syn"):
        Program.read(path)


def test_a_header_without_the_biases_of_a_layer_is_refused(tmp_path):
    PROGRAM.write(tmp_path / "program.csv")
    header = tmp_path / "program.json"
    content = json.loads(header.read_text())
    header.write_text(json.dumps({k: v for k, v in content.items() if k != "hidden_biases"}))
    with pytest.raises(InputError, match="biases of 0 hidden layers for 1"):
        Program.read(tmp_path / "program.csv")


def test_a_program_of_one_layer_says_nothing_of_layers(tmp_path):
    make_task()[0].write(tmp_path / "program.csv")
    assert "layer" not in (tmp_path / "program.csv").read_text()
    assert "hidden" not in (tmp_path / "program.json").read_text()


def test_the_next_layer_is_read_where_sums_of_reads_decide_so(log):
    last = PROGRAM.layers[1]
    for image, of_image in log.groupby("image"):
        hidden = of_image[of_image["out"] < N_HIDDEN]
        assert len(hidden) == SHOWN[image].sum() * N_HIDDEN * SETTINGS.reads
        sums = np.bincount(hidden["out"], hidden["outcome"], N_HIDDEN)
        fires = np.flatnonzero(sums / SETTINGS.reads + PROGRAM.hidden_biases[0] > 0)
        of_last = of_image[of_image["out"] >= N_HIDDEN]
        assert set(of_last["in"]) == set(fires + last.in_.start)
        assert len(of_last) == len(fires) * N_OUT * SETTINGS.reads
    assert log["timestamp_s"].is_monotonic_increasing


def test_classes_are_those_of_the_last_layer(log):
    sums = np.zeros((N_IMAGES, N_OUT))
    of_last = log[log["out"] >= N_HIDDEN]
    np.add.at(sums, (of_last["image"], of_last["out"] - N_HIDDEN), of_last["outcome"])
    right = (PROGRAM.predictions(sums, SETTINGS.reads) == LABELS).mean()
    assert accuracy_by_reads(PROGRAM, log, LABELS)[-1] == right
    assert right > 0.4  # guessing gives 0.2


def test_an_image_is_read_alike_whatever_is_shown_and_in_each_order(log):
    some = VirtualBench(DEVICE, SETTINGS, 1).image_logs(PROGRAM, SHOWN, [7])
    alone = next(some)
    bench = VirtualBench(DEVICE, SETTINGS, 1).measure(PROGRAM, SHOWN)
    pd.testing.assert_frame_equal(
        alone.reset_index(drop=True), bench[bench["image"] == 7].reset_index(drop=True)
    )
    keys = ["image", "out", "in", "read"]
    plain = log.drop(columns="timestamp_s").sort_values(keys, ignore_index=True)
    for order in ("sequential", "randomised"):
        schedule = dataclasses.replace(PROGRAM.schedule, order=order)
        other = run(program=dataclasses.replace(PROGRAM, schedule=schedule))
        again = other.drop(columns="timestamp_s").sort_values(keys, ignore_index=True)
        pd.testing.assert_frame_equal(plain, again)


def test_the_reads_of_a_layer_follow_from_the_decisions_before(log):
    inputs = inputs_of(log).inputs
    (asked,) = operations(PROGRAM, inputs, [3])
    made = log[log["image"] == 3]
    for name, column in (("out", "out"), ("in_", "in"), ("read", "read")):
        np.testing.assert_array_equal(getattr(asked, name), made[column])
    np.testing.assert_allclose(asked.field_mT, made["field_set_mT"], rtol=1e-6)
    first = layer_operations(PROGRAM, 3, 0, SHOWN[3])
    np.testing.assert_array_equal(first.in_, asked.in_[: len(first)])
    assert first.out.max() == N_HIDDEN - 1


def test_a_faithful_log_is_consistent(log, tmp_path):
    found, tests = verdict(log, tmp_path)
    assert found["verdict"]["verdict"] == "consistent"
    assert found["order_of_reads"]["as_programmed"] == 1
    assert tests["hidden neurons"]["n"] > 0.9 * N_IMAGES * N_HIDDEN
    assert [row["accuracy"] for row in found["accuracy"]] == pytest.approx(
        accuracy_by_reads(PROGRAM, log, LABELS)
    )


def test_a_bench_that_decides_otherwise_is_found(log, tmp_path):
    """A bench that does not read a neuron that fires, at every other image."""
    last = PROGRAM.layers[1]
    fired = inputs_of(log).inputs[:, last.in_]
    image = np.flatnonzero(fired.sum(axis=1) > 1)[0]
    neuron = last.in_.start + np.flatnonzero(fired[image])[0]
    unread = (log["image"] == image) & (log["in"] == neuron)
    found, tests = verdict(log[~unread], tmp_path)
    assert tests["hidden neurons"]["statistic"] * tests["hidden neurons"]["n"] == pytest.approx(1)
    assert found["verdict"]["verdict"] == "inconsistent"


def test_a_wrong_field_in_either_layer_is_found(log, tmp_path):
    for layer in PROGRAM.layers:
        wrong, rng = log.copy(), np.random.default_rng(3)
        chosen = wrong["out"].between(layer.out.start, layer.out.stop - 1).to_numpy()
        fields_mT = wrong["field_measured_mT"].to_numpy(float)[chosen] - 0.6
        passed = rng.random(len(fields_mT)) < DEVICE.curve.probability(fields_mT)
        wrong.loc[chosen, "outcome"] = passed.astype(np.uint8)
        _, tests = verdict(wrong, tmp_path)
        assert tests["synapse counts"]["verdict"] == "inconsistent"


def test_reads_that_are_missing_or_undecided_leave_decisions_open(tmp_path, capsys):
    lossy = SETTINGS.model_copy(update={"laboratory": Laboratory(undecided=0.02, dropped=0.02)})
    found, tests = verdict(run(lossy), tmp_path)
    assert tests["hidden neurons"]["statistic"] == 0
    assert 0.5 * N_IMAGES * N_HIDDEN < tests["hidden neurons"]["n"] < N_IMAGES * N_HIDDEN
    assert found["verdict"]["verdict"] != "inconsistent"
    assert "have no outcome" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("out", "in_", "problem"),
    [(0, N_IN, "the program has 15 x 50 and 5 x 15 synapses"), (0, None, "is 0 and is never")],
)
def test_reads_of_synapses_that_are_not_there_are_refused(log, tmp_path, out, in_, problem):
    off = int(np.flatnonzero(SHOWN[0] == 0)[0])
    row = log.iloc[[0]].assign(out=np.uint8(out), **{"in": np.uint16(off if in_ is None else in_)})
    write_log(tmp_path / "log.parquet", pd.concat([row, log.iloc[1:]], ignore_index=True))
    with pytest.raises(InputError, match=problem):
        read_log(tmp_path / "log.parquet", PROGRAM, SHOWN, synthetic=True)


def test_images_are_misread_as_often_as_many_runs_of_the_laboratory_misread_them():
    rng = np.random.default_rng(5)
    p = _p_wrong(PROGRAM, DEVICE.curve.probability, SHOWN[:8], LABELS[:8], SETTINGS.reads, rng)
    quiet = SETTINGS.model_copy(update={"field_noise_sd_mT": 0.0})
    right = np.zeros(8)
    for seed in range(60):
        made = run_program(PROGRAM, DEVICE, SHOWN[:8], quiet, key=(seed,))
        for image in range(8):
            of_image = made[made["image"] == image]
            right[image] += accuracy_by_reads(PROGRAM, of_image, LABELS)[-1]
    # Standard errors of 60 runs and 400 draws are 0.07 at most; the largest of 8 in 1e-4.
    assert np.abs(p - (1 - right / 60)).max() < 0.3


def test_the_estimate_counts_the_reads_of_neurons_that_fire(log):
    found = estimate(PROGRAM, DEVICE, SHOWN, Cost(50, 3e-7), seed=1)
    first = int(SHOWN.sum()) * N_HIDDEN * SETTINGS.reads
    # Decisions vary from run to run: 1200 neurons, half of which fire, by 2 % at most (4 sd).
    assert found["operations"] - first == pytest.approx(len(log) - first, rel=0.1)


def test_early_exit_is_refused():
    model = TrainedModel("paper", "0" * 64, 0, 1, (make_layered_network(),))
    settings = SETTINGS.model_copy(update={"early_exit": EarlyExit()})
    with pytest.raises(InputError, match="hidden layers, whose neurons are not dropped"):
        make_program([model], SETTINGS.reads, DEVICE, settings, {}, "hidden-layers")


def invoke(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)


def test_commands_go_from_the_network_to_the_verdict(tmp_path):
    _, pixels, labels = make_task(n_in=PIXELS[0])
    Images(pixels, labels, pixels, labels).write(tmp_path / "images.npz")
    DEVICE.write(tmp_path / "device.json")
    hashed = sha256(tmp_path / "device.json")
    networks = (make_layered_network(PIXELS[0]),)
    trained_model.write(tmp_path / "m.json", TrainedModel("paper", hashed, 0, 1, networks))
    (tmp_path / "hardware.yaml").write_text("images: 20\nreads: 4\n")
    task = ("--device", tmp_path / "device.json", "--config", tmp_path / "hardware.yaml")
    images = ("--images", tmp_path / "images.npz")
    rule = ("--rule", "hidden-layers", "--reads-train", 4)
    said = invoke("program", tmp_path / "m.json", *rule, *task, *images, "--out", tmp_path).output
    assert "20 images" in said
    program = ("--program", tmp_path / "program.csv")
    invoke("run", *program, *task, *images, "--out", tmp_path)
    log = ("--log", tmp_path / "inference_log.parquet", "--manifest", tmp_path / "manifest.json")
    said = invoke("verify", *program, *log, *task, *images, "--out", tmp_path).output
    assert "hidden neurons: consistent" in said
    assert "verdict: consistent" in said
    replayed = ("--bench", f"replay:{tmp_path / 'inference_log.parquet'}")
    invoke("run", *replayed, *program, *task, *images, "--out", tmp_path / "again")
    bench = tmp_path / "bench.yaml"
    bench.write_text("{}")
    refused = [
        (("run", "--bench", f"visa:{bench}"), "hidden layers are not run by VISA"),
        (("prove",), "plan the reads of one layer only"),
        (("recalibrate", *log), "shifts those of one layer only"),
    ]
    for command, problem in refused:
        with pytest.raises(InputError, match=problem):
            invoke(*command, *program, *task, *images, "--out", tmp_path / "refused")
