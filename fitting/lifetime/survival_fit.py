"""Depinning rates from survival times of pinned walls, and the Neel-Brown law through them."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import xlogy

from dwsynapse.importance_sampling import posterior_sample
from dwsynapse.io.errors import InputError
from dwsynapse.io.number_format import MIN_P_VALUE, counted
from fitting.forms.neel_brown import NeelBrown
from fitting.inference.distributions import chi2_quantile, chi2_sf, chi2_upper_quantile
from fitting.inference.profile_likelihood import likelihood_minuit
from fitting.lifetime.fitted_law import (
    BARRIERS_KT,
    USUAL_ATTEMPT_HZ,
    LawFit,
    Range,
    one_temperature_K,
    straight_start,
)
from fitting.lifetime.law_tests import hazard_test, rates_test

Floats = NDArray[np.float64]

# Range of a free attempt frequency, wider than that of any magnet.
FREE_ATTEMPT_HZ = (1e7, 1e13)
# Bounds of the flat prior in ln Hc, in units of the highest field.
CRITICAL_IN_HIGHEST_FIELDS = (0.1, 10.0)
# With fewer depinnings the chi-square approximation of the test for a constant hazard is poor.
MIN_DEPINNINGS = 5
# An f0 whose logarithm is this close to an end of its range is at the end.
AT_END = 0.01


def depinning_rates(walls: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Estimate the depinning rate at each field, censored times included.

    The rate of greatest likelihood is the number of depinnings over the total time at risk, which
    pools windows of different lengths. The interval is that of a Poisson mean (chi-square
    quantiles; Garwood, Biometrika 28, 437, 1936; for censored lives Cox, Biometrika 40, 354, 1953):
    exact for a fixed total time, conservative for fixed windows. Its lower bound is 0 where no
    wall depinned, and its upper bound then a one-sided limit.

    Parameters
    ----------
    walls
        Table of `dwsynapse.io.contracts.SURVIVAL`.
    confidence
        Confidence of the intervals.

    Returns
    -------
    DataFrame
        By field: field_mT, n_walls, n_depinned, at_risk_s, rate_Hz, low_Hz, high_Hz, and
        weibull_shape and p_constant_hazard (NaN below five depinnings), see `constant_hazard`.
    """
    rows = []
    for field_mT, there in walls.groupby("field_mT"):
        times_s = there["survived_ns"].to_numpy(float) * 1e-9
        depinned = there["depinned"].to_numpy(bool)
        n, at_risk_s = int(depinned.sum()), float(times_s.sum())
        tail = (1 - confidence) / (2 if n else 1)
        shape, p_value = constant_hazard(times_s, depinned)
        rows.append(
            {
                "field_mT": field_mT,
                "n_walls": len(there),
                "n_depinned": n,
                "at_risk_s": at_risk_s,
                "rate_Hz": n / at_risk_s,
                "low_Hz": chi2_quantile(tail, 2 * n) / 2 / at_risk_s if n else 0.0,
                "high_Hz": chi2_upper_quantile(tail, 2 * n + 2) / 2 / at_risk_s,
                "weibull_shape": shape,
                "p_constant_hazard": p_value,
            }
        )
    return pd.DataFrame(rows)


