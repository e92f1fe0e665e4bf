"""The likelihood of survival times under the Neel-Brown law."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import xlogy

from dwsynapse.importance_sampling import posterior_sample
from dwsynapse.io.errors import InputError
from fitting.forms.neel_brown import NeelBrown
from fitting.inference.profile_likelihood import likelihood_minuit
from fitting.lifetime.fitted_law import BARRIERS_KT, Range, straight_start

Floats = NDArray[np.float64]

# Bounds of the flat prior in ln Hc, in units of the highest field.
CRITICAL_IN_HIGHEST_FIELDS = (0.1, 10.0)
# An f0 whose logarithm is this close to an end of its range is at the end.
AT_END = 0.01


class SurvivalLikelihood:
    """The log-posterior of ln f0, ln E0/kT and ln Hc, flat priors within bounds, in batches.

    Parameters
    ----------
    rates
        What `fitting.lifetime.depinning_rates.depinning_rates` returns.
    exponent
        Exponent n of the law.
    attempt_Hz
        Range of f0; twice the same number fixes it.
    critical_mT
        Range of Hc; None for 0.1 to 10 times the highest field.
    """

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
        """Return it, up to a constant, at points (n, 3), shape (n,); -inf outside the bounds."""
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
