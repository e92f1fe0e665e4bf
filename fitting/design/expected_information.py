"""Expected information of the next trials: the design criterion, for any form of the curve.

A posterior is given by the weights of curves and by their passing probabilities at the fields. The
criterion is the information on the parameters of interest: half the logarithm by which a batch is
expected to shrink the determinant of their covariance (Bayesian D_s-optimality; Chaloner and
Verdinelli, Stat. Sci. 10, 273 (1995)). Every other parameter is a nuisance parameter, integrated
over.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from fitting.inference.likelihood import MIN_PROBABILITY

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Keeps the gain finite where trials would determine a parameter exactly: 20 bits.
MIN_REMAINDER = 2.0**-40
# Keeps weights normal numbers: arithmetic with subnormal ones takes a hundred times as long.
MIN_LOG = -60.0


def outcome_information_bits(weights: Floats, probabilities: Floats) -> Floats:
    """Return the mutual information of the curve and one more outcome at each field, in bits.

    The entropy of the outcome minus its mean entropy on each curve; exact, and about all parameters
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


def gain_bits(weights: Floats, probabilities: Floats, interest: Floats, n_trials: int) -> Floats:
    """Return the information of n trials at each field on the parameters of interest, in bits.

    Half the binary logarithm by which the best linear estimate from the share passed shrinks the
    determinant of their covariance.

    Parameters
    ----------
    weights
        One posterior or several, shape (..., n_curves), each of sum 1.
    probabilities
        Passing probabilities, shape (n_curves, n_fields).
    interest
        Parameters of interest, shape (n_curves, n_interest).
    n_trials
        Trials at a field.

    Returns
    -------
    ndarray of shape (..., n_fields)
    """
    mean = weights @ probabilities
    square = weights @ probabilities**2
    # Of the share passed: the spread of the curves and the binomial one.
    variance = square - mean**2 + (mean - square) / n_trials
    shared = np.stack(
        [
            weights @ (column[:, None] * probabilities) - (weights @ column)[..., None] * mean
            for column in interest.T
        ],
        axis=-2,
    )
    inverse = np.linalg.pinv(interest_covariance(weights, interest), hermitian=True)
    explained = (shared * (inverse @ shared)).sum(axis=-2)
    # Where every curve passes all or none, trials give no information: 0 of 0.
    tells = variance > MIN_PROBABILITY
    share = np.divide(explained, variance, out=np.zeros_like(variance), where=tells)
    return -0.5 * np.log2(np.clip(1 - share, MIN_REMAINDER, 1))


def interest_covariance(weights: Floats, interest: Floats) -> Floats:
    """Return the covariance of the parameters, shape (..., n_interest, n_interest)."""
    # About a common mean first: this avoids subtracting two large squares.
    moved = interest - interest.mean(axis=0)
    mean = weights @ moved
    square = np.stack([weights @ (column[:, None] * moved) for column in moved.T], axis=-2)
    return square - mean[..., :, None] * mean[..., None, :]


def expected_weights(
    weights: Floats, probabilities: Floats, truths: Integers, n_trials: Integers
) -> Floats:
    """Return the posterior after a batch, for each of some curves if it were the true one.

    The outcomes are the expected ones, so that a curve loses likelihood by its relative entropy
    to the true one.

    Parameters
    ----------
    weights, probabilities
        The posterior before, shape (n_curves,), and probabilities, shape (n_curves, n_fields).
    truths
        Indices of the curves taken as true, shape (n_truths,).
    n_trials
        Trials of the batch at each field, shape (n_fields,).

    Returns
    -------
    ndarray of shape (n_truths, n_curves)
    """
    used = n_trials > 0
    p = probabilities[:, used].clip(MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    passed = p[truths] * n_trials[used]
    logs = passed @ np.log(p).T + (n_trials[used] - passed) @ np.log1p(-p).T
    logs -= logs.max(axis=1, keepdims=True)
    after = weights * np.exp(np.maximum(logs, MIN_LOG))
    return after / after.sum(axis=1, keepdims=True)


def spread_trials(
    weights: Floats,
    probabilities: Floats,
    interest: Floats,
    truths: Integers,
    n_trials: int,
    chunk: int,
) -> tuple[Integers, Floats]:
    """Spread trials over fields in chunks, each where it adds most information to the others.

    The information is the mean over the curves taken as true in turn.

    Parameters
    ----------
    weights, probabilities, interest
        The posterior, as in `gain_bits`.
    truths
        Indices of curves drawn from the posterior, shape (n_truths,).
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
    """
    trials = np.zeros(probabilities.shape[1], dtype=np.int64)
    gains = np.zeros(len(trials))
    for placed in np.diff([*range(0, n_trials, chunk), n_trials]):
        after = expected_weights(weights, probabilities, truths, trials)
        gain = gain_bits(after, probabilities, interest, int(placed)).mean(axis=0)
        best = int(np.argmax(gain))
        trials[best] += placed
        gains[best] += gain[best]
    return trials, gains
