"""Pulses on the wall of a simulated track, as updates of the junction over it."""

from pathlib import Path

import numpy as np
import pandas as pd

from dwsynapse.io.contracts import NO_LEVEL, PULSE_PROTOCOL, PULSES
from dwsynapse.io.errors import InputError
from dwsynapse.io.number_format import counted
from dwsynapse.io.track_geometry import TrackGeometry
from fitting.response.inputs.pooled_levels import at_every_level, levels_to_pool
from fitting.response.inputs.read_updates import ReadUpdates
from fitting.response.junction import Junction
from fitting.response.updates import Updates

SAME_PLACE = 0.25
"""Share of the spacing by which a wall may be elsewhere at the next pulse: windows that follow a
wall move it by a part of a cell or two."""


def read_simulated_pulses(path: Path) -> pd.DataFrame:
    """Read pulses of one mechanism, temperature and rest, without failed ones, in their order.

    Raises
    ------
    InputError
        If the table is wrong, or has several of these.
    """
    pulses = PULSES.read(path)
    for name in PULSE_PROTOCOL:
        if len(several := sorted(set(pulses[name]))) > 1:
            raise InputError(
                f"pulses of several {name}: {', '.join(map(str, several[:5]))}",
                path=path,
                where=f"column {name}",
                remedy="give a table of one, each with a folder of its own",
            )
    order = ["duration_ns", "seed", "replica", "pulse"]
    return pulses[pulses["outcome"] != "failed"].sort_values(order, kind="stable")


def updates_of_pulses(
    path: Path,
    pulses: pd.DataFrame,
    track: TrackGeometry,
    junction: Junction,
    duration_ns: float | None = None,
) -> ReadUpdates:
    """Return updates by pulses of one duration and size of current.

    Pulses from the last notch towards the end of the track are left out, as are walls that left it:
    there is no conductance for them to reach. Single pulses from fewer levels than there are stand
    for those from all levels.

    Parameters
    ----------
    path
        What errors name.
    pulses
        As of `read_simulated_pulses`.
    track
        Where the notches are.
    junction
        What turns positions into conductance.
    duration_ns
        Which pulses; None: the most frequent.

    Raises
    ------
    InputError
        If there are several currents, levels beyond the track's, or no pulses of the duration.
    """
    kept = _of_one_protocol(pulses, duration_ns, path)
    chosen = float(kept["duration_ns"].iloc[0])
    _require_levels_of(track, kept, path)
    last = len(track.notch_positions_nm) - 1
    at_end = kept["level_before"] == np.where(kept["direction"] > 0, last, 0)
    inside = kept[~at_end & (kept["outcome"] != "left")]
    if not {1, -1} <= set(inside["direction"]):
        raise InputError(
            f"pulses of {chosen:g} ns in one direction only",
            path=path,
            remedy="give pulses up and down",
        )
    notes = [f"{counted(int(at_end.sum()), 'pulse')} from the last notch towards the end left out"]
    notes = notes if at_end.any() else []
    if duration_ns is None and len(kept) < len(pulses):
        notes.append(f"the response is of pulses of {chosen:g} ns, the most frequent duration")
    seen = _updates(inside, track, junction)
    pooled = levels_to_pool(inside, track)
    if pooled:
        levels = f"{'levels' if len(pooled) > 1 else 'level'} {', '.join(map(str, pooled))}"
        notes.append(f"pulses from {levels} stand for those from all {last + 1}, by assumption")
    return ReadUpdates(
        _updates(at_every_level(inside, track), track, junction) if pooled else seen,
        "simulated pulses",
        (path,),
        notes,
        {
            "pooled_levels": pooled,
            **{name: kept[name].iloc[0] for name in PULSE_PROTOCOL},
            "current_uA": float(kept["current_uA"].abs().iloc[0]),
            "duration_ns": chosen,
            "outcomes": {str(k): int(n) for k, n in kept["outcome"].value_counts().items()},
            "levels_moved": _levels_moved(inside),
        },
        tested=seen if pooled else None,
    )


def _of_one_protocol(pulses: pd.DataFrame, duration_ns: float | None, path: Path) -> pd.DataFrame:
    """Return the pulses of a duration, or of the most frequent one; their current is one, too."""
    durations = pulses["duration_ns"].value_counts().sort_index()
    most = durations.index[int(durations.to_numpy().argmax())]
    chosen = float(most) if duration_ns is None else duration_ns
    if chosen not in durations.index:
        raise InputError(
            f"no pulses of {chosen:g} ns",
            path=path,
            where="--duration-ns",
            remedy=f"choose {', '.join(f'{d:g}' for d in durations.index)}",
        )
    kept = pulses[pulses["duration_ns"] == chosen]
    currents = sorted(set(kept["current_uA"].abs()))
    if len(currents) > 1:
        raise InputError(
            f"pulses of {chosen:g} ns of several currents: {', '.join(map(str, currents[:5]))} uA",
            path=path,
            where="column current_uA",
            remedy="give a table of one",
        )
    return kept


def _levels_moved(pulses: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Return how many pulses up and down moved the wall by how many levels in their direction."""
    levels = pulses["level_before"], pulses["level_after"]
    settled = pulses[(levels[0] != NO_LEVEL) & (levels[1] != NO_LEVEL)]
    moved = settled["direction"] * (settled["level_after"] - settled["level_before"])
    counts = {name: moved[settled["direction"] == way] for name, way in (("up", 1), ("down", -1))}
    return {
        name: {str(k): int(n) for k, n in of.value_counts().sort_index().items()}
        for name, of in counts.items()
    }


def _require_levels_of(track: TrackGeometry, pulses: pd.DataFrame, path: Path) -> None:
    last = len(track.notch_positions_nm) - 1
    highest = int(pulses[["level_before", "level_after"]].to_numpy().max())
    if highest > last:
        raise InputError(
            f"level {highest} of a track whose last level is {last}",
            path=path,
            where="column level_after",
            remedy="give the track.json of these pulses",
        )
    # Levels that are at other places are of another track.
    for when in ("before", "after"):
        settled = pulses[(pulses[f"level_{when}"] != NO_LEVEL)]
        at_nm = np.array(track.notch_positions_nm)[settled[f"level_{when}"]]
        away_nm = np.abs(settled[f"position_{when}_nm"] - at_nm)
        if (away_nm > track.spacing_nm).any():
            worst = away_nm.idxmax()
            raise InputError(
                f"a wall at level {settled[f'level_{when}'][worst]} is {away_nm[worst]:.4g} nm "
                f"from this notch of the track",
                path=path,
                where=f"column position_{when}_nm",
                remedy="give the track.json of these pulses",
            )


def _updates(pulses: pd.DataFrame, track: TrackGeometry, junction: Junction) -> Updates:
    replica = pulses.groupby(["seed", "replica"], sort=False).ngroup().to_numpy()
    before_nm, after_nm = (pulses[f"position_{when}_nm"].to_numpy() for when in ("before", "after"))
    follows = (np.diff(replica) == 0) & (np.diff(pulses["pulse"]) == 1)
    follows &= np.abs(before_nm[1:] - after_nm[:-1]) <= SAME_PLACE * track.spacing_nm
    return Updates(
        before_S=junction.conductance_S(before_nm, track),
        after_S=junction.conductance_S(after_nm, track),
        direction=pulses["direction"].to_numpy(dtype=np.int64),
        continues=np.append(False, follows),
        replica=replica.astype(np.int64),
        levels_S=junction.conductance_S(track.notch_positions_nm, track),
    )
