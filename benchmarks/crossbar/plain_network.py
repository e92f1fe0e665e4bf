"""The table-driven training of S. Liu et al. 2021, written plainly in numpy."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fitting.response.response_table import ResponseTable

Floats = NDArray[np.float32]
USED = 0.8
"""Share of the range that weights are mapped to: 10 to 90 %."""
QUANTILES = 128


class PlainNetwork:
    """One network: each update changes both devices of all weights at once.

    The nominal table counts pulses; the devices have the others, or it if there are none.
    """

    def __init__(
        self,
        tables: Sequence[ResponseTable],
        widths: Sequence[int],
        limits: Sequence[float],
        batch: int,
        rate: float,
        seed: int,
    ):
        self.batch, self.rate = batch, np.float32(rate)
        self.rng = np.random.default_rng(seed)
        nominal, *others = tables
        devices = others or [nominal]
        u = (np.arange(QUANTILES) + 0.5) / QUANTILES
        drawn = np.array(
            [
                [table.sample(table.conductances_S, u[:, None], way) for way in (-1, 1)]
                for table in devices
            ]
        )  # (n_tables, 2, QUANTILES, n_bins), in units of the range of the nominal device below
        drawn = (drawn / nominal.range_S).astype(np.float32)
        self.means = drawn.mean(axis=2)
        self.deviations = drawn - self.means[:, :, None]
        used = slice(len(nominal.conductances_S) // 10, -(len(nominal.conductances_S) // 10))
        steps = [abs(nominal.mean_S(way)[used].mean()) / nominal.range_S for way in (-1, 1)]
        self.steps = np.array(steps, np.float32)
        ends = np.array([table.conductances_S[[0, -1]] for table in devices])
        self.low, self.high = ((ends - nominal.conductances_S[0]) / nominal.range_S).T.astype("f4")
        self.scales = [np.float32(limit / USED) for limit in limits]
        self.kinds, self.g = [], []
        for n_in, n_out, scale in zip(widths, widths[1:], self.scales, strict=False):
            reach = np.sqrt(6 / (n_in + 1 + n_out))
            half = self.rng.uniform(-reach, reach, (n_in + 1, n_out)) / (2 * scale)
            kind = self.rng.integers(0, len(devices), (2, *half.shape))
            g = np.array([0.5 + half, 0.5 - half], np.float32)
            self.g.append(np.clip(g, self.low[kind], self.high[kind]))
            self.kinds.append(kind)

    def weights(self, n: int) -> Floats:
        """Return the weights of a layer, the last row that of the bias."""
        return self.scales[n] * (self.g[n][0] - self.g[n][1])

    def train(self, pixels: Floats, labels: NDArray[np.int64]) -> None:
        """Learn from images in mini-batches."""
        for first in range(0, len(labels), self.batch):
            part = slice(first, first + self.batch)
            hidden_inputs = with_bias(pixels[part])
            hidden = 1 / (1 + np.exp(-hidden_inputs @ self.weights(0)))
            inputs = with_bias(hidden)
            sums = inputs @ self.weights(1)
            errors = np.exp(sums - sums.max(axis=1, keepdims=True))
            errors /= errors.sum(axis=1, keepdims=True)
            errors[np.arange(len(errors)), labels[part]] -= 1
            back = (errors @ self.weights(1)[:-1].T) * hidden * (1 - hidden)
            self.update(1, -self.rate * inputs.T @ errors)
            self.update(0, -self.rate * hidden_inputs.T @ back)

    def update(self, n: int, wanted: Floats) -> None:
        """Share the wanted changes of a layer between both arrays, as pulses."""
        for side, half in ((0, wanted / (2 * self.scales[n])), (1, -wanted / (2 * self.scales[n]))):
            g, kind = self.g[n][side], self.kinds[n][side]
            way = (half > 0).astype(np.intp)
            pulses = np.abs(half) / self.steps[way]
            low, high = self.low[kind], self.high[kind]
            bins = np.rint((g - low) / (high - low) * (self.means.shape[-1] - 1)).astype(np.intp)
            quantile = self.rng.integers(0, QUANTILES, g.shape)
            g += pulses * self.means[kind, way, bins]
            g += np.sqrt(pulses) * self.deviations[kind, way, quantile, bins]
            np.clip(g, low, high, out=g)

    def share_correct(self, pixels: Floats, labels: NDArray[np.int64]) -> float:
        """Return the share of images that it classifies correctly."""
        hidden = 1 / (1 + np.exp(-with_bias(pixels) @ self.weights(0)))
        return float(np.mean((with_bias(hidden) @ self.weights(1)).argmax(axis=1) == labels))


def with_bias(inputs: Floats) -> Floats:
    """Return inputs with a 1 as the last of each image."""
    return np.hstack([inputs, np.ones((len(inputs), 1), np.float32)])
