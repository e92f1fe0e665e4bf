"""What updates ask of a crossbar: pulses, and changes of which nothing is left."""

from copy import copy, deepcopy
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from network.crossbar.kernels.gradients import Floats, wanted_changes

if TYPE_CHECKING:
    from network.crossbar.train_crossbars import CrossbarTraining

ALL_LOST, NEARLY_ALL_LOST = 1.0, 0.99


def pulses_per_image(training: "CrossbarTraining") -> float | None:
    """Return how many pulses each image of the next mini-batch costs, in all arrays.

    Fractions of pulses, or whole ones on average, on both devices of a weight; those of carries
    are not counted. With registers only what they give off makes pulses. None for ideal updates.
    """
    config, steps = training.run.config, training.tables.steps
    if config.update == "ideal":
        return None
    base = config.carry.base if config.carry else 1.0
    # Half of a change by each device, one by pulses up and one by pulses down.
    for_a_step = float((1 / steps).sum()) / 2
    pulses, (n_images, wanted) = 0.0, _wanted(training)
    for layer, change in zip(training.progress.layers, wanted, strict=True):
        scale = np.float32(layer.scale / np.float32(base))
        sizes = np.abs(change)
        if config.register_bits:
            step = np.float32(scale * steps.sum())
            sizes = _given_off(layer.register, change, step, config.register_bits)
        pulses += float(sizes.sum()) * for_a_step / float(scale)
    return pulses / n_images


def _given_off(register: Floats, change: Floats, step: np.float32, bits: int) -> Floats:
    """Return the mean size of what registers give off after a change (`release_register`)."""
    unit = step / np.float32(2.0 ** (bits - 1))
    counts = np.floor(change / unit)
    # The register counts one more with the probability of the rest.
    rest = change / unit - counts
    fewer, more = (np.abs(np.trunc((register + n * unit) / step)) for n in (counts, counts + 1))
    return step * ((1 - rest) * fewer + rest * more)


def lost_updates(training: "CrossbarTraining") -> float | None:
    """Return the share of the changes wanted by the next mini-batch that move neither wall.

    The training itself does not go on. None where nothing is lost: for ideal updates, and where a
    digital register keeps what makes no pulse.
    """
    config, before = training.run.config, training.progress
    if config.update == "ideal" or config.register_bits:
        return None
    _, wanted = _wanted(training)
    probe = copy(training)
    probe.progress = deepcopy(before)
    probe.train_some(1)
    n_wanted = n_lost = 0
    for change, old, new in zip(wanted, before.layers, probe.progress.layers, strict=True):
        moved: NDArray[np.bool_] = (new.x != old.x).any(axis=(0, 1))
        n_wanted += int(np.count_nonzero(change))
        n_lost += int(np.count_nonzero((change != 0) & ~moved))
    return n_lost / n_wanted if n_wanted else 1.0


def warning_of(training: "CrossbarTraining", lost: float | None) -> str | None:
    """Return what to say of a rate with which updates move (almost) no wall; None if they do.

    Whole pulses and levels that are rounded to at random keep the mean of changes, however few
    walls move at once.
    """
    config = training.run.config
    keeps_mean = config.update == "whole" or config.rounding == "stochastic"
    if lost is None or lost < (ALL_LOST if keeps_mean else NEARLY_ALL_LOST):
        return None
    levels = f" between {config.n_levels} levels" if config.n_levels else ""
    return (
        f"{100 * lost:.4g} % of the updates of a mini-batch are lost: they move no wall{levels} at "
        f"learning_rate {config.learning_rate:g}; raise it, or set rounding: stochastic, "
        "update: whole or register_bits: 8"
    )


def _wanted(training: "CrossbarTraining") -> tuple[int, list[Floats]]:
    """Return the size of the next mini-batch, and the changes that it asks for."""
    config, first = training.run.config, training.progress.images
    part = training.order()[first : first + config.batch_images]
    pixels, labels = training.images.train_pixels[part], training.images.train_labels[part]
    weights = [layer.weights for layer in training.progress.layers]
    return len(part), wanted_changes(weights, pixels, labels, config.activation, training.rate)
