"""Logs are judged: those as the response says, and those with a defect, by the test it is for."""

from dataclasses import replace

import numpy as np
import pytest

from hardware.crossbars.programming.make_crossbar_program import programmed
from hardware.crossbars.programming.virtual_crossbar import CrossbarFaults, VirtualCrossbar
from hardware.crossbars.programming.walls import Walls
from hardware.crossbars.verification.crossbar_page import to_html
from hardware.crossbars.verification.crossbar_verification import verify_crossbar
from hardware.crossbars.verification.program_tests import drift, pulses_as_programmed, start
from hardware.crossbars.verification.reading_errors import ReadingErrors
from hardware.crossbars.verification.response_pulses import ResponsePulses
from hardware.crossbars.verification.step_scores import StepScores
from tests.hardware.crossbars.small_crossbar import (
    LOW_S,
    RANGE_S,
    crossbar_program,
    manifest,
    response,
)

TABLE = response()


def verified(faults=None, *, noise=0.0, pulses=None, change=None, n_devices=400, **given):
    program = crossbar_program(TABLE, n_devices, **given)
    walls = Walls(TABLE, program.levels)
    crossbar = VirtualCrossbar(walls, 6, noise * RANGE_S, faults=faults or CrossbarFaults())
    log = crossbar.run(program)[0].sort_values(["device", "pulse"])
    return verify_crossbar(
        program,
        TABLE,
        change(log) if change else log,
        manifest(noise * RANGE_S),
        pulses or ResponsePulses(),
        tolerance=0.1,
        significance=0.01,
        seed=6,
    )


def failed(verification):
    return {t["test"] for t in verification["tests"] if t["verdict"] == "inconsistent"}


@pytest.mark.parametrize(
    "given", [{}, {"noise": 0.005}, {"levels": 32}, {"method": "open"}, {"n_devices": 16}]
)
def test_a_log_as_the_response_says_is_not_inconsistent(given) -> None:
    """At 1 %, with fixed seeds; of 16 devices there is not enough to find a tenth of a step."""
    verification = verified(**given)
    assert not failed(verification)
    enough = given.get("n_devices") is None
    assert verification["verdict"]["verdict"] == ("consistent" if enough else "not enough data")


def rounded(log, share):
    """Return a log whose readings are rounded downwards, by up to a share of the range."""
    unit_S = share * RANGE_S
    names = ["conductance_before_S", "conductance_after_S"]
    return log.assign(**{name: np.floor(log[name] / unit_S) * unit_S for name in names})


def test_readings_of_three_digits_are_not_inconsistent() -> None:
    """Beyond the outermost of many pulses, not of an exact response, may be another."""
    many = ResponsePulses(np.full((2, len(TABLE.conductances_S)), 1000.0))
    assert not failed(verified(pulses=many, change=lambda log: rounded(log, 7e-4)))


def test_readings_of_five_digits_at_an_end_are_not_inconsistent() -> None:
    """Of a wall at the end the response says only that it would be there or beyond."""
    near = crossbar_program(TABLE, 1000).devices.assign(
        start_S=LOW_S + 0.9 * RANGE_S, conductance_S=LOW_S + 0.98 * RANGE_S
    )
    program = programmed(near.drop(columns=["device", "pulses"]), TABLE)
    log = VirtualCrossbar(Walls(TABLE), 6).run(program)[0].sort_values(["device", "pulse"])
    assert (log["conductance_after_S"] == LOW_S + RANGE_S).sum() > 100
    scores = [
        StepScores.of(of, program, TABLE, 0.0, ResponsePulses(), 6).uniform
        for of in (log, rounded(log, 7e-6))
    ]
    # One of the 200 quantiles of a response.
    assert np.allclose(*scores, rtol=0, atol=5e-3)


HUNDRED = ResponsePulses(np.full((2, len(TABLE.conductances_S)), 100.0))


@pytest.mark.parametrize("noise", [0.0, 0.002, 0.005])
def test_readings_rounded_to_their_noise_are_not_inconsistent(noise) -> None:
    """Seven digits after the point are steps of a hundredth of the range: at 1 %, fixed seeds.

    A noise of a fifth of a step does not blur it, which is said; one of half a step does.
    """
    verification = verified(noise=noise, pulses=HUNDRED, change=lambda log: log.round(7))
    assert not failed(verification)
    said = "the readings come in steps of 1e\N{MINUS SIGN}07 S, which their noise"
    assert any(said in note for note in verification["notes"]) == (noise == 0.002)


def test_rounded_readings_of_levels_are_not_inconsistent() -> None:
    """Steps of a thousandth of the range, as the noise; levels are 3 % apart."""
    assert not failed(verified(noise=0.001, levels=32, change=lambda log: log.round(8)))


def test_levels_at_round_conductances_are_no_rounding() -> None:
    """Eleven levels are 1 uS apart: a pulse that is missing is seen all the same."""
    without_last = lambda log: log[log.duplicated("device", keep="last")]  # noqa: E731
    found = failed(verified(levels=11, change=without_last))
    assert {"final conductances", "pulses as programmed"} <= found
    assert not failed(verified(levels=11))


def test_an_offset_beyond_the_rounding_is_found() -> None:
    """Readings in steps of a hundredth of the range, all three hundredths too high."""
    faults = CrossbarFaults(read_offset_S=0.03 * RANGE_S)
    verification = verified(faults, noise=0.002, change=lambda log: log.round(7))
    assert "starting state" in failed(verification)


