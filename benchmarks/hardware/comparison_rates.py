"""How often two devices are called different, alike ones and others, by `hardware compare`.

A pair of devices is drawn, one measured and the other measured, simulated or published; measured
fields are off by a draw of their calibration's uncertainty. Each is fitted, and the two are
compared. Prints the table of docs/hardware.md.

    python benchmarks/hardware/comparison_rates.py --pairs 300    # a quarter of an hour
    python benchmarks/hardware/comparison_rates.py --pairs 50
"""

import argparse
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from dwsynapse.io.number_format import DIFFERENT
from dwsynapse.io.progress_bars import progress_bar
from dwsynapse.study import Fitting
from dwsynapse.study.presets.ellis import ELLIS2023
from fitting.comparison.devices.calibration_prior import CalibrationPrior
from fitting.comparison.devices.devices_compared import BothCounts, compare_devices
from fitting.device import DeviceModel
from fitting.forms import Logistic
from fitting.inference.count_model import Model
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem
from fitting.make_device import device_from_publication

OFFSET_SD_MT, SCALE_SD, SIGNIFICANCE = 0.1, 0.02, 0.05
FIELDS_mT = np.linspace(2.5, 7.5, 11)
TRUTH = Logistic(0.02, 4.63, 2.73)


@dataclass(frozen=True)
class Case:
    """What the second device is, and how it differs.

    Parameters
    ----------
    name
        In words.
    source
        Of the second device.
    curve
        Its curve.
    n_trials
        Trials a field, of both.
    correlation
        Of trials of a row, of both; fitted where it is not 0.
    with_counts
        Whether the counts of both are compared, or their curves.
    """

    name: str
    source: str = "measurement"
    curve: Logistic = TRUTH
    n_trials: int = 100
    correlation: float = 0.0
    with_counts: bool = True


CASES = [
    Case("alike, both measured"),
    Case("alike, both measured, 1000 trials a field", n_trials=1000),
    Case("alike, both measured, curves only", with_counts=False),
    Case("alike, measured and simulated", "simulation"),
    Case("alike, measured and published", "published", Logistic(0.0219, 4.63, 2.73)),
    Case("alike, trials correlated by 0.05", correlation=0.05),
    Case("offset 0.3 mT", curve=replace(TRUTH, h0_mT=4.93)),
    Case("offset 0.6 mT", curve=replace(TRUTH, h0_mT=5.23)),
    Case("floor 0.1 instead of 0.02", curve=replace(TRUTH, floor=0.1)),
    Case("floor 0.3 instead of 0.02", curve=replace(TRUTH, floor=0.3)),
    Case("steepness 30 % less", curve=replace(TRUTH, delta_per_mT=0.7 * 2.73)),
    Case("lapse 0.05 instead of 0", curve=replace(TRUTH, lapse=0.05)),
]


def main() -> None:
    """Print a table in Markdown: a row for each case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=400, help="pairs of devices in each case")
    parser.add_argument("--seed", type=int, default=1, help="seed of the pairs")
    options = parser.parse_args()
    print("| devices | called different | 95 % interval |")
    print("|---|---|---|")
    for number, case in enumerate(progress_bar(CASES)):
        k = sum(
            _different(case, np.random.default_rng([options.seed, number, i]))
            for i in range(options.pairs)
        )
        low, high = binomtest(k, options.pairs).proportion_ci(method="wilson")
        print(f"| {case.name} | {k / options.pairs:.1%} | {low:.1%} to {high:.1%} |", flush=True)


def _different(case: Case, rng: np.random.Generator) -> bool:
    lapse = case.curve.lapse > 0
    first, counts = _device("measurement", TRUTH, case, lapse, rng)
    if case.source == "published":
        second, others = device_from_publication(ELLIS2023, "published", {}), None
    else:
        second, others = _device(case.source, case.curve, case, lapse, rng)
    prior = CalibrationPrior.between(first, second, OFFSET_SD_MT, SCALE_SD)
    both: BothCounts | str = "curves only"
    if case.with_counts and others is not None:
        both = BothCounts((counts, others), ("first", "second"))
    content = compare_devices(first, second, both, SIGNIFICANCE, 0.95, prior)
    return content["verdict"] == DIFFERENT


def _device(
    source: str, curve: Logistic, case: Case, lapse: bool, rng: np.random.Generator
) -> tuple[DeviceModel, pd.DataFrame]:
    acting_mT = FIELDS_mT
    if source == "measurement":
        acting_mT = rng.normal(0, OFFSET_SD_MT) + FIELDS_mT * (1 + rng.normal(0, SCALE_SD))
    p = curve.probability(acting_mT)
    if case.correlation:
        total = 1 / case.correlation - 1
        p = rng.beta(p * total, (1 - p) * total)
    counts = pd.DataFrame(
        {
            "field_mT": FIELDS_mT,
            "n_trials": case.n_trials,
            "n_passed": rng.binomial(case.n_trials, p),
        }
    )
    vary = "beta-binomial" if case.correlation else "binomial"
    model = Model.of(Fitting(lapse=lapse, counts_vary=vary))
    fit = fit_curve(FitProblem.of(counts, model), 0.95, "drawn counts")
    device = DeviceModel(
        name=f"{source} {rng.integers(1_000_000)}",
        source=source,
        curve=fit.curve,
        intervals=fit.intervals,
        interval_kind="profile likelihood",
        field_range_mT=(2.5, 7.5),
        confidence=0.95,
        nuisances=fit.nuisances,
    )
    return device, counts


if __name__ == "__main__":
    main()
