"""Passing curves at laboratory times, predicted from a Neel-Brown law, and their credibility.

A wall that arrives at the notch still moves, and may pass where a wall at rest there stays. The
law applies to walls already pinned. Walls pass either on arrival or by depinning during
the dwell. The law cannot predict the share that passes on arrival: it is the curve of a device
whose walls had nanoseconds, or a floor that is the same at all fields.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fitting.device import DeviceModel
from fitting.device.curve_band import drawn_probabilities
from fitting.forms.neel_brown import LARGEST_POWER, NeelBrown, passing_probability
from fitting.lifetime.extrapolation_limits import Limits
from fitting.lifetime.fitted_law import LawFit

Floats = NDArray[np.float64]

N_FIELDS = 200
# The rise is drawn from where hardly any draw passes to where hardly any is pinned.
TAIL, BAND = 1e-3, (0.025, 0.975)
# Below this many kT a wall does not stay in the well long enough for a rate to be defined.
MIN_BARRIER_KT = 3.0
# How far outside the fields that constrain the law it is drawn, in spans of these fields.
REACH_IN_SPANS = 1.0


@dataclass(frozen=True)
class Exposure:
    """How long walls are at the notch: a dwell at constant field, or a rising field.

    Parameters
    ----------
    dwell_s
        Dwell in s; None for a sweep.
    sweep_mT_per_s
        Rate at which the field rises from 0 in mT/s; None for a dwell.
    floor
        Share of the walls that pass on arrival.
    arrival
        Device whose curve is that share instead, field by field; with a dwell only.
    """

    dwell_s: float | None = None
    sweep_mT_per_s: float | None = None
    floor: float = 0.0
    arrival: DeviceModel | None = None

    @property
    def least(self) -> float:
        """Share of the walls that pass at any field."""
        return float(self.arrival.curve.floor) if self.arrival else self.floor

    def probability(self, law: NeelBrown, fields_mT: Floats) -> Floats:
        """Return the passing probability at (in a sweep: up to) fields in mT."""
        floor: Any = self.arrival.curve.probability(fields_mT) if self.arrival else self.floor
        return np.asarray(passing_probability(self._expected(law, fields_mT), floor))

    def drawn(
        self, fit: LawFit, fields_mT: Floats, confidence: float, end: str = "floor"
    ) -> Floats:
        """Return the probability for every draw of the law, shape (n_draws, n_fields).

        Each goes with a draw of the curve of arrival, which is independent of it; `end` is as in
        `fitting.device.curve_band.drawn_probabilities`.
        """
        floor: Any = self.floor
        if self.arrival:
            curves = drawn_probabilities(self.arrival, fields_mT, confidence, end)
            floor = curves[np.arange(len(fit.draws)) % len(curves)]
        return np.asarray(passing_probability(self._expected(fit.drawn(), fields_mT), floor))

    def _expected(self, law: NeelBrown, fields_mT: Floats) -> Any:
        if self.dwell_s is not None:
            return law.expected_in_dwell(fields_mT, self.dwell_s)
        return law.expected_in_sweep(fields_mT, self.sweep_mT_per_s or np.nan)

    def text(self) -> str:
        """Return it in words."""
        if self.dwell_s is not None:
            return f"dwell {self.dwell_s:g} s" + (" or on arrival" if self.arrival else "")
        return f"sweep {self.sweep_mT_per_s:g} mT/s"


def predict(fit: LawFit, exposure: Exposure, confidence: float, limits: Limits) -> pd.DataFrame:
    """Predict the passing curve with its band, and say at which fields it is credible.

    Parameters
    ----------
    fit
        The fitted law.
    exposure
        How long walls are at the notch.
    confidence
        Confidence of the band, central quantiles over the draws.
    limits
        What is credible.

    Returns
    -------
    DataFrame
        Table of `dwsynapse.io.contracts.PREDICTION`. No field is credible if a test rejects the
        law. Otherwise those are not credible where its barrier is below 3 kT, where the rate is too
        many decades from the rates observed, where the law makes the band too wide, further from
        the fields that constrain the law than their span, or above those of the curve of arrival.
        Below the fields that constrain it, rate and distance do not count where surely none depins.
    """
    tail = (1 - confidence) / 2
    fields_mT = _fields_of_the_rise(fit, exposure)
    low, high = (
        np.quantile(exposure.drawn(fit, fields_mT, confidence, end), share, axis=0)
        for end, share in (("floor", tail), ("lapse", 1 - tail))
    )
    frame = pd.DataFrame(
        {
            "field_mT": fields_mT,
            "probability": exposure.probability(fit.law, fields_mT),
            "low": low,
            "high": high,
            "rate_Hz": fit.law.rate_Hz(fields_mT),
            "barrier_kT": fit.law.barrier_at_kT(fields_mT),
        }
    )
    reasons = _reasons(frame, fit, exposure, confidence, limits)
    text = ["; ".join(name for name, wrong in reasons.items() if wrong[i]) for i in frame.index]
    return frame.assign(credible=[int(not t) for t in text], reason=text)


def verdict(fit: LawFit, prediction: pd.DataFrame) -> str:
    """Return where a prediction is credible, and why not elsewhere."""
    if fit.rejected_by:
        why = "; ".join(f"{test.text()}: {test.meaning}" for test in fit.rejected_by)
        return f"The prediction is credible at no field, since the law is rejected ({why})."
    fields_mT, credible = prediction["field_mT"], prediction["credible"] == 1
    doubts = prediction.loc[~credible, "reason"].str.split("; ").explode()
    shares = doubts.value_counts() / len(prediction)
    why = ", ".join(f"{reason} ({share:.0%} of the fields)" for reason, share in shares.items())
    if credible.all():
        return "The prediction is credible at all fields drawn."
    if not credible.any():
        return f"The prediction is credible at no field: {why}."
    return (
        f"The prediction is credible at {_intervals_text(fields_mT, credible)}; elsewhere: {why}."
    )


def content(
    fit: LawFit, exposure: Exposure, prediction: pd.DataFrame, confidence: float
) -> dict[str, Any]:
    """Return the content of prediction.json."""
    rise = prediction[prediction["probability"].between(0.05 + exposure.least, 0.95)]
    return {
        "dwell_s": exposure.dwell_s,
        "sweep_mT_per_s": exposure.sweep_mT_per_s,
        "floor": exposure.floor,
        "arrival": exposure.arrival.name if exposure.arrival else None,
        "exponent": fit.law.exponent,
        "parameters": fit.parameters(confidence),
        "interval_kind": f"{confidence:.0%} central interval of the draws",
        "confidence": confidence,
        "log_covariance": fit.log_covariance().tolist(),
        "draws": fit.draws.tolist(),
        "median_field_mT": _median_fields_mT(fit, exposure, confidence, prediction),
        "credible_share_of_rise": float(rise["credible"].mean()) if len(rise) else None,
        "tests": fit.tests_content(),
        "rejected_by": [test.test for test in fit.rejected_by],
        "verdict": verdict(fit, prediction),
        "constrained_fields_mT": list(fit.fields_mT),
        "observed_rates_Hz": None if fit.rates_Hz is None else list(fit.rates_Hz),
        "fit": fit.details,
    }


def _fields_of_the_rise(fit: LawFit, exposure: Exposure) -> Floats:
    least_mT, last_mT = exposure.arrival.field_range_mT if exposure.arrival else (0.0, 0.0)
    most_mT = 1.05 * max(float(np.quantile(fit.draws[:, 2], 0.975)), fit.fields_mT[1])
    coarse_mT = np.linspace(least_mT, max(last_mT, most_mT), 10 * N_FIELDS)
    curves = exposure.probability(fit.drawn(), coarse_mT)
    latest, earliest = np.quantile((curves - exposure.floor) / (1 - exposure.floor), BAND, axis=0)
    if exposure.arrival:
        rising_mT = coarse_mT[latest < 1 - TAIL].max(initial=last_mT)
        return np.linspace(least_mT, rising_mT, N_FIELDS)
    inside = coarse_mT[(earliest > TAIL) & (latest < 1 - TAIL)]
    if not len(inside):
        return np.linspace(0, most_mT, N_FIELDS)
    margin_mT = 0.1 * (inside[-1] - inside[0])
    return np.linspace(max(inside[0] - margin_mT, 0), inside[-1] + margin_mT, N_FIELDS)


def _reasons(
    frame: pd.DataFrame, fit: LawFit, exposure: Exposure, confidence: float, limits: Limits
) -> dict[str, NDArray[np.bool_]]:
    low_mT, high_mT = fit.fields_mT
    reach_mT = REACH_IN_SPANS * (high_mT - low_mT)
    fields_mT = frame["field_mT"].to_numpy()
    # How well the curve of arrival is known is not a question of the law: its best one is taken.
    tails = (1 - confidence) / 2, (1 + confidence) / 2
    low, high = np.quantile(exposure.probability(fit.drawn(), fields_mT), tails, axis=0)
    sure = _surely_pinned(fit, exposure, fields_mT, low_mT)
    far = (fields_mT < low_mT - reach_mT) | (fields_mT > high_mT + reach_mT)
    everywhere = np.ones(len(frame), bool)
    reasons = {
        **{f"law rejected by {test.test}": everywhere for test in fit.rejected_by},
        f"barrier below {MIN_BARRIER_KT:g} kT": frame["barrier_kT"] < MIN_BARRIER_KT,
        f"band wider than {limits.band:g}": high - low > limits.band,
        "far outside the fields that constrain the law": far & ~sure,
    }
    if exposure.arrival:
        reasons["above the fields of the curve of arrival"] = (
            fields_mT > exposure.arrival.field_range_mT[1]
        )
    if fit.rates_Hz is not None:
        log_rates = np.log10(fit.law.attempt_Hz) - frame["barrier_kT"] / np.log(10)
        least, most = np.log10(fit.rates_Hz)
        beyond = (log_rates < least - limits.decades) | (log_rates > most + limits.decades)
        reasons[f"rate more than {limits.decades:g} decades from any observed"] = beyond & ~sure
    return {reason: np.asarray(wrong, bool) for reason, wrong in reasons.items()}


def _surely_pinned(
    fit: LawFit, exposure: Exposure, fields_mT: Floats, low_mT: float
) -> NDArray[np.bool_]:
    """Return whether no wall depins below the fields that constrain the law, whatever its form.

    The barrier falls with field as the moments of pinned wall and saddle differ, and they part as
    the field falls: it rises at least as fast as it does at `low_mT`.
    """
    if exposure.dwell_s is None:
        return np.zeros(len(fields_mT), bool)
    law = fit.drawn()
    slope_per_mT = law.log_rate_slope_per_mT(np.array([low_mT]))
    least_kT = law.barrier_at_kT(np.array([low_mT])) + slope_per_mT * (low_mT - fields_mT)
    expected = exposure.dwell_s * law.attempt_Hz * np.exp(-least_kT.clip(0, LARGEST_POWER))
    return np.asarray((fields_mT < low_mT) & (expected.max(axis=0) < TAIL))


def _median_fields_mT(
    fit: LawFit, exposure: Exposure, confidence: float, prediction: pd.DataFrame
) -> dict[str, float | None]:
    """Return the field at which half of the walls pass, with its interval; None off the grid."""
    fields_mT, tail = prediction["field_mT"].to_numpy(), (1 - confidence) / 2
    curves = exposure.drawn(fit, fields_mT, confidence)
    crossings = [_crossing(fields_mT, curve) for curve in curves]
    low, high = np.quantile(crossings, [tail, 1 - tail], method="nearest")
    best = _crossing(fields_mT, prediction["probability"].to_numpy())
    return {
        name: float(value) if np.isfinite(value) else None
        for name, value in (("value", best), ("low", min(low, best)), ("high", max(high, best)))
    }


def _crossing(fields_mT: Floats, curve: Floats) -> float:
    if not curve[0] < 0.5 < curve[-1]:
        return float(np.inf if curve[-1] <= 0.5 else -np.inf)
    return float(np.interp(0.5, curve, fields_mT))


def _intervals_text(fields_mT: pd.Series, credible: pd.Series) -> str:
    run = (credible != credible.shift()).cumsum()
    edges = [(group.iloc[0], group.iloc[-1]) for _, group in fields_mT[credible].groupby(run)]
    return " and ".join(f"{low:.3g} to {high:.3g} mT" for low, high in edges)
