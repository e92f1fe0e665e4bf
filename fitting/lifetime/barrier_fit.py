"""The Neel-Brown law through a table of computed energy barriers."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.constants import Boltzmann, electron_volt
from scipy.optimize import curve_fit

from dwsynapse.io.errors import InputError
from dwsynapse.study.devices.laboratory_dwell import LEAST_FIELDS
from fitting.forms.neel_brown import NeelBrown
from fitting.lifetime.fitted_law import (
    BARRIERS_KT,
    USUAL_ATTEMPT_HZ,
    LawFit,
    Range,
    one_temperature_K,
    straight_start,
)
from fitting.lifetime.law_tests import barriers_test

Floats = NDArray[np.float64]

# No wall gets over a higher barrier in any time, so the law need not describe it.
HIGHEST_KT = 100.0
LEAST_FALL = 1e-6
"""Share of the highest barrier by which barriers must differ: their digits do not carry more."""


def fit_barriers(
    barriers: pd.DataFrame,
    *,
    exponent: float,
    attempt_Hz: Range | None,
    draws: int,
    seed: int,
    path: str | Path,
) -> LawFit:
    """Fit E0 and Hc of E(H) = E0 (1 - H/Hc)^n to barriers by least squares.

    Barriers above 100 kT, at which no wall ever passes, are left out if lower ones at three fields
    remain. Fields without a barrier are not fitted: what the law has there counts in its test.
    Draws of E0 and Hc are from the multivariate t-distribution that the scatter about the
    law leaves (in logarithms, n_rows - 2 degrees of freedom). Barriers do not determine the attempt
    frequency: f0 is log-uniform within its range, and its geometric mean the best value.

    Parameters
    ----------
    barriers
        Table of `dwsynapse.io.contracts.BARRIERS`.
    exponent
        Exponent n of the law.
    attempt_Hz
        Range of the attempt frequency; None for 1e9 to 1e10 Hz.
    draws, seed
        Number of draws and their seed.
    path
        What an error names as the file.

    Raises
    ------
    InputError
        If there are fewer than three fields, temperatures are mixed, a barrier occurs twice,
        barriers are not those of a magnet, as in another unit, do not fall with field, or are again
        there above a field at which there is none.
    """
    low_Hz, high_Hz = attempt_Hz or USUAL_ATTEMPT_HZ
    temperature_K = one_temperature_K(barriers, path)
    # Above the depinning field there is no barrier, and no law to fit: it must be 0 there.
    none = barriers["barrier_J"] == 0
    depinned_mT = barriers["field_mT"][none].to_numpy(float)
    _require_none_beyond(depinned_mT.min(initial=np.inf), barriers[~none], path)
    barriers = barriers[~none]
    _require_each_barrier_once(barriers, path)
    fields_mT = barriers["field_mT"].to_numpy(float)
    barriers_kT = barriers["barrier_J"].to_numpy(float) / (Boltzmann * temperature_K)
    _require_joules(barriers_kT, temperature_K, path)
    constrained_mT = (float(fields_mT.min(initial=np.inf)), float(fields_mT.max(initial=0)))
    low = barriers_kT <= HIGHEST_KT
    if len(np.unique(fields_mT[low])) >= LEAST_FIELDS:
        fields_mT, barriers_kT = fields_mT[low], barriers_kT[low]
    best, covariance, residuals_kT = _least_squares(fields_mT, barriers_kT, exponent, path)
    rng = np.random.default_rng([seed, 0])
    freedom = len(fields_mT) - 2
    scatter = _t_draws(covariance, freedom, draws, rng)
    log_attempt = rng.uniform(np.log(low_Hz), np.log(high_Hz), (draws, 1))
    law = NeelBrown.of_points([np.sqrt(low_Hz * high_Hz), *np.exp(best)], exponent)
    left_kT = law.barrier_at_kT(depinned_mT)
    rms_miss_kT = float(np.sqrt(np.mean(np.append(residuals_kT, left_kT[left_kT > 0]) ** 2)))
    return LawFit(
        law=law,
        draws=np.exp(np.hstack([log_attempt, best + scatter])),
        fields_mT=constrained_mT,
        rates_Hz=None,
        tests=(barriers_test(rms_miss_kT, freedom),),
        details={
            "n_barriers": len(fields_mT),
            "temperature_K": temperature_K,
            "barrier_J": float(np.exp(best[0]) * Boltzmann * temperature_K),
            "rms_residual_kT": rms_miss_kT,
            "attempt_range_Hz": [low_Hz, high_Hz],
        },
    )


def _least_squares(
    fields_mT: Floats, barriers_kT: Floats, exponent: float, path: str | Path
) -> tuple[Floats, Floats, Floats]:
    """Return ln E0/kT and ln Hc in mT of the best law, their covariance and the residuals in kT."""
    start = straight_start(fields_mT, barriers_kT, exponent) if len(set(fields_mT)) > 2 else None
    not_falling = InputError(
        "the barriers are at fewer than three fields, or do not fall with field",
        path=path,
        remedy="give barriers at three fields or more below the depinning field",
    )
    if start is None or np.ptp(barriers_kT) <= LEAST_FALL * barriers_kT.max():
        raise not_falling

    def barrier_kT(fields_mT: Any, log_barrier: Any, log_critical: Any) -> Any:
        law = NeelBrown(1.0, np.exp(log_barrier), np.exp(log_critical), exponent)
        return law.barrier_at_kT(fields_mT)

    try:
        best, covariance = curve_fit(barrier_kT, fields_mT, barriers_kT, p0=np.log(start))
    except RuntimeError as error:
        raise not_falling from error
    return best, covariance, barriers_kT - barrier_kT(fields_mT, *best)


def _t_draws(covariance: Floats, freedom: int, n: int, rng: np.random.Generator) -> Floats:
    """Return draws about 0 from a multivariate t-distribution, shape (n, parameters)."""
    widths = np.sqrt(freedom / rng.chisquare(freedom, (n, 1)))
    origin = np.zeros(len(covariance))
    return rng.multivariate_normal(origin, covariance, n, method="eigh") * widths


def _require_each_barrier_once(barriers: pd.DataFrame, path: str | Path) -> None:
    again = barriers[barriers.duplicated(["field_mT", "barrier_J"])]
    if len(again):
        raise InputError(
            f"the same barrier at {again['field_mT'].iloc[0]:g} mT occurs twice",
            path=path,
            where="column barrier_J",
            remedy="give each table once, and each barrier in one of them",
        )


def _require_none_beyond(depinned_mT: float, barriers: pd.DataFrame, path: str | Path) -> None:
    beyond = barriers[barriers["field_mT"] > depinned_mT]
    if len(beyond):
        raise InputError(
            f"no barrier at {depinned_mT:g} mT, but one at {beyond['field_mT'].iloc[0]:g} mT",
            path=path,
            where="column barrier_J",
            remedy="remove rows whose path did not converge, or of another wire",
        )


def _require_joules(barriers_kT: Floats, temperature_K: float, path: str | Path) -> None:
    low, high = BARRIERS_KT
    if len(barriers_kT) and not low <= barriers_kT.max() <= high:
        raise InputError(
            f"a highest barrier of {barriers_kT.max():.2g} kT is outside that of any magnet",
            path=path,
            where="column barrier_J",
            remedy=f"give barriers in J: 1 kT is {Boltzmann * temperature_K:.2g} J at "
            f"{temperature_K:g} K, 1 eV is {electron_volt:.2g} J",
        )
