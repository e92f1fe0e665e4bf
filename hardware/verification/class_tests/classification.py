"""The classes that a log gives to images: their tests, the accuracies, and what differs in them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.study import Hardware
from fitting.device import DeviceModel
from hardware.program import Program
from hardware.verification.class_tests.drawn_classes import DRAWS, DrawnClasses
from hardware.verification.class_tests.early_classes import EarlyClasses
from hardware.verification.class_tests.images_classified import confusion, images_classified
from hardware.verification.class_tests.images_delivered import images_delivered
from hardware.verification.class_tests.joint_results import jointly
from hardware.verification.class_tests.laboratory_accuracy import accuracy_test
from hardware.verification.curve_scores import CENTRE, CurveScores
from hardware.verification.equivalence import (
    Difference,
    accuracy_difference,
    curve_difference,
    field_difference,
)
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
    inputs: NDArray[np.uint8],
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
    inputs
        Inputs of all layers (`hardware.layer_inputs`). What classes are drawn of hidden neurons is
        what they sent in the log.
    level
        Level at which powers are given.
    """
    of_log = drawn_classes(scores.reads, program, inputs, device)
    at_fields = of_log if scores.reads is reads else drawn_classes(reads, program, inputs, device)
    labels, complete = images.test_labels[of_log.images], of_log.complete
    whole = complete == len(of_log.reads_test)
    field = field_difference(scores, settings)
    away = scores.fitted.point + field.sd_or(0.0) * np.eye(len(scores.fitted.point))[CENTRE]
    # The same random numbers for all three: their differences vary little.
    drawn, moved, of_device = (
        classes.draw(curve.probability, np.random.default_rng([seed, 4, 0]), draws)
        for classes, curve, draws in (
            (of_log, scores.fitted.curve, DRAWS),
            (of_log, scores.fitted.coordinates.curve(away), COMPARED),
            (at_fields, device.curve, COMPARED),
        )
    )
    found = of_log.found()
    correct = found == labels[:, None]
    matters = {"field": field}
    if whole.any():
        right, moved_right, model_right = (
            classes[:, whole, -1] == labels[whole] for classes in (drawn, moved, of_device)
        )
        matters |= {
            "accuracy": accuracy_difference(
                correct[whole, -1], right.mean(axis=0), model_right.mean(axis=0), settings
            ),
            "curve": curve_difference(right[:COMPARED], moved_right, model_right, settings),
        }
    early = of_log.tests() if isinstance(of_log, EarlyClasses) else []
    delivered = images_delivered(
        program,
        scores.fitted.curve.probability,
        images.test_pixels,
        images.test_labels,
        settings.images,
        of_log.images,
        ~correct[:, -1],
        (drawn[..., -1] != labels).mean(axis=0),
        whole,
        int(of_log.reads_test[-1]),
        seed,
    )
    if not complete.any():
        return [*early, delivered], [], matters
    accuracy, table = accuracy_test(
        correct,
        drawn == labels[:, None],
        complete,
        of_log.reads_test,
        seed,
        settings.tolerance_accuracy,
        level,
    )
    tests = [accuracy]
    if whole.any():
        last = found[:, -1], drawn[..., -1], labels, whole
        tests += [
            images_classified(*last, seed),
            confusion(*last, len(program.biases), seed),
        ]
    return [*jointly(tests), *early, delivered], table, matters


def drawn_classes(
    reads: Reads, program: Program, inputs: NDArray[np.uint8], device: DeviceModel
) -> DrawnClasses | EarlyClasses:
    """Return the classes of the images of a log, as the program ends their reading."""
    if program.early_exit:
        return EarlyClasses.of(reads, program, inputs, device)
    return DrawnClasses.of(reads, program, inputs)
