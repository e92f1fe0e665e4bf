"""How far training of crossbars is from this machine's limits: memory traffic and random numbers.

Run with ``python -m benchmarks.crossbar_limits mnist.npz`` (grey images); prints a table. One core,
one table, 785 x 300 x 10. The limits are measured beside it: a sum of two arrays as large as layer
1, and random words of the kernel's own function that are written nowhere.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.crossbar_speed import SEED, WIDTHS, our_networks, part
from dwsynapse.kernels import compiled
from network.crossbar.kernels.row_updates import QUANTILES, random_word
from network.images.grey_images import GreyImages
from studies.liu2021.pulse_sets import published

BATCHES, UPDATES, REPEATS = (1, 10), 300, 6
BYTES_PER_WEIGHT = 24
"""Both walls and the weight, 4 bytes each, are read and written."""
NUMBERS, WORDS = 235_500, 1_000_000


@compiled()
def add_arrays(a, b, target):  # type: ignore[no-untyped-def]
    """Read two arrays and write a third."""
    for i in range(len(target)):
        target[i] = a[i] + b[i]


@compiled()
def many_words(n, key):  # type: ignore[no-untyped-def]
    """Return what n random words come to, all of their bits combined."""
    combined = np.uint32(0)
    for j in range(n):
        combined ^= random_word(j, key, QUANTILES)
    return combined


def least_s(work: Callable[[], object]) -> float:
    """Return the least wall time of a call, after one that compiles."""
    work()
    times = []
    for _ in range(REPEATS):
        start_s = time.perf_counter()
        work()
        times.append(time.perf_counter() - start_s)
    return min(times)


def update_s(images: GreyImages, batch: int) -> float:
    """Return the time of an update."""
    some = part(images, batch * UPDATES, 1)
    networks = our_networks(published()["stt", 300].table, some, 1, batch, REPEATS + 1, 1)
    return least_s(networks[0].train_epoch) / UPDATES


def pulsed_weights(images: GreyImages, batch: int) -> float:
    """Return the weights of layer 1 that get a pulse in an update, on average."""
    pixels = images.train_pixels[: batch * UPDATES].reshape(UPDATES, batch, -1)
    rows = (pixels > 0).any(axis=1).sum(axis=1) + 1  # the bias
    return float(rows.mean()) * WIDTHS[1]


def main() -> None:
    """Print the shares of both limits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path, help="from `python -m network images --grey`")
    images = GreyImages.read(parser.parse_args().images)
    a, b, target = (np.ones(NUMBERS, np.float32) for _ in range(3))
    bytes_per_s = 3 * a.nbytes / least_s(lambda: add_arrays(a, b, target))
    words_per_s = WORDS / least_s(lambda: many_words(WORDS, np.uint64(SEED)))
    print("| images an update | us | weights | memory, GB/s | of the limit | words, G/s | share |")
    print("|---|---|---|---|---|---|---|")
    for batch in BATCHES:
        took_s, weights = update_s(images, batch), pulsed_weights(images, batch)
        memory, words = BYTES_PER_WEIGHT * weights / took_s, weights / took_s
        print(
            f"| {batch} | {1e6 * took_s:.0f} | {weights:.0f} | {memory / 1e9:.1f} "
            f"| {memory / bytes_per_s:.2f} | {words / 1e9:.2f} | {words / words_per_s:.2f} |"
        )
    print(f"Limits: {bytes_per_s / 1e9:.0f} GB/s, {words_per_s / 1e9:.1f} G words/s.")


if __name__ == "__main__":
    main()
