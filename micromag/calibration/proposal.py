"""The wires and fields to simulate next."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from dwsynapse.study.devices.calibration import first_wires
from dwsynapse.study.wires.priors import Prior
from micromag.calibration.emulator import Emulator
from micromag.calibration.evidence import Measured
from micromag.calibration.posterior import Posterior, prior_points

Floats = NDArray[np.float64]

TRIALS_PER_WIRE = 96
"""By default. A multiple of the lanes of a group: fewer leave some empty."""
MAX_FIELDS, MIN_TRIALS = 8, 4
"""Fields at which a wire is simulated, and trials at each."""
WIRES_PER_ROUND = 2
"""Wires of later rounds, for each parameter and once more."""
FROM_PRIOR = 0.2
"""Candidates from the prior, in shares of those from the posterior: what the emulator has not seen
may differ."""


@dataclass(frozen=True)
class PlannedWire:
    """A wire to simulate.

    Parameters
    ----------
    wire
        Scaled parameters, shape (n_parameters,).
    trials
        Number of trials at each field, by the field in mT.
    """

    wire: Floats
    trials: dict[float, int]


def first_round(
    measured: Measured, priors: Sequence[Prior], seed: int, trials_per_wire: int = TRIALS_PER_WIRE
) -> list[PlannedWire]:
    """Return wires that fill the prior evenly, each at fields over the measured range."""
    n_wires = first_wires(len(priors))
    z = prior_points(len(priors), n_wires, seed)
    scaled = np.column_stack([p.scaled(x) for p, x in zip(priors, z.T, strict=True)])
    n_fields = len(measured.fields_mT)
    n_chosen = min(n_fields, _most_fields(trials_per_wire))
    planned = []
    for number, wire in enumerate(_rounded(scaled, priors)):
        # Of many fields each wire has others.
        step = n_fields / n_chosen
        chosen = (np.arange(n_chosen) * step + number % step).astype(int)
        planned.append(
            PlannedWire(wire, _shared(measured, chosen, np.ones(len(chosen)), trials_per_wire))
        )
    return planned


def next_round(
    emulator: Emulator,
    measured: Measured,
    posterior: Posterior,
    priors: Sequence[Prior],
    seed: Sequence[int],
    trials_per_wire: int = TRIALS_PER_WIRE,
) -> list[PlannedWire]:
    """Return wires that the measurement leaves possible and the emulator knows least.

    What it does not know counts where the measured counts would tell: the variance of the log-odds
    times the information of a field, n p (1 - p). Wires are drawn in proportion to it, each
    lowering it for those that its simulation will inform.
    """
    rng = np.random.default_rng(seed)
    n_wires = WIRES_PER_ROUND * (1 + len(priors))
    z = rng.standard_normal((int(FROM_PRIOR * len(posterior.wires)), len(priors)))
    others = np.column_stack([p.scaled(x) for p, x in zip(priors, z.T, strict=True)])
    candidates = _rounded(np.concatenate([posterior.wires, others]), priors)
    mean, covariance = emulator.predict(candidates, measured.scaled(measured.fields_mT))
    p = expit(mean)
    unknown = np.einsum("mii->mi", covariance) * measured.trials * p * (1 - p)
    left = unknown.sum(axis=1)
    planned = []
    for _ in range(n_wires):
        chosen = int(rng.choice(len(left), p=left / left.sum()))
        fields = np.argsort(unknown[chosen])[::-1][: _most_fields(trials_per_wire)]
        weights = np.sqrt(unknown[chosen][fields])
        trials = _shared(measured, fields, weights, trials_per_wire)
        planned.append(PlannedWire(candidates[chosen], trials))
        left = left * (1 - _alike(emulator, candidates, candidates[chosen]) ** 2)
        left[chosen] = 0.0
        left = np.maximum(left, 1e-12 * left.max())
    return planned


def _most_fields(trials_per_wire: int) -> int:
    return min(MAX_FIELDS, trials_per_wire // MIN_TRIALS)


def _alike(emulator: Emulator, wires: Floats, chosen: Floats) -> Floats:
    """Return the correlation of the smooth part of wires with that of a chosen one."""
    lengths = emulator.covariance.lengths[:-1]
    return np.asarray(np.exp(-(((wires - chosen) / lengths) ** 2).sum(axis=1) / 2))


def _rounded(scaled: Floats, priors: Sequence[Prior]) -> Floats:
    return np.column_stack([p.rounded(x) for p, x in zip(priors, scaled.T, strict=True)])


def _shared(
    measured: Measured, fields: NDArray[np.intp], weights: Floats, n_trials: int
) -> dict[float, int]:
    """Return the trials of a wire at some of the measured fields, in proportion to weights."""
    weights = np.maximum(weights / weights.sum(), 1e-9)
    enough = weights * n_trials >= MIN_TRIALS
    fields, weights = fields[enough], weights[enough] / weights[enough].sum()
    ends = np.round(np.cumsum(weights) * n_trials).astype(int)
    trials = np.diff(ends, prepend=0)
    shares = {float(measured.fields_mT[i]): int(n) for i, n in zip(fields, trials, strict=True)}
    return dict(sorted(shares.items()))
