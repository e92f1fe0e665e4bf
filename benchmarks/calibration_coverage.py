"""How often intervals of `micromag calibrate` contain the wire, and how often it rejects the truth.

Run with ``python -m benchmarks.calibration_coverage --wires 100``. The passing curve is a formula
of two parameters in the place of simulations, so that many calibrations take minutes: wires are
drawn from the prior, measured with some trials at each of seven fields, and calibrated with
their own simulated counts, as the command does it.
"""

import argparse
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from dwsynapse.study.wires.priors import Prior
from fitting.inference.distributions import wilson_interval
from micromag.calibration.evidence import Measured
from micromag.calibration.explanation import explanation_test
from micromag.calibration.proposal import PlannedWire
from micromag.calibration.rounds import Round, calibrate

FIELDS_MT = np.array([5, 6, 7, 7.5, 8, 9, 10.0])
PRIORS = (Prior("a", 0, 1), Prior("b", 0, 1))
SHARES = (0.5, 0.8, 0.95)
REJECTED = 0.01


def passing(wire: NDArray[np.float64], field_mT: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the passing probability of a wire: centre and steepness depend on both parameters."""
    a, b = wire
    return np.asarray(expit(2.5 * (1 + 0.3 * b) * (field_mT - 7.5 - 1.2 * a - 0.5 * b)))


def calibration(
    wire: NDArray[np.float64], counts: int, trials: int, seed: int
) -> tuple[Round, Measured]:
    """Return what a calibration finds of a wire from its own counts, and these."""
    rng = np.random.default_rng(seed)

    def table(of: NDArray[np.float64], n: NDArray[np.int64], field_mT: NDArray[np.float64]):  # type: ignore[no-untyped-def]
        passed = rng.binomial(n, passing(of, field_mT))
        return pd.DataFrame({"field_mT": field_mT, "n_trials": n, "n_passed": passed})

    def simulate(_: int, planned: list[PlannedWire]) -> list[pd.DataFrame]:
        return [
            table(one.wire, np.array(list(one.trials.values())), np.array(list(one.trials)))
            for one in planned
        ]

    found = table(wire, np.full(len(FIELDS_MT), counts), FIELDS_MT)
    measured = Measured(
        FIELDS_MT, *(found[name].to_numpy(float) for name in ("n_trials", "n_passed"))
    )
    return calibrate(measured, PRIORS, simulate, trials=trials, seed=seed), measured


def main() -> None:
    """Print a row of coverage for each parameter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wires", type=int, default=100, help="wires that are calibrated")
    parser.add_argument("--counts", type=int, default=100, help="measured trials at each field")
    parser.add_argument("--trials", type=int, default=2400, help="simulated trials of each wire")
    options = parser.parse_args()
    ranks, p_values, spent, widths = [], [], [], []
    for number in range(options.wires):
        wire = np.random.default_rng([7, number]).uniform(-1, 1, 2)  # scaled
        last, measured = calibration(wire, options.counts, options.trials, number)
        draws = last.posterior.wires
        ranks.append((draws < wire).mean(axis=0))
        widths.append(draws.std(axis=0))
        test = explanation_test(last.emulator, measured, last.posterior, number)
        p_values.append(test["p_value"])
        spent.append(last.n_trials)
    print_coverage([prior.name for prior in PRIORS], ranks, widths, p_values)
    print(f"{np.mean(spent):.0f} trials a wire")


def print_coverage(
    names: Sequence[str],
    ranks: Sequence[NDArray[np.float64]],
    widths: Sequence[NDArray[np.float64]],
    p_values: Sequence[float],
) -> None:
    """Print how often intervals contain the wire, and how often the test rejects it.

    Parameters
    ----------
    names
        Of the parameters.
    ranks
        For each wire the share of draws below its parameters, shape (n_parameters,).
    widths
        Standard deviations of the draws, scaled.
    p_values
        Of the test whether a wire explains the counts.
    """
    away = 2 * np.abs(np.array(ranks) - 0.5)
    for column, name in enumerate(names):
        cells = [_share(int((away[:, column] <= share).sum()), len(ranks)) for share in SHARES]
        width = np.mean(widths, axis=0)[column]
        print(f"| {name} | {' | '.join(cells)} | {width:.2f} |", flush=True)
    rejected = int((np.array(p_values) <= REJECTED).sum())
    print(f"truth rejected: {_share(rejected, len(p_values))}")


def _share(n: int, of: int) -> str:
    low, high = wilson_interval(np.array([n]), np.array([of]), 0.95)
    return f"{100 * n / of:.0f} % [{100 * low[0]:.0f}, {100 * high[0]:.0f}]"


if __name__ == "__main__":
    main()
