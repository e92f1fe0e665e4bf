"""Running a batch of a round's trials, resumable, on the engine that the config names."""

import json
import math
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from config import Sampling, SimulatedDevice
from micromag import ensemble, oommf
from micromag.problem import Problem
from micromag.released import read_walls
from micromag.trials import Result, Trial, require_outcomes
from micromag.wire import cell_centres_nm, declare, in_notch
from workflow.contracts import PLAN, TRIALS
from workflow.errors import InputError
from workflow.files import write_json

SAVE_EVERY_S = 10.0


class Engine(Protocol):
    """What an engine is: a function that runs trials, see `micromag.ensemble.run_trials`."""

    def __call__(
        self,
        device: SimulatedDevice,
        problem: Problem,
        released: NDArray[np.floating],
        trials: Iterable[Trial],
        *,
        seed: int,
        threads: int = 1,
        on_result: Callable[[Result], None],
    ) -> float:
        """Run trials and return the nanoseconds simulated."""
        ...


ENGINES: dict[str, Engine] = {"embedded": ensemble.run_trials, "oommf": oommf.run_trials}


def first_plan(sampling: Sampling) -> pd.DataFrame:
    """Return the plan of the first round: its fields, trials shared equally, replicas from 0."""
    fields = np.array(sampling.first_fields_mT)
    shares = np.array_split(np.arange(sampling.trials_per_round), len(fields))
    return pd.DataFrame(
        {
            "field_mT": fields,
            "n_trials": [len(share) for share in shares],
            "first_replica": [int(share[0]) for share in shares],
        }
    )


def planned_trials(plan: pd.DataFrame, batch: int, batches: int) -> list[Trial]:
    """Return the trials of one batch (counted from 1): every `batches`-th trial of the plan.

    Raises
    ------
    InputError
        If there is no such batch, or it has no trials.
    """
    if batch > batches or batches > plan["n_trials"].sum():
        raise InputError(
            f"no batch {batch} of {batches} in a plan of {plan['n_trials'].sum()} trials",
            where="--batch",
            remedy="ask for a batch that the plan has",
        )
    trials = [
        Trial(float(field_mT), int(first) + i)
        for field_mT, n_trials, first in plan[["field_mT", "n_trials", "first_replica"]].to_numpy()
        for i in range(int(n_trials))
    ]
    return trials[batch - 1 :: batches]


def setup(device: SimulatedDevice) -> dict[str, Any]:
    """Return what a passing curve depends on, for the report."""
    protocol, numerics = device.protocol.model_dump(), device.numerics.model_dump()
    if device.numerics.engine == "oommf":
        numerics = {"engine": "oommf", "time_step_fs": oommf.TIME_STEP_S * 1e15}
    empty = in_notch(*cell_centres_nm(device.wire), device.wire.notch, device.wire.width_nm)
    return {
        "cell_nm": list(device.wire.cell_nm),
        "covered_fraction_in_cells": float(empty.mean(axis=1).max()),
        "wall": device.wall.model_dump(),
        "disorder": device.disorder.model_dump(),
        **protocol,
        **numerics,
    }


def simulate(
    device: SimulatedDevice,
    wall_file: Path,
    plan_file: Path,
    out: Path,
    *,
    batch: int,
    batches: int,
    seed: int,
    threads: int,
    provenance: dict[str, Any],
) -> None:
    """Run one batch of a plan and write its table of trials and, beside it, the engine's speed.

    Finished trials are saved every few seconds to ``<out>.partial``; a run that was stopped goes on
    from there if it was made from the same config, wall and plan.

    Raises
    ------
    InputError
        If a plan repeats a trial without noise, or every trial failed.
    """
    problem = Problem.of(declare(device))
    released = read_walls(wall_file, device, problem)
    plan = PLAN.read(plan_file)
    _require_trials_that_differ(device, plan, plan_file)
    trials = planned_trials(plan, batch, batches)
    engine = device.numerics.engine
    backend = ensemble.backend_of(device.numerics) if engine == "embedded" else engine
    ledger = _Ledger(out, backend, seed, provenance)
    todo = [trial for trial in trials if trial.replica not in ledger.replicas]
    started_s = time.time()
    with tqdm(
        total=len(trials), initial=len(trials) - len(todo), unit="trial", mininterval=2
    ) as bar:
        bar.set_description(str(Path(*out.parts[-2:]).with_suffix("")))

        def on_result(result: Result) -> None:
            ledger.add(result)
            bar.update()

        try:
            simulated_ns = ENGINES[engine](
                device, problem, released, todo, seed=seed, threads=threads, on_result=on_result
            )
        finally:
            ledger.save()
    ledger.require_outcomes()
    speed = {
        "engine": engine,
        "backend": backend,
        "threads": threads,
        "simulated_ns": simulated_ns,
        "started_s": started_s,
        "ended_s": time.time(),
    }
    write_json(out.with_suffix(".speed.json"), "speed", 1, speed)
    ledger.close()


