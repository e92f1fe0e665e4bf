"""Draws from a posterior by an ensemble of Markov chains."""

from collections.abc import Callable

import emcee
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BURN_IN, KEPT = 150, 400
# Autocorrelation times of the moves below were 15 to 25 steps: walkers are read this far apart.
APART = 20


def ensemble_draws(
    log_posterior: Callable[[Floats], Floats], walkers: Floats, n: int, rng: np.random.Generator
) -> Floats:
    """Return states of the chains, at least n of them, whatever scales the parameters have.

    Differential evolution (ter Braak 2006) with some stretch moves (Goodman and Weare 2010), as
    emcee has them (Foreman-Mackey et al. 2013): neither needs tuning.

    Parameters
    ----------
    log_posterior
        Maps parameters, shape (n_points, n_parameters), to log-posteriors, shape (n_points,).
    walkers
        Where the walkers start, shape (n_walkers, n_parameters).
    n
        Number of states needed.
    rng
        Source of randomness.

    Returns
    -------
    ndarray
        Shape (n or more, n_parameters), in no order.
    """
    sampler = emcee.EnsembleSampler(
        *walkers.shape,
        log_posterior,
        moves=[(emcee.moves.DEMove(), 0.8), (emcee.moves.StretchMove(), 0.2)],
        vectorize=True,
    )
    state = np.random.RandomState(rng.integers(2**32, dtype=np.uint64)).get_state()
    rounds = max(KEPT, -(-n // len(walkers)) * APART)
    sampler.run_mcmc(emcee.State(walkers, random_state=state), BURN_IN + rounds)
    return np.asarray(rng.permutation(sampler.get_chain(discard=BURN_IN, thin=APART, flat=True)))