def test_readings_that_end_a_closed_loop_of_unlike_devices_are_no_drift() -> None:
    """Of half of the devices the noise is a tenth of the others', as shares of their ranges."""
    program = crossbar_program(TABLE, 4000)
    devices = program.devices.copy()
    wide = np.arange(len(devices)) % 2 == 0
    for name in ("low_S", "high_S", "start_S", "conductance_S"):
        devices[name] = devices[name].where(~wide, 10 * devices[name])
    unlike = replace(program, devices=devices)
    noise_S = 0.02 * RANGE_S
    log = VirtualCrossbar(Walls(TABLE), 5, noise_S).run(unlike)[0]
    log = log.sort_values(["device", "pulse"])
    assert drift(log, unlike, ReadingErrors(noise_S)).p_value > 1e-3


def test_a_log_without_a_step_to_compare_is_not_enough() -> None:
    """Readings too noisy to say how far a wall was from the ends of the range."""
    verification = verified(noise=0.15, n_devices=40)
    assert not failed(verification)
    assert "worst devices" not in {test["test"] for test in verification["tests"]}
    assert verification["verdict"]["verdict"] == "not enough data"
    assert "Devices that deviate" not in to_html(verification, "<svg>")


def test_noise_may_leave_a_device_without_pulses() -> None:
    """Walls are near where they should be: a noisy reading decides whether one gets a pulse."""
    program = crossbar_program(TABLE, 1000)
    moved_S = RANGE_S * np.random.default_rng(3).uniform(-0.06, 0.06, len(program))
    near = program.devices.assign(start_S=program.devices["conductance_S"] + moved_S)
    again = programmed(near.drop(columns=["device", "pulses"]), TABLE)
    noise_S = 0.005 * RANGE_S
    errors = ReadingErrors(noise_S)
    log = VirtualCrossbar(Walls(TABLE), 7, noise_S).run(again)[0].sort_values(["device", "pulse"])
    assert pulses_as_programmed(log, again, errors).p_value == 1.0
    assert start(log, again, errors).p_value > 1e-3
    # Of the device that is farthest off noise does not explain that it has none.
    without = log[log["device"] != np.argmax(np.abs(moved_S))]
    assert pulses_as_programmed(without, again, errors).statistic == 1.0


def test_the_worst_device_has_steps() -> None:
    """Of a log with one pulse it is that device, not the first one of the program."""
    tests = {t["test"]: t for t in verified(n_devices=4, change=lambda log: log.iloc[-1:])["tests"]}
    (worst,) = tests["worst devices"]["details"]["worst"]
    assert (worst["device"], worst["pulses"]) == (3, 1)


@pytest.mark.parametrize(
    ("faults", "test"),
    [
        (CrossbarFaults(stuck=0.01), "worst devices"),
        (CrossbarFaults(step_scale=0.9), "mean step up"),
        (CrossbarFaults(swapped=0.01), "worst devices"),
        (CrossbarFaults(rp_sd=0.128, tmr_sd=0.069), "steps by conductance"),
        (CrossbarFaults(read_offset_S=0.01 * RANGE_S), "starting state"),
        (CrossbarFaults(relaxation=0.01), "drift between pulses"),
    ],
)
def test_a_defect_is_found_by_its_test(faults, test) -> None:
    """Powers of 1 nearly: docs/crossbars.md."""
    verification = verified(faults)
    assert test in failed(verification)
    assert verification["verdict"]["verdict"] == "inconsistent"
    assert test in verification["verdict"]["why"]


def test_swapped_directions_never_leave_the_end() -> None:
    """All devices wired the wrong way: walls stay at the end that they start from."""
    verification = verified(CrossbarFaults(swapped=1.0), n_devices=40)
    differences = {d["difference"]: d["value"] for d in verification["differences"]}
    assert differences["mean step up"] < -0.9


def test_what_is_not_programmed_is_found() -> None:
    """A pulse in the other direction, and pulses that are missing at the end of a device."""

    def turned(log):
        log = log.copy()
        log.iloc[5, log.columns.get_loc("direction")] *= -1
        return log

    assert "pulses as programmed" in failed(verified(change=turned))
    assert "pulses as programmed" in failed(verified(change=lambda log: log.iloc[:-2]))
    # Of a log that is almost empty nearly all pulses are missing: 14 of 15, not 14 of 1.
    few = verified(change=lambda log: log.iloc[:1])
    test = next(test for test in few["tests"] if test["test"] == "pulses as programmed")
    assert test["effect_size"] == test["statistic"] / (test["statistic"] + 1) > 0.9


def test_a_small_difference_is_equivalent() -> None:
    """Steps 4 % smaller, known to 1 %, matter less than the tolerance of 10 %."""
    verification = verified(CrossbarFaults(step_scale=0.96), n_devices=1000)
    assert failed(verification)
    assert verification["verdict"]["verdict"] == "equivalent within the tolerance"


def test_an_uncertain_response_hides_what_it_does_not_know() -> None:
    """Steps 10 % smaller are found by a response that is known, not by one of few pulses."""
    few = ResponsePulses(np.full((2, 32), 20.0), pooled=True)
    verification = verified(CrossbarFaults(step_scale=0.95), pulses=few)
    known = verified(CrossbarFaults(step_scale=0.95))
    p = [
        next(t["p_value"] for t in v["tests"] if t["test"] == "mean step up")
        for v in (verification, known)
    ]
    assert p[0] > 0.05
    assert p[1] < 1e-3


def test_shared_readings_are_noted() -> None:
    """The reading after a pulse is that before the next one."""

    def shared(log):
        log = log.copy()
        follows = log["pulse"] > 0
        last_S = log["conductance_after_S"].shift(1)
        log["conductance_before_S"] = log["conductance_before_S"].where(~follows, last_S)
        return log

    notes = verified(noise=0.002, change=shared)["notes"]
    assert any("looks like memory" in note for note in notes)
