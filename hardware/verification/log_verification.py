"""Verification of an inference log against the device model: ``verification.json``."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from dwsynapse.io.errors import InputError
from dwsynapse.study import Hardware
from dwsynapse.verdicts import with_verdicts
from fitting.device import DeviceModel
from hardware.manifest import Manifest
from hardware.program import Program
from hardware.verification.curve_scores import CENTRE, CurveScores
from hardware.verification.diagnosis.named_departures import diagnoses
from hardware.verification.equivalence import (
    Difference,
    accuracy_difference,
    curve_difference,
    field_difference,
)
from hardware.verification.log_tests.copied_reads import copied_reads
from hardware.verification.log_tests.curve_in_log import curve_in_log, same_curve
from hardware.verification.log_tests.drawn_classes import DRAWS, ReadSums
from hardware.verification.log_tests.field_drift import field_drift
from hardware.verification.log_tests.fields_measured import fields_measured
from hardware.verification.log_tests.images_classified import confusion, images_classified
from hardware.verification.log_tests.images_delivered import images_delivered
from hardware.verification.log_tests.laboratory_accuracy import accuracy_test
from hardware.verification.log_tests.neuron_pass_sums import neuron_sums
from hardware.verification.log_tests.read_correlation import read_correlation
from hardware.verification.log_tests.result import LogResult
from hardware.verification.log_tests.synapse_pass_counts import synapse_counts
from hardware.verification.log_tests.worst_synapses import worst_synapses
from hardware.verification.reads import Reads
from hardware.verification.verdict import questions, verdict_of
from network.images.prepared_images import Images

KIND, VERSION = "verification", 1
MIN_CHANCE = 1e-3
"""Variance of the passes of a whole log below which fewer than one log in a thousand varies."""
N_TESTS = 12
COMPARED = 100
"""Draws from which accuracies of two curves are compared."""


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
    scores = CurveScores(reads, curve_in_log(device, reads, settings))
    level, tolerance_mT = settings.significance / N_TESTS, settings.tolerance_mT
    classes, table, matters = _classes(program, device, scores, images, settings, seed)
    tests = [
        same_curve(scores, tolerance_mT, level),
        synapse_counts(scores, tolerance_mT, level),
        worst_synapses(scores, settings.significance, level),
        read_correlation(scores, level),
        field_drift(scores, tolerance_mT, level),
        copied_reads(scores),
        neuron_sums(scores, tolerance_mT, level),
        *classes,
        *_ran(program, device, log, images, settings, level, seed),
    ]
    found = with_verdicts(tests, settings.significance)
    curve = scores.fitted.curve
    return {
        "device": device.name,
        "laboratory": manifest.laboratory,
        "synthetic": manifest.synthetic,
        "network": {"rule": program.rule, "reads_train": program.reads_train},
        "model": program.model,
        "significance": settings.significance,
        "correction": "Holm, over the tests of this file",
        "verdict": verdict_of(found, matters, diagnoses(scores, tests), len(reads)),
        "questions": questions(found, matters),
        "differences": [d.content() for d in matters.values()],
        "curve": {"form": curve.form, "parameters": curve.values()},
        "tests": found,
        "accuracy": table,
        "accuracy_stated": _stated(manifest, table),
    }


def _classes(
    program: Program,
    device: DeviceModel,
    scores: CurveScores,
    images: Images,
    settings: Hardware,
    seed: int,
) -> tuple[list[LogResult], list[dict[str, Any]], dict[str, Difference]]:
    """Return the tests of the classes, the table of accuracies, and the differences that matter."""
    rng = np.random.default_rng([seed, 4, 1])
    reads, level = scores.reads, settings.significance / N_TESTS
    sums = ReadSums.of(reads, program, images.test_pixels)
    labels, whole = images.test_labels[sums.images], sums.complete == program.reads
    field = field_difference(scores, settings)
    away = scores.fitted.point + field.sd_or(0.0) * np.eye(len(scores.fitted.point))[CENTRE]
    curves = scores.fitted.curve, scores.fitted.coordinates.curve(away), device.curve
    # The same random numbers for all three: their differences vary little.
    drawn, moved, of_device = (
        sums.draw(program, c.probability(reads.fields_mT), np.random.default_rng([seed, 4, 0]), n)
        for c, n in zip(curves, (DRAWS, COMPARED, COMPARED), strict=True)
    )
    found = sums.found(program, reads)
    correct = found == labels[:, None]
    matters = {"field": field}
    if whole.any():
        of_log, of_moved, of_model = (
            d[:, whole, -1] == labels[whole] for d in (drawn, moved, of_device)
        )
        matters |= {
            "accuracy": accuracy_difference(
                correct[whole, -1], of_log.mean(axis=0), of_model.mean(axis=0), settings
            ),
            "curve": curve_difference(of_log[:COMPARED], of_moved, of_model, settings),
        }
    if not sums.complete.any():
        return [], [], matters
    accuracy, table = accuracy_test(
        correct, drawn == labels[:, None], sums.complete, rng, settings.tolerance_accuracy, level
    )
    if not whole.any():
        return [accuracy], table, matters
    last = found[whole, -1], drawn[:, whole, -1], labels[whole]
    n_classes = len(program.biases)
    return (
        [accuracy, images_classified(*last, rng), confusion(*last, n_classes, rng)],
        table,
        matters,
    )


def _ran(
    program: Program,
    device: DeviceModel,
    log: pd.DataFrame,
    images: Images,
    settings: Hardware,
    level: float,
    seed: int,
) -> list[LogResult]:
    """Return the tests whether the program ran, and all of it."""
    delivered = images_delivered(
        program,
        device,
        images.test_pixels,
        images.test_labels,
        log["image"].unique(),
        settings.images,
        np.random.default_rng([seed, 4, 2]),
    )
    measured = "field_measured_mT" in log
    return [*([fields_measured(log, settings, level)] if measured else []), delivered]


def _stated(manifest: Manifest, table: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return whether a manifest states the accuracies of its log, within half an image.

    One that states none leaves both null.
    """
    if manifest.accuracy is None:
        return {"accuracy": None, "as_the_log": None}
    pairs = zip(manifest.accuracy, table, strict=False)
    same = all(abs(stated - row["accuracy"]) <= 0.5 / row["n_images"] for stated, row in pairs)
    return {"accuracy": list(manifest.accuracy), "as_the_log": same}


def _require_chance(device: DeviceModel, reads: Reads, kind: str) -> None:
    p = device.curve.probability(reads.fields_mT)
    if (p * (1 - p))[reads.field].sum() > MIN_CHANCE:
        return
    low, high = reads.fields_mT.min(), reads.fields_mT.max()
    raise InputError(
        f"at the {low:g} to {high:g} mT of the log every read of device {device.name!r} is "
        "certain, which leaves nothing to test",
        where=f"inference log, column field_{kind}_mT",
        remedy="check that the fields are in mT",
    )
