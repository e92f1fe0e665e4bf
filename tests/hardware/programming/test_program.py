"""Programs: fields on the instrument's grid, files that belong together."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256
from dwsynapse.study import Hardware
from hardware.program import Program, make_program
from hardware.schedule import Schedule
from network.trained_model import ExportedNetwork, TrainedModel, TrainingRecord
from tests.hardware.small_task import DEVICE, make_task


def model_with(fields_mT, losses, number=0):
    record = TrainingRecord(0.001, len(losses), True, losses)
    fields = np.atleast_2d(fields_mT).astype(float)
    network = ExportedNetwork("stochastic", 8, fields, np.zeros(len(fields)), record)
    return TrainedModel("paper", "0" * 64, number, 1, (network,))


def test_fields_go_to_the_grid_within_range_and_below_nucleation():
    device = dataclasses.replace(DEVICE, field_range_mT=(1.04, 12.0))
    models = [model_with([0.2, 1.04, 4.649, 4.651, 11.9], (1.0,))]
    made = make_program(models, 8, device, Hardware(field_step_mT=0.1), {})
    np.testing.assert_allclose(made.fields_mT, [[1.1, 1.1, 4.6, 4.7, 10.7]])
    on_nucleation = dataclasses.replace(device, nucleation_field_mT=10.7)
    made = make_program(models, 8, on_nucleation, Hardware(field_step_mT=0.1), {})
    assert made.fields_mT.max() == 10.6


def test_a_grid_without_fields_in_range_is_reported():
    device = dataclasses.replace(DEVICE, field_range_mT=(4.1, 4.9))
    with pytest.raises(InputError, match=r"field_step_mT: no multiple of 1 mT"):
        make_program([model_with([4.5], (1.0,))], 8, device, Hardware(field_step_mT=1.0), {})


def test_the_model_with_the_lowest_validation_loss_is_chosen():
    models = [model_with([4.0], (0.5, 0.9)), model_with([5.0], (0.8, 0.4, 0.6), number=1)]
    made = make_program(models, 8, DEVICE, Hardware(), {})
    assert made.model == 1
    assert made.fields_mT == 5.0


def test_reads_that_no_network_was_trained_with_are_reported():
    with pytest.raises(InputError, match="stochastic-8"):
        make_program([model_with([4.0], (1.0,))], 3, DEVICE, Hardware(), {})


def test_the_rule_and_the_matrix_go_with_the_program(tmp_path):
    model = model_with([[4.0], [5.0]], (0.5, 0.6))
    mixing = np.array([[0.0, 1.0], [2.0, 0.0]])
    network = dataclasses.replace(
        model.networks[0], rule="mixed-sums", reads_train=1, mixing=mixing
    )
    models = [dataclasses.replace(model, networks=(*model.networks, network))]
    made = make_program(models, 1, DEVICE, Hardware(), {}, "mixed-sums")
    made.write(tmp_path / "program.csv")
    back = Program.read(tmp_path / "program.csv")
    assert back.rule == "mixed-sums"
    np.testing.assert_array_equal(back.mixing, mixing)
    sums = np.array([[3, 2], [1, 3]])
    np.testing.assert_array_equal(back.predictions(sums, 1), network.predictions(sums))
    assert back.predictions(sums, 1).tolist() == [1, 0]
    assert make_program(models, 8, DEVICE, Hardware(), {}).mixing is None


def test_a_header_that_cannot_be_written_leaves_no_table(tmp_path):
    program, _, _ = make_task()
    with pytest.raises(ValueError, match="JSON"):
        dataclasses.replace(program, biases=np.full(5, np.inf)).write(tmp_path / "program.csv")
    assert not [*tmp_path.iterdir()]


def test_a_program_reads_back(tmp_path):
    program, _, _ = make_task()
    program.write(tmp_path / "program.csv")
    back = Program.read(tmp_path / "program.csv")
    np.testing.assert_array_equal(back.fields_mT, program.fields_mT)
    np.testing.assert_array_equal(back.biases, program.biases)
    assert (back.reads, back.reads_train, back.model) == (4, 128, 0)


def test_a_program_for_another_device_is_refused(tmp_path):
    program, _, _ = make_task()
    DEVICE.write(tmp_path / "device.json")
    program.write(tmp_path / "program.csv")
    origin = {"inputs": {"of/wire.json": program.device_sha256}}
    dataclasses.replace(program, provenance=origin).write(tmp_path / "program.csv")
    message = (
        r"device\.json: device 'paper' is not the one that .*program\.csv was made for, or changed "
        r"since \(checksum [0-9a-f]{12}\.\.\., expected of/wire\.json, 0{12}\.\.\.\); give the dev"
    )
    with pytest.raises(InputError, match=message):
        Program.read(tmp_path / "program.csv", tmp_path / "device.json")
    fitting = dataclasses.replace(program, device_sha256=sha256(tmp_path / "device.json"))
    fitting.write(tmp_path / "program.csv")
    Program.read(tmp_path / "program.csv", tmp_path / "device.json")


def test_a_field_at_which_walls_nucleate_is_refused(tmp_path):
    program, _, _ = make_task()
    device = dataclasses.replace(DEVICE, field_range_mT=(0.0, 12.0))
    device.write(tmp_path / "device.json")
    program.fields_mT[0, 1] = 10.8
    of_it = dataclasses.replace(program, device_sha256=sha256(tmp_path / "device.json"))
    of_it.write(tmp_path / "program.csv")
    place = r"program\.csv: field_mT of \(out, in\) \(0, 1\)"
    message = rf"{place}: a field of 10\.8 mT .* walls nucleate at 10\.74"
    with pytest.raises(InputError, match=message):
        Program.read(tmp_path / "program.csv", tmp_path / "device.json")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\n0,0,", "\n0,0,-", r"row 4, column field_mT.*at least 0"),
        ("\n0,1,", "\n0,0,", r"row 5: the synapse \(out, in\) occurs twice"),
        ("\n0,1,", "\n0,99,", r"do not give each of"),
        (
            "\n0,0,4",
            "\n0,0,5",
            r"program\.json: program_sha256: .*program\.csv is not the program that",
        ),
    ],
)
def test_an_altered_program_is_reported(tmp_path, old, new, message):
    program, _, _ = make_task()
    path = tmp_path / "program.csv"
    program.write(path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        Program.read(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"biases": [0, 0, 0]}, r"biases of shape \(3,\) for 5 neurons"),
        ({"biases": [0, 0, "NaN", 0, 0]}, r"biases\.2: must be a valid number"),
        (
            {"rule": "mixed-sums", "mixing": [[1]]},
            r"mixing of shape \(1, 1\) for 5 neurons",
        ),
        ({"rule": "mixed-sums"}, "rule 'mixed-sums' without mixing"),
        ({"mixing": [[1]]}, "rule 'stochastic' with mixing"),
        ({"rule": "magic"}, "unknown rule 'magic'"),
        (
            {
                "bench": {
                    "field_step_mT": 0.1,
                    "field_sinusoid": None,
                    "order": "backwards",
                    "order_seed": 1,
                }
            },
            "unknown order 'backwards'",
        ),
    ],
)
def test_wrong_biases_or_a_wrong_matrix_are_reported(tmp_path, changes, message):
    program, _, _ = make_task()
    program.write(tmp_path / "program.csv")
    beside = tmp_path / "program.json"
    beside.write_text(json.dumps({**json.loads(beside.read_text()), **changes}))
    with pytest.raises(InputError, match=rf"program\.json: .*{message}"):
        Program.read(tmp_path / "program.csv")


def test_what_a_bench_needs_goes_with_the_program(tmp_path):
    wave = {"amplitude_mT": 8.0, "frequency_Hz": 37.0, "offset_mT": 0.0}
    settings = Hardware(field_sinusoid=wave, order="randomised")
    made = make_program([model_with([[4.0, 5.0]], (1.0,))], 8, DEVICE, settings, {}, seed=7)
    stated = dataclasses.replace(made, estimate={"operations": 3}, quantisation={"loss": 0.0})
    stated.write(tmp_path / "program.csv")
    back = Program.read(tmp_path / "program.csv")
    assert back.schedule == made.schedule
    assert (back.estimate, back.quantisation) == ({"operations": 3}, {"loss": 0.0})
    assert back.fingerprint == dataclasses.replace(made, schedule=Schedule()).fingerprint
    table = pd.read_csv(tmp_path / "program.csv", comment="#")
    phase_deg, delay_us = made.schedule.trigger(made.fields_mT)
    np.testing.assert_allclose(table["phase_deg"], phase_deg.ravel())
    np.testing.assert_allclose(table["delay_us"], delay_us.ravel())
    weak = Hardware(field_sinusoid={**wave, "amplitude_mT": 4.5})
    with pytest.raises(InputError, match="needs 5 mT"):
        make_program([model_with([[4.0, 5.0]], (1.0,))], 8, DEVICE, weak, {})


def test_a_program_of_an_older_version_has_the_order_it_always_had(tmp_path):
    program, _, _ = make_task()
    program.write(tmp_path / "program.csv")
    beside = tmp_path / "program.json"
    content = json.loads(beside.read_text())
    for key in ("bench", "estimate", "quantisation"):
        del content[key]
    beside.write_text(json.dumps(content))
    assert Program.read(tmp_path / "program.csv").schedule == Schedule()
    # Columns are those of older programs, unless a sinusoidal field is given.
    assert list(pd.read_csv(tmp_path / "program.csv", comment="#")) == [
        "out",
        "in",
        "field_mT",
        "reads",
    ]
