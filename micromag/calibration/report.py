"""What a calibration found, as ``calibration.json``."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import hypergeom

from dwsynapse.io.errors import InputError
from dwsynapse.study.wires.priors import Prior
from dwsynapse.verdicts import monte_carlo_p
from micromag.calibration.evidence import Measured
from micromag.calibration.explanation import explanation_test
from micromag.calibration.laplace import saturated_log_likelihood
from micromag.calibration.next_measurement import next_measurement
from micromag.calibration.rounds import Round
from micromag.wires.wire_folder import undecided_share

Floats = NDArray[np.float64]

CONFIDENCE = 0.95
PERMUTATIONS = 1999
SIGNIFICANCE = 0.01
EXPLAINED, OPEN, NOT_EXPLAINED = "explained", "open", "not explained"
"""Verdicts: a simulated wire has the measured curve; the emulator allows one, which the best wire
does not confirm; the emulator allows none within the priors."""


def interval(draws: Floats) -> tuple[Floats, Floats]:
    """Return the ends of central intervals of draws, along the first axis."""
    low, high = np.quantile(draws, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    return low, high


def found_by(
    last: Round,
    measured: Measured,
    priors: Sequence[Prior],
    *,
    best: dict[str, float],
    simulated_best: pd.DataFrame,
    discrepancy_scale: float,
    seed: int,
) -> dict[str, Any]:
    """Return the content of ``calibration.json``, without its provenance.

    Parameters
    ----------
    last
        The last round.
    measured
        The measured counts.
    priors
        The parameters.
    best
        Values of the best wire.
    simulated_best
        Its simulated counts.
    discrepancy_scale
        Scale of the discrepancy's standard deviation.
    seed
        Seed of what is drawn.
    """
    posterior, emulator = last.posterior, last.emulator
    values = posterior.values(priors)
    sd = posterior.discrepancy_sd
    test = explanation_test(emulator, measured, posterior, seed)
    of_best = agreement(measured, simulated_best, seed)
    lengths = emulator.covariance.lengths
    return {
        "verdict": verdict_of(test["p_value"], of_best["p_value"]),
        "significance": SIGNIFICANCE,
        "confidence": CONFIDENCE,
        "parameters": {
            prior.name: _parameter(prior, values[:, i], float(last.widening[i]))
            for i, prior in enumerate(priors)
        },
        "discrepancy": {
            "meaning": "standard deviation of what the model leaves out, in log-odds of passing",
            "prior_scale": discrepancy_scale,
            "mean": float(sd.mean()),
            "low": float(interval(sd)[0]),
            "high": float(interval(sd)[1]),
        },
        "explanation": test,
        "best_wire": {"values": best, **of_best},
        "next_measurement": next_measurement(emulator, measured, posterior, priors),
        "measured": _rows(last, measured),
        "simulations": {
            "rounds": last.number,
            "wires": len(last.wires),
            "trials": last.n_trials,
            "undecided_share": undecided_share(last.tables),
            "stable": last.is_enough,
        },
        "emulator": {
            "height_log_odds": float(np.exp(emulator.covariance.logs[0])),
            "lengths_in_ranges": {
                name: float(length) / 2
                for name, length in zip([p.name for p in priors] + ["field"], lengths, strict=True)
            },
            "roughness_log_odds": float(np.exp(emulator.covariance.logs[-1])),
        },
        "draws": values.tolist(),
    }


def verdict_of(explanation_p: float, best_wire_p: float) -> str:
    """Return whether a wire explains the counts, by both tests."""
    if explanation_p <= SIGNIFICANCE:
        return NOT_EXPLAINED
    return EXPLAINED if best_wire_p > SIGNIFICANCE else OPEN


def _parameter(prior: Prior, draws: Floats, widening: float) -> dict[str, Any]:
    low, high = interval(draws)
    sd = float(draws.std(ddof=1))
    half = (prior.high - prior.low) / 2
    prior_sd = half / np.sqrt(3) if prior.sd is None else prior.sd
    return {
        "prior": prior.document(),
        "mean": float(draws.mean()),
        "sd": sd,
        "low": float(low),
        "high": float(high),
        "sd_over_prior_sd": sd / prior_sd,
        "widened_by_emulator": widening if np.isfinite(widening) else None,
    }


def _rows(last: Round, measured: Measured) -> list[dict[str, float]]:
    """Return the measured shares beside those of the wires that are possible."""
    fields = measured.scaled(measured.fields_mT)
    wires = expit(last.emulator.predict(last.posterior.wires, fields)[0])
    low, high = interval(wires)
    columns = (measured.fields_mT, measured.trials, measured.passed, wires.mean(axis=0), low, high)
    names = ("field_mT", "n_trials", "n_passed", "probability", "low", "high")
    return [dict(zip(names, map(float, row), strict=True)) for row in zip(*columns, strict=True)]


def agreement(measured: Measured, simulated: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Return a test that the simulated and the measured counts are of one curve.

    Likelihood ratio of equal probabilities at each field, conditional on all that passed there.

    Raises
    ------
    InputError
        If no simulated trial was decided.
    """
    # A field at which all trials are undecided says nothing.
    simulated = simulated[simulated["n_trials"] > 0]
    if simulated.empty:
        raise InputError(
            "all trials of the best wire are undecided", remedy="lengthen protocol.window_ns"
        )
    row = {field: i for i, field in enumerate(measured.fields_mT.round(6))}
    at = [row[field] for field in simulated["field_mT"].round(6)]
    trials = np.stack([measured.trials[at], simulated["n_trials"].to_numpy(dtype=float)])
    passed = np.stack([measured.passed[at], simulated["n_passed"].to_numpy(dtype=float)])
    n_all, k_all = trials.sum(axis=0), passed.sum(axis=0)
    rng = np.random.default_rng([seed, PERMUTATIONS])
    first = hypergeom(n_all.astype(int), k_all.astype(int), trials[0].astype(int)).rvs(
        (PERMUTATIONS, len(at)), random_state=rng
    )
    tables = np.concatenate([passed[:1], first])
    apart = saturated_log_likelihood(tables, trials[0]) + saturated_log_likelihood(
        k_all - tables, trials[1]
    )
    deviances = 2 * (apart - saturated_log_likelihood(k_all, n_all))
    return {
        "simulated": simulated.to_dict("records"),
        "deviance_from_measured": float(deviances[0]),
        "fields": len(at),
        "p_value": monte_carlo_p(float(deviances[0]), deviances[1:]),
        "simulations": PERMUTATIONS,
    }
