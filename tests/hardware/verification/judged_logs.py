"""Logs of the small task, and what verification says of them."""

import numpy as np

from hardware.verification.log_verification import verify
from tests.hardware.small_task import (
    DEVICE,
    SETTINGS,
    images_of,
    make_task,
)

PROGRAM, PIXELS, LABELS = make_task()
IMAGES = images_of(PIXELS, LABELS)
OF_SYNAPSES = ["synapse counts", "worst synapses", "read correlation", "drift", "copied reads"]
OF_CLASSES = ["neuron sums", "accuracy", "images classified", "confusion"]
TESTS = ["same curve", *OF_SYNAPSES, *OF_CLASSES, "images delivered", "fields measured"]


def verification(log, manifest, significance=0.01, seed=9):
    settings = SETTINGS.model_copy(update={"significance": significance, "images": len(LABELS)})
    return verify(PROGRAM, DEVICE, log, manifest, IMAGES, settings, seed)


def verdicts(log, manifest, significance=0.01, seed=9):
    content = verification(log, manifest, significance, seed)
    assert [test["test"] for test in content["tests"]] == TESTS
    return {test["test"]: test for test in content["tests"]}


def failed(tests):
    return {name for name, test in tests.items() if test["verdict"] == "inconsistent"}


def synapses_of(log):
    return log["out"].to_numpy(int), log["in"].to_numpy(int)


def at_fields(log, fields_mT, seed):
    """Return a log whose reads were made at other fields than it says."""
    p = DEVICE.curve.probability(fields_mT)
    return log.assign(outcome=(np.random.default_rng(seed).random(len(log)) < p).astype(int))
