"""VISA instruments: against the messages they are expected to get, and against simulated ones."""

import dataclasses
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json, sha256
from dwsynapse.study.bench import FieldSinusoid
from hardware.cli import app
from hardware.instruments.session import run_session
from hardware.instruments.visa.visa_bench import VisaBench
from hardware.instruments.visa.visa_settings import VisaSettings
from hardware.kerr_loops.synthetic_loops import Setup, synthetic_loops
from hardware.schedule import Schedule
from network.images.prepared_images import PIXELS, Images
from tests.hardware.small_task import DEVICE, make_task

EXAMPLE = Path(__file__).parents[3] / "docs" / "bench"
COIL = """branch,voltage_V,field_mT
rising,-6,-12.5
rising,6,11.5
falling,-6,-11.5
falling,6,12.5
"""
LINEAR = COIL.replace("12.5", "12").replace("11.5", "12")
MINIMAL = {
    "laboratory": "ours",
    "pulse_generator": {"resource": "P", "identify": None, "fire": "FIRE"},
    "magnet": {"resource": "M", "identify": None},
    "digitiser": {"resource": "D", "identify": None, "read_outcome": "OUT?"},
    "field_noise_sd_mT": 0.03,
}
BY_VOLTAGE = {"coil": "coil.csv", "set_voltage": "V {voltage_V:.3f}", "reset_voltage_V": -7.0}
WAVE = FieldSinusoid(amplitude_mT=8, frequency_Hz=50)
SAFE = ("magnet", "V 0", None)


class Expected:
    """Instruments that get these messages in this order and give these answers, and no others.

    A script is a list of (instrument, message, answer); None is no answer, and an error is raised.
    """

    def __init__(self, script):
        self.script, self.closed = list(script), []

    def open(self, instrument):
        names = {"P": "pulse_generator", "M": "magnet", "D": "digitiser"}
        return ExpectedInstrument(names[instrument.resource], self)

    def exchange(self, name, message):
        assert self.script, f"{name} gets {message!r} and should get nothing more"
        expected_name, expected, answer = self.script.pop(0)
        assert (name, message) == (expected_name, expected)
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclasses.dataclass
class ExpectedInstrument:
    name: str
    expected: Expected

    def write(self, message):
        assert self.expected.exchange(self.name, message) is None

    def query(self, message):
        answer = self.expected.exchange(self.name, message)
        assert answer is not None
        return f"{answer}\r"

    def query_binary_values(self, message, *, datatype, is_big_endian, container):
        data = self.expected.exchange(self.name, message)
        order = ">" if is_big_endian else "<"
        return container(np.frombuffer(data, f"{order}{ {'h': 'i2', 'f': 'f4'}[datatype] }"))

    def close(self):
        self.expected.closed.append(self.name)


def settings(**changes):
    return {
        key: value | changes.get(key, {}) if isinstance(value, dict) else changes.get(key, value)
        for key, value in MINIMAL.items()
    }


def bench(folder, expected, coil=COIL, **changes):
    (folder / "coil.csv").write_text(coil)
    ticks = iter(range(1000, 10_000_000))
    return VisaBench(
        VisaSettings(**settings(**changes)),
        folder / "bench.yaml",
        expected.open if expected else None,
        clock=lambda: float(next(ticks)),
        sleep=lambda seconds: None,
    )


def program_of(fields_mT, reads=1, wave=None):
    program, _, _ = make_task()
    fields_mT = np.atleast_2d(fields_mT).astype(float)
    return dataclasses.replace(
        program,
        fields_mT=fields_mT,
        biases=np.zeros(len(fields_mT)),
        reads=reads,
        schedule=Schedule(sinusoid=wave),
    )


def pixels_of(*rows):
    return np.array(rows, dtype=np.uint8)


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


@pytest.mark.parametrize(
    ("changes", "wave", "message"),
    [
        (
            {"magnet": {"set_voltage": "V {voltage_V}"}},
            None,
            "magnet.set_voltage, magnet.coil: not given",
        ),
        (
            {"magnet": BY_VOLTAGE | {"reset_voltage_V": None}},
            None,
            "magnet.reset_voltage_V: not given, but the coil has hysteresis",
        ),
        (
            {"magnet": BY_VOLTAGE | {"reset_voltage_V": 3.0}},
            None,
            "from 3 V the rising branch does not lead to the voltages needed",
        ),
        ({"magnet": BY_VOLTAGE, "field_noise_sd_mT": None}, None, "no field is measured"),
        ({}, WAVE, "pulse_generator.set_delay: not given"),
        (
            {"pulse_generator": {"set_delay": "D {delay_us}"}},
            WAVE,
            "magnet.start_sinusoid: not given, but the program has a sinusoidal field; give it, or "
            "magnet.free_running: true",
        ),
        (
            {
                "pulse_generator": {"set_delay": "D {delay_us}"},
                "magnet": {"start_sinusoid": "{amplitude_V}"},
            },
            WAVE,
            "magnet.coil: not given, but magnet.start_sinusoid needs voltages",
        ),
    ],
)
def test_a_bench_that_cannot_run_the_program_is_not_touched(tmp_path, changes, wave, message):
    with pytest.raises(InputError, match=message.replace(".", r"\.")):
        bench(tmp_path, Expected([]), **changes).measure(
            program_of([4.0], wave=wave), pixels_of([1])
        )


