"""Test accuracy where wires vary, of networks trained for that or less variation.

Run with ``python -m benchmarks.wire_variation --device device.json --images images.npz --models
2``: one line of JSON for each network, with mean and lower 2.5 % over sets of wires by their spread
in mT.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from dwsynapse.study import Network
from fitting.device import DeviceModel
from network.cost.device_spread import Inference, on_wires
from network.images.prepared_images import Images
from network.kinds import Kind
from network.synapses.wire_variation import Population
from network.trained_model import TrainedModel
from network.training.trainer import Trainer

PLACE_SDS_mT = (0.0, 0.2, 0.5, 1.0)
SETS_OF_WIRES = 20


def main() -> None:
    """Train for every spread, test with every spread, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", type=Path, required=True, help="device.json")
    parser.add_argument("--images", type=Path, required=True, help="prepared images (.npz)")
    parser.add_argument("--models", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    device, images = DeviceModel.read(asked.device), Images.read(asked.images)
    test = images.test_pixels, images.test_labels
    for trained_for_mT in PLACE_SDS_mT:
        config = Network(wire_place_sd_mT=trained_for_mT)
        rates = {1: config.learning_rate_one_read, 8: config.learning_rate}
        rates[128] = config.learning_rate
        kinds = [Kind("stochastic", reads, rate) for reads, rate in rates.items()]
        for number in range(asked.models):
            task = config, device, images, kinds
            networks = Trainer(*task, model=number, seed=asked.seed).train()
            model = TrainedModel(device.name, "", number, asked.seed, tuple(networks))
            for network in networks:
                inference = Inference(model, network, network.reads_train or 1, *test)
                line = {"trained_for_mT": trained_for_mT, "model": number, "reads": inference.reads}
                for differ_mT in PLACE_SDS_mT:
                    population = Population(device.curve, differ_mT)
                    wires = (
                        on_wires(inference, population, network.layer_fields_mT, n)
                        for n in range(SETS_OF_WIRES)
                    )
                    shares = inference.accuracies(wires)
                    line[f"{differ_mT:g}"] = [shares.mean(), np.quantile(shares, 0.025)]
                print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
