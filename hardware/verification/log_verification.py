"""Verification of an inference log against the device model: ``verification.json``."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from dwsynapse.io.errors import InputError
from dwsynapse.study import Hardware
from dwsynapse.verdicts import with_verdicts
from fitting.device import DeviceModel
from hardware.layer_inputs import layer_inputs
from hardware.manifest import Manifest
from hardware.program import Program
from hardware.verification.class_tests.classification import classification
from hardware.verification.curve_scores import CurveScores
from hardware.verification.diagnosis.named_departures import diagnoses
from hardware.verification.log_tests.copied_reads import copied_reads
from hardware.verification.log_tests.field_drift import field_drift
from hardware.verification.log_tests.fields_measured import fields_measured
from hardware.verification.log_tests.hidden_decisions import hidden_decisions
from hardware.verification.log_tests.neuron_pass_sums import neuron_sums
from hardware.verification.log_tests.read_correlation import read_correlation
from hardware.verification.log_tests.result import LogResult
from hardware.verification.log_tests.same_curve import same_curve
from hardware.verification.log_tests.synapse_pass_counts import synapse_counts
from hardware.verification.log_tests.worst_synapses import worst_synapses
from hardware.verification.nuisances import Nuisances
from hardware.verification.order_of_reads import order_of_reads
from hardware.verification.reads import Reads
from hardware.verification.verdict import INCONSISTENT, questions, verdict_of
from network.images.prepared_images import Images

KIND, VERSION = "verification", 1
MIN_CHANCE = 1e-3
"""Variance of the passes of a whole log below which fewer than one log in a thousand varies."""
N_TESTS = 7
"""Sum of the weights of the tests, with which their powers are given."""


def verify(
    program: Program,
    device: DeviceModel,
    log: pd.DataFrame,
    manifest: Manifest,
    images: Images,
    settings: Hardware,
    seed: int,
) -> dict[str, Any]:
    """Test a log against the device model at the fields that acted.

    Is its curve the device's, within what is known of both? All other tests are made at the curve
    that the log itself shows: is the log what that curve gives, are sums and accuracies as
    predicted, did the program run, and all of it? Does it matter? Accuracies are those of the log;
    `accuracy_stated` says whether the manifest states the same.

    Parameters
    ----------
    program
        The program that ran.
    device
        The device model under test.
    log
        The log (`hardware.log.read_log`).
    manifest
        The laboratory's manifest.
    images
        The images, of which the log counts the test images.
    settings
        How many images were to be shown, the uncertainty of the fields, the tolerances, and the
        probability that any test fails if the model is correct.
    seed
        Seed of the simulations.

    Returns
    -------
    dict
        Content of ``verification.json``: laboratory, synthetic, verdict, questions, tests,
        differences, accuracy by reads and as the manifest states it.

    Raises
    ------
    InputError
        If every read is certain at the fields that acted, as with an error of unit.
    """
    reads = Reads.of(log, program)
    _require_chance(device, reads, "measured" if "field_measured_mT" in log else "set")
    places = reads.image, reads.out, reads.in_, reads.passed
    seen = layer_inputs(program, images.test_pixels, *places)
    nuisances = Nuisances.of(manifest, settings, log)
    fitted = nuisances.curve_in_log(device, reads, settings)
    scores = CurveScores(reads, fitted, settings.wire_spread_mT)
    of_wires = nuisances.of_each_wire(CurveScores(reads, fitted))
    level, tolerance_mT = settings.significance / N_TESTS, settings.tolerance_mT
    tests_of_classes, table, matters = classification(
        program, device, of_wires, reads, images, seen.inputs, settings, level, seed
    )
    tests = [
        same_curve(scores, tolerance_mT, level),
        synapse_counts(scores, tolerance_mT, level),
        worst_synapses(scores, settings.significance, level),
        read_correlation(of_wires, settings.wire_spread_mT, level),
        field_drift(of_wires, tolerance_mT, level),
        copied_reads(of_wires),
        neuron_sums(
            _sums_of(of_wires, program), of_wires, settings.wire_spread_mT, tolerance_mT, level
        ),
        *tests_of_classes,
    ]
    if program.hidden_biases:
        tests.append(hidden_decisions(seen))
    if "field_measured_mT" in log:
        tests.append(fields_measured(log, settings, level))
    found = with_verdicts(
        tests,
        settings.significance,
        weights=[test.weight for test in tests],
        families=[test.family for test in tests],
    )
    failed = any(test["verdict"] == INCONSISTENT for test in found)
    explained = diagnoses(scores, tests) if failed else []
    curve = scores.fitted.curve
    return {
        "device": device.name,
        "laboratory": manifest.laboratory,
        "synthetic": manifest.synthetic,
        "network": {"rule": program.rule, "reads_train": program.reads_train},
        "model": program.model,
        "quantisation": program.quantisation,
        "significance": settings.significance,
        "correction": "Holm, over the weighted tests of this file",
        "verdict": verdict_of(found, matters, explained, len(reads)),
        "questions": questions(found, matters),
        "differences": [d.content() for d in matters.values()],
        "curve": {
            "form": curve.form,
            "parameters": curve.values(),
            "passes": reads.passes_by_field(),
        },
        "tests": found,
        "accuracy": table,
        "order_of_reads": order_of_reads(reads, program, seen.inputs, "timestamp_s" in log),
        "accuracy_stated": _stated(manifest, table, log["image"].nunique()),
        "notes": [*log.attrs.get("notes", ()), *_untested(program, tests)],
    }


def _untested(program: Program, tests: Sequence[LogResult]) -> list[str]:
    """Return a note where the log leaves open whether the program's early exit was followed."""
    if not program.early_exit or any(test.test == "early exit" for test in tests):
        return []
    return ["every image lacks reads: whether its reading ended as early exit asks is not tested"]


def _sums_of(scores: CurveScores, program: Program) -> CurveScores:
    """Return the reads whose number does not depend on their outcome: with early exit the first."""
    if not program.early_exit:
        return scores
    return CurveScores(scores.reads.only(scores.reads.read == 0), scores.fitted)


def _stated(manifest: Manifest, table: Sequence[dict[str, Any]], n_images: int) -> dict[str, Any]:
    """Return whether a manifest states the accuracies of its log, within half an image.

    Of numbers of reads that all images of the log have; null where there are none.
    """
    if manifest.accuracy is None:
        return {"accuracy": None, "as_the_log": None}
    differ = [
        abs(stated - row["accuracy"]) > 0.5 / n_images
        for stated, row in zip(manifest.accuracy, table, strict=False)
        if row["n_images"] == n_images
    ]
    return {"accuracy": list(manifest.accuracy), "as_the_log": not any(differ) if differ else None}


def _require_chance(device: DeviceModel, reads: Reads, kind: str) -> None:
    p = device.curve.probability(reads.fields_mT)
    if (p * (1 - p))[reads.field].sum() > MIN_CHANCE:
        return
    low, high = reads.fields_mT.min(), reads.fields_mT.max()
    if high < 0:
        raise InputError(
            f"the fields measured are all negative ({low:g} to {high:g} mT), and those set are not",
            where=f"inference log, column field_{kind}_mT",
            remedy="reverse their sign if the probe points along -x, or leave the column out",
        )
    raise InputError(
        f"at the {low:g} to {high:g} mT of the log every read of device {device.name!r} is "
        "certain, which leaves nothing to test",
        where=f"inference log, column field_{kind}_mT",
        remedy="check that the fields are in mT, and that the probe is calibrated",
    )
