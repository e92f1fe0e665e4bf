"""How far a wall moves by a pulse, against the duration of the pulse."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fitting.response.statistics.bootstrap import ends, interval

Floats = NDArray[np.float64]


def displacements(
    pulses: pd.DataFrame, n_levels: int, confidence: float, draws: int, seed: int
) -> dict[str, Any]:
    """Return mean displacements at each duration and a line through them, for each direction.

    Parameters
    ----------
    pulses
        Pulses up and down (`dwsynapse.io.contracts.PULSES`). Those of walls that left the track, or
        that were at its last notch, are left out.
    n_levels
        Number of notches of the track.
    confidence
        Of the intervals.
    draws
        Bootstrap draws, of whole replicas.
    seed
        Seed of the draws.

    Returns
    -------
    dict
        By ``up`` and ``down``: duration_ns, mean_nm with low_nm and high_nm, n_pulses; slope and
        intercept of the line, each with its interval, or None for a single duration.
    """
    last = np.where(pulses["direction"] > 0, n_levels - 1, 0)
    free = (pulses["level_before"] != last) & pulses["position_after_nm"].notna()
    kept = pulses[free]
    found = {}
    for number, (name, way) in enumerate((("up", 1), ("down", -1))):
        rng = np.random.default_rng([seed, 7, number])
        found[name] = _line(kept[kept["direction"] == way], confidence, draws, rng)
    return found


def _line(
    pulses: pd.DataFrame, confidence: float, draws: int, rng: np.random.Generator
) -> dict[str, Any]:
    durations_ns, group = np.unique(pulses["duration_ns"], return_inverse=True)
    moved_nm = (pulses["position_after_nm"] - pulses["position_before_nm"]).to_numpy()
    unit = pulses.groupby(["seed", "replica"]).ngroup().to_numpy()
    n_units = int(unit.max()) + 1
    drawn = rng.multinomial(n_units, np.full(n_units, 1 / n_units), size=draws)
    weights = np.vstack([np.ones(n_units), drawn])[:, unit]
    count = np.stack([weights[:, group == g].sum(axis=1) for g in range(len(durations_ns))], 1)
    total = np.stack(
        [weights[:, group == g] @ moved_nm[group == g] for g in range(len(durations_ns))], axis=1
    )
    mean_nm = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    # Least squares over pulses: each duration counts by its pulses.
    centre = (count * durations_ns).sum(1) / count.sum(1)
    away = durations_ns - centre[:, None]
    square = (count * away**2).sum(1)
    # There may be one duration alone, in all pulses or in a draw.
    slope = (away * total).sum(1) / np.where(square > 0, square, np.nan)
    intercept = total.sum(1) / count.sum(1) - slope * centre
    low, high = interval(mean_nm, confidence, n_units)
    return {
        "duration_ns": durations_ns.tolist(),
        "mean_nm": mean_nm[0].tolist(),
        "low_nm": ends(low),
        "high_nm": ends(high),
        "n_pulses": count[0].astype(int).tolist(),
        "slope_nm_per_ns": _with_interval(slope, confidence, n_units),
        "intercept_nm": _with_interval(intercept, confidence, n_units),
    }


def _with_interval(
    values: Floats, confidence: float, n_units: int
) -> dict[str, float | None] | None:
    if np.isnan(values[0]):
        return None
    low, high = ends(np.array(interval(values, confidence, n_units)))
    return {"value": float(values[0]), "low": low, "high": high}
