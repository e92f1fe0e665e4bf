"""How well a log is explained by outcomes that are detected wrongly, passed or pinned, alike."""

import numpy as np
from scipy.special import xlog1py, xlogy

from hardware.verification.curve_scores import CurveScores, Departure

LARGEST = 0.5
"""Half of the outcomes wrong: a detector that guesses."""
STEPS = np.arange(1, 13) / 8
"""Parts of the step from the fitted curve that are tried: the last ones overshoot."""
TINY = 1e-12


def wrong_outcomes(scores: CurveScores) -> tuple[Departure, float]:
    """Return the share of wrong outcomes, and what it adds to the log-likelihood.

    The curve was fitted to the same outcomes and moves back as the errors explain them. The score
    says where to; the gain is that of the likelihood and of what was known of the curve, on the way
    there, since far from the fitted curve the score promises too much.

    Parameters
    ----------
    scores
        The reads, at their fitted curve.
    """
    wrong = 1 - 2 * scores.p
    found = scores.departure(wrong)
    if found.z <= 0:
        return found, 0.0
    by_curve = scores.gradient @ (wrong * scores.weight * scores.n)
    step = -scores.covariance @ by_curve * found.size
    start = _log_posterior(scores, 0 * step, 0.0)
    tried = [_log_posterior(scores, part * step, part * found.size) for part in STEPS]
    return found, max(max(tried) - start, 0.0)


def _log_posterior(scores: CurveScores, moved: np.ndarray, share: float) -> float:
    passed = scores.reads.by_field(scores.reads.passed)
    p = scores.probability(scores.fitted.point + moved)
    seen = np.clip(p + min(share, LARGEST) * (1 - 2 * p), TINY, 1 - TINY)
    likelihood = xlogy(passed, seen) + xlog1py(scores.n - passed, -seen)
    return float(likelihood.sum()) - scores.fitted.fall(moved)
