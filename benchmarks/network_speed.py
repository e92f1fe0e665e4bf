"""How fast networks are trained with exactly sampled reads, compared with plain torch.

The reference is section 4.5 of Ellis et al. 2023, written directly in torch:
one network, mini-batches of 50, a binomial number drawn for every synapse of every image. Both
sides have the same images and the same task: an epoch of 50 000 training images, then one pass over
10 000 validation images. They alternate, since other work on the machine
affects both. Prints a table of wall-clock times and, more reliable on a busy machine,
processor times. There give torch one thread only: its threads wait for each other in
every operation, and on cores that others use it becomes ten times slower with two.

    python benchmarks/network_speed.py images.npz 2> /dev/null  # some minutes on two quiet cores
    python benchmarks/network_speed.py images.npz --share 0.1 --threads 1 --torch-threads 1
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from dwsynapse.study import Network
from dwsynapse.study.presets.ellis import ELLIS2023
from fitting.device import DeviceModel
from fitting.make_device import device_from_publication
from network.images.prepared_images import Images
from network.kinds import Kind
from network.training.trainer import Trainer

READS = (1, 8, 128)
BATCH, VALIDATION_SHARE = 50, 1 / 6
EPOCHS, SEED = 2, 1


class PlainNetwork:
    """One network in torch: the stochastic rule with the residual that the sample realised."""

    def __init__(self, device: DeviceModel, reads: int, n_in: int, n_out: int):
        self.curve, self.reads = device.curve, reads
        self.fields_mT = torch.full((n_out, n_in), device.curve.field_mT(0.5), requires_grad=True)
        self.biases = torch.zeros(n_out, requires_grad=True)
        rate = 0.01 if reads == 1 else 0.001
        self.adam = torch.optim.Adam([self.fields_mT, self.biases], lr=rate)

    def outputs(self, x: torch.Tensor) -> torch.Tensor:
        f = self.curve.probability(self.fields_mT)
        mu, sigma = x @ f.T, (x @ (f * (1 - f)).T / self.reads).clamp_min(1e-12).sqrt()
        with torch.no_grad():
            p = f * x[:, None, :]  # one probability for each image and synapse
            passes = torch.binomial(torch.full_like(p, self.reads), p).sum(-1)
            xi = (passes / self.reads - mu) / sigma
        return mu + sigma * xi + self.biases

    def epoch(self, images: Images) -> float:
        """Learn from all training images in mini-batches; return the validation loss."""
        pixels = torch.from_numpy(images.train_pixels).float()
        labels = torch.from_numpy(images.train_labels)
        n_validation = round(len(labels) * VALIDATION_SHARE)
        for chosen in (n_validation + torch.randperm(len(labels) - n_validation)).split(BATCH):
            self.adam.zero_grad()
            loss = torch.nn.functional.cross_entropy(self.outputs(pixels[chosen]), labels[chosen])
            loss.backward()
            self.adam.step()
        with torch.no_grad():
            outputs = [self.outputs(x) for x in pixels[:n_validation].split(1000)]
            return float(
                torch.nn.functional.cross_entropy(torch.cat(outputs), labels[:n_validation])
            )


def seconds(work: Callable[[], object], network_epochs: int) -> tuple[float, float]:
    """Return wall-clock and processor time for each epoch of a network."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    taken = time.perf_counter() - wall, time.process_time() - processor
    return taken[0] / network_epochs, taken[1] / network_epochs


def best_and_median(times_s: NDArray[np.float64]) -> str:
    """Return both to three digits."""
    return f"{times_s.min():.3g} ({np.median(times_s):.3g})"


def part(images: Images, share: float) -> Images:
    """Return some of the training images."""
    n = round(share * len(images.train_labels))
    return Images(
        images.train_pixels[:n], images.train_labels[:n], images.test_pixels, images.test_labels
    )


def main() -> None:
    """Print seconds of both sides for each K, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "images", type=Path, help="prepared images, from `python -m network images`"
    )
    parser.add_argument("--rounds", type=int, default=3, help="turns of each side")
    parser.add_argument("--networks", type=int, default=10, help="networks that we train at once")
    cores = torch.get_num_threads()
    parser.add_argument("--threads", type=int, default=cores, help="our threads")
    parser.add_argument("--torch-threads", type=int, default=cores, help="of the other side")
    parser.add_argument("--share", type=float, default=1.0, help="of the images; times are scaled")
    options = parser.parse_args()
    torch.set_num_threads(options.torch_threads)
    torch.manual_seed(SEED)
    images = part(Images.read(options.images), options.share)
    device = device_from_publication(ELLIS2023, "ellis2023", {})
    n_images = len(images.train_labels)
    config = Network(validation_images=round(n_images * VALIDATION_SHARE), max_epochs=EPOCHS)
    print("| K | plain torch | this project | ratio | processor: torch | this project | ratio |")
    print("|---|---|---|---|---|---|---|")
    for reads in READS:
        plain = PlainNetwork(device, reads, images.train_pixels.shape[1], 10)
        kinds = [Kind("stochastic", reads, 0.01 if reads == 1 else 0.001)] * options.networks
        ours = Trainer(config, device, images, kinds, model=0, seed=SEED, threads=options.threads)
        ours.train()  # compiles
        theirs_s, ours_s = [], []
        for _ in range(options.rounds):
            theirs_s.append(seconds(partial(plain.epoch, images), 1))
            ours_s.append(seconds(ours.train, EPOCHS * options.networks))
        theirs, mine = (np.transpose(each) / options.share for each in (theirs_s, ours_s))
        cells = []
        for a, b in zip(theirs, mine, strict=True):  # wall-clock, then processor
            ratio = f"{a.min() / b.min():.1f} ({np.median(a) / np.median(b):.1f})"
            cells += [best_and_median(a), best_and_median(b), ratio]
        print(f"| {reads} | {' | '.join(cells)} |", flush=True)
    print("Seconds for an epoch of a network; the best of the turns, in brackets their median.")


if __name__ == "__main__":
    main()
