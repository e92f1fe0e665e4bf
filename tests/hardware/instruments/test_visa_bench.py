"""VISA instruments against the messages they are expected to get."""

import numpy as np
import pytest
import yaml

from dwsynapse.io.detection_errors import Rate, stated_errors
from dwsynapse.io.errors import InputError
from hardware.instruments.session import run_session
from hardware.instruments.visa.visa_bench import VisaBench
from hardware.kerr_loops.synthetic_loops import Setup, synthetic_loops
from hardware.schedule import Schedule
from tests.hardware.instruments.expected_messages import (
    BY_VOLTAGE,
    COIL,
    LINEAR,
    SAFE,
    WAVE,
    Expected,
    bench,
    pixels_of,
    program_of,
)


def test_each_read_is_set_armed_fired_and_asked_for(tmp_path):
    def read(volts, hall, answer):
        return [
            ("magnet", "V -7.000", None),
            ("magnet", f"V {volts}", None),
            ("digitiser", "ARM", None),
            ("digitiser", "*OPC?", "1"),
            ("pulse_generator", "FIRE", None),
            ("magnet", "B?", hall),
            ("digitiser", "OUT?", answer),
        ]

    expected = Expected(
        [
            ("pulse_generator", "*IDN?", "PULSER"),
            ("pulse_generator", "VOLT 30", None),
            # Rising branch: field = 2 V - 0.5 mT. The second pixel is off.
            *read("2.250", "2.01", "1"),
            *read("3.250", "2.99", "0"),
            *read("2.250", "2.0", "?"),
            *read("3.250", "3.0", "1"),
            ("magnet", "V 0", None),
        ]
    )
    log = bench(
        tmp_path,
        expected,
        pulse_generator={"identify": "*IDN?", "setup": "VOLT 30"},
        magnet=BY_VOLTAGE
        | {"read_field": "B?", "mT_per_unit": 2.0, "mT_offset": -0.02, "close": "V 0"},
        digitiser={"arm": ["ARM", "*OPC?"], "undecided": ["?"]},
    ).measure(program_of([4.0, 5.0, 6.0], reads=2), pixels_of([1, 0, 1]))
    assert not expected.script
    assert expected.closed == ["digitiser", "magnet", "pulse_generator"]
    assert log["outcome"].tolist()[:2] == [1, 0]
    assert log["outcome"].isna().tolist() == [False, False, True, False]
    np.testing.assert_allclose(log["field_measured_mT"], [4.0, 5.96, 3.98, 5.98], rtol=1e-6)
    assert log["in"].tolist() == [0, 2, 0, 2]
    assert log["read"].tolist() == [0, 0, 1, 1]
    assert log["timestamp_s"].tolist() == [1000, 1001, 1002, 1003]
    assert log.attrs == {"laboratory": "ours", "synthetic": False}


def test_delays_set_the_fields_of_a_sinusoid_and_are_calibrated_on_the_fly(tmp_path):
    # sin = 1/2 at 30 degrees of the 20 ms period, -1/2 at 330 degrees.
    def read(delay_us, answer="1"):
        return [
            ("pulse_generator", f"DEL {delay_us:.2f}", None),
            ("pulse_generator", "FIRE", None),
            ("digitiser", "OUT?", answer),
        ]

    expected = Expected(
        [
            ("magnet", "SIN 50", None),
            ("digitiser", "LAG?", "+5.0"),
            *read(20_000 / 12 + 5),
            *read(20_000 * 11 / 12 + 5),
            ("digitiser", "LAG?", "2000"),
            *read(20_000 / 12 + 2000),
            *read(20_000 * 11 / 12 + 2000 - 20_000),
        ]
    )
    log = bench(
        tmp_path,
        expected,
        pulse_generator={"set_delay": "DEL {delay_us:.2f}"},
        magnet={"start_sinusoid": "SIN {frequency_Hz:g}"},
        digitiser={"read_lag_us": "LAG?", "calibrate_every": 2},
    ).measure(program_of([4.0, -4.0], reads=2, wave=WAVE), pixels_of([1, 1]))
    assert not expected.script
    assert "field_measured_mT" not in log


