"""Synthetic Kerr loops of known outcome, for tests and for comparing detectors: no measurements.

A wire saturated at -15 mT is driven by half a period of a sinusoidal field. A wall is injected at
the set field. It passes, and the spot over the notch switches at once; or it is pinned, half of the
spot switches there and the other half where it depins. An off-centre spot makes the halves unequal.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter
from scipy.special import ndtr

from hardware.kerr_loops.loops import Loops
from hardware.kerr_loops.steps import Floats

SPOT_SD_UM = 1.25
"""Of a Gaussian spot with a diameter (1/e2) of 5 um, as the paper's."""
AMPLITUDE_MT = 15.0
NUCLEATION_MT, NUCLEATION_SD_MT = 10.74, 0.07
"""Where walls appear without injection, as published."""


@dataclass(frozen=True)
class Setup:
    """What the loops of a synthetic magnetometer are like.

    Parameters
    ----------
    signal_to_noise
        Total change of the signal over the standard deviation of the noise of a point.
    spot_offset_um
        Distance of the spot from the notch, along the wall's motion.
    n_points
        Points of a loop.
    smoothed_points
        Time constant of the electronics' low pass, which the signal goes through, in points.
    offset_drift, background, gain_drift
        Standard deviations over loops of the drift of the offset, of a signal linear in the field
        and of the drift of the gain, as shares of the total change.
    depins_above_mT
        Least and greatest distance of the field where a pinned wall depins from the set field.
    missing_share, nucleated_share
        Share of loops in which a switch is missing: a pinned wall never depins, or no wall is
        injected and none nucleates; and of those without injection where one nucleates.
    """

    signal_to_noise: float = 10.0
    spot_offset_um: float = 0.0
    n_points: int = 1000
    smoothed_points: float = 1.0
    offset_drift: float = 0.5
    background: float = 0.5
    gain_drift: float = 0.05
    depins_above_mT: tuple[float, float] = (0.5, 5.0)
    missing_share: float = 0.0
    nucleated_share: float = 0.0


def synthetic_loops(
    n_loops: int,
    setup: Setup,
    seed: int,
    field_set_mT: Floats | float = 4.6,
    probability: Floats | float = 0.5,
) -> Loops:
    """Return loops of walls that pass with a probability.

    Parameters
    ----------
    n_loops
        Number of loops.
    setup
        The magnetometer.
    seed
        Seed of all that is random.
    field_set_mT
        Field of injection, of all loops or shape (n_loops,).
    probability
        Of passing, of all loops or shape (n_loops,).

    Returns
    -------
    Loops
        With the outcome of each: undecided where a switch is missing or was nucleated.
    """
    rng = np.random.default_rng(seed)
    n = setup.n_points
    field_mT = -AMPLITUDE_MT * np.cos(np.pi * np.arange(n) / (n - 1))
    set_mT = np.broadcast_to(np.asarray(field_set_mT, float), n_loops)
    passed = rng.random(n_loops) < probability
    depins_mT = set_mT + rng.uniform(*setup.depins_above_mT, n_loops)
    first_mT, second_mT = set_mT.copy(), np.where(passed, set_mT, depins_mT)
    fault = rng.random(n_loops)
    missing = fault < setup.missing_share
    second_mT[missing] = np.inf
    first_mT[missing & passed] = np.inf
    nucleated = (fault >= setup.missing_share) & (
        fault < setup.missing_share + setup.nucleated_share
    )
    first_mT[nucleated] = second_mT[nucleated] = rng.normal(
        NUCLEATION_MT, NUCLEATION_SD_MT, nucleated.sum()
    )
    share = ndtr(setup.spot_offset_um / SPOT_SD_UM)
    switched = share * (field_mT >= first_mT[:, None]) + (1 - share) * (
        field_mT >= second_mT[:, None]
    )
    # Switches come at any time between two points; the low pass has settled before the loop.
    keep = np.exp(-1 / setup.smoothed_points) if setup.smoothed_points else 0.0
    switched = lfilter([1 - keep], [1, -keep], switched, axis=1)
    time = np.linspace(-0.5, 0.5, n)
    gain = 1 + setup.gain_drift * rng.standard_normal((n_loops, 1)) * time
    drift = setup.offset_drift * rng.standard_normal((n_loops, 1)) * time
    background = setup.background * rng.standard_normal((n_loops, 1)) * field_mT / AMPLITUDE_MT / 2
    noise = rng.standard_normal((n_loops, n)) / setup.signal_to_noise
    known = np.where(passed, "passed", "pinned")
    outcome = np.where(missing | nucleated, "undecided", known)
    return Loops(
        names=tuple(f"synthetic {i + 1}" for i in range(n_loops)),
        field_mT=np.broadcast_to(field_mT, (n_loops, n)),
        signal=gain * (2 * switched - 1) + 2 * (drift + background + noise),
        field_set_mT=set_mT,
        outcome=tuple(map(str, outcome)),
    )
