"""What torques of currents and DMI add to a step: the same track with and without, in turn.

Run with ``python benchmarks/current_terms.py``; prints one line of JSON with the ratio of the
median times of a step of 16 noisy replicas for each set of terms (1 means no cost).
"""

import json
import time

import numpy as np

from micromag.engine.equation_of_motion import Equation, State, advance, equation_of, state_of
from micromag.engine.problem import Problem

CELLS, CELL_M, MS, A, K = (120, 20, 1), (2.5e-9, 2.5e-9, 1.5e-9), 8e5, 1.3e-11, 5e5
STEP_S, STEPS, ROUNDS = 1e-13, 40, 20
SPIN_TRANSFER = {"u": (34.0, 0, 0), "nonadiabaticity": 0.05}
SPIN_HALL = {"J": 1.8e11, "polarisation": 0.2, "spin": (0, 1, 0)}
TERMS = {
    "spin transfer": SPIN_TRANSFER,
    "spin Hall": SPIN_HALL,
    "DMI": {"D": 5e-4},
    "all": SPIN_TRANSFER | SPIN_HALL | {"D": 5e-4},
}


def track(**terms: object) -> tuple[State, Equation]:
    """Return a track with a wall at 300 K, warmed up."""
    n = int(np.prod(CELLS))
    problem = Problem(
        CELLS, CELL_M, np.full(n, MS), A=A, K=K, alpha=0.05, temperature_K=300.0, **terms
    )
    state = state_of(problem, np.float32)
    x = np.repeat((np.arange(CELLS[0]) - CELLS[0] / 2) * CELL_M[0], CELLS[1])
    up = -np.tanh(x / np.sqrt(A / (K - 4e5)))
    state.m[:] = np.stack([0 * up, np.sqrt(1 - up**2), up])[..., None]
    equation = equation_of(problem, STEP_S, np.float32, shared_demag=True)
    advance(state, equation, STEPS)
    return state, equation


def main() -> None:
    """Print the ratios."""
    tracks = {"none": track()} | {name: track(**terms) for name, terms in TERMS.items()}
    times: dict[str, list[float]] = {name: [] for name in tracks}
    for _ in range(ROUNDS):
        for name, (state, equation) in tracks.items():
            start = time.process_time()
            advance(state, equation, STEPS)
            times[name].append(time.process_time() - start)
    median_s = {name: float(np.median(values)) for name, values in times.items()}
    result = {name: round(median_s[name] / median_s["none"], 3) for name in TERMS}
    print(json.dumps(result | {"step_us": round(median_s["none"] / STEPS * 1e6, 1)}))


if __name__ == "__main__":
    main()
