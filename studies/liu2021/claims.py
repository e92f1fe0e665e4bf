"""The paper's claims about its synapses, tested on our pulses with intervals over ramps.

Numbers and their intervals are those of ``response.json`` (`fitting.response`). Simulations at 0 K
have no noise: their numbers are what they are, in an interval of no width.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from dwsynapse.io.contracts import NO_LEVEL
from dwsynapse.io.track_geometry import TrackGeometry
from studies.claims_of_papers import claim, verdict_of
from studies.liu2021.table1 import PAPER, Found

Part = dict[str, Any]
LINEAR = 0.5
"""Nonlinearity below which a ramp is taken as highly linear: Table I has 0.15 and 0.80."""
LEAVES = 1 / 3
"""Share of the spacing within which a wall is at its notch."""
DRIFT_NM = 100.0, 300.0
PERIOD_NS = 5.0
"""From pulse to pulse in Fig. 2(b)."""
STAYS_S = 1.0
"""Of a memory one expects years; networks are trained within minutes."""


def part(name: str, found: Found, low: float = -np.inf, high: float = np.inf) -> Part:
    """Return a number with its interval and whether it is within the bounds of a claim."""
    verdict = verdict_of(found.low, found.high, low, high)
    return {"part": name, "mean": found.value, **found.interval, "verdict": verdict}


def exactly(value: float) -> Found:
    """Return a number without uncertainty."""
    return Found(value, value, value)


def notches_hold(drift: pd.DataFrame, track: TrackGeometry) -> dict[str, Any]:
    """Test Fig. 2(a): a wall in a smooth track drifts, one at a notch does not."""
    start_nm = drift["start_nm"].max()
    ends = drift[drift["start_nm"] == start_nm].groupby("track")["position_nm"]
    moved_nm = ends.last() - ends.first()
    return claim(
        "notches keep a wall in its place",
        "without a current a wall at the right of a smooth track drifts by about 200 nm in 50 ns "
        "(tested: by 100 to 300 nm), and a notch holds it (within a third of the spacing)",
        [
            part("drift on the smooth track (nm)", exactly(-moved_nm["smooth"]), *DRIFT_NM),
            part(
                "drift at a notch (nm)",
                exactly(abs(moved_nm["notched"])),
                high=LEAVES * track.spacing_nm,
            ),
        ],
    )


def notches_make_steps_alike(trains: pd.DataFrame, track: TrackGeometry) -> dict[str, Any]:
    """Test Fig. 2(b): steps depend on the position in a smooth track, and not between notches."""
    periods = trains[np.isclose(trains["time_ns"] % PERIOD_NS, 0)]
    steps_nm = periods.groupby(["track", "start_nm"])["position_nm"].diff().dropna()
    spread_nm = steps_nm.groupby(periods["track"]).agg(np.ptp)
    alike_nm = LEAVES * track.spacing_nm
    return claim(
        "notches make steps alike",
        "steps of a train of pulses depend on the position in a smooth track, and with notches "
        f"they do not (tested at 0 K: steps differ by more than {alike_nm:g} nm, and by less)",
        [
            part("range of steps, smooth track (nm)", exactly(spread_nm["smooth"]), low=alike_nm),
            part("range of steps, notches (nm)", exactly(spread_nm["notched"]), high=alike_nm),
        ],
    )


def notches_make_nonvolatile(retention: dict[str, Any]) -> dict[str, Any]:
    """Test the paper's text: notches make the position of the wall nonvolatile.

    By the barriers between notches; the interval is that of the attempt frequencies assumed.
    """
    (at_300K,) = (of for of in retention["predicted"] if of["temperature_K"] == 300)
    short_us, long_us = sorted(1e6 * time_s for time_s in at_300K["time_s"])
    return claim(
        "notches make the position nonvolatile",
        "notches make the position of the wall nonvolatile (tested: at 300 K the wall of the STT "
        f"device stays at one for {STAYS_S:g} s on average)",
        [
            part(
                "mean time at a notch for attempt frequencies of 1e10 to 1e9 Hz (us)",
                Found(long_us, short_us, long_us),
                low=1e6 * STAYS_S,
            )
        ],
    )


def one_level_a_pulse(pulses: pd.DataFrame, n_levels: int) -> dict[str, Any]:
    """Test Fig. 2(d): at 0 K each pulse moves the wall of the STT device by one level."""
    last = np.where(pulses["direction"] > 0, n_levels - 1, 0)
    inside = pulses[(pulses["level_before"] != last) & (pulses["level_before"] != NO_LEVEL)]
    steps = (inside["level_after"] - inside["level_before"]) * inside["direction"]
    moved_by_one = (steps == 1) & (inside["outcome"] == "settled")
    return claim(
        "one level a pulse at 0 K",
        "ramps of the STT device go up and down through all levels, one a pulse",
        [
            part(
                f"share of pulses {name} that move the wall by one level",
                exactly(float(moved_by_one[inside["direction"] == way].mean())),
                low=0.95,
            )
            for name, way in (("up", 1), ("down", -1))
        ],
    )


def linear_in_duration(displacement: dict[str, Any]) -> dict[str, Any]:
    """Test Fig. 2(e): mean displacements are a line in duration, the same both ways."""
    slopes = {way: Found.of(displacement[way]["slope_nm_per_ns"]) for way in ("up", "down")}
    parts = []
    for way, slope in slopes.items():
        of = displacement[way]
        fitted = of["intercept_nm"]["value"] + slope.value * np.array(of["duration_ns"])
        away = np.abs(np.array(of["mean_nm"]) - fitted)
        widest = np.max((np.array(of["high_nm"]) - np.array(of["low_nm"])) / 2)
        share = float(away.max() / np.abs(of["mean_nm"]).max())
        half = float(widest / np.abs(of["mean_nm"]).max())
        parts.append(
            part(
                f"farthest mean from the line {way}, as a share of the longest displacement",
                Found(share, max(share - half, 0), share + half),
                high=0.15,
            )
        )
    both = slopes["up"].plus(slopes["down"])
    relative = both.times(1 / abs(slopes["up"].value))
    parts.append(part("sum of both slopes over that up", relative, -0.15, 0.15))
    return claim(
        "displacement is linear in duration",
        "mean displacements grow linearly with the duration of the pulse, the same both ways "
        "(tested: within 15 %)",
        parts,
    )


def linear_and_symmetric(statistics: dict[str, Any]) -> dict[str, Any]:
    """Test Table I: the STT device is highly linear and symmetric at 300 K."""
    return claim(
        "the STT synapse is linear and symmetric",
        f"its ramps at 300 K are highly linear and symmetric (tested: nonlinearity below {LINEAR})",
        [
            part(f"nonlinearity {way}", Found.of(statistics[way]["nonlinearity"]), -LINEAR, LINEAR)
            for way in ("up", "down")
        ],
    )


def spread_of_the_paper(statistics: dict[str, Any]) -> dict[str, Any]:
    """Test Table I: updates of the STT device scatter by 0.77 % of the range."""
    return claim(
        "the STT synapse repeats itself",
        f"at 300 K its updates scatter by {PAPER['stt']['spread']:.2%} of the range from cycle to "
        "cycle (tested: less than twice that)",
        [
            part(
                f"spread {way}",
                Found.of(statistics[way]["spread"]),
                high=2 * PAPER["stt"]["spread"],
            )
            for way in ("up", "down")
        ],
    )


def sot_of_the_paper(statistics: dict[str, Any]) -> dict[str, Any]:
    """Test Table I: updates of the SOT device scatter by 3.23 % of the range."""
    spread = PAPER["sot"]["spread"]
    return claim(
        "the SOT synapse scatters as published",
        f"at 300 K its updates scatter by {spread:.2%} of the range from cycle to cycle (tested: "
        "between half and twice that)",
        [
            part(f"spread {way}", Found.of(statistics[way]["spread"]), spread / 2, 2 * spread)
            for way in ("up", "down")
        ],
    )


def sot_is_more_random(
    rows: Sequence[dict[str, Any]], stt: dict[str, Any], n_steps: int, published_step: float
) -> dict[str, Any]:
    """Test Table I: updates by spin-orbit torque scatter more than those by spin transfer.

    At the current whose mean step is nearest to that of the published table.
    """
    row = min(rows, key=lambda row: abs(row["mean"]["value"] - published_step))
    of_stt = Found.of(stt["up"]["spread"]).times(n_steps)
    return claim(
        "SOT scatters more than STT",
        "at 300 K updates by spin-orbit torque scatter more than those by spin transfer (tested at "
        f"{row['current_uA']:g} uA, in notches)",
        [part("spread minus that of STT", Found.of(row["spread"]).minus(of_stt), low=0.0)],
    )


def sot_moves_by_a_level(rows: Sequence[dict[str, Any]], current_uA: float) -> dict[str, Any]:
    """Test the paper's text: its current moves the wall of the SOT device by one level at 0 K."""
    (row,) = (row for row in rows if row["current_uA"] == current_uA)
    return claim(
        f"{current_uA:g} uA move the SOT device by one level",
        f"pulses of 0.5 ns and {current_uA:g} uA, half of it in each layer, shift the wall by one "
        "level",
        [part("notches moved at 0 K", exactly(row["step_at_0K"]), 1 - LEAVES, 1 + LEAVES)],
    )
