"""An epoch of one network: forward, backward, and an update of the arrays by mini-batches."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dwsynapse.kernels import compiled
from network.crossbar.kernels.pair_updates import RowSpace, carry_row, row_space, update_row
from network.reads.random_words import GOLDEN, mix

SIGMOID, TANH, RELU = 0, 1, 2
WHITE = np.float32(1 / 255)


class Activity(NamedTuple):
    """What a mini-batch does in one layer of neurons, the first being the pixels.

    Parameters
    ----------
    outputs
        Outputs of the neurons and, as the last, 1 for the bias; shape (batch, n + 1).
    slopes
        Derivatives of the loss of each image by the sums of the neurons, shape (batch, n).
    """

    outputs: NDArray[np.float32]
    slopes: NDArray[np.float32]


class Workspace(NamedTuple):
    """Space for the training of a network: for mini-batches and for a row of each layer."""

    activity: tuple[Activity, ...]
    rows: tuple[RowSpace, ...]


def workspace(widths: tuple[int, ...], batch: int) -> Workspace:
    """Return space for layers of some widths, the first being the pixels."""

    def floats(n: int) -> NDArray[np.float32]:
        return np.ones((batch, n), np.float32)

    activity = tuple(Activity(floats(n + 1), floats(n)) for n in widths)
    return Workspace(activity, tuple(row_space(n) for n in widths[1:]))


@compiled()
def forward(layers, activity, batch, kind):  # type: ignore[no-untyped-def]
    """Fill in the outputs of all neurons from the pixels; the last are probabilities."""
    last = len(layers) - 1
    for n in range(last + 1):
        w, before, after = layers[n].weights, activity[n].outputs, activity[n + 1].outputs
        n_in, n_out = w.shape[0] - 1, w.shape[1]
        for b in range(batch):
            for j in range(n_out):
                after[b, j] = w[n_in, j]
        for i in range(n_in):
            row = w[i]
            for b in range(batch):
                if before[b, i] != 0:
                    add_scaled(after[b], row, before[b, i])
        for b in range(batch):
            if n == last:
                probabilities(after[b, :n_out])
            else:
                activate(after[b, :n_out], kind)


@compiled()
def add_scaled(total, row, factor):  # type: ignore[no-untyped-def]
    """Add a row times a factor."""
    for j in range(len(row)):
        total[j] += factor * row[j]


@compiled()
def probabilities(y):  # type: ignore[no-untyped-def]
    """Replace sums by their softmax."""
    highest, total = y[0], np.float32(0)
    for j in range(1, len(y)):
        highest = max(highest, y[j])
    for j in range(len(y)):
        y[j] = np.exp(y[j] - highest)
        total += y[j]
    for j in range(len(y)):
        y[j] /= total


@compiled()
def activate(y, kind):  # type: ignore[no-untyped-def]
    """Replace the sums of hidden neurons by their outputs."""
    one = np.float32(1)
    if kind == SIGMOID:
        for j in range(len(y)):
            y[j] = one / (one + np.exp(-y[j]))
    elif kind == TANH:
        for j in range(len(y)):
            y[j] = np.tanh(y[j])
    else:
        for j in range(len(y)):
            y[j] = max(y[j], np.float32(0))


@compiled()
def derivative(y, kind):  # type: ignore[no-untyped-def]
    """Return the derivative of the output of a hidden neuron, from the output."""
    if kind == SIGMOID:
        return y * (np.float32(1) - y)
    if kind == TANH:
        return np.float32(1) - y * y
    return np.float32(1) if y > 0 else np.float32(0)


@compiled()
def backward(layers, activity, labels, kind):  # type: ignore[no-untyped-def]
    """Fill in the derivatives of the cross-entropy; the number of labels is that of the images."""
    last = len(layers)
    for b in range(len(labels)):
        for j in range(activity[last].slopes.shape[1]):
            activity[last].slopes[b, j] = activity[last].outputs[b, j]
        activity[last].slopes[b, labels[b]] -= 1
    for n in range(last - 1, 0, -1):
        w, after, before = layers[n].weights, activity[n + 1].slopes, activity[n]
        for b in range(len(labels)):
            for i in range(w.shape[0] - 1):
                total = np.float32(0)
                for j in range(w.shape[1]):
                    total += w[i, j] * after[b, j]
                before.slopes[b, i] = total * derivative(before.outputs[b, i], kind)


@compiled()
def update(layers, space, batch, rate, key, scheme, tables):  # type: ignore[no-untyped-def]
    """Change all weights by -rate times the summed derivatives of the images of a mini-batch.

    Rows whose input is 0 in all images are left alone: an outer product has no pulse there.
    """
    for n in range(len(layers)):
        rows, layer_key = space.rows[n], mix(key + np.uint64(n + 1) * GOLDEN)
        for i in range(layers[n].weights.shape[0]):
            if add_gradient(
                rows.target, space.activity[n].outputs, space.activity[n + 1].slopes, batch, i, rate
            ):
                update_row(
                    layers[n], i, mix(layer_key + np.uint64(i) * GOLDEN), scheme, tables, rows
                )


@compiled()
def add_gradient(target, outputs, slopes, batch, i, rate):  # type: ignore[no-untyped-def]
    """Fill in the wanted changes of the row of input i; return whether any image has that input."""
    is_active = False
    for b in range(batch):
        if outputs[b, i] != 0:
            if not is_active:
                target[:] = 0
                is_active = True
            add_scaled(target, slopes[b], -rate * outputs[b, i])
    return is_active


@compiled()
def carry(layers, rows, used, key, scheme, tables):  # type: ignore[no-untyped-def]
    """Carry from the lower to the higher digit of all weights."""
    for n in range(len(layers)):
        layer_key = mix(~key + np.uint64(n + 1) * GOLDEN)
        for i in range(layers[n].weights.shape[0]):
            row_key = mix(layer_key + np.uint64(i) * GOLDEN)
            carry_row(layers[n], i, used, row_key, scheme, tables, rows[n])


@compiled(nogil=True)
def train_part(  # type: ignore[no-untyped-def]
    layers, images, order, first_update, rate, kind, used, stream, scheme, tables, space
):
    """Train on images in this order, in mini-batches; updates are numbered from the first.

    Parameters
    ----------
    layers
        `network.crossbar.kernels.pair_updates.LayerArrays` of each layer, changed in place.
    images
        Pixels, 0 to 255, shape (n_images, n_in), and labels.
    rate
        Weights change by -rate times the derivative of the loss of each image.
    kind
        Activation of hidden neurons.
    used
        Share of the devices' range that weights are mapped to.
    stream
        Of the random numbers of the network.

    Returns
    -------
    int
        The number of the next update.
    """
    pixels, all_labels = images
    first_layer = space.activity[0].outputs
    size, number = len(first_layer), first_update
    for first in range(0, len(order), size):
        part = order[first : first + size]
        for b in range(len(part)):
            for i in range(pixels.shape[1]):
                first_layer[b, i] = np.float32(pixels[part[b], i]) * WHITE
        labels = all_labels[part]
        forward(layers, space.activity, len(part), kind)
        backward(layers, space.activity, labels, kind)
        key = mix(stream + np.uint64(number) * GOLDEN)
        update(layers, space, len(part), rate, key, scheme, tables)
        number += 1
        if scheme.carry_every > 0 and number % scheme.carry_every == 0:
            carry(layers, space.rows, used, key, scheme, tables)
    return number
