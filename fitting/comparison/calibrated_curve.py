"""A curve common to two tables, whose field axes a calibration reconciles."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fitting.forms import PassingCurve
from fitting.inference.fisher_scoring import Coordinates

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# The scale is searched within this factor of its estimate from the two separate curves.
MAX_RESCALED = 20


@dataclass(frozen=True)
class CalibratedCurve:
    """A curve over the fields of A, read by rows of A and B: h_B = offset + scale h_A.

    Parameters
    ----------
    curve
        The curve, with scalar parameters or with parameters of shape (n_curves, 1).
    offset_mT, scale
        The calibration, numbers or of shape (n_curves, 1).
    of_b
        Which rows are of B, shape (n_rows,).
    """

    curve: PassingCurve
    offset_mT: Any
    scale: Any
    of_b: Bools

    def probability(self, field_mT: Floats) -> Any:
        """Return f at fields as reported in A and B, shape (n_rows,)."""
        of_a_mT = (field_mT - self.offset_mT) / self.scale
        return self.curve.probability(np.where(self.of_b, of_a_mT, field_mT))

    def sides(self) -> tuple[Self, Self]:
        """Return the curve for rows of A and the one for rows of B."""
        a, b = (replace(self, of_b=np.array(of_b)) for of_b in (False, True))
        return a, b


@dataclass(frozen=True)
class CalibratedCoordinates:
    """The coordinates of such a curve (`fitting.inference.fisher_scoring.fit_many`).

    Those of the curve, and as far as they are fitted the offset in mT and ln(scale).

    Parameters
    ----------
    of_curve
        Coordinates of the curve over the fields of A.
    free
        Which of offset_mT and scale are fitted; others stay at 0 mT and 1.
    scale
        Range in which the scale is searched.
    of_b
        Which rows are of B, shape (n_rows,).
    """

    of_curve: Coordinates
    free: tuple[str, ...]
    scale: float
    of_b: Bools

    def curve(self, points: Floats) -> CalibratedCurve:
        """Return the curves at points of shape (..., n_coordinates), parameters of (..., 1)."""
        n = points.shape[-1] - len(self.free)
        given = dict(zip(self.free, np.moveaxis(points[..., n:], -1, 0)[..., None], strict=True))
        offset_mT, log_scale = (given.get(name, 0.0) for name in ("offset_mT", "scale"))
        curve = self.of_curve.curve(points[..., :n])
        return CalibratedCurve(curve, offset_mT, np.exp(log_scale), self.of_b)

    def point(self, found: CalibratedCurve) -> Floats:
        """Return the coordinates of one curve, shape (n_coordinates,)."""
        calibration = {"offset_mT": found.offset_mT, "scale": np.log(found.scale)}
        return np.append(self.of_curve.point(found.curve), [calibration[n] for n in self.free])

    def bounds(self, steepness_per_mT: tuple[float, float]) -> tuple[Floats, Floats]:
        """Return the lowest and the highest value of each coordinate."""
        low, high = self.of_curve.bounds(steepness_per_mT)
        lows = {"offset_mT": -np.inf, "scale": np.log(self.scale / MAX_RESCALED)}
        highs = {"offset_mT": np.inf, "scale": np.log(self.scale * MAX_RESCALED)}
        return (
            np.append(low, [lows[name] for name in self.free]),
            np.append(high, [highs[name] for name in self.free]),
        )
