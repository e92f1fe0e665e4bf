"""P(pass) of the quick wire at other time steps and with other cells, with 95 % Wilson intervals.

Run with ``python benchmarks/convergence.py --figure FILE.svg`` (half an hour on two cores): a line
of JSON for each setting. Each setting has a seed of its own, so that the counts are independent.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from config import Notch, Numerics, SimulatedDevice, Wire
from micromag.ensemble import run_trials
from micromag.problem import Problem
from micromag.released import relaxed_walls
from micromag.trials import Result, Trial
from micromag.wire import declare
from workflow.figures import svg_figure

FIELDS_mT = (6.5, 7.0, 7.5, 8.0, 8.5)
# Label, step, evaluations of the demagnetising field in a step.
STEPS = (
    ("125 fs, every stage", 125, 4),
    ("250 fs, once", 250, 1),
    ("400 fs, once (default)", 400, 1),
    ("500 fs, once", 500, 1),
)
# Rectangular notches have the same outline in all these cells; V notches do not. Label, notch
# shape, cell along x and y, step.
CELLS = (
    ("V, 5 nm", "V", 5.0, 400),
    ("V, 2.5 nm", "V", 2.5, 120),
    ("rectangle, 5 nm", "rectangle", 5.0, 400),
    ("rectangle, 2.5 nm", "rectangle", 2.5, 120),
)
CELL_FIELDS_mT = (6.0, 7.5, 9.0, 10.5, 12.0, 13.5)


def passed(device: SimulatedDevice, fields_mT: tuple[float, ...], n: int, seed: int) -> list[int]:
    """Return how many of n walls pass at each field."""
    problem = Problem.of(declare(device))
    results: list[Result] = []
    run_trials(
        device,
        problem,
        relaxed_walls(device)[0],
        [Trial(field, 1000 * i + j) for i, field in enumerate(fields_mT) for j in range(n)],
        seed=seed,
        threads=2,
        on_result=results.append,
    )
    return [
        sum(r.verdict.outcome == "passed" and r.trial.field_mT == field for r in results)
        for field in fields_mT
    ]


def settings() -> list[tuple[int, str, SimulatedDevice, tuple[float, ...], int]]:
    """Return panel, label, device, fields and trials at each field of every setting."""
    chosen = []
    for label, step_fs, evaluations in STEPS:
        numerics = Numerics(time_step_fs=step_fs, demag_evaluations=evaluations)
        chosen.append((0, label, SimulatedDevice(numerics=numerics), FIELDS_mT, 96))
    for label, shape, cell_nm, step_fs in CELLS:
        # Half of the width: a whole number of cells of either size.
        notch = Notch(covered_fraction=0.5) if shape == "rectangle" else Notch()
        notch = notch.model_copy(update={"shape": shape, "opening_nm": 40 if shape != "V" else 48})
        wire = Wire(cell_nm=(cell_nm, cell_nm, 5.0), notch=notch)
        numerics = Numerics(time_step_fs=step_fs)
        device = SimulatedDevice(wire=wire, numerics=numerics)
        chosen.append((1, label, device, CELL_FIELDS_mT, 32))
    return chosen


def main() -> None:
    """Run every setting, print its counts and draw them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--figure", type=Path, required=True, help="SVG to write")
    with svg_figure(parser.parse_args().figure, size_inches=(9.0, 3.8), ncols=2, sharey=True) as (
        _,
        axes,
    ):
        for seed, (panel, label, device, fields_mT, n) in enumerate(settings(), 11):
            counts = passed(device, fields_mT, n, seed)
            line = {
                "setting": label,
                "trials": n,
                "passed": dict(zip(fields_mT, counts, strict=True)),
            }
            print(json.dumps(line), flush=True)
            draw(axes[panel], label, fields_mT, counts, n, shift=0.03 * (seed % 4 - 1.5))
        axes[0].set(ylabel="P(pass)", title="time step, demagnetising field")
        axes[1].set(title="cells and notch")


def draw(axis: Any, label: str, fields_mT: Any, counts: list[int], n: int, shift: float) -> None:
    """Draw the share that passed with its intervals, shifted sideways to stay apart."""
    rates = [count / n for count in counts]
    bounds = [binomtest(count, n).proportion_ci(method="wilson") for count in counts]
    errors = [
        [rate - low for rate, (low, _) in zip(rates, bounds, strict=True)],
        [high - rate for rate, (_, high) in zip(rates, bounds, strict=True)],
    ]
    x = [field + shift for field in fields_mT]
    axis.errorbar(x, rates, yerr=[[max(e, 0) for e in side] for side in errors], fmt="o-", ms=3,
                  lw=0.9, label=f"{label}, n = {n}")  # fmt: skip
    axis.set_xlabel("field (mT)")
    axis.legend(fontsize=7)


if __name__ == "__main__":
    main()
