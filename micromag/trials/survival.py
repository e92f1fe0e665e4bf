"""How long pinned walls stay at the notch under a constant field."""

import sys
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.contracts import FOLLOWED, SURVIVAL
from dwsynapse.io.errors import InputError
from dwsynapse.io.progress_bars import progress_bar
from dwsynapse.study import SimulatedDevice
from micromag.engine.problem import Problem
from micromag.engine.resources import announce, engine_bytes, require_memory
from micromag.sample.wire import declare
from micromag.trials import Start
from micromag.trials.drive import drive_of
from micromag.trials.ledger import Ledger
from micromag.trials.lockstep.scheduler import backend_of, groups_for, run_trials
from micromag.trials.pinned_walls import Followed, Follower, Sitter, pinned_walls
from micromag.trials.referee import Result, Trial
from micromag.trials.release import not_released
from micromag.trials.wall_exists import require_wall


class FollowedLedger(Ledger):
    """Also keeps how long walls were followed."""

    table = FOLLOWED

    def _row(self, result: Result) -> dict[str, Any]:
        row, verdict = super()._row(result), result.verdict
        if isinstance(verdict, Followed) and verdict.outcome == "pinned":
            row["survived_ns"] = round(verdict.survived_ns(), 6)
        return row


def followable(
    device: SimulatedDevice, window_ns: float, settle_ns: float | None = None
) -> SimulatedDevice:
    """Return a device whose pinned walls are followed, with these times.

    Parameters
    ----------
    device
        The wire, its protocol and numerics.
    window_ns
        Time after the start at which a trial ends.
    settle_ns
        Time at the notch after which a wall counts as pinned; None for
        `protocol.pinned_after_ns`.

    Raises
    ------
    InputError
        If no wall can be followed in this wire, the field is not constant, the engine not the
        embedded one, there is no noise, or the window is too short for a wall to be pinned.
    """
    require_wall(device)
    settle_ns = device.protocol.pinned_after_ns if settle_ns is None else settle_ns
    _require_followable(device, window_ns, settle_ns)
    changed = {"window_ns": window_ns, "pinned_after_ns": settle_ns}
    protocol = device.protocol.model_copy(update=changed)
    return device.model_copy(update={"protocol": protocol})


def trials_at(fields_mT: Sequence[float], replicas: int, first_replica: int = 0) -> list[Trial]:
    """Return a number of trials at each field, with consecutive replicas."""
    return [
        Trial(float(field_mT), first_replica + number * replicas + i)
        for number, field_mT in enumerate(fields_mT)
        for i in range(replicas)
    ]


def survive(
    device: SimulatedDevice,
    released: NDArray[np.floating] | None,
    trials: Sequence[Trial],
    out: Path,
    *,
    provenance: dict[str, Any],
    threads: int = 1,
) -> None:
    """Follow walls that are pinned at constant fields until they depin, and write their table.

    Walls either are at the notch from the beginning, relaxed at 0 K in their field, or
    are released before the notch. The clock of a wall starts when it has been at the notch for
    `protocol.pinned_after_ns`: one that has only arrived still moves, and one at rest is still
    cold. Walls that have depinned by then have no row. The clock stops when the wall is
    `protocol.passed_beyond_nm` behind the notch; the way there, if shorter than that time, shifts
    the times of all walls about equally and does not change the hazard.

    Finished trials are saved every few seconds to ``<out>.done.csv``, from where a
    stopped run continues, as in `micromag.trials.simulate`.

    Parameters
    ----------
    device
        What `followable` returns.
    released
        Unit vectors of the relaxed wall to release in each of its variants, shape
        (variants, 3, cells); None for walls relaxed at the notch.
    trials
        Walls, field by field.
    out
        Table of `dwsynapse.io.contracts.SURVIVAL` to write. stderr says how many walls passed
        before they counted as pinned, were undecided, or failed.
    provenance
        Of the table, see `dwsynapse.io.files.provenance`, with all that the trials depend on.
    threads
        Processor threads.

    Raises
    ------
    InputError
        If no wall stays at the notch at a field, every trial failed, or no wall was pinned.
    """
    ledger = FollowedLedger(out, trials, backend_of(device.numerics), provenance)
    todo = [trial for trial in trials if trial.replica not in ledger.replicas]
    done = len(trials) - len(todo)
    with progress_bar(total=len(trials), initial=done, desc=out.stem, unit="wall") as bar:

        def on_result(result: Result) -> None:
            ledger.add(result)
            bar.update()

        try:
            _follow(device, released, todo, on_result, provenance["seed"], threads)
        finally:
            ledger.save()
    ledger.require_outcomes()
    start: Start = "pinned" if released is None else "released"
    SURVIVAL.write(out, _table(ledger.frame(), device, start), provenance)


def _follow(
    device: SimulatedDevice,
    released: NDArray[np.floating] | None,
    trials: Sequence[Trial],
    on_result: Callable[[Result], None],
    seed: int,
    threads: int,
) -> None:
    """Run trials field by field; each field has its own relaxed walls."""
    by_field = [list(there) for _, there in groupby(trials, key=lambda trial: trial.field_mT)]
    groups = groups_for(max(map(len, by_field), default=0), threads)
    n_bytes = engine_bytes(device, groups)
    require_memory(n_bytes, device, "or fewer --threads" if groups > 1 else "")
    problem = Problem.of(declare(device))

    def say(longest_s: float) -> None:
        announce(f"{len(trials)} walls", longest_s * len(trials) / len(by_field[0]), n_bytes)

    if released is None:
        device = not_released(device)
    for there in by_field:
        run_trials(
            device,
            problem,
            pinned_walls(device, there[0].field_mT) if released is None else released,
            there,
            seed=seed,
            threads=threads,
            on_result=on_result,
            on_longest_s=say if there is by_field[0] else None,
            referee=Sitter if released is None else Follower,
        )


def _require_followable(device: SimulatedDevice, window_ns: float, settle_ns: float) -> None:
    if not drive_of(device).is_constant:
        raise InputError(
            "survival times are those under a constant field",
            where="protocol.field.shape",
            remedy="set it to constant",
        )
    if device.numerics.engine != "embedded":
        raise InputError(
            "only the embedded engine follows pinned walls",
            where="numerics.engine",
            remedy="set it to embedded",
        )
    if device.protocol.temperature_K == 0:
        raise InputError(
            "at 0 K there is no noise: a pinned wall never depins",
            where="protocol.temperature_K",
            remedy="raise it, or find the field with `python -m micromag depinning`",
        )
    if not settle_ns < window_ns < np.inf:
        raise InputError(
            f"{window_ns:g} ns end before a wall counts as pinned",
            where="--window-ns",
            remedy=f"give more than the {settle_ns:g} ns that it takes to be pinned",
        )


def _table(followed: pd.DataFrame, device: SimulatedDevice, start: Start) -> pd.DataFrame:
    """Return the table of `dwsynapse.io.contracts.SURVIVAL` of walls that were followed."""
    counts = followed["outcome"].value_counts()
    print(", ".join(f"{n} {outcome}" for outcome, n in counts.items()), file=sys.stderr)
    # A wall that counts as pinned just when its window ends was never at risk.
    walls = followed[followed["survived_ns"].astype(float) > 1e-6]
    if walls.empty:
        raise InputError(
            "no wall was pinned",
            where="--field-mT",
            remedy="lower the fields or lengthen --window-ns",
        )
    return walls.assign(
        depinned=walls["depinning_field_mT"].notna().astype(int),
        temperature_K=device.protocol.temperature_K,
        start=start,
    )