def _require_trials_that_differ(device: SimulatedDevice, plan: pd.DataFrame, path: Path) -> None:
    repeated = plan["n_trials"] > len(device.wall.variants)
    if device.protocol.temperature_K == 0 and repeated.any():
        row = plan[repeated].iloc[0]
        raise InputError(
            f"{row['n_trials']:g} trials at {row['field_mT']:g} mT and 0 K do the same: "
            "there is no noise",
            path=path,
            where="column n_trials",
            remedy="raise protocol.temperature_K, plan one trial per field, or find the field "
            "with `python -m micromag depinning`",
        )


class _Ledger:
    """The trials done so far: in memory, and now and then on disk."""

    def __init__(self, out: Path, engine: str, seed: int, provenance: dict[str, Any]):
        self._out, self._engine, self._seed = out, engine, seed
        self._provenance = provenance
        self._partial = out.with_suffix(".partial")
        self._saved_s = time.monotonic()
        self._rows: list[dict[str, Any]] = []
        origin = f"# provenance: {json.dumps(provenance)}"
        if self._partial.exists() and origin in self._partial.read_text().splitlines():
            rows = TRIALS.read(self._partial)
            # Processor and GPU round differently: a table holds the trials of one of them.
            rows = rows[rows["engine"] == engine]
            self._rows = rows.to_dict("records")  # type: ignore[assignment]

    @property
    def replicas(self) -> set[int]:
        """Replicas that are done."""
        return {row["replica"] for row in self._rows}

    def add(self, result: Result) -> None:
        """Take in a result; say which trial failed and why."""
        verdict = result.verdict
        if verdict.failure:
            tqdm.write(
                f"replica {result.trial.replica} at {result.trial.field_mT:g} mT failed after "
                f"{verdict.decided_at_ns:.3g} ns: {verdict.failure}",
                file=sys.stderr,
            )
        self._rows.append(
            {
                "field_mT": result.trial.field_mT,
                "replica": result.trial.replica,
                "seed": self._seed,
                "outcome": verdict.outcome,
                "decided_at_ns": (
                    None if verdict.outcome == "undecided" else round(verdict.decided_at_ns, 6)
                ),
                "wall_position_nm": _rounded(result.wall_position_nm, 2),
                "engine": self._engine,
                "depinning_field_mT": _rounded(verdict.depinning_field_mT, 4),
                "failure": verdict.failure,
            }
        )
        if time.monotonic() - self._saved_s > SAVE_EVERY_S:
            self.save()

    def save(self) -> None:
        """Write what is done so far, from which a run that was stopped goes on."""
        if self._rows:
            self._write(self._partial)
        self._saved_s = time.monotonic()

    def require_outcomes(self) -> None:
        """Raise `InputError` if every trial failed; what is done so far stays on disk."""
        failed = [row["failure"] if row["outcome"] == "failed" else None for row in self._rows]
        require_outcomes(failed, self._partial)

    def close(self) -> None:
        """Write the final table."""
        self._write(self._out)
        self._partial.unlink(missing_ok=True)

    def _write(self, path: Path) -> None:
        names = [column.name for column in TRIALS.columns]
        frame = pd.DataFrame(self._rows, columns=names).sort_values("replica", ignore_index=True)
        # Columns that most wires have no use for are left out where they would be empty.
        empty = [c.name for c in TRIALS.columns if not c.required and frame[c.name].isna().all()]
        TRIALS.write(path, frame.drop(columns=empty), self._provenance)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, digits)
