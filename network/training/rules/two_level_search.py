"""Search among networks of two field levels, on their exact expected accuracy at one read.

Where each synapse has one of two passing probabilities, f_low or f_high, an image with a active
inputs, h of them high, gives a neuron sum S = h + X, where

    X = Bin(a - h, f_low) - Bin(h, 1 - f_high)

depends only on the two counts. The label's neuron l wins with probability

    P = sum_x P(X_l = x) prod_{i != l} P(X_i < x + h_l - h_i + ceil(b_l - b_i)),

exact except for the truncated tails of X. Flipping one synapse changes h of one neuron
by 1 in the images where its input is active, and most of these neurons cannot win or lose
by it: this makes a pass over all flips cheap enough for all training images.
"""

from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from dwsynapse.kernels import compiled
from network.images.active_inputs import active_inputs

TAIL = 1e-5  # share of X left out at either end
SMALLEST_GAIN = 1e-6  # in images; a smaller gain is rounding
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Noise:
    """Distribution of X for every count of low and of high active inputs.

    Parameters
    ----------
    lowest, highest
        Range of X for the counts (n_low, n_high), shape (n + 1, n + 1) for at most n active inputs.
    share
        P(X = lowest + k) at index k of the last axis.
    below
        P(X < lowest + k) at index k.
    """

    lowest: NDArray[np.int64]
    highest: NDArray[np.int64]
    share: Floats
    below: Floats

    @classmethod
    def of(cls, f_low: float, f_high: float, n: int) -> "Noise":
        """Tabulate X for up to n active inputs."""
        counts = np.arange(n + 1)
        most = np.asarray(binom.ppf(1 - TAIL, counts, f_low), int)  # passes of low synapses
        fewest = -np.asarray(binom.ppf(1 - TAIL, counts, 1 - f_high), int)  # failures of high ones
        x_low, x_high = np.arange(most.max() + 1), np.arange(-fewest.min() + 1)
        passes = binom.pmf(x_low, counts[:, None], f_low)
        failures = np.asarray(binom.pmf(x_high, counts[:, None], 1 - f_high))
        width = len(x_low) + len(x_high)
        share = np.zeros((n + 1, n + 1, width))
        for h in counts:
            for k in range(-fewest[h] + 1):
                kept = passes * (x_low <= most[:, None])
                start = -fewest[h] - k
                share[:, h, start : start + len(x_low)] += failures[h, k] * kept
        share /= share.sum(axis=2, keepdims=True)
        below = np.cumsum(share, axis=2) - share
        lowest = np.broadcast_to(fewest, (n + 1, n + 1)).copy()
        highest = np.broadcast_to(most[:, None], (n + 1, n + 1)).copy()
        return cls(lowest, highest, share, below)

    @property
    def tables(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats]:
        """The arrays in the order of the compiled functions."""
        return self.lowest, self.highest, self.share, self.below


class TwoLevels:
    """A network of two levels and the images it is evaluated on.

    Parameters
    ----------
    high
        Whether each synapse is at the high level, shape (n_in, n_out).
    biases
        Shape (n_out,).
    pixels, labels
        Binary images, shape (n_images, n_in), and their classes.
    f_low, f_high
        The two passing probabilities.
    """

    def __init__(
        self,
        high: NDArray[np.bool_],
        biases: Floats,
        pixels: NDArray[np.uint8],
        labels: NDArray[np.int64],
        f_low: float,
        f_high: float,
    ):
        self.high, self.biases = high.copy(), biases.astype(float)
        self.labels = labels
        self.n_active = pixels.sum(axis=1, dtype=np.int64)
        self.counts = pixels.astype(np.int64) @ high.astype(np.int64)
        self.tables = Noise.of(f_low, f_high, int(self.n_active.max())).tables
        self.images = active_inputs(np.ascontiguousarray(pixels.T))  # those where an input is on
        self.probability = np.empty(len(labels))
        self._judge()

    @property
    def accuracy(self) -> float:
        """Expected share of images classified correctly at one read."""
        return float(self.probability.mean())

    def search(self, passes: int, rng: np.random.Generator) -> None:
        """Flip synapses and move biases as long as the accuracy rises, up to a number of passes.

        Parameters
        ----------
        passes
            Each tries every synapse once in random order, then every bias.
        rng
            Gives the orders.
        """
        used = np.diff(self.images.bounds, axis=1)[:, 0] > 0
        for _ in range(passes):
            order = rng.permutation(np.flatnonzero(np.repeat(used, self.high.shape[1])))
            flips = _flip(
                order,
                self.high,
                _differences(self.biases),
                *self.images,
                self.n_active,
                self.counts,
                self.labels,
                self.probability,
                *self.tables,
            )
            if not self._move_biases() and not flips:
                return

    def _judge(self) -> None:
        ahead = _differences(self.biases)
        _judge(self.n_active, self.counts, self.labels, ahead, self.probability, *self.tables)

    def _move_biases(self) -> int:
        """Move each bias to the best position within 1 of it; return how many moved.

        Besides their integer parts only the order of the biases' fractions matters, so that one
        position between any two neighbouring fractions represents them all.
        """
        moved = 0
        for i in range(len(self.biases)):
            before = best = self.biases[i]
            accuracy = self.accuracy
            for place in self._places(i):
                self.biases[i] = place
                self._judge()
                if self.accuracy > accuracy:
                    best, accuracy = place, self.accuracy
            moved += best != before
            self.biases[i] = best
            self._judge()
        return moved

    def _places(self, i: int) -> Floats:
        fractions = np.sort(np.concatenate([np.delete(self.biases, i) % 1, [0.0, 1.0]]))
        middles = (fractions[1:] + fractions[:-1]) / 2
        places = floor(self.biases[i]) + np.add.outer([-1, 0, 1], middles).ravel()
        return places[np.abs(places - self.biases[i]) <= 1]


