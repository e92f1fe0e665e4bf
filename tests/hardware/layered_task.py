"""A network with a hidden layer for the tests of the hardware room, on the images of small_task."""

import numpy as np

from hardware.program import make_program
from network.trained_model import ExportedNetwork, Layer, TrainedModel, TrainingRecord
from tests.hardware.small_task import DEVICE, N_IN, N_OUT, SETTINGS, make_task

N_HIDDEN = 3 * N_OUT


def make_layered_network(n_in=N_IN):
    """Return a network whose hidden neurons know the templates of the classes, three each.

    Each of the three fires from another sum on. The last layer passes what they send to their
    class.
    """
    one, pixels, _ = make_task(n_in=n_in)
    middle = np.median(pixels @ DEVICE.curve.probability(one.fields_mT).T, axis=0)
    thresholds = np.tile([-1, 0, 1], N_OUT) - np.repeat(middle, 3)
    own = np.repeat(np.eye(N_OUT, dtype=bool), 3, axis=1)
    return ExportedNetwork(
        "hidden-layers",
        SETTINGS.reads,
        np.where(own, 5.4, 4.2),
        np.zeros(N_OUT),
        TrainingRecord(0.05, 1, True, (1.0,)),
        hidden=(Layer(np.repeat(one.fields_mT, 3, axis=0), thresholds),),
    )


def make_layered_task():
    """Return the program of that network, images and labels."""
    _, pixels, labels = make_task()
    model = TrainedModel("paper", "0" * 64, 0, 1, (make_layered_network(),))
    program = make_program([model], SETTINGS.reads, DEVICE, SETTINGS, {}, "hidden-layers")
    return program, pixels, labels
