"""How long pinned walls stay at the notch under a constant field."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from config import SimulatedDevice
from micromag.barrier import PinnedWire
from micromag.ensemble import backend_of, groups_for, run_trials
from micromag.needs import announce, engine_bytes, require_memory
from micromag.problem import Problem
from micromag.trials import Referee, Result, Trial, Verdict, require_outcomes
from micromag.wire import declare
from workflow.errors import InputError

Start = Literal["pinned", "released"]


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


class Sitter(Follower):
    """Follows walls that sit at the notch from the beginning, wherever they lie before its end."""

    def __init__(self, device: SimulatedDevice, lanes: int):
        anywhere = device.protocol.model_copy(update={"notch_zone_nm": np.inf})
        super().__init__(device.model_copy(update={"protocol": anywhere}), lanes)

    def start(self, lane: int) -> None:
        """Take the wall as at the notch from time 0."""
        super().start(lane)
        self._arrived_ns[lane] = 0.0


def pinned_walls(device: SimulatedDevice, field_mT: float) -> NDArray[np.float64]:
    """Return the wall that sits at the notch at a field, in each of its variants.

    Returns
    -------
    numpy.ndarray
        Unit vectors at rest at 0 K, shape (variants, 3, cells).

    Raises
    ------
    InputError
        If no wall sits there at this field.
    """
    walls = []
    for variant in range(len(device.wall.variants)):
        m = PinnedWire(device, variant).pinned(field_mT)
        if m is None:
            raise InputError(
                f"no wall sits at the notch at {field_mT:g} mT",
                where="--field-mT",
                remedy="stay below the field that `python -m micromag depinning` finds",
            )
        walls.append(m)
    return np.stack(walls)


def survive(
    device: SimulatedDevice,
    released: NDArray[np.floating] | None,
    fields_mT: Sequence[float],
    *,
    replicas: int,
    first_replica: int = 0,
    window_ns: float,
    settle_ns: float | None = None,
    seed: int,
    threads: int = 1,
) -> pd.DataFrame:
    """Follow walls that are pinned at constant fields until they depin.

    Walls either sit at the notch from the beginning, each field's at rest at 0 K in that field, or
    are released before the notch. The clock of a wall starts when it has been at the notch for
    `settle_ns`: one that has only arrived still moves, and one at rest is still cold. Walls that
    are gone by then have no row. The clock stops when the wall is `protocol.passed_beyond_nm`
    behind the notch; the way there, if shorter than `settle_ns`, shifts the times of all walls
    about alike and leaves the hazard as it is.

    Parameters
    ----------
    device
        The wire, its protocol (under a constant field) and numerics.
    released
        Unit vectors of the relaxed wall to release in each of its variants, shape
        (variants, 3, cells); None for walls that sit at the notch.
    fields_mT
        Fields.
    replicas
        Walls at each field.
    first_replica
        Number of the first of them; the fields take the numbers one after the other.
    window_ns
        Time after the start at which a trial ends.
    settle_ns
        Time at the notch after which a wall counts as pinned; None for
        `protocol.pinned_after_ns`.
    seed
        The study's seed.
    threads
        Processor threads.

    Returns
    -------
    DataFrame
        Table of `workflow.contracts.SURVIVAL`. stderr tells how many walls passed before they
        counted as pinned, were undecided, or failed.

    Raises
    ------
    InputError
        If the field is not constant, the engine not the embedded one, the window too short for a
        wall to be pinned, no wall sits at the notch at a field, or no wall was pinned.
    """
    settle_ns = device.protocol.pinned_after_ns if settle_ns is None else settle_ns
    _require_followable(device, window_ns, settle_ns)
    changed = {"window_ns": window_ns, "pinned_after_ns": settle_ns}
    protocol = device.protocol.model_copy(update=changed)
    device = device.model_copy(update={"protocol": protocol})
    n_bytes = engine_bytes(device, groups_for(replicas, threads))
    require_memory(n_bytes, device, "or fewer --threads" if threads > 1 else "")
    problem = Problem.of(declare(device))
    results: list[Result] = []

    def say(longest_s: float) -> None:
        if not results:
            n_walls = len(fields_mT) * replicas
            announce(f"{n_walls} walls", len(fields_mT) * longest_s, n_bytes)

    for number, field_mT in enumerate(fields_mT):
        first = first_replica + number * replicas
        run_trials(
            device,
            problem,
            pinned_walls(device, field_mT) if released is None else released,
            [Trial(float(field_mT), replica) for replica in range(first, first + replicas)],
            seed=seed,
            threads=threads,
            on_result=results.append,
            on_longest_s=say,
            referee=Sitter if released is None else Follower,
        )
    return _table(device, results, seed, "pinned" if released is None else "released")


def _require_followable(device: SimulatedDevice, window_ns: float, settle_ns: float) -> None:
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
    if device.protocol.temperature_K == 0:
        raise InputError(
            "at 0 K there is no noise: a wall that sits at the notch stays for good",
            where="protocol.temperature_K",
            remedy="raise it, or find the field with `python -m micromag depinning`",
        )
    if not settle_ns < window_ns < np.inf:
        raise InputError(
            f"{window_ns:g} ns end before a wall counts as pinned",
            where="--window-ns",
            remedy=f"give more than the {settle_ns:g} ns that it takes to be pinned",
        )


def _table(device: SimulatedDevice, results: list[Result], seed: int, start: Start) -> pd.DataFrame:
    require_outcomes([result.verdict.failure for result in results])
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
            "start": start,
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
