"""What the next trials are expected to tell: the design criterion, for any form of the curve.

The criterion is the mutual information between outcomes and the parameters of interest, in the
Bayes-linear approximation (Chaloner and Verdinelli, Stat. Sci. 10, 273 (1995), section 4): the
posterior enters by the joint covariance of the passing probabilities and the parameters, and n
trials at a field measure its probability with the binomial variance, averaged over the posterior.
Every other parameter is a nuisance whose uncertainty is carried along in that covariance.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

Floats = NDArray[np.float64]

# Keeps the gain finite where a trial would tell a parameter exactly: 20 bits.
LEAST_REMAINDER = 2.0**-40


def outcome_information_bits(weights: Floats, probabilities: Floats) -> Floats:
    """Return the mutual information of the curve and one more outcome at each field, in bits.

    The entropy of the outcome less its mean entropy on each curve; exact, and about all parameters
    together (Lindley, Ann. Math. Stat. 27, 986 (1956)).

    Parameters
    ----------
    weights
        Posterior probabilities of the curves, shape (n_curves,).
    probabilities
        Passing probabilities, shape (n_curves, n_fields).

    Returns
    -------
    ndarray of shape (n_fields,)
    """
    mean = weights @ probabilities
    known = weights @ (entr(probabilities) + entr(1 - probabilities))
    return np.maximum(entr(mean) + entr(1 - mean) - known, 0) / np.log(2)


@dataclass(frozen=True)
class Belief:
    """What is known of the passing probabilities and of the parameters of interest.

    Parameters
    ----------
    covariance
        Joint covariance of the probabilities at the fields and, last, of the parameters of
        interest, shape (n_fields + n_interest,) twice.
    outcome_variance
        Posterior mean of f (1 - f), the variance of an outcome on a known curve, shape (n_fields,).
    """

    covariance: Floats
    outcome_variance: Floats

    @classmethod
    def of(cls, weights: Floats, probabilities: Floats, interest: Floats) -> Self:
        """Return the belief of a posterior.

        Parameters
        ----------
        weights
            Posterior probabilities of the curves, shape (n_curves,), of sum 1.
        probabilities
            Passing probabilities, shape (n_curves, n_fields).
        interest
            Parameters of interest, shape (n_curves, n_interest).
        """
        joint = np.hstack([probabilities, interest])
        joint -= weights @ joint
        variance = weights @ (probabilities * (1 - probabilities))
        return cls(joint.T @ (weights[:, None] * joint), variance)

    def interest_covariance(self) -> Floats:
        """Return the covariance of the parameters of interest, shape (n_interest,) twice."""
        n_fields = len(self.outcome_variance)
        return self.covariance[n_fields:, n_fields:]

    def gain_bits(self, n_trials: int) -> Floats:
        """Return the information of n trials on the parameters of interest, for each field.

        Half the logarithm by which they shrink the determinant of the covariance, in bits, shape
        (n_fields,).
        """
        n_fields = len(self.outcome_variance)
        known = np.diag(self.covariance)[:n_fields]
        measured = known + self.outcome_variance / n_trials
        shared = self.covariance[n_fields:, :n_fields]
        explained = (shared * (np.linalg.pinv(self.interest_covariance()) @ shared)).sum(axis=0)
        # Fields where every curve passes all or none tell nothing: 0 of 0.
        share = np.divide(explained, measured, out=np.zeros(n_fields), where=measured > 0)
        return -0.5 * np.log2(np.clip(1 - share, LEAST_REMAINDER, 1))

    def after(self, field: int, n_trials: int) -> "Belief":
        """Return the belief expected after n trials at one field, given by its index."""
        shared = self.covariance[:, field]
        measured = shared[field] + self.outcome_variance[field] / n_trials
        if measured <= 0:
            return self
        told = np.outer(shared, shared) / measured
        return Belief(self.covariance - told, self.outcome_variance)


def spread_trials(
    belief: Belief, n_trials: int, chunk: int
) -> tuple[NDArray[np.int64], Floats, Belief]:
    """Spread trials over fields, chunk by chunk, each where it tells most after those before.

    Parameters
    ----------
    belief
        What is known before.
    n_trials
        Trials to spread.
    chunk
        Trials that are placed together.

    Returns
    -------
    trials
        Trials at each field, shape (n_fields,), of sum n_trials.
    gains_bits
        Information that the trials at each field add, shape (n_fields,).
    belief
        What is expected to be known afterwards.
    """
    trials = np.zeros(len(belief.outcome_variance), dtype=np.int64)
    gains = np.zeros(len(trials))
    left = n_trials
    while left > 0:
        placed = min(chunk, left)
        gain = belief.gain_bits(placed)
        best = int(np.argmax(gain))
        trials[best] += placed
        gains[best] += gain[best]
        belief = belief.after(best, placed)
        left -= placed
    return trials, gains, belief
