"""Least-squares fits of one step and of pairs of steps to signals, at any points, without loops.

With offset, drift and background projected out, all that a fit needs are sums of the signal and of
the projected parts over the points after each step.
"""

import numpy as np

from hardware.kerr_loops.steps import MIN_SHARE, Floats, Integers

COARSE_POINTS = 40
"""Points of the grid on which all pairs are compared, before the best is refined."""
REFINEMENTS = 3


class StepFits:
    """Signals without offset, drift and background, and the sums that fits of steps need."""

    def __init__(self, signal: Floats, field_mT: Floats):
        n = signal.shape[1]
        shared = np.ptp(field_mT, axis=0).max() == 0
        self.basis = _orthonormal(field_mT[:1] if shared else field_mT)  # (n_loops or 1, 3, n)
        self.rest = self.without_drift(signal)
        self.rss = squares(self.rest)
        # Sums over the points from each on: of the signal, and of the basis.
        self.sums = _sums_from(self.rest)
        self.basis_sums = np.moveaxis(_sums_from(self.basis), 1, 0)
        self.n_after = n - np.arange(n)
        self.norms = self.n_after - (self.basis_sums**2).sum(axis=0)
        self.n = n

    def without_drift(self, signal: Floats) -> Floats:
        """Return signals without the parts that offset, drift and background fit."""
        rest = signal
        for q in range(self.basis.shape[1]):
            direction = self.basis[:, q]
            if len(direction) == 1:
                rest = rest - (rest @ direction[0])[:, None] * direction
            else:
                rest = rest - np.einsum("ij,ij->i", rest, direction)[:, None] * direction
        return rest

    def at(self, points: Integers) -> tuple[Floats, Floats, Floats]:
        """Return sums, norms and sums of the basis at points, shape (n_loops or 1, k).

        Points are those of each loop, or of all.
        """
        rows = np.arange(len(self.sums))[:, None]
        own = rows if len(self.basis) > 1 else 0
        return self.sums[rows, points], self.norms[own, points], self.basis_sums[:, own, points]

    def one_step(self, points_apart: Integers) -> tuple[Integers, Floats]:
        """Return the point of the best step, and by how much each reduces the sum of squares."""
        point = np.arange(self.n)
        inside = (point >= points_apart[:, None]) & (point <= self.n - points_apart[:, None])
        reduction = np.where(inside, self.sums**2 / np.maximum(self.norms, 1e-9), -1.0)
        return reduction.argmax(axis=1), reduction

    def two_steps(self, i: Integers, j: Integers, points_apart: Integers) -> tuple[Floats, Floats]:
        """Return by how much steps at i and j reduce the sum of squares, and the first's share.

        Both are of shape (n_loops, k), for points of shapes (n_loops or 1, k or 1); the reduction
        is -1 where the points are too close.
        """
        y_i, s_i, c_i = self.at(i)
        y_j, s_j, c_j = self.at(j)
        both = self.n_after[np.maximum(i, j)] - (c_i * c_j).sum(axis=0)
        size_i, size_j = y_i * s_j - y_j * both, y_j * s_i - y_i * both
        with np.errstate(divide="ignore", invalid="ignore"):
            share = size_i / (size_i + size_j)
        share = np.fmin(np.fmax(share, MIN_SHARE), 1 - MIN_SHARE)  # of NaN as well
        rest = 1 - share
        norm = share**2 * s_i + 2 * share * rest * both + rest**2 * s_j
        reduction = (share * y_i + rest * y_j) ** 2 / np.maximum(norm, 1e-9)
        apart = points_apart[:, None]
        allowed = (j - i >= apart) & (i >= apart) & (j <= self.n - apart)
        return np.where(allowed, reduction, -1.0), share

    def places_as_good(
        self, i: Integers, j: Integers, points_apart: Integers, variance: Floats
    ) -> Floats:
        """Return how many pairs of points fit about as well as the pair i, j."""
        around = np.arange(-(self.n // COARSE_POINTS), self.n // COARSE_POINTS + 1)
        number = np.ones(len(i))
        for moves_first in (True, False):
            near = np.clip((i if moves_first else j)[:, None] + around, 0, self.n - 1)
            pair = (near, j[:, None]) if moves_first else (i[:, None], near)
            number *= n_as_good(self.two_steps(*pair, points_apart)[0], variance)
        return number

    def free_share(
        self, i: Integers, j: Integers, size: Floats, variance: Floats
    ) -> tuple[Floats, Floats]:
        """Return the share of the first of two steps without bounds, and its standard deviation.

        Parameters
        ----------
        i, j
            Points of the steps.
        size
            Total change.
        variance
            Of the noise of a point.
        """
        y_i, s_i, c_i = (part[..., 0] for part in self.at(i[:, None]))
        y_j, s_j, c_j = (part[..., 0] for part in self.at(j[:, None]))
        both = self.n_after[j] - (c_i * c_j).sum(axis=0)
        size_i, size_j = y_i * s_j - y_j * both, y_j * s_i - y_i * both
        total = np.where(size_i + size_j == 0, 1e-300, size_i + size_j)
        sd = np.sqrt(variance / np.maximum(s_i + s_j - 2 * both, 1e-9))
        return size_i / total, sd / np.maximum(np.abs(size), 1e-300)


def best_pair(
    fits: StepFits, k: Integers, points_apart: Integers
) -> tuple[Integers, Integers, Floats]:
    """Return the points of the best two steps, and the share of the first."""
    n = fits.n
    grid = np.unique(np.linspace(0, n - 1, min(COARSE_POINTS, n)).astype(int))
    pairs = np.array([(a, b) for a in grid for b in grid if a < b]).T
    reduction, _ = fits.two_steps(pairs[:1], pairs[1:], points_apart)
    best = reduction.argmax(axis=1)
    # Two steps closer than the grid look like the best single one.
    starts = [
        (pairs[0][best], pairs[1][best]),
        (k, k + points_apart),
        (k - points_apart, k),
    ]
    around = np.arange(-(n // len(grid)) - 1, n // len(grid) + 2)
    found = [_refined(fits, *start, around, points_apart) for start in starts]
    which = np.argmax([f[0] for f in found], axis=0)
    i, j, share = (np.choose(which, [f[part] for f in found]) for part in (1, 2, 3))
    return i, j, share


def _refined(
    fits: StepFits,
    i: Integers,
    j: Integers,
    around: Integers,
    points_apart: Integers,
) -> tuple[Floats, Integers, Integers, Floats]:
    """Move each of two steps in turn to its best point nearby."""
    rows = np.arange(len(i))
    i, j = np.clip(i, 0, fits.n - 1), np.clip(j, 0, fits.n - 1)
    for _ in range(REFINEMENTS):
        for moves_first in (True, False):
            near = np.clip((i if moves_first else j)[:, None] + around, 0, fits.n - 1)
            first, second = (near, j[:, None]) if moves_first else (i[:, None], near)
            reduction, shares = fits.two_steps(first, second, points_apart)
            best = reduction.argmax(axis=1)
            i, j = (near[rows, best], j) if moves_first else (i, near[rows, best])
    return reduction[rows, best], i, j, shares[rows, best]


def n_as_good(reduction: Floats, variance: Floats) -> Floats:
    """Return how many points fit about as well as the best: the sum of their likelihoods."""
    below = reduction - reduction.max(axis=1, keepdims=True)
    return np.exp(below / (2 * variance)[:, None]).sum(axis=1)


def _orthonormal(field_mT: Floats) -> Floats:
    """Return an orthonormal basis of offset, drift and background, shape (n_loops, 3, n_points).

    A field that is linear in time adds nothing to the drift, and its part of the basis is 0.
    """
    n = field_mT.shape[1]
    basis: list[Floats] = []
    for part in (np.ones((1, n)), np.linspace(-1, 1, n)[None], field_mT):
        rest = part - part.mean(axis=1, keepdims=True) if basis else part
        for other in basis[1:]:
            rest = rest - (rest * other).sum(axis=1, keepdims=True) * other
        norm = np.sqrt(squares(rest))[:, None]
        small = norm < 1e-3 * np.sqrt(squares(part))[:, None]
        basis.append(np.where(small, 0.0, rest / np.where(small, 1.0, norm)))
    return np.stack([np.broadcast_to(part, field_mT.shape) for part in basis], axis=1)


def _sums_from(values: Floats) -> Floats:
    return np.cumsum(values[..., ::-1], axis=-1)[..., ::-1]


def squares(values: Floats) -> Floats:
    """Return the sum of squares of each row."""
    return np.einsum("ij,ij->i", values, values)
