"""Tests of a programming log: whether the program ran, and where its devices ended."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtr, chdtrc, ndtr
from scipy.stats import hypergeom

from dwsynapse.io.number_format import MIN_P_VALUE
from fitting.response.response_table import ResponseTable
from hardware.crossbars.programming.crossbar_program import CrossbarProgram
from hardware.crossbars.programming.virtual_crossbar import VirtualCrossbar
from hardware.crossbars.programming.walls import Walls
from hardware.crossbars.verification.reading_errors import SURE_SD, ReadingErrors
from hardware.verification.log_tests.result import LogResult

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEAR = 0.5
"""Of the tolerance."""
REPEATS, SIMULATED_DEVICES = 20, 2_000_000
SEED = 2**31
"""Of the virtual crossbars that are run for comparison: no usual seed of a log."""


def readings_agree(
    name: str,
    away: Floats,
    variance: Floats,
    rounding: Floats,
    meaning: str,
    effect: str,
    expected: float = 0.0,
) -> LogResult:
    """Test whether differences of readings that should be the same are noise.

    Their mean and their scatter are tested, the p-value being twice the smaller. Without noise they
    are equal but for their rounding or they are not. `expected` is the sum of the differences, in
    their standard deviations, that is expected all the same.
    """
    n = len(away)
    if not n or (variance == 0).all():
        same = bool((np.abs(away) <= rounding).all())
        p, z = 1.0 if same else MIN_P_VALUE, 0.0
        method = "exact: readings have no noise"
    else:
        scaled = away / np.sqrt(variance)
        z, total = float((scaled.sum() - expected) / np.sqrt(n)), float((scaled**2).sum())
        of_scatter = 2 * min(float(chdtrc(n, total)), float(chdtr(n, total)))
        p = min(2 * min(2 * float(ndtr(-abs(z))), of_scatter), 1.0)
        method = "normal for the mean, chi-square for the scatter, either of two"
    return LogResult(
        test=name,
        question="d",
        statistic=z,
        statistic_meaning=meaning,
        p_value=p,
        p_value_method=method,
        effect_size=float(away.mean()) if n else 0.0,
        effect_meaning=effect,
        n=n,
    )


def drift(log: pd.DataFrame, program: CrossbarProgram, errors: ReadingErrors) -> LogResult:
    """Test whether a device is before a pulse as it was after the last one."""
    device = log["device"].to_numpy(np.int64)
    after, before = (log[f"conductance_{when}_S"].to_numpy(float) for when in ("after", "before"))
    follows = np.flatnonzero(np.diff(device) == 0)
    span_S = program.span_S[device[follows]]
    away = (before[follows + 1] - after[follows]) / span_S
    # The same reading may be that after a pulse and that before the next.
    shared = len(away) > 0 and not away.any()
    variance = 0.0 if shared else 2 * (errors.noise_sd_S / span_S) ** 2
    looped = program.method == "closed" and not shared
    return readings_agree(
        "drift between pulses",
        away,
        np.broadcast_to(variance, away.shape),
        errors.rounding(span_S),
        "mean change between pulses, in standard deviations",
        "mean change of a conductance between pulses, as a share of the range",
        _expected_return(log, program, errors) if looped else 0.0,
    )


def _expected_return(log: pd.DataFrame, program: CrossbarProgram, errors: ReadingErrors) -> float:
    """Return by how much, in all, next readings differ from those after which a loop goes on.

    In standard deviations of the difference. A closed loop goes on where a reading is beyond the
    tolerance: such readings are too far off on average. By Tweedie's formula (`places`) they are by
    the variance of the noise times the density of readings at the tolerance, which is counted
    within `NEAR` of it on both sides.
    """
    device = log["device"].to_numpy(np.int64)
    x = program.positions(log["conductance_after_S"].to_numpy(float), device)
    off = x - program.target[device]
    noise = errors.noise_sd_S / program.span_S[device] / np.sqrt(2)
    near = NEAR * program.tolerance
    edges = -program.tolerance, program.tolerance
    low, high = (noise[np.abs(off - edge) < near].sum() for edge in edges)
    return float((low - high) / (2 * near))


def start(log: pd.DataFrame, program: CrossbarProgram, errors: ReadingErrors) -> LogResult:
    """Test whether the first readings are the state that the program starts from.

    In a closed loop it is that reading by which a device gets its first pulse: devices that noise
    may have put on either side of the tolerance are left out.
    """
    first = log.drop_duplicates("device")
    device = first["device"].to_numpy(np.int64)
    kept = ~_may_need_none(program, errors)[device]
    first, device = first[kept], device[kept]
    x = program.positions(first["conductance_before_S"].to_numpy(float), device)
    return readings_agree(
        "starting state",
        x - program.start[device],
        (errors.noise_sd_S / program.span_S[device]) ** 2,
        errors.rounding(program.span_S[device]),
        "mean distance of the first readings from the starting state, in standard deviations",
        "mean distance of the first readings from the starting state, as a share of the range",
    )


def _may_need_none(program: CrossbarProgram, errors: ReadingErrors) -> Bools:
    """Return which devices a noisy reading may find within the tolerance before any pulse.

    Shape (n_devices,); none without noise, or in an open loop.
    """
    noise = SURE_SD * errors.noise_sd_S / program.span_S
    near = np.abs(program.target - program.start) <= program.tolerance + noise
    return near & (noise > 0) & (program.method == "closed")


def pulses_as_programmed(
    log: pd.DataFrame, program: CrossbarProgram, errors: ReadingErrors
) -> LogResult:
    """Test whether pulses and directions are those that the program asks for."""
    missing = _missing(log, program, errors)
    wrong = int(_wrong_pulses(log, program, errors).sum()) + missing
    return LogResult(
        test="pulses as programmed",
        question="d",
        statistic=float(wrong),
        statistic_meaning="pulses that are not those of the program, and missing ones",
        p_value=MIN_P_VALUE if wrong else 1.0,
        p_value_method="exact",
        effect_size=wrong / max(len(log) + missing, 1),
        effect_meaning="share of the pulses, with those that are missing, not as programmed",
        n=len(log),
    )


def _wrong_pulses(log: pd.DataFrame, program: CrossbarProgram, errors: ReadingErrors) -> Bools:
    device, pulse, direction = (
        log[name].to_numpy(np.int64) for name in ("device", "pulse", "direction")
    )
    follows = np.append(False, np.diff(device) == 0)
    wrong = pulse != np.where(follows, np.append(0, pulse[:-1]) + 1, 0)
    if program.method == "open":
        programmed = program.pulses[device]
        return wrong | (pulse >= np.abs(programmed)) | (direction != np.sign(programmed))
    # What decides on a pulse is the reading after the last one.
    before_S = log["conductance_before_S"].to_numpy(float)
    last_S = np.append(before_S[:1], log["conductance_after_S"].to_numpy(float)[:-1])
    decisive_S = np.where(follows, last_S, before_S)
    away = program.target[device] - program.positions(decisive_S, device)
    rounding = errors.rounding(program.span_S[device])
    needless = np.abs(away) < program.tolerance - rounding
    turned = (direction != np.sign(away)) & (np.abs(away) > rounding)
    return wrong | turned | needless | (pulse >= program.max_pulses)


def _missing(log: pd.DataFrame, program: CrossbarProgram, errors: ReadingErrors) -> int:
    """Return how many pulses of the program the log has not, as far as that can be told."""
    made = np.bincount(log["device"], minlength=len(program))
    if program.method == "open":
        return int(np.maximum(np.abs(program.pulses) - made, 0).sum())
    # The log does not have the reading of a device that got no pulse.
    reached = within_tolerance(log, program, errors)
    reached |= (made == 0) & _may_need_none(program, errors)
    return int((~reached & (made < program.max_pulses)).sum())


def within_tolerance(log: pd.DataFrame, program: CrossbarProgram, errors: ReadingErrors) -> Bools:
    """Return which devices are within the tolerance by their last reading, shape (n_devices,).

    A device without pulses is where it starts from.
    """
    x = program.start.copy()
    last = log.drop_duplicates("device", keep="last")
    device = last["device"].to_numpy(np.int64)
    x[device] = program.positions(last["conductance_after_S"].to_numpy(float), device)
    return np.abs(program.target - x) <= program.tolerance + errors.rounding(program.span_S)


def missed_devices(
    log: pd.DataFrame, program: CrossbarProgram, table: ResponseTable, errors: ReadingErrors
) -> dict[str, int]:
    """Count the devices outside the tolerance by their last reading, here and where all is right.

    Returns
    -------
    dict
        missed, of n devices of the log; expected_missed, of expected_n devices of virtual crossbars
        that the program is run on.
    """
    repeats = max(min(REPEATS, SIMULATED_DEVICES // len(program)), 1)
    several = pd.concat([program.devices] * repeats, ignore_index=True)
    several["device"] = np.arange(len(several))
    repeated = replace(program, devices=several)
    crossbar = VirtualCrossbar(Walls(table, program.levels), SEED, errors.noise_sd_S)
    simulated = crossbar.run(repeated)[0].sort_values(["device", "pulse"], kind="stable")
    return {
        "missed": int((~within_tolerance(log, program, errors)).sum()),
        "n": len(program),
        "expected_missed": int((~within_tolerance(simulated, repeated, errors)).sum()),
        "expected_n": len(repeated),
    }


def final_conductances(counts: dict[str, int]) -> LogResult:
    """Test whether more devices miss their conductance than where the response is right.

    Given how many devices miss in the log and on virtual crossbars together, the number in the log
    is hypergeometric (Fisher's exact test, one-sided); devices that miss with different
    probabilities scatter less. It is for closed loops: in an open loop the errors that the response
    has itself add up.
    """
    missed, n, expected, others = counts.values()
    return LogResult(
        test="final conductances",
        question="c",
        statistic=float(missed),
        statistic_meaning="devices whose last reading is outside the tolerance",
        p_value=min(float(hypergeom.sf(missed - 1, n + others, expected + missed, n)), 1.0),
        p_value_method=f"Fisher's exact test against {others // n} virtual crossbars",
        effect_size=missed / n - expected / others,
        effect_meaning="share of devices outside the tolerance less that expected",
        n=n,
    )