@pytest.mark.parametrize(
    ("coil", "message"),
    [
        (COIL, r"coil\.csv: field_mT: 11\.9 mT are needed, and the rising branch goes from -12\.5"),
        (COIL.replace("falling", "rising"), "the rising branch has 4 points, or a field"),
        (COIL.replace("rising,6,11.5\n", ""), "the rising branch has 1 points"),
        (COIL.replace("rising", "up"), "must be one of rising, falling"),
        ("a,b\n1,2\n", "no column 'branch'"),
    ],
)
def test_a_coil_that_does_not_reach_or_is_no_calibration_is_refused(tmp_path, coil, message):
    instruments = bench(tmp_path, Expected([]), coil, magnet=BY_VOLTAGE)
    with pytest.raises(InputError, match=message):
        instruments.measure(program_of([11.9]), pixels_of([1]))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "{voltage_V:.5f}",
            "{volts:.5f}",
            r"magnet\.set_voltage: .*there are: {voltage_V}",
        ),
        ('"*TRG"', '"TRG {now}"', r"pulse_generator\.fire: .*there are: none"),
        (
            '"VOLT {voltage_V:.5f}"',
            '"VOLT {voltage_V.real}"',
            r"magnet\.set_voltage: .* not known",
        ),
        ("{voltage_V:.5f}", "{voltage_V:.5d}", r"magnet\.set_voltage: .* not known"),
        ("{voltage_V:.5f}", "4", r"magnet\.set_voltage: no command has {voltage_V}"),
        ("mT_per_unit: 2.0", "mT_per_unit: .nan", r"magnet\.mT_per_unit: .*docs/hardware\.md"),
        ("mT_per_unit: 2.0", "mT_per_unit: 0", r"magnet\.mT_per_unit: .*must not be 0"),
        ('read_outcome: "FETC:OUTC?"', "", "give either read_outcome, or read_signal and read"),
        ('pinned: "0"', 'pinned: "1"', "must be different answers"),
        ("  approach: rising", "  aproach: rising", r"magnet\.aproach: unknown key"),
        ('  fire: "*TRG"', "", r"pulse_generator\.fire"),
        ("laboratory: my laboratory", "", "laboratory"),
    ],
)
def test_a_wrong_file_of_a_bench_is_told_by_its_key(tmp_path, old, new, message):
    text = (EXAMPLE / "my-bench.yaml").read_text()
    assert old in text
    (tmp_path / "bench.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=message) as caught:
        VisaBench.read(tmp_path / "bench.yaml")
    assert "bench.yaml" in str(caught.value)


@pytest.fixture
def example(tmp_path):
    """Return a folder with the example of the documents and a program for it."""
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    program, pixels, labels = make_task(n_in=PIXELS[0])
    pixels[:, 20:] = 0
    Images(pixels, labels, pixels, labels).write(tmp_path / "images.npz")
    DEVICE.write(tmp_path / "device.json")
    hashed = dataclasses.replace(program, device_sha256=sha256(tmp_path / "device.json"))
    hashed.write(tmp_path / "program.csv")
    (tmp_path / "hardware.yaml").write_text("images: 3\nreads: 4\n")
    return tmp_path


def run(folder):
    files = {"program": "csv", "device": "json", "images": "npz"}
    words = [w for name, end in files.items() for w in (f"--{name}", folder / f"{name}.{end}")]
    words += ["--config", folder / "hardware.yaml", "--out", folder / "run"]
    words += ["--bench", f"visa:{folder / 'my-bench.yaml'}"]
    return CliRunner().invoke(app, ["run", *map(str, words)], catch_exceptions=False)


def test_the_example_of_the_documents_runs_on_simulated_instruments(example):
    assert run(example).exit_code == 0
    manifest = read_json(example / "run" / "manifest.json", "manifest", 1)
    assert manifest["synthetic"] is True
    assert manifest["instrument"]["instruments"]["magnet"] == "SIMULATED,MAGNET,2,0"
    assert manifest["instrument"]["coil_sha256"] == sha256(example / "coil.csv")
    log = pd.read_parquet(example / "run" / "inference_log.parquet")
    pixels = Images.read(example / "images.npz").test_pixels[:3]
    assert len(log) == pixels.sum() * 5 * 4
    # The simulated probe answers the voltage, to 1e-5 V.
    np.testing.assert_allclose(log["field_measured_mT"], log["field_set_mT"], atol=3e-5)
    assert (log["outcome"] == 1).all()


def test_the_example_with_a_sinusoidal_field_sends_what_it_says():
    """Its digitiser gives loops of volts, one for each read."""
    path, sent = EXAMPLE / "sinusoidal-bench.yaml", []
    loops = synthetic_loops(24, Setup(signal_to_noise=30), seed=1, field_set_mT=4.6)
    points = iter([v for pair in zip(loops.field_mT / 10, loops.signal, strict=True) for v in pair])

    class Answering(ExpectedInstrument):
        def write(self, message):
            sent.append(message)

        def query(self, message):
            sent.append(message)
            return "25" if "DEL?" in message else "some name"

        def query_binary_values(self, message, **_):
            sent.append(message)
            return next(points).astype(np.float32)

    instruments = VisaBench(
        VisaBench.read(path).settings,
        path,
        lambda given: Answering(given.resource, Expected([])),
        sleep=lambda seconds: None,
    )
    program = program_of([4.6], reads=24, wave=FieldSinusoid(amplitude_mT=8, frequency_Hz=37))
    log = instruments.measure(program, pixels_of([1]))
    # The rising branch of coil.csv is 2 V - 0.2 mT: -3.9 to 4.1 V, and 2.4 V at 4.6 mT.
    assert sent[7:12] == ["FUNC SIN", "FREQ 37.0000", "VOLT 4.0000", "VOLT:OFFS 0.1000", "OUTP ON"]
    delay_s = np.arcsin(2.3 / 4) / (2 * np.pi * 37) + 25e-6
    expected = [
        "MEAS:DEL? CH2",
        f"PULS:DEL {delay_s:.9f}",
        "INIT",
        "OUTP ON",
        "CURV? CH2",
        "CURV? CH1",
    ]
    assert sent[12:18] == expected
    assert sent[18:23] == expected[1:]
    decided = log["outcome"].notna()
    assert decided.mean() > 0.8
    known = np.array([outcome == "passed" for outcome in loops.outcome])
    assert (log["outcome"] == known)[decided].all()
    assert instruments.instrument()["field_noise_sd_mT"] == 0.05


def test_an_instrument_that_does_not_answer_is_told(example):
    path = example / "my-bench.yaml"
    path.write_text(path.read_text().replace("GPIB0::8", "GPIB0::23"))
    message = r"my-bench\.yaml: pulse_generator\.identify, setup: the answer to '\*IDN\?' is '': em"
    with pytest.raises(InputError, match=message):
        run(example)


def test_an_error_that_an_instrument_reports_ends_the_session(example):
    path = example / "my-bench.yaml"
    path.write_text(path.read_text().replace('"VOLT {voltage_V', '"VOLD {voltage_V'))
    message = r"magnet\.check, image 0, .*: the answer to 'SYST:ERR\?' is '-113,\"Undefined header"
    with pytest.raises(InputError, match=message):
        run(example)
    assert b"images 0" not in (example / "run" / "inference_log.session").read_bytes()


def test_a_file_that_simulates_no_instruments_is_told_in_few_words(example):
    path = example / "my-bench.yaml"
    path.write_text(path.read_text().replace("simulated-instruments.yaml", "program.csv"))
    with pytest.raises(InputError, match="library: no VISA library") as caught:
        run(example)
    assert "Traceback" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_an_instrument_that_cannot_be_opened_is_told(tmp_path):
    class Off(Expected):
        def open(self, instrument):
            raise OSError("no such device")

    message = r"pulse_generator\.resource: 'P' cannot be opened \(no such device\)"
    with pytest.raises(InputError, match=message):
        bench(tmp_path, Off([]), magnet=BY_VOLTAGE).measure(program_of([4.0]), pixels_of([1]))


def test_without_pyvisa_the_command_says_how_to_get_it(example, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyvisa", None)
    with pytest.raises(InputError, match=r"pip install 'dwsynapse\[visa\]'"):
        run(example)
