"""Crossbars are programmed: how many pulses it takes, where walls end, and what the log says."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dwsynapse.io.errors import InputError
from hardware.crossbars.programming.crossbar_program import CrossbarProgram
from hardware.crossbars.programming.make_crossbar_program import mean_pulses, programmed
from hardware.crossbars.programming.virtual_crossbar import CrossbarFaults, VirtualCrossbar
from hardware.crossbars.programming.walls import Walls
from hardware.crossbars.programming_log import read_log, write_log
from hardware.crossbars.verification.program_tests import within_tolerance
from hardware.crossbars.verification.reading_errors import ReadingErrors
from tests.hardware.crossbars.small_crossbar import RANGE_S, crossbar_program, response

EVEN = response(0.05, 0.0, n_bins=200)


def test_pulses_of_known_steps_lead_to_the_nearest_place() -> None:
    """Steps of 5 % on average, 5.75 % at the low end and 4.25 % at the high one."""
    walls = Walls(EVEN)
    x = np.zeros(1)
    places = [0.0]
    for _ in range(25):
        x = walls.mean_moved(x, 1)
        places.append(float(x[0]))
    target = np.array([0.0, places[1], places[7], places[12] + 0.01, places[12] - 0.01])
    assert_array_equal(mean_pulses(walls, np.zeros(5), target, 25), [0, 1, 7, 12, 12])
    # Steps down are as large as those up at the same distance from the other end.
    mirrored = mean_pulses(walls, np.ones(5), 1 - target, 25)
    assert_array_equal(mirrored, [0, -1, -7, -12, -12])
    with pytest.raises(InputError, match="more than 3 pulses lead to the conductance of 1 devices"):
        mean_pulses(walls, np.zeros(2), target[1:3], 3)


@pytest.mark.parametrize("levels", [None, 32])
def test_closed_loop_ends_within_the_tolerance(levels: int | None) -> None:
    """Half the mean step and the spread of the response let all walls reach it in 100 pulses."""
    table = response()
    program = crossbar_program(table, levels=levels)
    log, final_S = VirtualCrossbar(Walls(table, levels), 3).run(program)
    x = program.positions(final_S)
    assert (np.abs(x - program.target) <= program.tolerance).all()
    if levels:
        assert_allclose(x, program.target, atol=1e-9)
    last = log.drop_duplicates("device", keep="last")
    assert_array_equal(last["conductance_after_S"], final_S[last["device"]])
    assert log["timestamp_s"].is_monotonic_increasing


def test_open_loop_applies_the_pulses_of_the_program() -> None:
    """Without spread the mean is what happens."""
    program = crossbar_program(EVEN, method="open")
    log, final_S = VirtualCrossbar(Walls(EVEN), 3).run(program)
    made = np.bincount(log["device"], log["direction"], len(program))
    assert_array_equal(made, program.pulses)
    # Nearest: within half of the largest step.
    assert np.abs(program.positions(final_S) - program.target).max() <= 0.058 / 2


def test_a_device_has_the_same_pulses_whatever_others_there_are() -> None:
    """Random numbers belong to seed, device and pulse; readings as well."""
    table = response()
    program = crossbar_program(table)
    fewer = replace(program, devices=program.devices[:37])
    crossbar = VirtualCrossbar(Walls(table), 5, read_noise_sd_S=0.004 * RANGE_S)
    whole, part = (crossbar.run(one)[0] for one in (program, fewer))
    whole = whole[whole["device"] < 37].reset_index(drop=True)
    names = ["device", "pulse", "direction", "conductance_before_S", "conductance_after_S"]
    assert_array_equal(whole[names], part[names])


def test_stuck_devices_stay_where_they_are() -> None:
    """And use up all pulses."""
    table = response()
    program = crossbar_program(table)
    crossbar = VirtualCrossbar(Walls(table), 5, faults=CrossbarFaults(stuck=0.1))
    log, final_S = crossbar.run(program)
    stuck = final_S == program.devices["start_S"]
    assert 20 <= stuck.sum() <= 62  # 40 of 400 expected, 3.6 standard deviations either way
    made = np.bincount(log["device"], minlength=len(program))
    assert (made[stuck] == program.max_pulses).all()
    ordered = log.sort_values(["device", "pulse"])
    assert_array_equal(within_tolerance(ordered, program, ReadingErrors(0.0)), ~stuck)


@pytest.mark.parametrize("name", ["log.csv", "log.parquet"])
def test_program_and_log_are_read_as_written(tmp_path, name) -> None:
    """CSV keeps all digits."""
    table = response()
    table.write(tmp_path / "response.npz", {})
    program = crossbar_program(table, levels=16)
    program.write(tmp_path / "program.csv")
    back = CrossbarProgram.read(tmp_path / "program.csv", tmp_path / "response.npz")
    assert_array_equal(back.pulses, program.pulses)
    assert_array_equal(back.target, program.target)
    assert (back.levels, back.method, back.max_pulses) == (16, "closed", 100)
    log, _ = VirtualCrossbar(Walls(table, 16), 1).run(program)
    write_log(tmp_path / name, log, {})
    found = read_log(tmp_path / name, back).sort_index()
    assert_array_equal(found.to_numpy(float), log.to_numpy(float))


def test_what_does_not_belong_together_is_refused(tmp_path) -> None:
    """Another response, devices beyond the program, conductances of another unit."""
    table = response()
    response(0.03).write(tmp_path / "other.npz", {})
    program = crossbar_program(table)
    program.write(tmp_path / "program.csv")
    with pytest.raises(InputError, match="made with another response"):
        CrossbarProgram.read(tmp_path / "program.csv", tmp_path / "other.npz")
    log, _ = VirtualCrossbar(Walls(table), 1).run(program)
    for change, words in (
        ({"device": log["device"] + 1}, r"row \d+: device 400 of a program of 400 devices"),
        ({"conductance_after_S": 1e6 * log["conductance_after_S"]}, "check that conductances are"),
        ({"direction": 0}, "direction must be 1"),
    ):
        write = log.assign(**change)
        write.to_parquet(tmp_path / "log.parquet")
        with pytest.raises(InputError, match=words):
            read_log(tmp_path / "log.parquet", program)
    outside = program.devices.drop(columns=["device", "pulses"])
    outside.loc[3, "conductance_S"] = 3e-5
    with pytest.raises(InputError, match="row 3: conductance_S is outside low_S to high_S"):
        programmed(outside, table)
