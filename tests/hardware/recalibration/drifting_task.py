"""A task whose classes have templates of different sizes: a drift favours the larger ones."""

import dataclasses

import numpy as np

from hardware.program import Program
from tests.hardware.small_task import DEVICE, SETTINGS

N_OUT, N_IMAGES = 5, 200
LOW_MT, HIGH_MT = 4.1, 5.1


def drifted(by_mT, **changes):
    """Return the device with its curve moved."""
    curve = dataclasses.replace(DEVICE.curve, h0_mT=DEVICE.curve.h0_mT + by_mT, **changes)
    return dataclasses.replace(DEVICE, curve=curve, name="drifted")


def drifting_task(n_in=100, seed=0):
    """Return a program, images and labels; biases put all classes at one height."""
    rng = np.random.default_rng(seed)
    templates = rng.random((N_OUT, n_in)) < np.linspace(0.15, 0.85, N_OUT)[:, None]
    labels = rng.integers(0, N_OUT, N_IMAGES)
    pixels = (templates[labels] ^ (rng.random((N_IMAGES, n_in)) < 0.35)).astype(np.uint8)
    fields_mT = np.where(templates, HIGH_MT, LOW_MT)
    expected = pixels @ DEVICE.curve.probability(fields_mT).T
    own = np.array([expected[labels == c, c].mean() for c in range(N_OUT)])
    other = np.array([expected[labels != c, c].mean() for c in range(N_OUT)])
    program = Program(
        fields_mT=fields_mT,
        reads=SETTINGS.reads,
        biases=-(own + other) / 2,
        reads_train=128,
        model=0,
        device_sha256="0" * 64,
    )
    return program, pixels, labels
