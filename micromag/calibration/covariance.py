"""How the log-odds of passing of two wires at two fields go together, before any simulation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TREND_SD = 10.0
"""Standard deviation of the constant and of the linear part, in log-odds: hardly a prior."""
PRIOR = {
    "height": (np.log(2.0), 1.0),
    "length": (0.0, 1.0),
    "roughness": (np.log(0.03), 1.0),
}
"""Mean and standard deviation of the logarithms of hyperparameters."""


@dataclass(frozen=True)
class Covariance:
    """A linear trend, a smooth part, and what differs from wire to wire without being smooth.

    The smooth part is Matérn's of order 5/2 with a length along each parameter and the field. The
    third is independent for any two wires and as smooth in the field: cells make the outline of
    a notch change in steps.

    Parameters
    ----------
    logs
        Logarithms of height, lengths (of each parameter, then of the field) and roughness, shape
        (n_parameters + 3,).
    """

    logs: Floats

    @classmethod
    def typical(cls, n_parameters: int) -> "Covariance":
        """Return the one that the priors expect."""
        return cls(cls.prior(n_parameters)[0])

    @staticmethod
    def prior(n_parameters: int) -> tuple[Floats, Floats]:
        """Return means and standard deviations of the logarithms."""
        names = ["height", *["length"] * (n_parameters + 1), "roughness"]
        means, sds = np.array([PRIOR[name] for name in names]).T
        return means, sds

    @property
    def lengths(self) -> Floats:
        """Lengths along the parameters and the field, shape (n_parameters + 1,)."""
        return np.asarray(np.exp(self.logs[1:-1]))

    def between(self, a: Floats, b: Floats) -> Floats:
        """Return the covariance of points of different wires.

        Parameters
        ----------
        a, b
            Parameters and field, scaled to -1...1, shapes (..., n_a, n_parameters + 1) and
            (..., n_b, n_parameters + 1).

        Returns
        -------
        ndarray
            Shape (..., n_a, n_b).
        """
        trend = TREND_SD**2 * (1 + a @ np.swapaxes(b, -1, -2))
        rise, _ = _matern(_squares(a / self.lengths, b / self.lengths))
        return np.asarray(trend + np.exp(2 * self.logs[0]) * rise)

    def of_wire(self, a: Floats) -> Floats:
        """Return what points of one wire have in common beyond `between`; shape (..., n, n)."""
        x = a[..., -1:] / self.lengths[-1]
        rise, _ = _matern(_squares(x, x))
        return np.asarray(np.exp(2 * self.logs[-1]) * rise)

    def among(self, a: Floats, wire: NDArray[np.intp]) -> Floats:
        """Return the covariance of points of the wires of these numbers, shape (n, n)."""
        return self.between(a, a) + self.of_wire(a) * (wire[:, None] == wire)

    def derivatives(self, a: Floats, wire: NDArray[np.intp]) -> list[Floats]:
        """Return the derivatives of `among` with respect to each of the logarithms."""
        height, roughness = np.exp(2 * self.logs[0]), np.exp(2 * self.logs[-1])
        scaled = a / self.lengths
        rise, fall = _matern(_squares(scaled, scaled))
        steps = (scaled[:, None] - scaled) ** 2
        same = wire[:, None] == wire
        x = scaled[:, -1:]
        own, own_fall = _matern(_squares(x, x))
        found = [2 * height * rise]
        found += [height * fall * steps[..., i] for i in range(a.shape[1])]
        found[-1] = found[-1] + roughness * own_fall * steps[..., -1] * same
        return [*found, 2 * roughness * own * same]


def _squares(a: Floats, b: Floats) -> Floats:
    squares = (a**2).sum(axis=-1)[..., :, None] + (b**2).sum(axis=-1)[..., None, :]
    return np.maximum(squares - 2 * a @ np.swapaxes(b, -1, -2), 0.0)


def _matern(squares: Floats) -> tuple[Floats, Floats]:
    """Return Matérn's function of a squared distance, and its fall per squared length."""
    r = np.sqrt(5 * squares)
    falling = np.exp(-r)
    return (1 + r + r**2 / 3) * falling, 5 / 3 * (1 + r) * falling
