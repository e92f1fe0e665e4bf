"""Walls on a smooth and on a notched track, left alone and pushed: for Figs. 2(a) and 2(b)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dwsynapse.io.progress_bars import progress_bar
from dwsynapse.io.tables.declared_table import Column, Table
from dwsynapse.study import TrackDevice
from dwsynapse.study.presets.liu import LIU_STT
from micromag.engine.equation_of_motion import advance, state_of
from micromag.engine.fields_and_energies import fields_A_per_m
from micromag.engine.lanes import LANES
from micromag.trials.pulses.prepared_window import DTYPE, PreparedWindows
from micromag.trials.pulses.wall_place import positions_nm

STARTS_NM = (960.0, 860.0, 760.0, 660.0)
CELL_NM, DURATION_NS, EVERY_NS = 5.0, 50.0, 0.5
TRAIN_LEVELS, N_PULSES = (4, 10, 16), 14
PULSE_AND_REST = [(0.5, 1.0), (0.5, 1.0), *[(1.0, 0.0)] * 4]
"""The paper's 1 ns of its current and 4 ns of rest, with the outputs between."""
DRIFT = Table(
    kind="drift",
    version=1,
    columns=(
        Column("track", "text", choices=("smooth", "notched")),
        Column("start_nm", "float"),
        Column("time_ns", "float", low=0),
        Column("position_nm", "float"),
    ),
)


def tracks() -> dict[str, TrackDevice]:
    """Return the whole STT track at 0 K, smooth and notched.

    Cells of 5 nm with smooth edges: a drift of 50 ns of the whole track takes an hour with half of
    that.
    """
    notched = LIU_STT.track.model_copy(
        update={"cell_nm": (CELL_NM, CELL_NM), "smooth_edges": True, "window_notches": None}
    )
    flat = notched.notches.model_copy(update={"depth_nm": 0.0})
    cold = LIU_STT.pulses.model_copy(update={"temperature_K": 0.0})
    return {
        name: LIU_STT.model_copy(update={"track": track, "pulses": cold})
        for name, track in (
            ("smooth", notched.model_copy(update={"notches": flat})),
            ("notched", notched),
        )
    }


def followed(
    device: TrackDevice, starts_nm: Sequence[float], stretches: Sequence[tuple[float, float]]
) -> pd.DataFrame:
    """Return the positions of walls against time, without noise, at the end of each stretch.

    Parameters
    ----------
    device
        The track, simulated as a whole.
    starts_nm
        Where walls are laid, up to `LANES`.
    stretches
        Duration of each in ns, and the current in it as a share of the largest of the device.
    """
    prepared = PreparedWindows(device).in_the_middle()
    walls = prepared.relaxed_at(starts_nm)
    lanes = np.arange(LANES) % len(walls)
    state = state_of(prepared.problem, DTYPE)
    state.m[:] = walls[lanes].transpose(1, 2, 0)
    for lane, wall in enumerate(lanes):
        demag = fields_A_per_m(prepared.problem, walls[wall])["demag"]
        state.demag[..., lane] = demag
    rows, time_ns = [], 0.0
    for duration_ns, share in progress_bar([(0.0, 0.0), *stretches], unit="output"):
        state.current[:] = share
        advance(state, prepared.equation, round(duration_ns * 1e-9 / prepared.dt_s))
        time_ns += duration_ns
        found_nm = positions_nm(prepared.problem, state.m)
        rows += [
            {"start_nm": start, "time_ns": time_ns, "position_nm": found_nm[lane]}
            for lane, start in enumerate(starts_nm)
        ]
    return pd.DataFrame(rows)


def simulate_drift(out: Path, provenance: dict[str, object]) -> None:
    """Simulate walls without a current on both tracks, and write their table."""
    stretches = [(EVERY_NS, 0.0)] * round(DURATION_NS / EVERY_NS)
    _simulate(out, STARTS_NM, stretches, provenance)


def simulate_trains(out: Path, provenance: dict[str, object]) -> None:
    """Simulate trains of the paper's pulse on both tracks, and write their table."""
    starts_nm = [tracks()["notched"].track.notch_positions_nm[level] for level in TRAIN_LEVELS]
    _simulate(out, starts_nm, PULSE_AND_REST * N_PULSES, provenance)


def _simulate(
    out: Path,
    starts_nm: Sequence[float],
    stretches: Sequence[tuple[float, float]],
    provenance: dict[str, object],
) -> None:
    frames = [
        followed(device, starts_nm, stretches).assign(track=name)
        for name, device in tracks().items()
    ]
    DRIFT.write(out, pd.concat(frames)[[c.name for c in DRIFT.columns]], provenance)
