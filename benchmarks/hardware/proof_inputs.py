"""Devices and programs for which `python -m hardware prove` counts how often verdicts are right.

A published device; devices that are virtually measured at 21 fields, with 100 and with 1000 trials
each, and fitted; and devices that were simulated, if their device.json are given. For each of them
a network is trained briefly on MNIST. Everything is synthetic. Writes device.json and program.csv
into a folder for each device, and next to them images.npz, hardware.yaml and calibrated.yaml, with
a bench whose field is known better.

    python benchmarks/hardware/proof_inputs.py --out proof
    python -m hardware prove --program proof/ellis2023/program.csv \
        --device proof/ellis2023/device.json --images proof/images.npz \
        --config proof/hardware.yaml --threads 2 --out proof/ellis2023
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

import dwsynapse as dw
from dwsynapse.study.presets.ellis import ELLIS2023

READS_TRAIN = 128
NETWORK = dw.Network(reads_train=(READS_TRAIN,), rules=("stochastic",), max_epochs=5)
SETTINGS = dw.Hardware(images=20, reads=4, significance=0.05)
CALIBRATED = SETTINGS.model_copy(update={"field_offset_sd_mT": 0.02, "field_scale_sd": 0.002})
SHOWN = {"images", "reads", "significance", "field_offset_sd_mT", "field_scale_sd"}


def measured(n_trials: int) -> dw.DeviceModel:
    """Return the device fitted to counts of 21 fields, drawn from the published curve."""
    fields_mT = np.linspace(2, 8, 21)
    curve = dw.publish(ELLIS2023, "ellis2023").curve
    passed = np.random.default_rng(21).binomial(n_trials, curve.probability(fields_mT))
    counts = pd.DataFrame({"field_mT": fields_mT, "n_trials": n_trials, "n_passed": passed})
    return dw.fit(counts, name=f"measured-{n_trials}")


def main() -> None:
    """Write devices, programs, images and settings."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--simulated", type=Path, nargs="*", default=[], help="device.json")
    options = parser.parse_args()
    images = dw.images(NETWORK)
    images.write(options.out / "images.npz")
    for name, settings in (("hardware", SETTINGS), ("calibrated", CALIBRATED)):
        lines = [f"{key}: {value}\n" for key, value in settings.model_dump(include=SHOWN).items()]
        (options.out / f"{name}.yaml").write_text("".join(lines))
    devices = [dw.publish(ELLIS2023, "ellis2023"), measured(100), measured(1000)]
    for device in [*devices, *map(dw.DeviceModel.read, options.simulated)]:
        folder = options.out / device.name
        device.write(folder / "device.json")
        # Of the device as it is read, which is the one that the program is for.
        device = dw.DeviceModel.read(folder / "device.json")
        model = dw.train(device, images, NETWORK)
        program = dw.make_program(model, device, SETTINGS, reads_train=READS_TRAIN)
        program.write(folder / "program.csv")


if __name__ == "__main__":
    main()
