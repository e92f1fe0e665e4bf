"""How often images are classified correctly, simulated with the same random numbers for all."""

import numpy as np
from numpy.typing import NDArray

from fitting.device import DeviceModel
from hardware.early_reading import classes_read
from hardware.program import Program

MAX_REPETITIONS = 20
MAX_DRAWS = 100_000_000
"""Random numbers of a simulation: some seconds."""


def simulated_correct(
    program: Program,
    device: DeviceModel,
    probabilities: NDArray[np.float32],
    pixels: NDArray[np.uint8],
    labels: NDArray[np.int64],
    seed: int,
) -> tuple[NDArray[np.float64], int]:
    """Simulate a program with several passing probabilities of its synapses.

    All see the same random numbers, so that differences are known better than each.

    Parameters
    ----------
    program
        The program: its reads, and how it decides.
    device
        The device model that early exit knows.
    probabilities
        Of each synapse, shape (n_cases, n_out, n_in), as the fields of the program.
    pixels, labels
        Inputs (n_images, n_in) and classes (n_images,) of the images.
    seed
        Seed of the simulation; an image's numbers do not depend on other images.

    Returns
    -------
    correct : ndarray
        Share of repetitions in which an image is classified correctly, shape (n_cases, n_shown):
        of all images, or of as many, evenly spread, as some seconds allow.
    repetitions : int
        How many there are.
    """
    n_cases = len(probabilities)
    per_image = program.reads_at_most(pixels)
    draws = int(per_image.sum())
    n = len(pixels) if draws <= MAX_DRAWS else max(1, len(pixels) * MAX_DRAWS // draws)
    shown = np.linspace(0, len(pixels) - 1, n).round().astype(int)
    repetitions = int(np.clip(MAX_DRAWS // max(1, per_image[shown].sum()), 1, MAX_REPETITIONS))
    correct = np.zeros((n_cases, n))
    for place, image in enumerate(shown):
        rng = np.random.default_rng([seed, 1, image])
        active = np.flatnonzero(pixels[image])
        drawn = [drawn_sums(program, probabilities, active, rng)[0] for _ in range(repetitions)]
        sums = np.concatenate(drawn)
        inputs = np.broadcast_to(pixels[image], (len(sums), len(pixels[image])))
        found = classes_read(program, device, inputs, sums) == labels[image]
        correct[:, place] = found.reshape(repetitions, n_cases).mean(axis=0)
    return correct, repetitions


def drawn_sums(
    program: Program,
    probabilities: NDArray[np.float32],
    active: NDArray[np.intp],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], list[NDArray[np.uint8]]]:
    """Draw an inference of one image with several passing probabilities, layer by layer.

    Parameters
    ----------
    program, probabilities
        As for `simulated_correct`.
    active
        Pixels that are 1, shape (n_active,).
    rng
        Draws the reads; all hidden neurons have some, whether they fire or not.

    Returns
    -------
    sums : ndarray
        Passes of the neurons of the last layer in each read, shape (n_cases, reads, n_classes).
    fired : list of ndarray
        Which neurons of each hidden layer fire, 0 or 1, each of shape (n_cases, n_hidden).
    """
    fired: list[NDArray[np.uint8]] = []
    for number, layer in enumerate(program.layers):
        inputs = np.arange(layer.in_.start, layer.in_.stop) if number else active
        u = rng.random((program.reads, layer.n_out, len(inputs)), dtype=np.float32)
        sums = np.empty((len(probabilities), program.reads, layer.n_out), dtype=np.int64)
        for case, p in enumerate(probabilities):
            passes = u < p[layer.out, inputs]
            sums[case] = (passes & fired[-1][case].astype(bool) if number else passes).sum(axis=2)
        if number < len(program.hidden_biases):
            fired.append(program.fires(number, sums.sum(axis=1)))
    return sums, fired
