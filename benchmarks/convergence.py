"""Passing counts of the quick wire at other time steps and with smaller cells.

Run with ``python benchmarks/convergence.py``; one line of JSON for each setting. Each has replicas
of its own, so that the counts are independent.
"""

import json

from config import Numerics, SimulatedDevice, Wire
from micromag.ensemble import run_trials
from micromag.problem import Problem
from micromag.released import relaxed_walls
from micromag.trials import Result, Trial
from micromag.wire import declare

SETTINGS = (
    (125, 5.0, 96, (7.0, 7.5, 8.0)),
    (250, 5.0, 96, (7.0, 7.5, 8.0)),
    (500, 5.0, 96, (7.0, 7.5, 8.0)),
    (60, 2.5, 32, (7.5,)),
)


def main() -> None:
    """Run every setting and print its counts."""
    for seed, (step_fs, cell_nm, n_trials, fields_mT) in enumerate(SETTINGS, 11):
        device = SimulatedDevice(
            wire=Wire(cell_nm=(cell_nm, cell_nm, 5.0)), numerics=Numerics(time_step_fs=step_fs)
        )
        problem = Problem.of(declare(device))
        released = relaxed_walls(device)[0]
        trials = [Trial(b, 1000 * i + j) for i, b in enumerate(fields_mT) for j in range(n_trials)]
        results: list[Result] = []
        run_trials(
            device, problem, released, trials, seed=seed, threads=2, on_result=results.append
        )
        passed = {
            b: sum(r.verdict.outcome == "passed" for r in results if r.trial.field_mT == b)
            for b in fields_mT
        }
        line = {"step_fs": step_fs, "cell_nm": cell_nm, "n_trials": n_trials, "passed": passed}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
