"""Test accuracy at one read per synapse by method of training, with its cost and its bounds.

Run with ``python -m benchmarks.methods --device device.json --images images.npz --models 5``: one
line of JSON for each method and model, then one with mean and standard deviation for each method.
Other images are made by ``python -m network images`` with a config of another dataset or side.
"""

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from dwsynapse.study import Network
from fitting.device import DeviceModel
from network.accuracy import model_accuracies
from network.images.prepared_images import Images
from network.kinds import Kind
from network.reads.random_streams import generator
from network.trained_model import ExportedNetwork, TrainedModel
from network.training.descent_schedule import Descent
from network.training.rules import hidden_layers_rule, mixed_sums_rule, win_probability_rule
from network.training.rules.two_level_search import TwoLevels
from network.training.rules.win_probability_rule import Schedule
from network.training.trainer import Trainer

ON_THE_DEVICE = ("paper", "gradient", "gradient and search")
METHODS = (*ON_THE_DEVICE, "mixed sums", "hidden layer", "deterministic")


def train(
    method: str, device: DeviceModel, images: Images, hidden: int, model: int, seed: int
) -> ExportedNetwork:
    """Train one network by a method, one with a hidden layer with `hidden` neurons in it."""
    config = Network(hidden=(hidden,))
    if method == "hidden layer":
        plan = Descent(rate=hidden_layers_rule.RATE)
        return hidden_layers_rule.train(
            config, device, images, reads=1, model=model, seed=seed, descent=plan
        )
    if method == "mixed sums":
        return mixed_sums_rule.train(config, device, images, model=model, seed=seed)
    if method == "paper":
        kind = Kind("stochastic", 1, config.learning_rate_one_read)
        return Trainer(config, device, images, [kind], model=model, seed=seed).train()[0]
    schedule = Schedule() if method == "gradient and search" else Schedule(search_passes=0)
    return win_probability_rule.train(
        config, device, images, model=model, seed=seed, schedule=schedule
    )


def deterministic(
    network: ExportedNetwork, device: DeviceModel, images: Images, seed: int
) -> tuple[float, float]:
    """Return test accuracies of weights 0 and 1 read without noise.

    Returns
    -------
    tuple of float
        Of this network with each weight rounded; and after a search from there for weights that
        are best without noise.
    """
    high = device.curve.probability(network.fields_mT.T) > 0.5
    data = images.train_pixels, images.train_labels
    best = TwoLevels(high, network.biases, *data, 0.0, 1.0)
    best.search(10, generator(seed, 0, "deterministic"))
    shares = []
    for weights, biases in ((high, network.biases), (best.high, best.biases)):
        outputs = images.test_pixels.astype(float) @ weights + biases
        shares.append(float(np.mean(outputs.argmax(axis=1) == images.test_labels)))
    return shares[0], shares[1]


def main() -> None:
    """Train by every method requested and print its accuracy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", type=Path, required=True, help="device.json")
    parser.add_argument("--images", type=Path, required=True, help="prepared images (.npz)")
    parser.add_argument("--models", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hidden", type=int, default=128, help="neurons of the hidden layer")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    asked = parser.parse_args()
    if "deterministic" in asked.methods and not {*ON_THE_DEVICE} & {*asked.methods}:
        parser.error(f"deterministic starts from a network of {' or '.join(ON_THE_DEVICE)}")
    device = DeviceModel.read(asked.device)
    images = Images.read(asked.images)
    shares = defaultdict(list)
    for model in range(asked.models):
        for method in asked.methods:
            if method == "deterministic":
                continue
            started = time.process_time()
            network = train(method, device, images, asked.hidden, model, asked.seed)
            trained = TrainedModel(device.name, "", model, asked.seed, (network,))
            share = model_accuracies(trained, device.curve, images)[0]
            epochs = len(network.training.validation_loss)
            if method in ON_THE_DEVICE:
                start = network
            seconds = time.process_time() - started
            shares[method].append(share)
            line = {"method": method, "model": model, "test": round(share, 4)}
            line |= {"epochs": epochs, "cpu_s": round(seconds)}
            print(json.dumps(line), flush=True)
        if "deterministic" in asked.methods:
            rounded, best = deterministic(start, device, images, asked.seed)
            shares["rounded, without noise"].append(rounded)
            shares["best deterministic"].append(best)
    for method, values in shares.items():
        mean, sd = np.mean(values), np.std(values, ddof=1) if len(values) > 1 else None
        print(json.dumps({"method": method, "mean": mean, "sd": sd, "per_model": values}))


if __name__ == "__main__":
    main()
