"""Driving many thermal replicas of a system at once."""

from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import micromagneticmodel as mm
import numpy as np
import oommfc
import pandas as pd
import ubermagtable as ut
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from micromag.calculator.drive_output import Output, write_odt
from micromag.calculator.driven_motion import Motion
from micromag.calculator.time_driver import TimeDriver
from micromag.engine.lanes import LANES
from micromag.engine.resources import available_bytes
from micromag.engine.thermal_noise import trial_key
from micromag.trials.threads import run_all

DTYPE = np.float32
STATE_BYTES, ROW_BYTES = 12, 250
"""Of a replica: its final state, for each cell, and its rows of means, for each output."""


class EnsembleDriver(TimeDriver):
    """Drives replicas of a system that differ in their thermal noise, in single precision.

    ``EnsembleDriver().drive(system, t=1e-9, n=100, replicas=64, seed=1)``: replica r of seed s has
    the same numbers for any number of replicas and threads (`n_threads`).

    ``system.table`` and the drive's table have one row for each replica, at the end; the files of
    magnetisation, one for each replica, are final states: micromagneticdata opens the drive with
    the replicas as steps (``Drive(..., x="replica")``). ``{name}-mean.odt`` has mx, my and mz of
    every replica at the `n` times. ``system.m`` stays the common initial state.
    """

    _drive_arguments: tuple[str, ...] = ("t", "n", "replicas", "seed")

    def __init__(self, **kwargs: Any):
        # Only for the OOMMF problem written with the drive, where T > 0 needs an evolver.
        super().__init__(**{"evolver": oommfc.Xf_ThermHeunEvolver()} | kwargs)

    def _checkargs(self, kwargs: dict[str, Any]) -> None:
        super()._checkargs(kwargs)
        if not isinstance(kwargs.get("replicas"), int) or kwargs["replicas"] < 1:
            raise InputError("expected a number of replicas", where="replicas", remedy="give 1 ...")
        if not isinstance(kwargs.get("seed"), int) or kwargs["seed"] < 0:
            raise InputError("expected a seed", where="seed", remedy="give a number from 0 on")

    def _write_info_json(self, system: mm.System, start_time: datetime, **kwargs: Any) -> None:
        super(TimeDriver, self)._write_info_json(system, start_time, **kwargs)

    def _call(
        self, system: mm.System, runner: Any, t: float, n: int, verbose: int = 1, **kwargs: Any
    ) -> None:
        self._announce(verbose)
        replicas, seed = kwargs["replicas"], kwargs["seed"]
        output = Output(system, self._ovf_format, self._fixed_subregions)
        motion = Motion(system, t, n, DTYPE, self._time_step_s(), kwargs["fixed_subregions"])
        _require_memory(replicas * (STATE_BYTES * motion.problem.Ms.size + ROW_BYTES * n))
        start, stopped = motion.problem.unit_vectors(system.m), Event()

        def run(first: int) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
            """Return final states, (3, cells, LANES), and means, (n, 3, LANES), of a lane group."""
            keys = np.stack([trial_key(seed, first + lane) for lane in range(LANES)], axis=1)
            state, means = motion.start(start, keys), np.empty((n, 3, LANES))
            for number in range(n):
                if stopped.is_set():
                    break
                motion.advance(state, number, stopped.is_set)
                means[number] = output.mean(state.m)
            return state.m, means

        jobs = [partial(run, first) for first in range(0, replicas, LANES)]
        groups = run_all(jobs, kwargs["n_threads"] or 1, stopped.set)
        rows = []
        for replica in range(replicas):
            finals, means = groups[replica // LANES]
            lane = replica % LANES
            output.save(finals[..., lane].astype(float), t=t, replica=replica)
            rows += [(replica, (i + 1) * t / n, *means[i, :, lane]) for i in range(n)]
        output.close()
        table = pd.DataFrame(rows, columns=["replica", "t", "mx", "my", "mz"])
        write_odt(Path(f"{system.name}-mean.odt"), table)
        # Everything is saved first: the replicas that did not fail are valid.
        self._checked(np.array([group[0] for group in groups]), t)

    def _read_data(self, system: mm.System) -> None:
        system.table = ut.Table.fromfile(f"{system.name}.odt", x="replica")


def _require_memory(n_bytes: int) -> None:
    if n_bytes > (free := available_bytes()):
        raise InputError(
            f"their states need {n_bytes / 1e9:.3g} GB of memory, and {free / 1e9:.3g} GB are free",
            where="replicas",
            remedy="give fewer, and another seed for each part",
        )
