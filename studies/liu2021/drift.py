"""Walls left alone: where they go without a current, for Fig. 2(a)."""

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


def drift_of(device: TrackDevice, starts_nm: Sequence[float]) -> pd.DataFrame:
    """Return the positions of walls against time, without a current and without noise.

    Parameters
    ----------
    device
        The track, simulated as a whole.
    starts_nm
        Where walls are laid, up to `LANES`.
    """
    prepared = PreparedWindows(device).in_the_middle()
    walls = prepared.relaxed_at(starts_nm)
    lanes = np.arange(LANES) % len(walls)
    state = state_of(prepared.problem, DTYPE)
    state.m[:] = walls[lanes].transpose(1, 2, 0)
    state.current[:] = 0
    for lane, wall in enumerate(lanes):
        demag = fields_A_per_m(prepared.problem, walls[wall])["demag"]
        state.demag[..., lane] = demag
    steps, rows = round(EVERY_NS * 1e-9 / prepared.dt_s), []
    for number in progress_bar(range(round(DURATION_NS / EVERY_NS) + 1), unit="output"):
        if number:
            advance(state, prepared.equation, steps)
        found_nm = positions_nm(prepared.problem, state.m)
        rows += [
            {"start_nm": start, "time_ns": number * EVERY_NS, "position_nm": found_nm[lane]}
            for lane, start in enumerate(starts_nm)
        ]
    return pd.DataFrame(rows)


def simulate_drift(out: Path, provenance: dict[str, object]) -> None:
    """Simulate the drift on both tracks and write its table."""
    frames = [drift_of(device, STARTS_NM).assign(track=name) for name, device in tracks().items()]
    DRIFT.write(out, pd.concat(frames)[[c.name for c in DRIFT.columns]], provenance)
