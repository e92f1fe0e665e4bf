"""Running the pulses of a device, resumable."""

import threading
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from dwsynapse.io.errors import InputError
from dwsynapse.io.progress_bars import progress_bar
from dwsynapse.io.records import note_engine
from dwsynapse.study import TrackDevice
from micromag.trials.pulses.held_wall import require_held, warn_of_close_notches
from micromag.trials.pulses.prepared_window import PreparedWindows
from micromag.trials.pulses.pulse_ledger import LOST, PulseLedger
from micromag.trials.pulses.simulate_trains import Wall, groups_of, run_group
from micromag.trials.pulses.trains import trains_of
from micromag.trials.threads import run_all


def simulate_pulses(
    device: TrackDevice,
    out: Path,
    *,
    seed: int,
    provenance: dict[str, Any],
    threads: int = 1,
) -> pd.DataFrame:
    """Simulate the pulses of a device, write their table and return it.

    A pulse depends on the device, the seed, its train and its number there, on nothing else.
    Finished pulses are saved every few seconds, from where a stopped run continues
    (`PulseLedger`).

    Parameters
    ----------
    device
        The track and its pulses.
    out
        The table of `dwsynapse.io.contracts.PULSES` to write.
    seed
        The study's seed.
    provenance
        Of the table, see `dwsynapse.io.files.provenance`.
    threads
        Processor threads.

    Raises
    ------
    InputError
        If the track does not hold its wall, or every wall was lost at its first pulse.
    """
    note_engine("embedded")
    warn_of_close_notches(device)
    windows = PreparedWindows(device)
    require_held(windows.in_the_middle())
    ledger = PulseLedger(out, device, trains_of(device), provenance)
    n_pulses = sum(len(wall.train.directions) for wall in ledger.walls)
    done = sum(wall.pulse for wall in ledger.walls)
    stopped = threading.Event()
    with progress_bar(total=n_pulses, initial=done, desc=out.stem, unit="pulse") as bar:

        def on_pulse(wall: Wall, row: dict[str, Any]) -> None:
            if not stopped.is_set():
                ledger.add(wall, row)
                bar.update()

        todo = [wall for wall in ledger.walls if not wall.is_done]
        jobs = [
            partial(run_group, windows, group, seed, on_pulse, stopped.is_set)
            for group in groups_of(todo)
        ]
        try:
            run_all(jobs, threads, stopped.set)
        finally:
            stopped.set()
            ledger.save()
    frame = ledger.write(out, provenance)
    _require_walls(frame, out)
    return frame


def _require_walls(pulses: pd.DataFrame, out: Path) -> None:
    lost = pulses["outcome"].isin(LOST)
    if lost.all():
        raise InputError(
            f"all of {len(pulses)} walls were lost at their first pulse, the first one "
            f"{pulses['outcome'].iloc[0]}",
            path=out,
            remedy="raise track.window_notches, lower pulses.current_uA or shorten "
            "numerics.time_step_fs",
        )