def test_a_sinusoid_that_always_runs_needs_no_start(tmp_path):
    script = [
        ("pulse_generator", "DEL 1666.67", None),
        ("pulse_generator", "FIRE", None),
        ("digitiser", "OUT?", "1"),
    ]
    expected = Expected(script)
    bench(
        tmp_path,
        expected,
        pulse_generator={"set_delay": "DEL {delay_us:.2f}"},
        magnet={"free_running": True},
    ).measure(program_of([4.0], wave=WAVE), pixels_of([1]))
    assert not expected.script


def test_the_manifest_states_the_detection_errors_of_the_bench(tmp_path):
    of_bench = bench(tmp_path, Expected([])).settings.model_dump(mode="json")
    (tmp_path / "stated.yaml").write_text(
        yaml.safe_dump(of_bench | {"false_pass": 0.01, "false_pin": {"k": 3, "n": 300}})
    )
    stated = stated_errors(VisaBench.read(tmp_path / "stated.yaml").instrument())
    assert stated.false_pass.value == pytest.approx(0.01, rel=1e-3)
    assert stated.false_pin == Rate(3, 300)
    (tmp_path / "stated.yaml").write_text(yaml.safe_dump(of_bench | {"false_pass": 0.6}))
    with pytest.raises(InputError, match=r"stated\.yaml: false_pass"):
        VisaBench.read(tmp_path / "stated.yaml")


@pytest.mark.parametrize(
    ("probe", "stated", "refused"),
    [
        ({}, {}, False),
        ({"mT_per_unit": -2000.0}, {}, True),
        # 1.5 mT of 5 mT are far off, but not where the calibration is that uncertain.
        ({"mT_offset": 1.5}, {"field_offset_sd_mT": 0.1}, True),
        ({"mT_offset": 1.5}, {"field_offset_sd_mT": 0.2}, False),
        ({"mT_offset": 1.5}, {"field_scale_sd": 0.04}, False),
    ],
)
def test_fields_far_from_those_set_end_the_session_after_the_first_image(
    tmp_path, probe, stated, refused
):
    def read(volts, answer):
        set_ = ("magnet", "V -7.000", None), ("magnet", f"V {volts}", None)
        fired = ("pulse_generator", "FIRE", None), ("magnet", "B?", answer)
        return *set_, *fired, ("digitiser", "OUT?", "1")

    image = [*read("2.250", "4.01"), *read("2.750", "5.01")]
    expected = Expected([*image, *([] if refused else image), SAFE])
    magnet = BY_VOLTAGE | {"read_field": "B?", "close": "V 0"} | probe
    instruments = bench(tmp_path, expected, magnet=magnet)
    instruments.settings = instruments.settings.model_copy(update=stated)
    task = program_of([4.0, 5.0]), pixels_of([0, 0], [1, 1], [1, 1])
    if refused:
        message = r"bench\.yaml: magnet\.mT_per_unit, magnet\.mT_offset: image 1: .* mT measured"
        with pytest.raises(InputError, match=message):
            run_session(instruments, *task, tmp_path / "session", {})
        assert b"images 1" not in (tmp_path / "session").read_bytes()
    else:
        assert len(run_session(instruments, *task, tmp_path / "session", {})) == 4
    assert not expected.script


def delays_us(folder, coil, fields_mT):
    """Return the sinusoid of the voltage and the delays that a bench sets."""
    found = []

    class Any(Expected):
        def exchange(self, name, message):
            found.append(message)
            return "1" if message == "OUT?" else None

    changes = {
        "pulse_generator": {"set_delay": "DEL {delay_us:.6f}"},
        "magnet": {"start_sinusoid": "{amplitude_V:.6f} {offset_V:.6f}", "coil": "coil.csv"},
    }
    program = program_of(fields_mT, wave=WAVE)
    bench(folder, Any([]), coil, **changes).measure(program, pixels_of([1] * len(fields_mT)))
    volts = [float(word) for word in found[0].split()]
    return volts, np.array([float(m[4:]) for m in found if m.startswith("DEL")])


