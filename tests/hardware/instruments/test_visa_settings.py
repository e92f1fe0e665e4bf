"""Files of a bench that cannot run a program are told before an instrument is touched."""

import pytest

from dwsynapse.io.errors import InputError
from hardware.instruments.visa.visa_bench import VisaBench
from tests.hardware.instruments.expected_messages import (
    BY_VOLTAGE,
    COIL,
    EXAMPLE,
    WAVE,
    Expected,
    bench,
    pixels_of,
    program_of,
)


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
