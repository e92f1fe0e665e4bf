"""How fast crossbars are trained through tables, compared with CrossSim 2.0 or plain numpy.

Both sides train 785 x 300 x 10 networks on the same images through the same published table of Liu
et al. 2021, of one device or of 20 that differ, each on one processor thread: ours two networks at
once on two. They alternate, since other work on the machine affects both. Prints a table of
processor times, extrapolated to an epoch of 60 000 images from those that were trained on, and the
accuracies after one epoch of some images, three networks each.

    git clone --depth 1 --branch v2.0 https://github.com/sandialabs/cross-sim
    python -m benchmarks.crossbar_speed mnist.npz --crosssim cross-sim
    python -m benchmarks.crossbar_speed mnist.npz                      # against plain numpy
    python -m benchmarks.crossbar_speed mnist.npz --agreement 6000
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

# Before numpy: its threads would wait for each other on matrices this small.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import numpy as np

from benchmarks.crossbar.crosssim_network import CrossSimNetwork, parameters
from benchmarks.crossbar.plain_network import PlainNetwork
from dwsynapse.study.crossbar import Crossbar
from fitting.response.response_table import ResponseTable
from network.crossbar.starting_arrays import devices_that_differ
from network.crossbar.train_crossbars import CrossbarRun, CrossbarTraining, train_crossbars
from network.images.grey_images import GreyImages
from studies.liu2021.pulse_sets import published

WIDTHS, LIMITS, RATE = (784, 300, 10), (1.0, 1.3), 0.01
EPOCH, DEVICES, BATCHES = 60_000, (1, 20), (1, 10)
THREADS, NETWORKS, OUR_EPOCHS, SEED = 2, 2, 5, 1
SEEDS, N_TEST = 3, 2000
"""Networks and test images of a comparison of accuracies."""
WHITE = np.float32(255)


def part(images: GreyImages, n: int, n_test: int) -> GreyImages:
    """Return the first training and test images."""
    train = {"train_pixels": images.train_pixels[:n], "train_labels": images.train_labels[:n]}
    test = {"test_pixels": images.test_pixels[:n_test], "test_labels": images.test_labels[:n_test]}
    return replace(images, **train, **test)


def our_networks(
    table: ResponseTable, images: GreyImages, devices: int, batch: int, epochs: int, number: int
) -> list[CrossbarTraining]:
    """Return networks to train, with all images."""
    config = Crossbar(
        devices=devices,
        batch_images=batch,
        epochs=epochs,
        learning_rate=RATE,
        weight_limits=LIMITS,
        validation_images=0,
    )
    runs = [CrossbarRun(config, table, model, SEED) for model in range(number)]
    return [CrossbarTraining(run, images) for run in runs]


def other_side(
    table: ResponseTable, devices: int, checkout: Path | None, folder: Path, vectorize: bool
) -> Callable[[int, int], CrossSimNetwork | PlainNetwork]:
    """Return what makes a network of the other side, from a mini-batch and a seed."""
    nominal, *others = devices_that_differ(table, devices, SEED)
    given = {"widths": WIDTHS, "limits": LIMITS, "rate": RATE}
    if checkout is None:
        return lambda batch, seed: PlainNetwork([nominal, *others], batch=batch, seed=seed, **given)
    read = parameters(checkout, others or [nominal], folder, vectorize)
    return lambda batch, seed: CrossSimNetwork(read, batch=batch, seed=seed, **given)


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Return wall-clock and processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def compare(
    make: Callable, table: ResponseTable, images: GreyImages, devices: int, batch: int, rounds: int
) -> str:
    """Return a line of times for an epoch of a network."""
    n = len(images.train_labels)
    other, pixels = make(batch, SEED), images.train_pixels / WHITE
    theirs, ours = [], []
    for turn in range(rounds + 1):
        theirs.append(seconds(partial(other.train, pixels, images.train_labels)))
        networks = our_networks(table, images, devices, batch, OUR_EPOCHS, NETWORKS)
        ours.append(seconds(partial(train_crossbars, networks, THREADS)))
        if turn == 0:  # compiles, and brings everything into memory
            theirs, ours = [], []
    a = np.array(theirs) * EPOCH / n
    b = np.array(ours) * EPOCH / n / OUR_EPOCHS / NETWORKS
    ratios = a[:, 1] / b[:, 1]
    return (
        f"| {devices} | {batch} | {np.median(a[:, 1]):.0f} | {np.median(b[:, 1]):.2f} "
        f"| {np.median(ratios):.0f} ({ratios.min():.0f} to {ratios.max():.0f}) "
        f"| {np.median(b[:, 0]):.2f} | {np.median(a[:, 0]) / np.median(b[:, 0]):.0f} |"
    )


def agree(
    make: Callable, table: ResponseTable, images: GreyImages, devices: int, batch: int
) -> str:
    """Return a line of the accuracies of both sides after an epoch."""
    networks = our_networks(table, images, devices, batch, 1, SEEDS)
    train_crossbars(networks, THREADS)
    ours = [network.progress.test[-1] for network in networks]
    theirs = []
    for seed in range(SEEDS):
        other = make(batch, seed)
        order = np.random.default_rng(seed).permutation(len(images.train_labels))
        other.train(images.train_pixels[order] / WHITE, images.train_labels[order])
        theirs.append(other.share_correct(images.test_pixels / WHITE, images.test_labels))
    cells = (" ".join(f"{100 * found:.1f}" for found in side) for side in (theirs, ours))
    return f"| {devices} | {batch} | {' | '.join(cells)} |"


def main() -> None:
    """Print times of both sides and their ratios, or accuracies."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path, help="from `python -m network images --grey`")
    parser.add_argument("--crosssim", type=Path, help="checkout of CrossSim 2.0; else plain numpy")
    parser.add_argument("--vectorize", action="store_true", help="CrossSim's other way for 20")
    parser.add_argument("--synapse", choices=("stt", "sot"), default="stt", help="table at 300 K")
    parser.add_argument("--devices", type=int, nargs="*", default=DEVICES, help="1, 20 or both")
    parser.add_argument("--batches", type=int, nargs="*", default=BATCHES, help="images")
    parser.add_argument("--updates", type=int, default=30, help="of the other side in a round")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each side")
    parser.add_argument("--agreement", type=int, help="compare accuracies after so many images")
    options = parser.parse_args()
    images, table = GreyImages.read(options.images), published()[options.synapse, 300].table
    if options.agreement:
        print("| devices | batch | accuracies there, % | ours, % |\n|---|---|---|---|")
    else:
        print("| devices | batch | there | ours | ratio | wall-clock: ours | ratio |")
        print("|---|---|---|---|---|---|---|")
    for devices in options.devices:
        with tempfile.TemporaryDirectory() as folder:
            make = other_side(table, devices, options.crosssim, Path(folder), options.vectorize)
            for batch in options.batches:
                if options.agreement:
                    some = part(images, options.agreement, N_TEST)
                    line = agree(make, table, some, devices, batch)
                else:
                    some = part(images, options.updates * batch, 1)
                    line = compare(make, table, some, devices, batch, options.rounds)
                print(line, flush=True)
    if not options.agreement:
        print("Processor seconds (median) for an epoch of 60 000 images of one network.")


if __name__ == "__main__":
    main()
