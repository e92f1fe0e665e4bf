"""How often intervals of `micromag calibrate` contain a wire that was itself simulated.

Run ``python -m benchmarks.simulated_coverage FOLDER --config wire.yaml --vary ... --fields ...``.
Wires that fill the prior are simulated, and kept in the folder; each is the truth in turn, its own
counts are what is measured, and the emulator has all other wires.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.calibration_coverage import print_coverage
from dwsynapse.io.limits import DEFAULT_SEED
from dwsynapse.io.progress_bars import progress_bar
from dwsynapse.study import SimulatedDevice, read_block
from dwsynapse.study.wires.varied_wires import VariedWires
from micromag.calibration.emulator import Emulator
from micromag.calibration.evidence import Measured, simulated_counts
from micromag.calibration.explanation import explanation_test
from micromag.calibration.posterior import draw_posterior, prior_points
from micromag.wires.wire_folder import WireFolder

Floats = NDArray[np.float64]


def simulated_wires(
    wires: VariedWires, options: argparse.Namespace, fields_mT: list[float]
) -> tuple[Floats, list[pd.DataFrame]]:
    """Return scaled parameters of wires that fill the prior, and their counts."""
    z = prior_points(len(wires.priors), options.wires, options.seed)
    scaled = np.column_stack([p.scaled(x) for p, x in zip(wires.priors, z.T, strict=True)])
    trials = dict.fromkeys(fields_mT, options.trials // len(fields_mT))
    tables = []
    with progress_bar(total=options.wires * sum(trials.values()), unit="trial") as bar:
        for wire in scaled:
            folder = WireFolder(wires.wire(wire), trials, options.folder, options.seed)
            tables.append(folder.counts(options.threads, bar))
    return scaled, tables


def main() -> None:
    """Print a row of coverage for each parameter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="for the wires")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--vary", action="append", required=True)
    parser.add_argument("--fields", required=True, help="in mT, as in 6,7,8")
    parser.add_argument("--wires", type=int, default=32)
    parser.add_argument("--trials", type=int, default=96, help="of each wire")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    options = parser.parse_args()
    device = read_block(options.config, SimulatedDevice)
    varied = VariedWires.of(device, options.vary, options.config)
    fields_mT = [float(field) for field in options.fields.split(",")]
    wires, tables = simulated_wires(varied, options, fields_mT)
    ranks, widths, p_values = [], [], []
    start = None
    for i in progress_bar(range(len(wires)), unit="wire"):
        measured = Measured.of(tables[i])
        if measured.passed.sum() in (0, measured.trials.sum()):
            continue
        others = np.arange(len(wires)) != i
        kept = [table for table, other in zip(tables, others, strict=True) if other]
        emulator = Emulator.fitted(simulated_counts(wires[others], kept, measured), start)
        start = emulator.covariance
        posterior = draw_posterior(emulator, measured, varied.priors, 0.0, i)
        ranks.append((posterior.wires < wires[i]).mean(axis=0))
        widths.append(posterior.wires.std(axis=0))
        p_values.append(explanation_test(emulator, measured, posterior, i)["p_value"])
    print_coverage([prior.name for prior in varied.priors], ranks, widths, p_values)
    print(f"{len(wires)} simulated wires, {len(ranks)} of them as truths")


if __name__ == "__main__":
    main()