def test_a_linear_coil_has_the_delays_of_the_program(tmp_path):
    fields_mT = np.array([0.0, 2.0, 4.63, 7.9])
    (amplitude_V, offset_V), found = delays_us(tmp_path, LINEAR, fields_mT)
    assert (amplitude_V, offset_V) == (4, 0)
    _, expected = Schedule(sinusoid=WAVE).trigger(fields_mT)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_hysteresis_shifts_the_delays_so_that_the_field_is_right(tmp_path):
    bent = COIL.replace("rising,6,11.5", "rising,2,4\nrising,6,11.5")
    fields_mT = np.array([0.5, 2.0, 4.63, 7.0])
    (amplitude_V, offset_V), found = delays_us(tmp_path, bent, fields_mT)
    volts = offset_V + amplitude_V * np.sin(2 * np.pi * 50 * found * 1e-6)
    # Voltages are sent to 1e-6.
    np.testing.assert_allclose(np.interp(volts, [-6, 2, 6], [-12.5, 4, 11.5]), fields_mT, atol=1e-5)


@pytest.mark.parametrize("values", ["ascii", "int16", "float32"])
def test_outcomes_are_decided_from_loops(tmp_path, values):
    loops = synthetic_loops(12, Setup(signal_to_noise=20), seed=4, field_set_mT=4.6)

    def sent(numbers):
        if values == "ascii":
            return ",".join(f"{x:.6f}" for x in numbers)
        # Units of 1 mT and 1e-3 in whole numbers are too coarse for the field: 0.001 mT.
        return (numbers * 1000).astype({"int16": ">i2", "float32": ">f4"}[values]).tobytes()

    script = []
    for field_mT, signal in zip(loops.field_mT, loops.signal, strict=True):
        script += [
            ("magnet", "V -7.000", None),
            ("magnet", "V 2.550", None),
            ("pulse_generator", "FIRE", None),
            ("digitiser", "H?", sent(field_mT)),
            ("digitiser", "KERR?", sent(signal)),
        ]
    expected = Expected(script)
    log = bench(
        tmp_path,
        expected,
        magnet=BY_VOLTAGE,
        digitiser={
            "read_outcome": None,
            "read_signal": "KERR?",
            "read_field": "H?",
            "values": values,
            "big_endian": True,
            "mT_per_unit": 1.0 if values == "ascii" else 0.001,
        },
    ).measure(program_of([4.6], reads=12), pixels_of([1]))
    assert not expected.script
    known = np.array([outcome == "passed" for outcome in loops.outcome])
    decided = log["outcome"].notna()
    assert decided.sum() > 9
    assert (log["outcome"] == known)[decided].all()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("7", r"the answer to 'OUT\?' is '7': not one of '1', '0'"),
        (OSError("timeout"), r"'OUT\?' failed \(timeout\)"),
    ],
)
def test_what_an_instrument_cannot_do_ends_in_one_line_and_a_safe_state(tmp_path, answer, message):
    first = [
        ("magnet", "V -7.000", None),
        ("magnet", "V 2.250", None),
        ("pulse_generator", "FIRE", None),
    ]
    again = [*first, ("digitiser", "OUT?", "1"), SAFE]
    script = [*first, ("digitiser", "OUT?", "0"), *first, ("digitiser", "OUT?", answer), SAFE]
    expected = Expected([*script, *again])
    instruments = bench(tmp_path, expected, magnet=BY_VOLTAGE | {"close": "V 0"})
    task = program_of([4.0]), pixels_of([1], [1])
    place = r"bench\.yaml: digitiser\.read_outcome, image 1, synapse \(out, in\) \(0, 0\), read 0: "
    with pytest.raises(InputError, match=place + message):
        run_session(instruments, *task, tmp_path / "session", {})
    assert len(expected.script) == len(again)
    # The session goes on with the image that was under way.
    log = run_session(instruments, *task, tmp_path / "session", {})
    assert not expected.script
    assert log["outcome"].tolist() == [0, 1]


def test_an_unsafe_state_is_told_and_hides_no_error(tmp_path, capsys):
    script = [
        ("magnet", "V -7.000", OSError("gone")),
        ("magnet", "V 0", OSError("gone")),
    ]
    instruments = bench(tmp_path, Expected(script), magnet=BY_VOLTAGE | {"close": "V 0"})
    with pytest.raises(InputError, match=r"magnet\.set_voltage, image 0.*'V -7\.000' failed"):
        instruments.measure(program_of([4.0]), pixels_of([1]))
    assert "magnet may not be in a safe state" in capsys.readouterr().err
