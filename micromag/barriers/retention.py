"""How long a wall stays at its notch without a current: from its barriers, and as seen."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from dwsynapse.io.contracts import NO_LEVEL
from dwsynapse.io.errors import InputError
from dwsynapse.io.figure_style import COLOURS, svg_figure
from dwsynapse.study import TrackDevice
from micromag.barriers.track_barriers import TrackBarrier
from micromag.engine.constants import BOLTZMANN_J_PER_K

ATTEMPT_HZ = 1e9, 1e10
"""Usual attempt frequencies: an assumption."""
LEFT_ALONE_UA = 1e-3
"""A current below this does nothing to a wall: those that move one are 1e4 times larger."""
CONFIDENCE = 0.95
OF_THIS_TRACK = "give pulses on the same track as in --config"


def predicted(barriers: Sequence[TrackBarrier], temperature_K: float) -> dict[str, Any]:
    """Return how often a wall leaves its notch by the law of Arrhenius, with `ATTEMPT_HZ`."""
    rates_Hz = [attempt_Hz * _share(barriers, temperature_K) for attempt_Hz in ATTEMPT_HZ]
    return {
        "temperature_K": temperature_K,
        "barriers_kT": [_in_kT(barrier, temperature_K) for barrier in barriers],
        "attempt_frequency_Hz": list(ATTEMPT_HZ),
        "attempt_frequency_is": "assumed",
        "rate_Hz": rates_Hz,
        "time_s": [1 / rate_Hz for rate_Hz in rates_Hz],
    }


def seen(barriers: Sequence[TrackBarrier], pulses: pd.DataFrame, path: Path) -> dict[str, Any]:
    """Return how often walls left their notch that were left alone, and what that says of f0.

    A wall has left when it is settled at another notch; its time there then begins anew. The
    interval is that of a number of Poisson (Garwood).

    Parameters
    ----------
    barriers
        Of the same track.
    pulses
        Trains of pulses with next to no current (`dwsynapse.io.contracts.PULSES`): after each the
        wall is located.
    path
        What errors name.

    Raises
    ------
    InputError
        If a pulse has a current, or there are several temperatures.
    """
    if (strongest_uA := pulses["current_uA"].abs().max()) > LEFT_ALONE_UA:
        raise InputError(
            f"walls that pulses of {strongest_uA:g} uA drive are not left alone",
            path=path,
            where="column current_uA",
            remedy=f"simulate ramps up with current_uA: [{LEFT_ALONE_UA / 1000:g}]",
        )
    if len(temperatures_K := sorted(set(pulses["temperature_K"]))) != 1 or not temperatures_K[0]:
        raise InputError(
            "not one temperature above 0 K",
            path=path,
            where="column temperature_K",
            remedy="give a table of one",
        )
    n, time_ns = departures(pulses)
    tail = (1 - CONFIDENCE) / 2
    low = float(chi2.ppf(tail, 2 * n)) / 2 if n else 0.0
    high = float(chi2.ppf(1 - tail, 2 * n + 2)) / 2
    rates_Hz = [1e9 * count / time_ns for count in (n, low, high)]
    share = _share(barriers, float(temperatures_K[0]))
    names = "value", "low", "high"
    return {
        "temperature_K": float(temperatures_K[0]),
        "walls": len(pulses[["seed", "replica"]].drop_duplicates()),
        "departures": n,
        "time_ns": time_ns,
        "confidence": CONFIDENCE,
        "rate_Hz": dict(zip(names, rates_Hz, strict=True)),
        "attempt_frequency_Hz": dict(zip(names, [r / share for r in rates_Hz], strict=True)),
    }


def require_of_track(pulses: pd.DataFrame, device: TrackDevice, path: Path) -> None:
    """Refuse pulses on a track of another mechanism, or with its notches elsewhere.

    How deep the notches were, or what the track was made of, only its provenance says
    (`dwsynapse.provenance.same_sample`).

    Raises
    ------
    InputError
        Naming the column that differs.
    """
    if others := sorted(set(pulses["mechanism"]) - {device.mechanism}):
        raise InputError(
            f"{others[0]}, where the track of the config is driven by {device.mechanism}",
            path=path,
            where="column mechanism",
            remedy=OF_THIS_TRACK,
        )
    notches_nm = np.array(device.track.notch_positions_nm)
    settled = pulses[pulses["outcome"] == "settled"]
    levels = settled["level_after"].to_numpy()
    # A wall has settled within a third of the spacing of its notch.
    known_nm = notches_nm[levels.clip(max=len(notches_nm) - 1)]
    apart_nm = np.abs(settled["position_after_nm"].to_numpy() - known_nm)
    elsewhere = (levels >= len(notches_nm)) | (apart_nm > device.track.notches.spacing_nm / 3)
    if elsewhere.any():
        first = settled[elsewhere].iloc[0]
        raise InputError(
            f"a wall at {first['position_after_nm']:g} nm has settled at level "
            f"{first['level_after']}, where the track of the config has no such notch",
            path=path,
            where="column position_after_nm",
            remedy=OF_THIS_TRACK,
        )


def departures(pulses: pd.DataFrame) -> tuple[int, float]:
    """Return how often walls came to rest at another notch, and the time of all of them in ns."""
    left = 0
    for _, train in pulses.sort_values("pulse").groupby(["seed", "replica"]):
        levels = np.append(train["level_before"].iloc[0], train["level_after"])
        settled = levels[levels != NO_LEVEL]
        left += int((np.diff(settled) != 0).sum())
    return left, float((pulses["duration_ns"] + pulses["rest_ns"]).sum())


def draw_path(out: Path, barriers: Sequence[TrackBarrier], temperature_K: float) -> None:
    """Draw the energy of the wall along the paths to both neighbours of its notch."""
    unit_J = BOLTZMANN_J_PER_K * temperature_K
    with svg_figure(out, size_inches=(5.6, 3.6)) as (_, axes):
        for barrier in barriers:
            energies_J = barrier.path.energies_J - barrier.path.energies_J[0]
            axes.plot(barrier.positions_nm, energies_J / unit_J, ".-", color=COLOURS["data"])
        axes.set(
            xlabel="wall position from its notch (nm)",
            ylabel=f"energy above the wall at its notch ($k_B T$ at {temperature_K:g} K)",
        )
        axes.set_ylim(bottom=0)


def lines(content: dict[str, Any]) -> list[str]:
    """Return the content of ``retention.json`` in words."""
    said = []
    for of in content["predicted"]:
        up, down = of["barriers_kT"]
        long_s, short_s = of["time_s"]
        said.append(
            f"{of['temperature_K']:g} K: barriers of {up:.2f} kT up and {down:.2f} kT down; a wall "
            f"stays {short_s:.2g} to {long_s:.2g} s on average, with an attempt frequency of "
            f"{ATTEMPT_HZ[1]:g} to {ATTEMPT_HZ[0]:g} Hz, which is assumed"
        )
    if of := content["seen"]:
        rate, attempt = of["rate_Hz"], of["attempt_frequency_Hz"]
        said.append(
            f"seen at {of['temperature_K']:g} K: {of['departures']} departures in {of['walls']} "
            f"walls and {of['time_ns']:.4g} ns together, {rate['value']:.2g} per second "
            f"[{rate['low']:.2g}, {rate['high']:.2g}]: an attempt frequency of "
            f"{attempt['value']:.2g} Hz [{attempt['low']:.2g}, {attempt['high']:.2g}]"
        )
    return said


def _share(barriers: Sequence[TrackBarrier], temperature_K: float) -> float:
    """Return the rate of leaving either way over the attempt frequency."""
    return float(sum(np.exp(-_in_kT(barrier, temperature_K)) for barrier in barriers))


def _in_kT(barrier: TrackBarrier, temperature_K: float) -> float:
    return barrier.path.barrier_J / (BOLTZMANN_J_PER_K * temperature_K)
