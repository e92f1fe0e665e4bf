"""How often a faithful device is called inconsistent, where its curve is known from a fit.

A virtual device is measured at 21 fields and fitted. In each experiment the true curve is a draw of
that fit, and the bench's fields are off by a draw of the calibration's uncertainty; the log is
verified as by `python -m hardware verify`. Everything is synthetic. Prints a row for each size.

    python benchmarks/verdict_rates.py --experiments 500
"""

import argparse
import dataclasses

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from dwsynapse.study import Fitting
from fitting.device import DeviceModel
from fitting.make_device import device_from_counts
from hardware.instruments.virtual_laboratory import run_program
from hardware.verification.log_verification import verify
from tests.hardware.small_task import DEVICE, SETTINGS, images_of, make_task, manifest_of

IMAGES = (1, 14, 80)


def fitted(n_trials: int) -> DeviceModel:
    """Return the device fitted to counts of 21 fields."""
    fields_mT = np.linspace(2, 8, 21)
    passed = np.random.default_rng(21).binomial(n_trials, DEVICE.curve.probability(fields_mT))
    counts = pd.DataFrame({"field_mT": fields_mT, "n_trials": n_trials, "n_passed": passed})
    return device_from_counts(
        counts, Fitting(), name="wire", source="measurement", seed=1, path="counts"
    )


def main() -> None:
    """Print the share of experiments called inconsistent, with its 95 % interval."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiments", type=int, default=500)
    parser.add_argument("--trials", type=int, nargs="*", default=[100, 1000])
    parser.add_argument("--significance", type=float, default=0.05)
    options = parser.parse_args()
    program, pixels, labels = make_task()
    for n_trials in options.trials:
        device = fitted(n_trials)
        for n_images in IMAGES:
            settings = SETTINGS.model_copy(
                update={"significance": options.significance, "images": n_images}
            )
            shown = images_of(pixels[:n_images], labels[:n_images])
            alarms, reads = 0, 0
            for seed in range(options.experiments):
                rng = np.random.default_rng([n_trials, n_images, seed])
                values = device.draws[rng.integers(len(device.draws))]
                truth = device.curve.with_values(
                    dict(zip(device.intervals, map(float, values), strict=True))
                )
                offset_mT = rng.normal(0, settings.field_offset_sd_mT)
                # Fields are reported with the offset, and act without it.
                moved = dataclasses.replace(
                    device, curve=truth.placed(truth.h0_mT + offset_mT, truth.delta_per_mT)
                )
                log = run_program(program, moved, shown.test_pixels, settings, key=(seed,))
                manifest = manifest_of(program, log, labels)
                found = verify(program, device, log, manifest, shown, settings, seed)
                alarms += any(test["verdict"] == "inconsistent" for test in found["tests"])
                reads = len(log)
            low, high = binomtest(alarms, options.experiments).proportion_ci(method="wilson")
            share = alarms / options.experiments
            print(
                f"| 21 x {n_trials} | {reads} | {share:.1%} | {low:.1%} to {high:.1%} |", flush=True
            )


if __name__ == "__main__":
    main()
