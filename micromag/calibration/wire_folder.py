"""The wires that a calibration simulates, each in a folder of its own that is never made twice."""

import hashlib
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
    """

    device: SimulatedDevice
    trials: dict[float, int]
    folder: Path
    seed: int

    @property
    def path(self) -> Path:
        """Its folder, the same for the same wire, plan and seed."""
        content = f"{self._config} {self.trials} {self.seed}"
        return self.folder / hashlib.sha256(content.encode()).hexdigest()[:DIGITS]

    @property
    def _config(self) -> str:
        return block_text(self.device, exclude=ELSEWHERE)

    @property
    def n_trials(self) -> int:
        """Number of its trials."""
        return sum(self.trials.values())

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
        if _identity_in(plan) != identity(made_by):
            PLAN.write(plan, plan_of(self.trials), made_by)

    def counts(self, threads: int, bar: "tqdm[Any]") -> pd.DataFrame:
        """Return the counts of its trials, simulated unless they are there.

        Returns
        -------
        DataFrame
            Columns field_mT, n_trials, n_passed, n_undecided.
        """
        config, wall, plan, out = (
            self.path / n for n in ("device.yaml", "wall.omf", "plan.csv", "trials.csv")
        )
        self.prepare()
        origin = provenance(
            "micromag", config=config, seed=self.seed, inputs=[wall, plan], noted=False
        )
        if _identity_in(out) != identity(origin):
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
        return counts_of(TRIALS.read(out))

    def simulated(self) -> bool:
        """Return whether a table of its trials is there."""
        return (self.path / "trials.csv").is_file()


def plan_of(trials: dict[float, int]) -> pd.DataFrame:
    """Return the plan of a wire: its fields, with replicas from 0."""
    table = pd.DataFrame({"field_mT": list(trials), "n_trials": list(trials.values())})
    first = table["n_trials"].cumsum() - table["n_trials"]
    return table.assign(first_replica=first)


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
