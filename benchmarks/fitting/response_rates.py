"""How often the tests of a response reject good trains, and how often its intervals hold the truth.

Trains of 930 pulses a direction, as of Liu et al. (2021), from synapses whose response is known.
Prints the tables of docs/tracks.md.

    python benchmarks/fitting/response_rates.py               # a quarter of an hour
    python benchmarks/fitting/response_rates.py --trains 50
"""

import argparse
from collections import defaultdict
from collections.abc import Callable

import numpy as np
from scipy.stats import binomtest

from dwsynapse.io.progress_bars import progress_bar
from fitting.response.binned_updates import BinnedUpdates
from fitting.response.checks import response_tests, simulated_result
from fitting.response.statistics.bootstrap import Resampled, interval
from fitting.response.statistics.nonlinearity import label
from fitting.response.updates import Updates

CYCLES, PULSES, STEP, SPREAD = 30, 31, 0.046, 0.025
SIMULATIONS, DRAWS, SIGNIFICANCE = 199, 200, 0.05
Noise = Callable[[np.random.Generator, float], float]


def normal(rng: np.random.Generator, place: float) -> float:
    """Return a normal deviation."""
    return float(rng.standard_normal())


def skewed(rng: np.random.Generator, place: float) -> float:
    """Return a skewed deviation that grows with the conductance."""
    return float((rng.exponential() - 1) * (1 + 0.8 * (place - 1.7)))


def coarse(rng: np.random.Generator, place: float) -> float:
    """Return no step too few, one too few or one too many."""
    return float(rng.choice([-1.0, 0.0, 0.0, 1.0]))


def train(
    rng: np.random.Generator,
    noise: Noise = normal,
    *,
    at_random: bool = False,
    slope: float = 0.0,
    asymmetry: float = 0.0,
    memory: float = 0.0,
) -> Updates:
    """Return a train of a continuous synapse: ramps up and down, or directions at random."""
    place, last, rows = 1.0, 0.0, []
    for cycle in range(2 * CYCLES):
        for _ in range(PULSES):
            way = rng.choice([-1, 1]) if at_random else 1 - 2 * (cycle % 2)
            mean = STEP * (1 - slope * way * (place - 1.7)) * (1 - asymmetry * (way < 0))
            deviation = SPREAD * noise(rng, place)
            after = place + way * (mean + deviation + memory * last)
            rows.append((place, after, way))
            place, last = after, deviation
    before, after, direction = np.array(rows).T
    offset = max(0.0, 0.1 - before.min())
    n = len(before)
    return Updates(
        1e-6 * (before + offset),
        1e-6 * (after + offset),
        direction.astype(np.int64),
        np.arange(n) > 0,
        np.zeros(n, dtype=np.int64),
    )


def track(rng: np.random.Generator, stay: float = 0.06) -> Updates:
    """Return ramps of walls over 32 notches: none, one or two for each pulse."""
    rows: list[tuple[float, float, int, bool, int]] = []
    for replica in range(CYCLES):
        level, place = 0, 0.03 * rng.standard_normal()
        for pulse in range(2 * PULSES):
            way = 1 if pulse < PULSES else -1
            if level == (31 if way > 0 else 0):
                continue
            moved = way * int(rng.choice([0, 1, 2], p=[stay, 1 - 2 * stay, stay]))
            level = int(np.clip(level + moved, 0, 31))
            after = level + 0.03 * rng.standard_normal()
            follows = bool(rows) and rows[-1][-1] == replica
            rows.append((place, after, way, follows, replica))
            place = after
    before, after, direction, follows, replicas = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    levels = 1e-6 * (40 + np.arange(32.0))
    return Updates(1e-6 * (40 + before), 1e-6 * (40 + after), direction, follows, replicas, levels)


GOOD: dict[str, Callable[[np.random.Generator], Updates]] = {
    "normal deviations": train,
    "skewed, growing with G": lambda rng: train(rng, skewed),
    "coarse steps": lambda rng: train(rng, coarse),
    "directions at random": lambda rng: train(rng, at_random=True),
    "walls over 32 notches": track,
}
DEPARTURES: dict[str, Callable[[np.random.Generator], Updates]] = {
    "mean step falls by 30 % over the range": lambda rng: train(rng, slope=0.21),
    "steps down 10 % smaller": lambda rng: train(rng, asymmetry=0.1),
    "15 % of the last deviation kept": lambda rng: train(rng, memory=0.15),
}


def print_rejections(kinds: dict[str, Callable], n_trains: int, seed: int) -> None:
    """Print, for each kind of train, how often each test rejects at 5 %."""
    print("\n| trains | test | rejected at 5 % | 95 % interval |\n|---|---|---|---|")
    for kind, make in kinds.items():
        found = defaultdict(list)
        for i in progress_bar(range(n_trains), desc=kind):
            updates = make(np.random.default_rng([seed, i]))
            for result in response_tests.tests(BinnedUpdates.of(updates), i):
                found[result.test].append(result.p_value <= SIGNIFICANCE)
        for test, rejected in found.items():
            print_share(f"| {kind} | {test}", sum(rejected), len(rejected))


def print_coverage(n_trains: int, seed: int) -> None:
    """Print how often 95 % intervals hold the truth, for trains of known mean and spread."""
    print("\n| trains | statistic | coverage | 95 % interval |\n|---|---|---|---|")
    of_track = 1.0, np.sqrt(0.12 + 2 * 0.03**2), 0.0
    truths = {"normal deviations": (STEP, SPREAD, 0.0), "walls over 32 notches": of_track}
    for kind, truth in truths.items():
        held = np.zeros(3, dtype=int)
        for i in progress_bar(range(n_trains), desc=kind):
            updates = GOOD[kind](np.random.default_rng([seed, i]))
            resampled = Resampled(BinnedUpdates.of(updates), DRAWS, i)
            mean_S, spread_S = (1e6 * values[:, 3:-3] for values in resampled.moments(1))
            spread = np.sqrt((spread_S**2).mean(axis=1))
            curvature, *_ = resampled.curvatures(1)
            for k, values in enumerate((mean_S.mean(axis=1), spread, label(curvature))):
                low, high = interval(values, 0.95, resampled.n_units(1))
                held[k] += low <= truth[k] <= high
        for name, k in zip(("mean step", "spread", "nonlinearity"), held, strict=True):
            print_share(f"| {kind} | {name}", int(k), n_trains)


def print_share(row: str, k: int, n: int) -> None:
    """Print a share with its interval."""
    low, high = binomtest(k, n).proportion_ci(method="wilson")
    print(f"{row} | {k / n:.1%} | {low:.1%} to {high:.1%} |", flush=True)


def main() -> None:
    """Print the tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trains", type=int, default=400, help="trains of each kind")
    parser.add_argument("--seed", type=int, default=1, help="seed of the trains")
    options = parser.parse_args()
    simulated_result.SIMULATIONS = SIMULATIONS
    print_rejections(GOOD, options.trains, options.seed)
    print_rejections(DEPARTURES, max(options.trains // 4, 1), options.seed)
    print_coverage(options.trains, options.seed)


if __name__ == "__main__":
    main()
