"""The classes that a log gives to images: their tests, the accuracies, and what differs in them."""

from dataclasses import replace
from typing import Any

import numpy as np

from dwsynapse.study import Hardware
from fitting.device import DeviceModel
from hardware.program import Program
from hardware.verification.curve_scores import CENTRE, CurveScores
from hardware.verification.equivalence import (
    Difference,
    accuracy_difference,
    curve_difference,
    field_difference,
)
from hardware.verification.log_tests.drawn_classes import DRAWS, ReadSums
from hardware.verification.log_tests.images_classified import confusion, images_classified
from hardware.verification.log_tests.laboratory_accuracy import accuracy_test
from hardware.verification.log_tests.result import LogResult
from hardware.verification.reads import Reads
from network.images.prepared_images import Images

COMPARED = 100
"""Draws from which accuracies of two curves are compared."""


def classification(
    program: Program,
    device: DeviceModel,
    scores: CurveScores,
    reads: Reads,
    images: Images,
    settings: Hardware,
    level: float,
    seed: int,
) -> tuple[list[LogResult], list[dict[str, Any]], dict[str, Difference]]:
    """Return the tests of the classes, the table of accuracies, and the differences that matter.

    Parameters
    ----------
    program, device, images, settings, seed
        As for `hardware.verification.log_verification.verify`.
    scores
        The reads at the curve of the log, that of each wire where wires differ.
    reads
        The reads at the fields that acted.
    level
        Level at which powers are given.
    """
    rng = np.random.default_rng([seed, 4, 1])
    sums = ReadSums.of(scores.reads, program, images.test_pixels)
    at_fields = replace(sums, field=reads.field[sums.group.order])
    labels, whole = images.test_labels[sums.images], sums.complete == program.reads
    field = field_difference(scores, settings)
    away = scores.fitted.point + field.sd_or(0.0) * np.eye(len(scores.fitted.point))[CENTRE]
    p_away = scores.fitted.coordinates.curve(away).probability(scores.reads.fields_mT)
    p_of_device = device.curve.probability(reads.fields_mT)
    # The same random numbers for all three: their differences vary little.
    drawn, moved, of_device = (
        which.draw(program, p, np.random.default_rng([seed, 4, 0]), draws)
        for which, p, draws in (
            (sums, scores.p, DRAWS),
            (sums, p_away, COMPARED),
            (at_fields, p_of_device, COMPARED),
        )
    )
    found = sums.found(program, reads)
    correct = found == labels[:, None]
    matters = {"field": field}
    if whole.any():
        of_log, of_moved, of_model = (
            classes[:, whole, -1] == labels[whole] for classes in (drawn, moved, of_device)
        )
        matters |= {
            "accuracy": accuracy_difference(
                correct[whole, -1], of_log.mean(axis=0), of_model.mean(axis=0), settings
            ),
            "curve": curve_difference(of_log[:COMPARED], of_moved, of_model, settings),
        }
    if not sums.complete.any():
        return [], [], matters
    tolerance = settings.tolerance_accuracy
    accuracy, table = accuracy_test(
        correct, drawn == labels[:, None], sums.complete, rng, tolerance, level
    )
    if not whole.any():
        return [accuracy], table, matters
    last = found[whole, -1], drawn[:, whole, -1], labels[whole]
    n_classes = len(program.biases)
    tests = [accuracy, images_classified(*last, rng), confusion(*last, n_classes, rng)]
    return tests, table, matters
