"""Verification of an inference log against the device model: ``verification.json``."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.study import Hardware
from dwsynapse.verdicts import with_verdicts
from fitting.device import DeviceModel
from hardware.instruments.virtual_laboratory import accuracy_by_reads
from hardware.log import acting_fields_mT
from hardware.manifest import Manifest
from hardware.program import Program
from hardware.verification.curve_in_log import curve_in_log
from hardware.verification.fields_measured import fields_measured
from hardware.verification.images_delivered import images_delivered
from hardware.verification.laboratory_accuracy import accuracy_test, predicted_accuracies
from hardware.verification.neuron_pass_sums import neuron_sums
from hardware.verification.synapse_pass_counts import synapse_counts
from network.images.prepared_images import Images

KIND, VERSION = "verification", 1
MIN_CHANCE = 1e-3
"""Variance of the passes of a whole log below which fewer than one log in a thousand varies."""


def verify(
    program: Program,
    device: DeviceModel,
    log: pd.DataFrame,
    manifest: Manifest,
    images: Images,
    settings: Hardware,
    seed: int,
) -> dict[str, Any]:
    """Test a log against the device model at the fields that were measured.

    Is its curve the device's, within what is known of both (`curve_in_log`)? Is the log what that
    curve gives: passes, sums, accuracies? Did the program run: the fields set, and all images?
    Accuracies are those of the log; `accuracy_stated` says whether the manifest states the same.

    Parameters
    ----------
    program
        The program that ran.
    device
        The device model under test.
    log
        The log in the order of image, read, out, in (`hardware.log.read_log`).
    manifest
        The laboratory's manifest.
    images
        The images, of which the log counts the test images.
    settings
        How many images were to be shown, the uncertainty of the fields, and the probability that
        any test fails if the model is correct.
    seed
        Seed of the simulations.

    Returns
    -------
    dict
        Content of ``verification.json``: laboratory, synthetic, tests, accuracy by reads and as the
        manifest states it.

    Raises
    ------
    InputError
        If every read is certain at the fields measured, as with an error of unit.
    """
    # Each test draws from its own stream, so that none depends on the others being run.
    streams = [np.random.default_rng([seed, 4, test]) for test in range(1, 5)]
    labels = images.test_labels
    fields_mT = acting_fields_mT(log)
    _require_chance(device, log, device.curve.probability(fields_mT))
    curve, same_curve = curve_in_log(device, log, settings)
    probabilities = curve.probability(fields_mT)
    counts = synapse_counts(program, log, probabilities, streams[0])
    sums = neuron_sums(log, probabilities, streams[1])
    predicted = predicted_accuracies(program, log, probabilities, labels, streams[2])
    shown = log["image"].unique()
    found = accuracy_by_reads(program, log, labels)
    accuracy, table = accuracy_test(found, predicted, n_images=len(shown))
    delivered = images_delivered(
        program, device, images.test_pixels, labels, shown, settings.images, streams[3]
    )
    tests = [same_curve, counts, sums, accuracy, delivered]
    if "field_measured_mT" in log:
        tests.insert(4, fields_measured(log, settings))
    return {
        "device": device.name,
        "laboratory": manifest.laboratory,
        "synthetic": manifest.synthetic,
        "network": {"rule": program.rule, "reads_train": program.reads_train},
        "model": program.model,
        "significance": settings.significance,
        "correction": "Holm, over the tests of this file",
        "curve": {"form": curve.form, "parameters": curve.values()},
        "tests": with_verdicts(tests, settings.significance),
        "accuracy": table,
        "accuracy_stated": _stated(manifest, found, len(shown)),
    }


def _stated(manifest: Manifest, found: NDArray[np.float64], n_images: int) -> dict[str, Any]:
    """Return whether a manifest states the accuracies of its log, within half an image.

    One that states none leaves both null.
    """
    if manifest.accuracy is None:
        return {"accuracy": None, "as_the_log": None}
    differ = np.abs(np.array(manifest.accuracy)[: len(found)] - found) > 0.5 / n_images
    return {"accuracy": list(manifest.accuracy), "as_the_log": not differ.any()}


def _require_chance(
    device: DeviceModel, log: pd.DataFrame, probabilities: NDArray[np.float64]
) -> None:
    if (probabilities * (1 - probabilities)).sum() > MIN_CHANCE:
        return
    fields_mT = acting_fields_mT(log)
    low, high, measured = fields_mT.min(), fields_mT.max(), "field_measured_mT" in log
    raise InputError(
        f"at the {low:g} to {high:g} mT of the log every read of device {device.name!r} is "
        "certain, which leaves nothing to test",
        where=f"inference log, column field_{'measured' if measured else 'set'}_mT",
        remedy="check that the fields are in mT",
    )
