"""A passing curve and its slope at many fields, at the same small cost for every form.

The formulas of a curve take 30 to 500 ns per field, more than everything else in training for a
synapse. In a narrow cell of fields it is a polynomial to rounding: interpolated here at
Chebyshev points, in cells that are halved until polynomial and formula agree everywhere to
`EXACT`, where the resolution of the sampler is 2^-32 = 2e-10.
"""

import numpy as np
from numpy.typing import NDArray

from dwsynapse.kernels import compiled
from fitting.device import PassingCurve

Floats = NDArray[np.float64]

COEFFICIENTS = 6
CELLS_AT_FIRST, CELLS_AT_MOST = 64, 2**16
EXACT, EXACT_SLOPE = 1e-13, 1e-9  # greatest errors: of f, and of its slope over the steepest slope
_CHEBYSHEV = np.cos(np.pi * (np.arange(COEFFICIENTS) + 0.5) / COEFFICIENTS)
_BETWEEN = np.linspace(-1, 1, 2 * COEFFICIENTS + 1)


class FastCurve:
    """A curve between two fields.

    Where polynomials do not reach the accuracy, at a kink or a jump, the formulas themselves are
    used.

    Parameters
    ----------
    curve
        The curve.
    low_mT, high_mT
        Lowest and highest field.
    """

    def __init__(self, curve: PassingCurve, low_mT: float, high_mT: float):
        self.curve, self.low_mT, self.high_mT = curve, low_mT, high_mT
        self.polynomials = self._interpolate()

    def __call__(self, fields_mT: Floats) -> tuple[Floats, Floats]:
        """Return f(h) and df/dh in 1/mT for an array of fields."""
        if self.polynomials is None:
            return self.curve.probability(fields_mT), self.curve.slope_per_mT(fields_mT)
        f, slope = np.empty(fields_mT.shape), np.empty(fields_mT.shape)
        cells_per_mT = len(self.polynomials) / (self.high_mT - self.low_mT)
        where = np.ascontiguousarray(fields_mT).reshape(-1)
        _evaluate(
            self.polynomials, self.low_mT, cells_per_mT, where, f.reshape(-1), slope.reshape(-1)
        )
        return f, slope

    def _interpolate(self) -> Floats | None:
        """Return the polynomials of all cells, shape (cells, coefficients); None if they fail."""
        to_powers = np.linalg.inv(np.vander(_CHEBYSHEV, increasing=True))
        cells = CELLS_AT_FIRST
        while cells <= CELLS_AT_MOST:
            half_mT = (self.high_mT - self.low_mT) / cells / 2
            centres_mT = self.low_mT + (2 * np.arange(cells)[:, None] + 1) * half_mT
            at_nodes = self.curve.probability(centres_mT + _CHEBYSHEV * half_mT)
            polynomials: Floats = at_nodes @ to_powers.T
            if self._agree(polynomials, centres_mT + _BETWEEN * half_mT, half_mT):
                return polynomials
            cells *= 2
        return None

    def _agree(self, polynomials: Floats, fields_mT: Floats, half_mT: float) -> bool:
        """Return whether curve and slope of the cells are those of the formulas at some fields."""
        powers = np.vander(_BETWEEN, COEFFICIENTS, increasing=True)
        f, slope = self.curve.probability(fields_mT), self.curve.slope_per_mT(fields_mT)
        derived = polynomials[:, 1:] * np.arange(1, COEFFICIENTS) / half_mT
        wrong = np.abs(polynomials @ powers.T - f).max()
        wrong_slope = np.abs(derived @ powers[:, :-1].T - slope).max()
        return bool(wrong <= EXACT and wrong_slope <= EXACT_SLOPE * np.abs(slope).max())


@compiled(nogil=True)
def _evaluate(polynomials, low_mT, cells_per_mT, fields_mT, f, slope):  # type: ignore[no-untyped-def]
    for s in range(len(fields_mT)):
        place = (fields_mT[s] - low_mT) * cells_per_mT
        cell = np.uint64(max(0, min(int(place), len(polynomials) - 1)))
        x = 2.0 * (place - cell) - 1.0
        value, derivative = polynomials[cell, COEFFICIENTS - 1], 0.0
        for power in range(COEFFICIENTS - 2, -1, -1):
            derivative = derivative * x + value
            value = value * x + polynomials[cell, power]
        f[s], slope[s] = value, derivative * 2.0 * cells_per_mT
