"""Binomial maximum likelihood of the passing curve, with profile-likelihood intervals."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from iminuit import Minuit
from scipy.optimize import brentq
from scipy.stats import chi2

from fitting.forms import Logistic
from fitting.likelihood import Columns, field_scales_mT, log_likelihood
from fitting.posterior import delta_range_per_mT, wide_posterior
from workflow.errors import InputError

Interval = tuple[float, float]
Side = Literal["lower", "upper"]

# Minuit maps a bounded parameter to a sine, which is flat at the bounds: a search that starts there
# never leaves.
LEAST_START = 0.01
AT_BOUND = 1e-6
# A bound of h0 further away than this many spans of the fields is no bound.
MOST_SPANS = 10


def negative_log_likelihood(counts: pd.DataFrame, start: Logistic) -> Minuit:
    """Return the negative log-likelihood of Eq. 9, ready to be minimised from the given start.

    Parameters
    ----------
    counts
        Table of counts (`workflow.contracts.COUNTS`).
    start
        Curve to start from.
    """
    flattest, steepest = delta_range_per_mT(counts)
    columns = Columns.of(counts)
    minuit = Minuit(
        lambda floor, h0, delta: -log_likelihood(Logistic(floor, h0, delta), columns),
        min(max(start.floor, LEAST_START), 1 - LEAST_START),
        start.h0_mT,
        start.delta_per_mT,
        name=tuple(start.units),
    )
    minuit.errordef = Minuit.LIKELIHOOD
    minuit.limits["floor"] = (0, 1)
    minuit.limits["delta_per_mT"] = (flattest, steepest)
    return minuit


def fit_curve(
    counts: pd.DataFrame, confidence: float, path: str | Path
) -> tuple[Logistic, dict[str, Interval]]:
    """Fit Eq. 9 of Ellis et al. 2023 to counts by binomial maximum likelihood.

    Parameters
    ----------
    counts
        Table of counts (`workflow.contracts.COUNTS`).
    confidence
        Confidence of the intervals, such as 0.95.
    path
        What an error names as the file.

    Returns
    -------
    curve : Logistic
        The curve of greatest likelihood.
    intervals : dict
        For each parameter the bounds at which the profile likelihood falls by chi2/2 (MINOS); the
        floor's lower bound is 0 where the profile does not fall so far.

    Raises
    ------
    InputError
        If the counts do not determine a curve.
    """
    _require_both_outcomes(counts, path)
    minuit = negative_log_likelihood(counts, wide_posterior(counts).best()).migrad()
    values = minuit.values.to_dict()
    # Minuit only comes near to a bound: a floor this low is the bound itself.
    curve = Logistic.of(values | {"floor": values["floor"] if values["floor"] > AT_BOUND else 0.0})
    _require_bracketed(curve, counts, path)
    minuit.minos(cl=confidence)
    intervals = {
        name: (
            _bound(minuit, counts, name, "lower", confidence, path),
            _bound(minuit, counts, name, "upper", confidence, path),
        )
        for name in curve.units
    }
    return curve, intervals


def _require_both_outcomes(counts: pd.DataFrame, path: str | Path) -> None:
    n_fields = counts["field_mT"].nunique()
    n_trials, n_passed = counts["n_trials"].sum(), counts["n_passed"].sum()
    if n_fields < 3:
        raise InputError(
            f"{n_fields} different field{'s' * (n_fields > 1)} cannot determine three parameters",
            path=path,
            where="column field_mT",
            remedy="give counts at three fields or more",
        )
    if n_passed in (0, n_trials):
        raise InputError(
            "no wall passed at any field" if n_passed == 0 else "every wall passed at every field",
            path=path,
            where="column n_passed",
            remedy=f"add {'higher' if n_passed == 0 else 'lower'} fields that bracket the curve",
        )


def _require_bracketed(curve: Logistic, counts: pd.DataFrame, path: str | Path) -> None:
    low, high = counts["field_mT"].min(), counts["field_mT"].max()
    flattest, _ = delta_range_per_mT(counts)
    if not low < curve.h0_mT < high or curve.delta_per_mT < 1.01 * flattest:
        raise InputError(
            f"the fields {low:g} to {high:g} mT do not bracket the curve: passing does not rise "
            "from its floor through the middle within them",
            path=path,
            where="column field_mT",
            remedy="add fields below and above the transition",
        )


def _bound(
    minuit: Minuit,
    counts: pd.DataFrame,
    name: str,
    side: Side,
    confidence: float,
    path: str | Path,
) -> float:
    error = minuit.merrors[name]
    if getattr(error, f"{side}_valid") and not getattr(error, f"at_{side}_limit"):
        return float(minuit.values[name] + getattr(error, side))
    bound = _search_bound(minuit, counts, name, side, confidence)
    if bound is not None:
        return bound
    if name == "floor" and side == "lower":
        return 0.0
    raise InputError(
        f"the counts leave {name} without {side} bound at {confidence:.0%} confidence "
        f"(best value {minuit.values[name]:.3g})",
        path=path,
        remedy=f"add trials and fields around {minuit.values['h0_mT']:.2f} mT",
    )


def _search_bound(
    minuit: Minuit, counts: pd.DataFrame, name: str, side: Side, confidence: float
) -> float | None:
    """Find a bound that MINOS missed by root-finding along the same profile likelihood.

    MINOS does not converge for about one bound in a hundred with few trials per field, mostly
    where the floor meets zero on the way. Returns None where the profile never falls far enough.
    """
    target = minuit.fval + chi2.ppf(confidence, 1) / 2
    best = Logistic.of(minuit.values.to_dict())
    low, high = minuit.limits[name]

    def excess(value: float) -> Any:
        profile = negative_log_likelihood(counts, best)
        profile.values[name] = value
        profile.fixed[name] = True
        return profile.migrad().fval - target

    span_mT, _ = field_scales_mT(counts)
    inside = minuit.values[name]
    step = minuit.errors[name] * (1 if side == "upper" else -1)
    while abs(step) < MOST_SPANS * span_mT or np.isfinite(low):
        outside = float(np.clip(minuit.values[name] + step, low, high))
        if excess(outside) > 0:
            return float(brentq(excess, inside, outside, rtol=1e-4))
        if outside in (low, high):
            return None
        inside, step = outside, 2 * step
    return None