def constant_hazard(times_s: Floats, depinned: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the shape of a Weibull law of the times, and the p-value of shape 1.

    A shape below 1 means that walls pinned for longer depin more slowly: several pinning sites, or
    different walls. One above 1 means that walls still moved through the notch when they counted
    as pinned. Likelihood ratio, chi-square with one degree of freedom; both NaN below five
    depinnings.
    """
    n = int(depinned.sum())
    if n < MIN_DEPINNINGS:
        return float("nan"), float("nan")
    logs = np.log(times_s / times_s.max())

    def negative_log_likelihood(log_shape: float) -> float:
        shape = np.exp(log_shape)
        spread = np.log(np.exp(shape * logs).sum())
        return float(n * spread - n * log_shape - (shape - 1) * logs[depinned].sum())

    best = minimize_scalar(negative_log_likelihood, bounds=(-4, 4), method="bounded")
    ratio = 2 * (negative_log_likelihood(0.0) - best.fun)
    return float(np.exp(best.x)), max(float(chi2_sf(ratio, 1)), MIN_P_VALUE)


def fit_survival(
    walls: pd.DataFrame,
    *,
    exponent: float,
    attempt_Hz: Range | None,
    critical_mT: Range | None = None,
    confidence: float,
    draws: int,
    seed: int,
    path: str | Path,
) -> LawFit:
    """Fit the Neel-Brown law to survival times by maximum likelihood.

    Every wall adds -rate(H) t, and one that depinned also ln rate(H). Draws are from the posterior
    with priors flat in the logarithms of the parameters: f0 within `attempt_Hz`, E0/kT within 0.1
    to 1e4, Hc within `critical_mT`, by default 0.1 to 10 times the highest field. Where Hc is
    known, walls none of which depinned bound E0 from below.

    Parameters
    ----------
    walls
        Table of `dwsynapse.io.contracts.SURVIVAL`.
    exponent
        Exponent n of the law.
    attempt_Hz
        Range of the attempt frequency, or twice the same; None leaves it free (1e7 to 1e13 Hz), or
        1e9 to 1e10 Hz where Hc is known.
    critical_mT
        Range of the field of static depinning, or twice the same; None leaves it free.
    confidence
        Confidence of the intervals in the details.
    draws, seed
        Number of draws and their seed.
    path
        What an error names as the file.

    Raises
    ------
    InputError
        If walls depinned at too few fields, none was below static depinning, temperatures are
        mixed or 0, a wall occurs twice, rates exceed any attempt frequency, or they do not rise
        with field.
    """
    if "temperature_K" in walls:
        one_temperature_K(walls, path)
    _require_each_wall_once(walls, path)
    rates = depinning_rates(walls, confidence)
    _require_rates_of_a_magnet(rates, path)
    seen = rates[rates["n_depinned"] > 0]
    if critical_mT is None:
        _require_fields(len(seen), 3 if attempt_Hz is None else 2, path)
    else:
        _require_below(rates["field_mT"].min(), critical_mT[1])
    usual_Hz = FREE_ATTEMPT_HZ if critical_mT is None else USUAL_ATTEMPT_HZ
    likelihood = _Likelihood(rates, exponent, attempt_Hz or usual_Hz, critical_mT)
    best = likelihood.best(path)
    drawn = likelihood.draws(best, draws, np.random.default_rng([seed, 0]))
    deviance = 2 * (likelihood.saturated() - float(likelihood(best[None])[0]))
    freedom = len(rates) - (critical_mT is None) - 1 - likelihood.attempt_is_fitted(best)
    hazard = hazard_test(rates)
    return LawFit(
        law=NeelBrown.of_points(np.exp(best if len(seen) else np.median(drawn, axis=0)), exponent),
        draws=np.exp(drawn),
        fields_mT=_range_of((seen if len(seen) else rates)["field_mT"]),
        rates_Hz=_range_of(seen["rate_Hz"]) if len(seen) else None,
        tests=(rates_test(deviance, freedom), hazard),
        details={
            "n_walls": len(walls),
            "n_depinned": int(rates["n_depinned"].sum()),
            "deviance": deviance,
            "degrees_of_freedom": freedom,
            "constant_hazard": {
                "n_fields_tested": hazard.degrees_of_freedom,
                "p_value": hazard.p_value,
            },
            "rates": rates.astype(object).where(rates.notna(), None).to_dict("records"),
        },
    )


class _Likelihood:
    """The log-posterior of ln f0, ln E0/kT and ln Hc, flat priors within bounds, in batches."""

    def __init__(
        self, rates: pd.DataFrame, exponent: float, attempt_Hz: Range, critical_mT: Range | None
    ):
        columns = ("field_mT", "n_depinned", "at_risk_s")
        self._fields_mT, self._n, self._at_risk_s = (rates[c].to_numpy(float) for c in columns)
        self._exponent = exponent
        self._critical_is_known = critical_mT is not None
        highest_mT = max(float(self._fields_mT.max()), 1e-3)
        anywhere_mT = tuple(times * highest_mT for times in CRITICAL_IN_HIGHEST_FIELDS)
        self.bounds = np.log(np.array([attempt_Hz, BARRIERS_KT, critical_mT or anywhere_mT]))
        self.is_free = self.bounds[:, 0] < self.bounds[:, 1]

    def __call__(self, points: Floats) -> Floats:
        low, high = self.bounds.T
        inside = ((points >= low - 1e-9) & (points <= high + 1e-9)).all(axis=1)
        law = NeelBrown.of_points(np.exp(np.clip(points, low, high))[:, None], self._exponent)
        logs = np.log(law.attempt_Hz) - law.barrier_at_kT(self._fields_mT)
        total = (self._n * logs - self._at_risk_s * np.exp(logs)).sum(axis=1)
        return np.where(inside, total, -np.inf)

    def saturated(self) -> float:
        """Return the log-likelihood of one rate per field."""
        return float((xlogy(self._n, self._n / self._at_risk_s) - self._n).sum())

    def best(self, path: str | Path) -> Floats:
        """Return the point of greatest likelihood, the best of searches from several f0."""
        found = [self._search(start) for start in self._starts()]
        if not found:
            raise InputError(
                "the rates do not rise with field",
                path=path,
                where="column field_mT",
                remedy="give fields further apart, or more walls per field",
            )
        return max(found, key=lambda point: float(self(point[None])[0]))

    def attempt_is_fitted(self, best: Floats) -> bool:
        """Return whether f0 is free and not at an end of its range."""
        return bool(self.is_free[0]) and bool(np.abs(best[0] - self.bounds[0]).min() > AT_END)

    def draws(self, best: Floats, n: int, rng: np.random.Generator) -> Floats:
        """Return draws from the posterior, shape (n, 3); what is fixed is the same in all."""

        def whole(part: Floats) -> Floats:
            points = np.tile(best, (len(part), 1))
            points[:, self.is_free] = part
            return points

        found = posterior_sample(lambda part: self(whole(part)), best[self.is_free], n, rng)
        return whole(found.points[found.resampled(n, rng)])

    def _starts(self) -> list[Floats]:
        if self._critical_is_known:
            return self._starts_below(self.bounds[2].mean())
        seen = self._n > 0
        log_rates = np.log(self._n[seen] / self._at_risk_s[seen])
        starts = []
        for log_attempt in np.unique(np.linspace(self.bounds[0, 0], self.bounds[0, 1], 7)):
            start = straight_start(self._fields_mT[seen], log_attempt - log_rates, self._exponent)
            if start is not None:
                starts.append(np.array([log_attempt, *np.log(start)]))
        return [np.clip(start, *self.bounds.T) for start in starts]

    def _starts_below(self, log_critical: float) -> list[Floats]:
        """Return starts whose barrier is that of the rate at the highest field below Hc."""
        below = self._fields_mT < np.exp(log_critical)
        at = int(np.where(below, self._fields_mT, -np.inf).argmax())
        left = max(1 - self._fields_mT[at] / np.exp(log_critical), 1e-3) ** self._exponent
        log_rate = np.log((self._n[at] + 0.5) / self._at_risk_s[at])
        starts = [
            np.array([log, np.log(max(log - log_rate, 0.1) / left), log_critical])
            for log in np.unique(np.linspace(self.bounds[0, 0], self.bounds[0, 1], 7))
        ]
        return [np.clip(start, *self.bounds.T) for start in starts]

    def _search(self, start: Floats) -> Floats:
        names = ("log_attempt", "log_barrier", "log_critical")
        minuit = likelihood_minuit(
            lambda *point: -float(self(np.array([point]))[0]), dict(zip(names, start, strict=True))
        )
        for name, (low, high) in zip(minuit.parameters, self.bounds, strict=True):
            if low < high:
                minuit.limits[name] = (low, high)
            else:
                minuit.fixed[name] = True
        minuit.migrad()
        return np.array(minuit.values)


def _range_of(values: "pd.Series[float]") -> Range:
    return float(values.min()), float(values.max())


def _require_each_wall_once(walls: pd.DataFrame, path: str | Path) -> None:
    again = walls[walls.duplicated(["seed", "replica"])]
    if len(again):
        raise InputError(
            f"replica {again['replica'].iloc[0]} of seed {again['seed'].iloc[0]} occurs twice",
            path=path,
            where="column replica",
            remedy="give each table once, and each wall its own replica",
        )


def _require_fields(n_fields: int, n_parameters: int, path: str | Path) -> None:
    if n_fields < n_parameters:
        raise InputError(
            f"walls depinned at {counted(n_fields, 'field')}, which cannot determine "
            f"{n_parameters} parameters",
            path=path,
            where="column depinned",
            remedy=f"add fields or longer windows, until walls depin at {n_parameters} fields",
        )


def _require_below(lowest_mT: float, critical_mT: float) -> None:
    if lowest_mT >= critical_mT:
        raise InputError(
            f"walls were followed from {lowest_mT:g} mT on, and at {critical_mT:g} mT none stays",
            where="--critical-mT",
            remedy="give the field of static depinning of the same wire",
        )


def _require_rates_of_a_magnet(rates: pd.DataFrame, path: str | Path) -> None:
    fast = rates[rates["low_Hz"] > FREE_ATTEMPT_HZ[1]]
    if len(fast):
        raise InputError(
            f"a rate of {fast['rate_Hz'].iloc[0]:.2g} Hz at {fast['field_mT'].iloc[0]:g} mT, "
            "above the attempt frequency of any magnet",
            path=path,
            where="column survived_ns",
            remedy="give the times in ns",
        )