def _differences(biases: Floats) -> NDArray[np.int64]:
    return np.ceil(np.subtract.outer(biases, biases)).astype(np.int64)


@compiled()
def _wins(a, h, label, ahead, lowest, highest, share, below, rivals, lead):  # type: ignore[no-untyped-def]
    """Return P of one image with a active inputs, h of them high at each neuron."""
    h_label, n_rivals = h[label], 0
    first, last = lowest[a - h_label, h_label], highest[a - h_label, h_label]
    for i in range(len(h)):
        if i == label:
            continue
        t = h_label - h[i] + ahead[label, i]
        if last + t <= lowest[a - h[i], h[i]]:
            return 0.0
        if first + t <= highest[a - h[i], h[i]]:
            rivals[n_rivals], lead[n_rivals] = i, t
            n_rivals += 1
    total = 0.0
    for x in range(first, last + 1):
        product = share[a - h_label, h_label, x - first]
        for r in range(n_rivals):
            i = h[rivals[r]]
            low, at = lowest[a - i, i], x + lead[r]
            if at <= low:
                product = 0.0
                break
            if at <= highest[a - i, i]:
                product *= below[a - i, i, at - low]
        total += product
    return total


@compiled()
def _judge(n_active, counts, labels, ahead, probability, lowest, highest, share, below):  # type: ignore[no-untyped-def]
    n_out = counts.shape[1]
    rivals, lead = np.empty(n_out, np.int64), np.empty(n_out, np.int64)
    for b in range(len(labels)):
        probability[b] = _wins(
            n_active[b],
            counts[b],
            labels[b],
            ahead,
            lowest,
            highest,
            share,
            below,
            rivals,
            lead,
        )


@compiled()
def _flip(  # type: ignore[no-untyped-def]
    order,
    high,
    ahead,
    indices,
    bounds,
    n_active,
    counts,
    labels,
    probability,
    lowest,
    highest,
    share,
    below,
):
    """Try to flip every synapse in this order, keep what raises the accuracy; return how many."""
    n_out, kept = counts.shape[1], 0
    rivals, lead = np.empty(n_out, np.int64), np.empty(n_out, np.int64)
    h, flipped = np.empty(n_out, np.int64), np.empty(len(labels))
    for synapse in order:
        j, i = synapse // n_out, synapse % n_out
        change = -1 if high[j, i] else 1
        gain, images = 0.0, indices[bounds[j, 0] : bounds[j, 1]]
        for k in range(len(images)):
            b = images[k]
            h[:], a = counts[b], n_active[b]
            flipped[k] = probability[b]
            if i != labels[b]:  # most neurons are too far behind to win, with the flip or without
                h_label = h[labels[b]]
                most = max(h[i], h[i] + change)
                t = h_label - most + ahead[labels[b], i]
                if t + lowest[a - h_label, h_label] > highest[a - most + 1, most]:
                    continue
            h[i] += change
            flipped[k] = _wins(a, h, labels[b], ahead, lowest, highest, share, below, rivals, lead)
            gain += flipped[k] - probability[b]
        if gain > SMALLEST_GAIN:
            kept += 1
            high[j, i] = not high[j, i]
            for k in range(len(images)):
                counts[images[k], i] += change
                probability[images[k]] = flipped[k]
    return kept
