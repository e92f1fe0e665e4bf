"""Verification of a programming log against the response: ``crossbar_verification.json``."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from dwsynapse.io.number_format import counted, number
from dwsynapse.verdicts import with_verdicts
from fitting.response.response_table import ResponseTable
from hardware.crossbars.programming.crossbar_program import CrossbarProgram
from hardware.crossbars.programming_log import ProgrammingManifest
from hardware.crossbars.verification.device_tests import device_tests
from hardware.crossbars.verification.program_tests import (
    drift,
    final_conductances,
    missed_devices,
    pulses_as_programmed,
    start,
)
from hardware.crossbars.verification.reading_errors import ReadingErrors
from hardware.crossbars.verification.response_pulses import ResponsePulses
from hardware.crossbars.verification.step_scores import StepScores
from hardware.crossbars.verification.step_tests import WAYS, step_ratio, step_tests
from hardware.verification.equivalence import Difference
from hardware.verification.verdict import (
    CONSISTENT,
    EQUIVALENT,
    INCONSISTENT,
    NOT_ENOUGH,
    questions,
)

KIND, VERSION = "crossbar-verification", 1
QUESTIONS = {
    "a": "Is it the same response?",
    "b": "Do all devices behave alike, and remember nothing?",
    "c": "Are the conductances where they should be?",
    "d": "Did the program run, and all of it?",
    "e": "Does it matter?",
}
ALL = "mean step"
N_TESTS = 12
"""Tests of a whole log, with which powers are given."""


def verify_crossbar(
    program: CrossbarProgram,
    table: ResponseTable,
    log: pd.DataFrame,
    manifest: ProgrammingManifest,
    pulses: ResponsePulses,
    *,
    tolerance: float,
    significance: float,
    seed: int,
) -> dict[str, Any]:
    """Test the log of a crossbar's programming against the response of its devices.

    Parameters
    ----------
    program, table, log, manifest
        The program, the response, the log sorted by device and pulse
        (`hardware.crossbars.programming_log.read_log`), and its manifest.
    pulses
        How many pulses the response was made of: its own scatter counts.
    tolerance
        Share by which mean steps may differ without mattering.
    significance
        Probability that any test fails if the response is right.
    seed
        Of draws within steps that are one of few.

    Returns
    -------
    dict
        Content of ``crossbar_verification.json``.
    """
    errors = ReadingErrors.of(log, program, manifest.read_noise_sd_S)
    scores = StepScores.of(log, program, table, errors.noise_sd_S, pulses, seed)
    counts = missed_devices(log, program, table, errors)
    results = [
        *step_tests(scores, tolerance, significance / N_TESTS),
        *device_tests(scores, significance),
        *([final_conductances(counts)] if program.method == "closed" else []),
        start(log, program, errors),
        drift(log, program, errors),
        pulses_as_programmed(log, program, errors),
    ]
    tests = with_verdicts(results, significance)
    steps = {ALL: scores.used} | {
        f"{ALL} {name}": scores.used & (scores.way == way) for name, way in WAYS.items()
    }
    matters = {
        name: Difference(name, "", *step_ratio(scores, chosen), tolerance, significance)
        for name, chosen in steps.items()
        if chosen.sum() > 1
    }
    return {
        "device": program.device,
        "laboratory": manifest.laboratory,
        "synthetic": manifest.synthetic,
        "response": {
            "source": table.source,
            "known_by_pulses": None
            if pulses.of_bins is None
            else [int(n) for n in pulses.of_bins.sum(axis=1)],
        },
        "significance": significance,
        "correction": "Holm, over the tests of this file",
        "verdict": _verdict(tests, matters, len(log)),
        "questions": questions(tests, matters, QUESTIONS),
        "differences": [difference.content() for difference in matters.values()],
        "tests": tests,
        "final": counts | {"method": program.method, "tolerance": program.tolerance},
        "by_conductance": _by_conductance(scores, table),
        "notes": [*errors.notes(), *_notes(scores, log, errors.noise_sd_S)],
    }


def _verdict(
    tests: Sequence[dict[str, Any]], matters: dict[str, Difference], n_pulses: int
) -> dict[str, Any]:
    """Return the verdict: as of an inference log (`hardware.verification.verdict`).

    Equivalent where tests of the response itself fail alone, the mean step of all pulses is within
    the tolerance, and that of neither direction is beyond it.
    """
    failed = [test for test in tests if test["verdict"] == INCONSISTENT]
    factor = matters[ALL].reads_factor if ALL in matters else np.inf
    verdict, why = CONSISTENT, "no test fails"
    if failed:
        why = "; ".join(
            f"{test['test']} ({test['effect_meaning']}: {number(test['effect_size'])})"
            for test in failed
        )
        harmless = {test["question"] for test in failed} == {"a"} and ALL in matters
        beyond = any(difference.beyond for difference in matters.values())
        within = harmless and matters[ALL].equivalent and not beyond
        verdict = EQUIVALENT if within else INCONSISTENT
    elif factor > 1:
        verdict = NOT_ENOUGH
        why = (
            f"no test fails, but {counted(n_pulses, 'pulse')} and those of the response would "
            f"probably not have found a mean step that is off by the tolerance"
        )
    return {"verdict": verdict, "alarm": bool(failed), "why": why}


def _by_conductance(scores: StepScores, table: ResponseTable) -> dict[str, Any]:
    """Return the mean steps by bin of the response, in the log and as expected of its steps."""
    found: dict[str, Any] = {}
    n_bins = len(table.conductances_S)
    place = (table.conductances_S - table.conductances_S[0]) / table.range_S
    for name, way in WAYS.items():
        chosen = scores.used & (scores.way == way)
        column = scores.column[chosen]
        n = np.bincount(column, minlength=n_bins)
        some = n > 0

        def means(values: Any, column: Any = column, n: Any = n, some: Any = some) -> list[float]:
            sums = np.bincount(column, values, minlength=n_bins)
            return [float(value) for value in sums[some] / n[some]]

        found[name] = {
            "x": [float(value) for value in place[some]],
            "n": [int(value) for value in n[some]],
            "step": means(scores.steps[chosen]),
            "expected": means(scores.mean[chosen]),
            "sd": [float(v) for v in np.sqrt(means(scores.sd[chosen] ** 2) / n[some])],
        }
    return found


def _notes(scores: StepScores, log: pd.DataFrame, noise_S: float) -> list[str]:
    notes = []
    if left_out := int((~scores.used).sum()):
        notes.append(
            f"{counted(left_out, 'pulse')} that may have reached an end of the range left out of "
            "the tests of steps: noisy readings do not say how far it was"
        )
    device = log["device"].to_numpy()
    follows = np.diff(device) == 0
    same = (
        log["conductance_before_S"].to_numpy()[1:] == log["conductance_after_S"].to_numpy()[:-1]
    )[follows]
    if noise_S > 0 and len(same) and same.all():
        notes.append(
            "the reading after a pulse is also that before the next one: its noise is in two steps "
            "with opposite signs, which looks like memory"
        )
    if scores.pulses.of_bins is None:
        notes.append(f"{scores.pulses.why_exact}: it is taken for exact")
    return notes
