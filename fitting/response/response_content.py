"""What ``response.json`` says: statistics with intervals, tests and their verdict."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.number_format import NO_BREAK, number, p_value_of
from dwsynapse.io.number_format import interval as interval_text
from dwsynapse.verdicts import with_verdicts
from fitting.response.binned_updates import PULSES_PER_LEVEL, BinnedUpdates
from fitting.response.checks.response_tests import tests
from fitting.response.response_table import ResponseTable
from fitting.response.statistics.bootstrap import (
    MEAN_STEPS,
    SHOWN_QUANTILES,
    Resampled,
    ends,
    interval,
)
from fitting.response.statistics.nonlinearity import expected_ramp, fitted_curvature, label

Floats = NDArray[np.float64]

KIND, VERSION = "response-statistics", 1
WAYS = {"up": 1, "down": -1}
SIGNIFICANCE = 0.05


def of_table(table: ResponseTable) -> dict[str, Any]:
    """Return the statistics of a table without the pulses behind it: no intervals, no tests."""
    content: dict[str, Any] = {**_range(table), "confidence": None, "draws": None}
    labels = {}
    for name, way in WAYS.items():
        mean_S, spread_S = table.mean_S(way), table.spread_S(way)
        curvature = fitted_curvature(*expected_ramp(table.conductances_S, mean_S)[:2])
        labels[name] = label(curvature)
        content[name] = {
            "mean_step": _found(way * mean_S.mean() / table.range_S),
            "spread": _found(_quadratic_mean(spread_S) / table.range_S),
            "nonlinearity": _found(labels[name]),
            "curvature": _found(curvature),
            "nonlinearity_of": "mean steps",
        }
    content["asymmetry"] = _found(labels["up"] - labels["down"])
    return {**content, "tests": [], "verdict": "no pulses, no tests"}


def of_updates(
    binned: BinnedUpdates,
    table: ResponseTable,
    confidence: float,
    draws: int,
    seed: int,
    tested: BinnedUpdates,
) -> dict[str, Any]:
    """Return the statistics of pulses, with intervals, bands and tests.

    Parameters
    ----------
    binned, table
        The pulses by bin, and the table made of them.
    confidence
        Of intervals and bands.
    draws
        Bootstrap draws.
    seed
        Seed of draws and simulations.
    tested
        The pulses that were applied, by bin, without repetitions at other levels.
    """
    resampled = Resampled(binned, draws, seed)
    content: dict[str, Any] = {**_range(table), "confidence": confidence, "draws": draws}
    labels, bands = {}, {}
    n_ramps: dict[str, int] = {}
    for name, way in WAYS.items():
        mean_S, spread_S = resampled.moments(way)
        n_units = resampled.n_units(way)
        curvature, basis, n_ramps[name] = resampled.curvatures(way)
        if basis == MEAN_STEPS and (tested is not binned or binned.all_share(way)):
            # The same steps at all conductances were taken, not found.
            curvature = np.full_like(curvature, np.nan)
        labels[name] = label(curvature)
        content[name] = {
            "mean_step": _found(way * mean_S.mean(axis=1) / table.range_S, confidence, n_units),
            "spread": _found(_quadratic_mean(spread_S) / table.range_S, confidence, n_units, 0.0),
            "nonlinearity": _found(labels[name], confidence, n_ramps[name]),
            "curvature": _found(curvature, confidence, n_ramps[name]),
            "nonlinearity_of": basis,
            "n_pulses": int(tested.own[way].sum()),
        }
        bands[name] = _bands(resampled, way, mean_S, confidence)
    difference = labels["up"] - labels["down"]
    content["asymmetry"] = _found(difference, confidence, min(n_ramps.values()))
    results = with_verdicts(tests(tested, seed), SIGNIFICANCE)
    content |= {"tests": results, "verdict": _verdict(results)}
    return content | {
        "bins": {"conductance_S": binned.centres_S.tolist(), **bands},
    }


def steps_of_no_direction(content: dict[str, Any]) -> list[str]:
    """Return what to say of directions whose mean step may be 0."""
    return [
        f"pulses {name} do not change the conductance with certainty: the mean step is "
        f"{_percent(content[name]['mean_step'])} of the range"
        for name in WAYS
        if (low := content[name]["mean_step"]["low"]) is not None and low <= 0
    ]


def of_shared_pulses(binned: BinnedUpdates, content: dict[str, Any]) -> list[str]:
    """Return what to say of directions whose steps are the same at all conductances."""
    return [
        f"pulses {name} are too few to tell how steps change with the conductance: all bins take "
        "all of them, and the nonlinearity is not known; measure more"
        for name, way in WAYS.items()
        if content[name]["curvature"]["value"] is None and binned.all_share(way)
    ]


def of_single_ramps(content: dict[str, Any]) -> list[str]:
    """Return what to say of directions that have no intervals, for want of a second ramp."""
    return [
        f"one ramp {name}: its pulses depend on each other, so there are no intervals; measure "
        "several ramps"
        for name in WAYS
        if content[name]["mean_step"]["low"] is None
    ]


def few_pulses(binned: BinnedUpdates, tested: BinnedUpdates) -> str | None:
    """Return what is missing where bins have fewer than enough pulses.

    Parameters
    ----------
    binned, tested
        As of `of_updates`.
    """
    fewest = min(int(pulses.sum()) for pulses in tested.own.values())
    if tested is not binned:
        few_in_all = f"fewer than {PULSES_PER_LEVEL} pulses a direction, {fewest}, stand for all"
        return f"{few_in_all} levels; simulate more" if fewest < PULSES_PER_LEVEL else None
    has_levels = binned.updates.levels_S.size > 0
    # From the last level there is nowhere to go.
    own = {way: pulses[::way][:-1] if has_levels else pulses for way, pulses in binned.own.items()}
    few = {name: int((own[way] < PULSES_PER_LEVEL).sum()) for name, way in WAYS.items()}
    if not any(few.values()):
        return None
    of, fewest = len(own[1]), min(int(pulses.min()) for pulses in own.values())
    which = "levels" if has_levels else "bins"
    return (
        f"fewer than {PULSES_PER_LEVEL} pulses at {few['up']} of {of} {which} up and {few['down']} "
        f"down (fewest: {fewest}), which take those of their neighbours, too; measure more pulses "
        f"there, or give fewer --bins"
    )


def lines(content: dict[str, Any]) -> list[str]:
    """Return the statistics in words, a line each."""
    said = []
    for name in WAYS:
        of = content[name]
        said.append(
            f"{name}: step {_percent(of['mean_step'])} of the range, spread from cycle to cycle "
            f"{_percent(of['spread'])}, nonlinearity {_number(of['nonlinearity'])} "
            f"(of the {of['nonlinearity_of']})"
        )
    said.append(f"asymmetry of the nonlinearities: {_number(content['asymmetry'])}")
    for test in content["tests"]:
        said.append(
            f"{test['test']}: {p_value_of(test, 'p_value_holm')} after Holm's correction, "
            f"{test['verdict']}; {test['effect_meaning']}: {number(test['effect_size'], 2)}"
        )
    return [*said, content["verdict"]]


def _quadratic_mean(values: Floats) -> Floats:
    # Standard deviations of few pulses are too small on average, their squares are not.
    return np.sqrt((values**2).mean(axis=-1))


def _range(table: ResponseTable) -> dict[str, Any]:
    low_S, high_S = table.conductances_S[[0, -1]]
    return {"lowest_S": float(low_S), "highest_S": float(high_S), "on_off": float(high_S / low_S)}


def _found(
    values: Any, confidence: float | None = None, n_units: int = 0, least: float = -np.inf
) -> dict[str, float | None]:
    """Return the first value and the interval of the others, None where there is none.

    The interval does not go below `least`.
    """
    values = np.atleast_1d(values)
    low = high = None
    if confidence is not None and np.isfinite(values[1:]).any():
        low, high = (_finite(max(end, least)) for end in interval(values, confidence, n_units))
    return {"value": _finite(values[0]), "low": low, "high": high}


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _bands(
    resampled: Resampled, way: int, mean_S: Floats, confidence: float
) -> dict[str, list[float | None] | list[int]]:
    n_units = resampled.n_units(way)
    low, high = interval(mean_S, confidence, n_units)
    bands: dict[str, Any] = {
        "n_pulses": resampled.binned.own[way].tolist(),
        "mean_S": mean_S[0].tolist(),
        "mean_low_S": ends(low),
        "mean_high_S": ends(high),
    }
    found = resampled.quantiles(way, SHOWN_QUANTILES)
    for p, values in zip(SHOWN_QUANTILES, found, strict=True):
        low, high = interval(values, confidence, n_units)
        bands[f"quantile_{p:g}_S"] = values[0].tolist()
        bands[f"quantile_{p:g}_low_S"] = ends(low)
        bands[f"quantile_{p:g}_high_S"] = ends(high)
    return bands


def _verdict(results: list[dict[str, Any]]) -> str:
    if not results:
        return "too few pulses for tests"
    failed = [test["test"] for test in results if test["verdict"] == "inconsistent"]
    if not failed:
        return f"no test out of {len(results)} finds a departure from a linear, symmetric response"
    return f"not as an ideal synapse: {', '.join(failed)}"


def _percent(found: dict[str, float | None]) -> str:
    value, low, high = (None if v is None else 100 * v for v in found.values())
    return _number({"value": value, "low": low, "high": high}) + f"{NO_BREAK}%"


def _number(found: dict[str, float | None]) -> str:
    if found["value"] is None:
        return "unknown"
    text = number(found["value"], 3)
    both = found["low"] is not None and found["high"] is not None
    return f"{text} {interval_text(found['low'], found['high'])}" if both else text
