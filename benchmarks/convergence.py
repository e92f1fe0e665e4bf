"""P(pass) and fitted h0 of the quick wire at other time steps and with other cells.

Run with ``python benchmarks/convergence.py --figure FILE.svg`` (ten minutes on two cores): one line
of JSON for each setting. Each has its own seed, so that the counts are independent.
"""

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from scipy.stats import binomtest

from dwsynapse.io.errors import InputError
from dwsynapse.io.figure_style import svg_figure
from dwsynapse.study import Notch, Numerics, SimulatedDevice, Wire
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem
from micromag.engine.problem import Problem
from micromag.sample.wire import declare
from micromag.trials.lockstep.scheduler import run_trials
from micromag.trials.referee import Result, Trial
from micromag.trials.relaxed_walls import relaxed_walls

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Setting:
    """One way to compute the quick wire; rectangular notches are 40 nm long and cover a half.

    A rectangle has the same outline in cells of 5 and of 2.5 nm, unlike a V.
    """

    label: str
    step_fs: float
    demag_evaluations: int = 1
    cell_nm: float = 5.0
    rectangle: bool = False
    fields_mT: tuple[float, ...] = (6.5, 7.5, 8.5)
    trials: int = 64

    def device(self) -> SimulatedDevice:
        """Return the device."""
        notch = Notch(shape="rectangle", covered_fraction=0.5, opening_nm=40)
        return SimulatedDevice(
            wire=Wire(
                cell_nm=(self.cell_nm, self.cell_nm, 5.0),
                notch=notch if self.rectangle else Notch(),
            ),
            numerics=Numerics(time_step_fs=self.step_fs, demag_evaluations=self.demag_evaluations),
        )


STEPS = (
    Setting("250 fs, every stage", 250, demag_evaluations=4),
    Setting("250 fs, once", 250),
    Setting("400 fs, once (default)", 400),
    Setting("500 fs, once", 500),
)
WIDE = (6.0, 7.5, 9.0, 10.5, 12.0)
CELLS = (
    Setting("V, 5 nm", 400, fields_mT=WIDE, trials=12),
    Setting("V, 2.5 nm", 110, cell_nm=2.5, fields_mT=WIDE, trials=12),
    Setting("rectangle, 5 nm", 400, rectangle=True, fields_mT=WIDE, trials=12),
    Setting("rectangle, 2.5 nm", 110, cell_nm=2.5, rectangle=True, fields_mT=WIDE, trials=12),
)


def counts_of(setting: Setting, seed: int) -> pd.DataFrame:
    """Return passing counts as the workflow does: undecided trials are left out."""
    device, results = setting.device(), []
    problem = Problem.of(declare(device))

    def on_result(result: Result) -> None:
        results.append((result.trial.field_mT, result.verdict.outcome))

    trials = [
        Trial(field_mT, 1000 * i + j)
        for i, field_mT in enumerate(setting.fields_mT)
        for j in range(setting.trials)
    ]
    walls = relaxed_walls(device)[0]
    run_trials(device, problem, walls, trials, seed=seed, threads=2, on_result=on_result)
    counted = Counter(results)
    passed = [counted[field_mT, "passed"] for field_mT in setting.fields_mT]
    pinned = [counted[field_mT, "pinned"] for field_mT in setting.fields_mT]
    n_trials = [p + q for p, q in zip(passed, pinned, strict=True)]
    return pd.DataFrame({"field_mT": setting.fields_mT, "n_trials": n_trials, "n_passed": passed})


def h0_of(counts: pd.DataFrame, label: str) -> dict[str, float] | str:
    """Return h0 and its interval, or why the counts do not determine it."""
    try:
        fit = fit_curve(FitProblem.of(counts), CONFIDENCE, label)
    except InputError as error:
        return str(error)
    low, high = (round(float(bound), 3) for bound in fit.intervals["h0_mT"])
    return {"value": round(float(fit.curve.values()["h0_mT"]), 3), "low": low, "high": high}


def draw(axis: Any, setting: Setting, counts: pd.DataFrame, shift_mT: float) -> None:
    """Draw the share that passed with Wilson intervals, shifted sideways to keep them distinct."""
    rates = counts["n_passed"] / counts["n_trials"]
    bounds = [
        binomtest(int(k), int(n)).proportion_ci(CONFIDENCE, method="wilson")
        for k, n in zip(counts["n_passed"], counts["n_trials"], strict=True)
    ]
    below = [max(rate - low, 0) for rate, (low, _) in zip(rates, bounds, strict=True)]
    above = [max(high - rate, 0) for rate, (_, high) in zip(rates, bounds, strict=True)]
    style = {"fmt": "o-", "ms": 3, "lw": 0.9, "label": setting.label}
    axis.errorbar(counts["field_mT"] + shift_mT, rates, yerr=[below, above], **style)
    axis.set_xlabel("field (mT)")
    axis.legend(fontsize=7)


def main() -> None:
    """Run every setting, print its counts and draw them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--figure", type=Path, required=True, help="SVG to write")
    figure = parser.parse_args().figure
    with svg_figure(figure, size_inches=(9.0, 3.8), ncols=2, sharey=True) as (_, axes):
        for panel, settings in enumerate((STEPS, CELLS)):
            for number, setting in enumerate(settings):
                counts = counts_of(setting, seed=11 + 10 * panel + number)
                line = {"setting": setting.label, "h0_mT": h0_of(counts, setting.label)}
                line["counts"] = counts.to_dict("list")
                print(json.dumps(line), flush=True)
                draw(axes[panel], setting, counts, shift_mT=0.04 * (number - 1.5))
        axes[0].set(ylabel="P(pass), 95 % intervals", title="time step, demagnetising field")
        axes[1].set(title="cells and notch")


if __name__ == "__main__":
    main()
