"""How long pinned walls stay at the notch under a constant field."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from config import SimulatedDevice
from micromag.ensemble import backend_of, run_trials
from micromag.problem import Problem
from micromag.trials import Referee, Result, Trial, Verdict
from micromag.wire import declare
from workflow.errors import InputError


@dataclass(frozen=True)
class Followed(Verdict):
    """What became of a wall that was followed, and when it was last seen.

    Parameters
    ----------
    last_seen_ns
        When the wall had left the notch, or the window ended.
    """

    last_seen_ns: float = 0.0

    def depinned(self) -> bool:
        """Return whether a pinned wall went on."""
        return self.depinning_field_mT is not None

    def survived_ns(self) -> float:
        """Return the time from when the wall counted as pinned until it was last seen."""
        return self.last_seen_ns - self.decided_at_ns


class Follower(Referee):
    """Follows pinned walls to the end of the window, under a constant field too."""

    def __init__(self, device: SimulatedDevice, lanes: int):
        super().__init__(device, lanes)
        self._follows = True

    def _verdict(self, lane: int, time_ns: float, left: bool, beyond: bool) -> Verdict:
        found = super()._verdict(lane, time_ns, left, beyond)
        return Followed(**vars(found), last_seen_ns=time_ns)


def survive(
    device: SimulatedDevice,
    released: NDArray[np.floating],
    fields_mT: Sequence[float],
    *,
    replicas: int,
    first_replica: int = 0,
    window_ns: float,
    seed: int,
    threads: int = 1,
) -> pd.DataFrame:
    """Release walls at constant fields and follow those that are pinned until they depin.

    The clock of a wall starts when it counts as pinned (`protocol.pinned_after_ns` at the notch),
    for a wall that has only arrived still moves and may pass where one that sits would stay; those
    that pass on arrival have no row. It stops when the wall is `protocol.passed_beyond_nm` behind
    the notch, the way there included, which biases rates that approach 1 per ns.

    Parameters
    ----------
    device
        The wire, its protocol (under a constant field) and numerics.
    released
        Unit vectors of the relaxed wall in each of its variants, shape (variants, 3, cells).
    fields_mT
        Fields.
    replicas
        Walls released at each field.
    first_replica
        Number of the first of them; the fields take the numbers one after the other.
    window_ns
        Time after release at which a trial ends.
    seed
        The study's seed.
    threads
        Processor threads.

    Returns
    -------
    DataFrame
        Table of `workflow.contracts.SURVIVAL`. stderr tells how many walls passed on arrival, were
        undecided, or failed.

    Raises
    ------
    InputError
        If the field is not constant, the engine not the embedded one, the window too short for a
        wall to be pinned, or no wall was pinned.
    """
    _require_followable(device, window_ns)
    protocol = device.protocol.model_copy(update={"window_ns": window_ns})
    device = device.model_copy(update={"protocol": protocol})
    trials = [
        Trial(float(field_mT), first_replica + i)
        for i, field_mT in enumerate(np.repeat(fields_mT, replicas))
    ]
    results: list[Result] = []
    run_trials(
        device,
        Problem.of(declare(device)),
        released,
        trials,
        seed=seed,
        threads=threads,
        on_result=results.append,
        referee=Follower,
    )
    return _table(device, results, seed)


def _require_followable(device: SimulatedDevice, window_ns: float) -> None:
    if device.protocol.field.shape != "constant":
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
    if not device.protocol.pinned_after_ns < window_ns < np.inf:
        raise InputError(
            f"{window_ns:g} ns end before a wall counts as pinned",
            where="--window-ns",
            remedy=f"give more than protocol.pinned_after_ns, {device.protocol.pinned_after_ns:g}",
        )


def _table(device: SimulatedDevice, results: list[Result], seed: int) -> pd.DataFrame:
    outcomes = pd.Series([result.verdict.outcome for result in results]).value_counts()
    print(", ".join(f"{n} {outcome}" for outcome, n in outcomes.items()), file=sys.stderr)
    engine = backend_of(device.numerics)
    rows = [
        {
            "field_mT": result.trial.field_mT,
            "replica": result.trial.replica,
            "seed": seed,
            "survived_ns": round(verdict.survived_ns(), 6),
            "depinned": int(verdict.depinned()),
            "engine": engine,
            "temperature_K": device.protocol.temperature_K,
        }
        for result in sorted(results, key=lambda result: result.trial.replica)
        # A wall that counts as pinned just when its window ends was never at risk.
        if isinstance(verdict := result.verdict, Followed)
        and verdict.outcome == "pinned"
        and verdict.survived_ns() > 1e-6
    ]
    if not rows:
        raise InputError(
            "no wall was pinned",
            where="--field-mT",
            remedy="lower the fields or lengthen --window-ns",
        )
    return pd.DataFrame(rows)
