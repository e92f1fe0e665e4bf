"""The emulator: passing probabilities of wires that were not simulated, with their uncertainty."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from micromag.calibration.covariance import Covariance
from micromag.calibration.laplace import Mode, laplace

Floats = NDArray[np.float64]

BOUNDS = (-5.0, 3.5)
"""Of the logarithms of hyperparameters."""
MAX_SEARCH = 60
COLUMNS_AT_ONCE = 2048
JITTER = 1e-6
"""Added to variances of log-odds: rounding of the wide trend takes less."""


@dataclass(frozen=True)
class SimulatedCounts:
    """What was simulated, one row for each wire and field.

    Parameters
    ----------
    points
        Parameters of the wire and field, each scaled to -1...1, shape (n, n_parameters + 1).
    wire
        Number of the wire, shape (n,).
    trials, passed
        Counts, shape (n,).
    """

    points: Floats
    wire: NDArray[np.intp]
    trials: Floats
    passed: Floats


@dataclass(frozen=True)
class Emulator:
    """A Gaussian process of the log-odds of passing, given binomial counts (Laplace).

    Parameters
    ----------
    counts
        What was simulated.
    covariance
        That of the process.
    """

    counts: SimulatedCounts
    covariance: Covariance

    @classmethod
    def fitted(cls, counts: SimulatedCounts, start: Covariance | None = None) -> "Emulator":
        """Return the emulator with the most probable hyperparameters.

        Parameters
        ----------
        counts
            What was simulated.
        start
            Where the search begins; None: at the typical ones.
        """
        n_parameters = counts.points.shape[1] - 1
        means, sds = Covariance.prior(n_parameters)

        def objective(logs: Floats) -> tuple[float, Floats]:
            value, slopes = cls(counts, Covariance(logs)).log_evidence()
            away = (logs - means) / sds
            return -value + 0.5 * float(away @ away), -slopes + away / sds

        begin = (start or Covariance.typical(n_parameters)).logs
        found = minimize(
            objective,
            begin,
            jac=True,
            method="L-BFGS-B",
            bounds=[BOUNDS] * len(begin),
            options={"maxiter": MAX_SEARCH, "ftol": 1e-7},
        )
        return cls(counts, Covariance(found.x))

    @cached_property
    def _matrix(self) -> Floats:
        return self.covariance.among(self.counts.points, self.counts.wire)

    @cached_property
    def _mode(self) -> Mode:
        counts = self.counts
        return laplace(counts.passed, counts.trials, np.zeros(len(counts.trials)), self._matrix)

    @cached_property
    def _inner(self) -> Floats:
        """W^1/2 B^-1 W^1/2, which the uncertainty and the slopes rest on."""
        root = np.sqrt(self._mode.curvature)
        b = np.eye(len(root)) + root[:, None] * self._matrix * root
        return np.asarray(root[:, None] * np.linalg.inv(b) * root)

    def log_evidence(self) -> tuple[float, Floats]:
        """Return the logarithm of the evidence and its slopes (Rasmussen & Williams, alg. 5.1)."""
        counts, mode = self.counts, self._mode
        K, R = self._matrix, self._inner
        p = mode.curvature / np.maximum(counts.trials, 1)
        share = (counts.passed - mode.slope) / counts.trials
        third = -counts.trials * p * (1 - 2 * share)
        variance = np.diag(K) - np.einsum("ij,ij->j", K, R @ K)
        s2 = 0.5 * variance * third
        slopes = []
        for dK in self.covariance.derivatives(counts.points, counts.wire):
            direct = 0.5 * mode.slope @ dK @ mode.slope - 0.5 * np.einsum("ij,ij->", R, dK)
            b = dK @ mode.slope
            slopes.append(direct + s2 @ (b - K @ (R @ b)))
        return float(mode.log_evidence), np.array(slopes)

    def predict(self, wires: Floats, fields: Floats) -> tuple[Floats, Floats]:
        """Return mean and covariance of the log-odds of wires, each at the same fields.

        Parameters
        ----------
        wires
            Scaled parameters, shape (n_wires, n_parameters).
        fields
            Scaled fields, shape (n_fields,).

        Returns
        -------
        tuple of ndarray
            Shapes (n_wires, n_fields) and (n_wires, n_fields, n_fields).
        """
        at_once = max(1, COLUMNS_AT_ONCE // len(fields))
        parts = [
            self._predict(wires[i : i + at_once], fields) for i in range(0, len(wires), at_once)
        ]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def _predict(self, wires: Floats, fields: Floats) -> tuple[Floats, Floats]:
        n, m = len(wires), len(fields)
        at = np.concatenate(
            [
                np.repeat(wires[:, None], m, axis=1),
                np.broadcast_to(fields[:, None], (n, m, 1)),
            ],
            axis=-1,
        )
        known = self.covariance.between(self.counts.points, at.reshape(n * m, -1))
        mean = (self._mode.slope @ known).reshape(n, m)
        less = (self._inner @ known).reshape(-1, n, m).transpose(1, 0, 2)
        learned = np.matmul(known.reshape(-1, n, m).transpose(1, 2, 0), less)
        alone = self.covariance.between(at, at) + self.covariance.of_wire(at)
        covariance = alone - (learned + np.swapaxes(learned, -1, -2)) / 2
        return mean, _positive(covariance)


def _positive(covariance: Floats) -> Floats:
    """Return matrices with what rounding of the wide trend took from them."""
    return np.asarray(covariance + JITTER * np.eye(covariance.shape[-1]))
