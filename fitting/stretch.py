"""Draws from a posterior by the affine-invariant ensemble sampler."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Goodman and Weare's choice.
STRETCH = 2.0


def stretch_draws(
    log_posterior: Callable[[Floats], Floats],
    walkers: Floats,
    n: int,
    rng: np.random.Generator,
    steps: int = 1000,
) -> Floats:
    """Return draws from a posterior, whatever the scales and correlations of its parameters.

    Goodman and Weare, Comm. App. Math. Comp. Sci. 5, 65 (2010): half of the walkers move along
    lines through partners from the other half, in turns. The first half of the steps is dropped.

    Parameters
    ----------
    log_posterior
        Maps parameters, shape (n_points, n_parameters), to log-posteriors, shape (n_points,).
    walkers
        Where the walkers start, shape (n_walkers, n_parameters), n_walkers even.
    n
        Number of draws.
    rng
        Source of randomness.
    steps
        Steps of every walker.

    Returns
    -------
    ndarray of shape (n, n_parameters)
        Draws, without order.
    """
    halves = np.split(walkers, 2)
    logs = [log_posterior(half) for half in halves]
    kept = []
    for step in range(steps):
        for moving in (0, 1):
            here, partners = halves[moving], rng.permutation(halves[1 - moving])
            z = ((STRETCH - 1) * rng.random(len(here)) + 1) ** 2 / STRETCH
            there = partners + z[:, None] * (here - partners)
            found = log_posterior(there)
            gain = (here.shape[1] - 1) * np.log(z) + found - logs[moving]
            accepted = np.log(rng.random(len(here))) < gain
            halves[moving] = np.where(accepted[:, None], there, here)
            logs[moving] = np.where(accepted, found, logs[moving])
        if step >= steps // 2:
            kept.append(np.concatenate(halves))
    pool = np.concatenate(kept)
    return np.asarray(pool[rng.choice(len(pool), size=n, replace=False)])
