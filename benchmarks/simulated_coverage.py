"""How often intervals of `micromag calibrate` contain a wire that was itself simulated.

Run with ``python -m benchmarks.simulated_coverage calibrated --config wire.yaml --vary ...``, with
the folder of a calibration and its ``--config``, ``--vary`` and ``--seed``. Nothing is simulated:
each wire of its first round, which fill the prior, is the truth in turn, its own counts are what
is measured, and the emulator has all other wires.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.calibration_coverage import print_coverage
from dwsynapse.io.contracts import TRIALS
from dwsynapse.io.limits import DEFAULT_SEED
from dwsynapse.study import SimulatedDevice, read_block
from dwsynapse.study.wires.varied_wires import VariedWires
from micromag.calibration.emulator import Emulator
from micromag.calibration.evidence import Measured, simulated_counts
from micromag.calibration.explanation import explanation_test
from micromag.calibration.posterior import draw_posterior
from micromag.wires.wire_folder import WireFolder, counts_of

Floats = NDArray[np.float64]


def simulated_wires(
    wires: VariedWires, folder: Path, seed: int
) -> tuple[Floats, list[pd.DataFrame], int]:
    """Return scaled parameters and counts of a calibration's wires, and how many the prior drew."""
    scaled, tables, first = [], [], 0
    for number, path in enumerate(sorted(folder.glob("rounds/*.json"), key=lambda p: int(p.stem))):
        for one in json.loads(path.read_text())["wires"]:
            trials = dict(zip(one["fields_mT"], one["n_trials"], strict=True))
            wire = np.array(one["wire"])
            simulated = WireFolder(wires.wire(wire), trials, folder / "wires", seed)
            if simulated.simulated():
                scaled.append(wire)
                tables.append(counts_of(TRIALS.read(simulated.path / "trials.csv")))
        first = first if number else len(scaled)
    return np.array(scaled), tables, first


def main() -> None:
    """Print a row of coverage for each parameter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="of the calibration")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--vary", action="append", required=True)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    options = parser.parse_args()
    device = read_block(options.config, SimulatedDevice)
    varied = VariedWires.of(device, options.vary, options.config)
    wires, tables, first = simulated_wires(varied, options.folder, options.seed)
    ranks, widths, p_values = [], [], []
    start = None
    for i in tqdm(range(first), unit="wire"):
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
