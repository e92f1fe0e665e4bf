"""A VISA bench whose instruments expect exact messages."""

import dataclasses
from pathlib import Path

import numpy as np

from dwsynapse.study.bench import FieldSinusoid
from hardware.instruments.visa.visa_bench import VisaBench
from hardware.instruments.visa.visa_settings import VisaSettings
from hardware.schedule import Schedule
from tests.hardware.small_task import make_task

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
