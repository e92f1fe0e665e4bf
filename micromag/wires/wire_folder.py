"""Wires that are simulated for a purpose, each in a folder of its own that is never made twice."""

import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from dwsynapse.io.contracts import PLAN, TRIALS
from dwsynapse.io.files import identity, provenance, provenance_in, write_text
from dwsynapse.study import SimulatedDevice
from dwsynapse.study.devices.sources import ELSEWHERE
from dwsynapse.study.reading import block_text
from micromag.trials.described_walls import relax_and_describe
from micromag.trials.relaxed_walls import check_walls
from micromag.trials.simulate import simulate
from micromag.wires import FIELD_STEP_MT, REPLICAS_PER_FIELD

DIGITS = 12


@dataclass(frozen=True)
class WireFolder:
    """A wire with its relaxed wall, plan and trials, under the name of its content.

    `python -m micromag simulate` with these files makes the same trials.

    Parameters
    ----------
    device
        The wire.
    trials
        Number of trials at each field, by the field in mT.
    folder
        Where the folders of all wires are.
    seed
        With the number of the replica it is the key of the thermal noise.
    by_field
        Whether each field has its own replicas (`plan_by_field`): the folder is then the same for
        other fields and more trials, which add to those that it has.
    """

    device: SimulatedDevice
    trials: dict[float, int]
    folder: Path
    seed: int
    by_field: bool = False

    @property
    def path(self) -> Path:
        """Its folder, the same for the same wire, plan and seed."""
        planned = "by field" if self.by_field else self.trials
        content = f"{self._config} {planned} {self.seed}"
        return self.folder / hashlib.sha256(content.encode()).hexdigest()[:DIGITS]

    @property
    def _config(self) -> str:
        return block_text(self.device, exclude=ELSEWHERE)

    @property
    def n_trials(self) -> int:
        """Number of its trials."""
        return sum(self.trials.values())

    @property
    def plan(self) -> pd.DataFrame:
        """Its fields, numbers of trials and first replicas."""
        return plan_by_field(self.trials) if self.by_field else plan_of(self.trials)

    @property
    def command(self) -> str:
        """The command that simulates its trials, once it is prepared."""
        names = ("device.yaml", "wall.omf", "plan.csv", "trials.csv")
        options = zip(("--config", "--wall", "--plan", "--out"), names, strict=True)
        words = [word for option, name in options for word in (option, str(self.path / name))]
        return shlex.join(["dwsynapse", "micromag", "simulate", *words, "--seed", str(self.seed)])

    def prepare(self) -> None:
        """Write the config, the relaxed wall and the plan, where they are not yet there.

        Raises
        ------
        InputError
            If the wall cannot be relaxed in this wire.
        """
        config, wall, plan = (self.path / n for n in ("device.yaml", "wall.omf", "plan.csv"))
        if not config.is_file():
            write_text(config, self._config)
        made_by = provenance("micromag", config=config, noted=False)
        described = wall.with_suffix(".json")
        if _identity_in(described) == identity(made_by) and wall.is_file():
            check_walls(wall, config)
        else:
            relax_and_describe(self.device, wall, described, made_by)
        if _identity_in(plan) != identity(made_by) or not PLAN.read(plan).equals(self.plan):
            PLAN.write(plan, self.plan, made_by)

    def counts(self, threads: int, bar: "tqdm[Any]") -> pd.DataFrame:
        """Return the counts of its trials, simulated unless they are there.

        Returns
        -------
        DataFrame
            Columns field_mT, n_trials, n_passed, n_undecided.
        """
        return counts_of(self.outcomes(threads, bar))

    def outcomes(self, threads: int, bar: "tqdm[Any]") -> pd.DataFrame:
        """Return the table of its trials, simulated unless they are there; `bar` counts them."""
        config, wall, plan, out = (
            self.path / n for n in ("device.yaml", "wall.omf", "plan.csv", "trials.csv")
        )
        self.prepare()
        origin = provenance(
            "micromag", config=config, seed=self.seed, inputs=[wall, plan], noted=False
        )
        if _identity_in(out) == identity(origin):
            bar.update(self.n_trials)
        else:
            simulate(
                self.device,
                wall,
                plan,
                out,
                batch=1,
                batches=1,
                seed=self.seed,
                threads=threads,
                provenance=origin,
                bar=bar,
            )
        return TRIALS.read(out)

    def simulated(self) -> bool:
        """Return whether a table of its trials is there, of this wire, wall, seed and code."""
        config, wall, out = (self.path / n for n in ("device.yaml", "wall.omf", "trials.csv"))
        if not all(path.is_file() for path in (config, wall, out)):
            return False
        made_by = provenance("micromag", config=config, seed=self.seed, inputs=[wall], noted=False)
        stated = _identity_in(out) or {}
        # The plan may have had other fields or fewer trials, which are counted.
        inputs = stated.get("inputs", {}).items() & made_by["inputs"].items()
        if {**stated, "inputs": dict(inputs)} != identity(made_by):
            return False
        there = TRIALS.read(out)["field_mT"].round(6).value_counts()
        return all(there.get(round(field, 6), 0) >= n for field, n in self.trials.items())


def plan_of(trials: dict[float, int]) -> pd.DataFrame:
    """Return the plan of a wire: its fields, with replicas from 0."""
    table = pd.DataFrame({"field_mT": list(trials), "n_trials": list(trials.values())})
    first = table["n_trials"].cumsum() - table["n_trials"]
    return table.assign(first_replica=first)


def plan_by_field(trials: dict[float, int]) -> pd.DataFrame:
    """Return a plan whose replicas follow from the field, the same beside other fields.

    Fields are multiples of `FIELD_STEP_MT`, with up to `REPLICAS_PER_FIELD` trials.
    """
    first = [round(field / FIELD_STEP_MT) * REPLICAS_PER_FIELD for field in trials]
    return plan_of(trials).assign(first_replica=first)


def counts_of(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of trials; those that are undecided or failed are no trials of a count."""
    field = trials["field_mT"].round(6)
    passed = trials["outcome"] == "passed"
    decided = passed | (trials["outcome"] == "pinned")
    table = pd.DataFrame(
        {"field_mT": field, "n_trials": decided, "n_passed": passed, "n_undecided": ~decided}
    )
    return table.groupby("field_mT", as_index=False).sum()


def undecided_share(tables: Sequence[pd.DataFrame]) -> float:
    """Return the share of undecided and failed trials."""
    rows = pd.concat(tables)
    undecided = rows["n_undecided"].sum()
    return float(undecided / max(1, undecided + rows["n_trials"].sum()))


def _identity_in(path: Path) -> dict[str, Any] | None:
    stated = provenance_in(path)
    return None if stated is None else identity(stated)
