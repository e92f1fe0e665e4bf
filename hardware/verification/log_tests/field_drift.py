"""Test of the log: a drift of the passing curve along the fields while the log was made."""

import numpy as np
from scipy.special import chdtrc, chdtri, ndtr, ndtri

from hardware.verification.curve_scores import CENTRE, CurveScores
from hardware.verification.log_tests.result import LogResult

BLOCKS = 10
NODES = 60
TINY = 1e-100


def field_drift(scores: CurveScores, tolerance_mT: float, level: float) -> LogResult:
    """Test whether the curve's centre moves from the first read to the last.

    Two scores of departures: a centre that moves evenly, and one that is elsewhere in each tenth of
    the log. The p-value is the probability that either has one as small as the smaller of them.

    Parameters
    ----------
    scores
        The reads, at their fitted curve.
    tolerance_mT
        Drift for which the power is given.
    level
        Level at which it is given.
    """
    by_centre, time = scores.gradient[CENTRE], scores.reads.time
    even = scores.departure_in_time(by_centre, time)
    block = np.minimum((time + 0.5) * BLOCKS, BLOCKS - 1).astype(int)
    score, information = scores.parts(by_centre, block, BLOCKS)
    # All blocks together are a shift of the centre, which the curve may have.
    values, vectors = np.linalg.eigh(information)
    known = values > 1e-9 * values.max() if values.max() > 0 else np.zeros(BLOCKS, dtype=bool)
    uneven = float(((vectors.T @ score)[known] ** 2 / values[known]).sum())
    freedom = int(known.sum())
    smaller = min(2 * ndtr(-abs(even.z)), chdtrc(freedom, uneven) if freedom else 1.0)
    size = np.divide(score, np.diag(information), where=np.diag(information) > 0, out=0 * score)
    return LogResult(
        test="drift",
        question="b",
        statistic=even.z,
        statistic_meaning="even drift of the curve's centre, in standard deviations",
        p_value=_either_as_small(float(smaller), freedom),
        p_value_method=f"normal, or chi-square over {BLOCKS} parts of the log, either of two",
        effect_size=even.size,
        effect_meaning="drift of the curve's centre from the first read to the last (mT)",
        n=len(scores.reads),
        power=float(ndtr(tolerance_mT / even.sd + ndtri(level / 4))),
        power_of=f"a drift of {tolerance_mT:g} mT",
        details={
            "sd_mT": even.sd if np.isfinite(even.sd) else None,
            "shift_of_parts_mT": size.tolist(),
            "sd_of_parts_mT": (np.diag(information).clip(1e-12) ** -0.5).tolist(),
            "chi_square_of_parts": uneven,
        },
    )


def _either_as_small(p: float, freedom: int) -> float:
    """Return the probability that either of the two scores has a p-value of at most p.

    An even drift is nearly one of the directions of the parts: their chi-square is its square and
    one of a degree of freedom less.
    """
    if freedom < 2 or p >= 1:
        return float(p)
    if p < TINY:
        return float(2 * p)
    z, limit = -ndtri(p / 2), chdtri(freedom, p)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    even = z * nodes
    beyond = chdtrc(freedom - 1, np.maximum(limit - even**2, 0.0))
    density = np.exp(-(even**2) / 2) / np.sqrt(2 * np.pi)
    return float(min(p + z * weights @ (density * beyond), 1.0))
