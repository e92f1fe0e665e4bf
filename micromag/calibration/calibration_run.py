"""A calibration by simulated trials, with everything kept in one folder."""

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray
from tqdm import tqdm

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import write_json, write_text
from dwsynapse.io.number_format import least_p_value, p_value
from dwsynapse.io.progress_bars import progress_bar
from dwsynapse.study.wires.varied_wires import VariedWires
from micromag.calibration.calibration_figure import draw_calibration
from micromag.calibration.evidence import Measured
from micromag.calibration.fabrication import fabricated
from micromag.calibration.kept_plans import kept_plan
from micromag.calibration.proposal import PlannedWire
from micromag.calibration.report import NOT_EXPLAINED, OPEN, found_by
from micromag.calibration.rounds import Round, calibrate
from micromag.wires.elsewhere import stop_for_others
from micromag.wires.wire_folder import WireFolder

BEST_SHARE = 0.1
"""Trials that test the best wire, as a share of those that calibrate."""
MAX_UNDECIDED = 0.1
KIND, VERSION = "calibration", 1


@dataclass(frozen=True)
class CalibrationRun:
    """What a calibration is made from, and where.

    Parameters
    ----------
    wires
        The wires that are possible.
    measured
        The counts that they are to explain.
    out
        Folder of all files.
    origin
        The provenance of its results.
    discrepancy_scale
        Scale of the discrepancy's standard deviation, in log-odds.
    spread
        Standard deviations of fabrication, by name; empty: none are known.
    seed
        Seed of everything random.
    threads
        Processor threads.
    """

    wires: VariedWires
    measured: Measured
    out: Path
    origin: dict[str, Any]
    discrepancy_scale: float
    spread: dict[str, float]
    seed: int
    threads: int

    def run(self, trials: int, trials_per_wire: int, plan_only: bool) -> None:
        """Calibrate and write the results.

        Parameters
        ----------
        trials
            Trials to simulate at most, without those of the best wire.
        trials_per_wire
            Trials of each wire but the best.
        plan_only
            Whether to stop where wires have to be simulated.
        """
        priors = self.wires.priors
        of_plans = {
            **self.origin,
            "vary": [prior.document() | {"name": prior.name} for prior in priors],
            "discrepancy_scale": self.discrepancy_scale,
            "trials_per_wire": trials_per_wire,
        }
        with progress_bar(total=trials, desc=str(self.out), unit="trial") as bar:
            last = calibrate(
                self.measured,
                priors,
                partial(self._simulate, bar, plan_only),
                trials=trials,
                trials_per_wire=trials_per_wire,
                discrepancy_scale=self.discrepancy_scale,
                seed=self.seed,
                plan=partial(kept_plan, self.out / "rounds", of_plans),
                on_round=self._say,
            )
            best = last.posterior.best
            bar.total = bar.n + round(BEST_SHARE * trials)
            shares = self._best_trials(round(BEST_SHARE * trials))
            (counts,) = self._simulate(bar, plan_only, last.number + 1, [PlannedWire(best, shares)])
        self._write(last, best, counts)

    def _best_trials(self, n: int) -> dict[float, int]:
        fields = self.measured.fields_mT
        return {float(field): max(1, n // len(fields)) for field in fields}

    def _simulate(
        self, bar: "tqdm[Any]", plan_only: bool, number: int, planned: list[PlannedWire]
    ) -> list[pd.DataFrame]:
        folders = [
            WireFolder(self.wires.wire(one.wire), one.trials, self.out / "wires", self.seed)
            for one in planned
        ]
        if plan_only:
            stop_for_others(folders, f" in round {number}")
        tables = []
        for folder, one in zip(folders, planned, strict=True):
            try:
                tables.append(folder.counts(self.threads, bar))
            except InputError as error:
                raise self._of_wire(error, one.wire) from error
        return tables

    def _of_wire(self, error: InputError, wire: NDArray[np.float64]) -> InputError:
        values = ", ".join(f"{name}={x:g}" for name, x in self.wires.values(wire).items())
        return InputError(
            f"the wire with {values}: {error.problem}",
            path=error.path,
            where=error.where,
            remedy=f"{error.remedy or 'correct it'}, or narrow the ranges of --vary",
        )

    def _say(self, last: Round) -> None:
        values = last.posterior.values(self.wires.priors)
        found = [
            f"{prior.name} = {x.mean():.4g} ± {x.std(ddof=1):.2g}"
            for prior, x in zip(self.wires.priors, values.T, strict=True)
        ]
        line = f"round {last.number}, {len(last.wires)} wires: {', '.join(found)}"
        tqdm.write(line, file=sys.stderr)

    def _write(self, last: Round, best: NDArray[np.float64], counts: pd.DataFrame) -> None:
        priors = self.wires.priors
        content = found_by(
            last,
            self.measured,
            priors,
            best=self.wires.values(best),
            simulated_best=counts,
            discrepancy_scale=self.discrepancy_scale,
            seed=self.seed,
        )
        if self.spread:
            content["fabrication"] = fabricated(
                last.emulator, self.measured, priors, best, self.spread, self.seed
            )
        warn(content)
        write_json(
            self.out / "calibration.json", KIND, VERSION, {**content, "provenance": self.origin}
        )
        draw_calibration(self.out / "calibration.svg", content, last, self.measured, priors)
        device = self.wires.wire(best).model_dump(mode="json")
        study = yaml.safe_dump({"devices": {"calibrated": device}}, sort_keys=False)
        text = "# The best wire of a calibration (dwsynapse micromag calibrate).\n"
        write_text(self.out / "best-wire.yaml", text + study)


def warn(content: dict[str, Any]) -> None:
    """Print what a reader of ``calibration.json`` has to know first, on stderr."""
    simulated = content["simulations"]
    explained = content["explanation"]
    found = p_value(explained["p_value"], least_p_value(explained["simulations"]))
    verdict, undecided = content["verdict"], simulated["undecided_share"]
    allowed = content["discrepancy"]["prior_scale"] > 0
    # More trials only show a discrepancy more clearly.
    remedy = "a --discrepancy may be why" if allowed else "raise --max-trials"
    warnings = {
        f"no wire within the priors explains the counts ({found}): the posterior is of the least "
        "wrong ones; widen or add ranges, or allow for a --discrepancy": verdict == NOT_EXPLAINED,
        f"the best wire found does not have the measured curve; {remedy}": verdict == OPEN,
        "more simulations would narrow the posterior; raise --max-trials": not simulated["stable"],
        f"{100 * undecided:.0f} % of the trials are undecided and left out; lengthen "
        "protocol.window_ns": undecided > MAX_UNDECIDED,
    }
    for text, holds in warnings.items():
        if holds:
            print(f"warning: {text}", file=sys.stderr)
