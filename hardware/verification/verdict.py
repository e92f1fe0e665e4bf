"""One verdict on a log, from all of its tests."""

from collections.abc import Mapping, Sequence
from typing import Any

from dwsynapse.io.number_format import counted
from hardware.verification.diagnosis.named_departures import UNKNOWN, Diagnosis
from hardware.verification.equivalence import Difference
from hardware.verification.log_tests.result import QUESTIONS

CONSISTENT, INCONSISTENT = "consistent", "inconsistent"
EQUIVALENT, NOT_ENOUGH = "equivalent within the tolerance", "not enough data"
OF_THE_CURVE = {"offset", "slope", "floor", "detection errors"}
"""Defects that matter as much as the difference of the curves."""
OF_THE_SYNAPSES = {"drift", "wires that differ"}
"""Defects that matter as much as the accuracy found says."""
BEYOND_TOLERANCE = {"worst synapses", "read correlation", "copied reads"}
"""Tests whose failure leaves no interval valid, whatever explains it best."""
MAX_FACTOR = 1e6


def verdict_of(
    tests: Sequence[dict[str, Any]],
    differences: dict[str, Difference],
    found: Sequence[Diagnosis],
    n_reads: int,
) -> dict[str, Any]:
    """Return the verdict: consistent, equivalent, inconsistent, or not enough data.

    Inconsistent if any test fails after Holm's correction; equivalent if the differences in field
    and in accuracy are nevertheless within the tolerance, and what failed leaves these intervals
    valid: not where the program did not run as it should, or reads depend on each other. Not enough
    data if no test fails, but a shift as large as the tolerance would probably not have been found,
    or the curve is further off than the tolerance and only the calibration explains it.

    Parameters
    ----------
    tests
        The tests with their verdicts (`dwsynapse.verdicts.with_verdicts`).
    differences
        The differences of ``field`` and, where images are whole, of ``accuracy`` and of accuracy by
        the ``curve``.
    found
        What explains the log, the best first.
    n_reads
        Number of reads in the log.

    Returns
    -------
    dict
        verdict, alarm (whether any test fails), why (a sentence), diagnosis, other_diagnoses, and
        needs_reads: how many reads would do, where they do not.
    """
    failed = [test["test"] for test in tests if test["verdict"] == INCONSISTENT]
    invalid = any(
        test["question"] == "d" or test["test"] in BEYOND_TOLERANCE
        for test in tests
        if test["test"] in failed
    )
    diagnosis = found[0] if found and failed else None
    name = diagnosis.name if diagnosis else UNKNOWN
    needs = None
    if failed:
        explained = diagnosis.in_words() if diagnosis else "no defect that we know explains it"
        why = f"{', '.join(failed)}: {explained}"
        harmless = not invalid and _harmless(name, differences)
        verdict = EQUIVALENT if harmless else INCONSISTENT
    else:
        field = differences["field"]
        verdict, why = CONSISTENT, "no test fails"
        if field.reads_factor > 1:
            needs = int(min(field.reads_factor, MAX_FACTOR) * n_reads) + 1
            verdict, rounded = NOT_ENOUGH, float(f"{needs:.2g}")
            why = (
                f"no test fails, but {counted(n_reads, 'read')} would probably not have found a "
                f"shift by {field.tolerance:g} {field.unit}: about {rounded:,.0f} are needed"
            )
        elif field.beyond:
            verdict = NOT_ENOUGH
            why = (
                f"no test fails, but the curve is {field.value:+.2g} {field.unit} from the "
                f"device's, more than the tolerance of {field.tolerance:g}: what is known of the "
                "fields and of the device leaves open whether it has moved; calibrate the fields "
                "better"
            )
    return {
        "verdict": verdict,
        "alarm": bool(failed),
        "why": why,
        "diagnosis": diagnosis.content() if diagnosis else None,
        "other_diagnoses": [d.content() for d in found[1:4]] if failed else [],
        "needs_reads": needs,
    }


def _harmless(name: str, differences: dict[str, Difference]) -> bool:
    """Return whether a defect is one of those within the tolerance."""
    if name not in OF_THE_CURVE | OF_THE_SYNAPSES:
        return False
    accuracy = differences.get("curve" if name in OF_THE_CURVE else "accuracy")
    return differences["field"].equivalent and accuracy is not None and accuracy.equivalent


def questions(
    tests: Sequence[dict[str, Any]],
    differences: dict[str, Difference],
    asked: Mapping[str, str] = QUESTIONS,
) -> list[dict[str, str]]:
    """Return the questions with their answers, as far as the log has them."""
    answers = {
        key: _answer([test["verdict"] for test in tests if test["question"] == key])
        for key in asked
    } | {"e": _matters(list(differences.values()))}
    return [{"key": key, "question": text, "answer": answers[key]} for key, text in asked.items()]


def _matters(differences: Sequence[Difference]) -> str:
    if any(difference.beyond for difference in differences):
        return "yes"
    # Without whole images nothing is known of the accuracy.
    known = len(differences) > 1
    return "no" if known and all(d.equivalent for d in differences) else "not excluded"


def _answer(verdicts: Sequence[str]) -> str:
    if not verdicts:
        return "not answered"
    return "no" if INCONSISTENT in verdicts else "not contradicted"
