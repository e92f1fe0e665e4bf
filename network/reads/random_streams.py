"""Random numbers by name: every draw depends on the study's seed and on its purpose."""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from dwsynapse.kernels import compiled
from network.kinds import Kind
from network.reads.random_words import GOLDEN, first_state, mix


def generator(seed: int, model: int, purpose: str, epoch: int = 0) -> np.random.Generator:
    """Return the generator for what all networks of a model share: split and order of images."""
    return np.random.default_rng([seed, model, _number(purpose), epoch])


def stream(seed: int, model: int, kind: Kind, purpose: str, epoch: int = 0) -> np.uint64:
    """Return the stream that the reads of one network are drawn from."""
    return _stream(seed, model, _number(kind.rule), kind.reads or 0, _number(purpose), epoch)


def model_stream(seed: int, model: int, purpose: str) -> np.uint64:
    """Return the stream of a model that is one network."""
    return _stream(seed, model, _number(purpose))


def streams(
    seed: int, model: int, kinds: Sequence[Kind], purpose: str, epoch: int = 0
) -> NDArray[np.uint64]:
    """Return the `stream` of each of these networks, shape (n_networks,)."""
    return np.array([stream(seed, model, kind, purpose, epoch) for kind in kinds])


def layer_stream(stream: np.uint64, layer: int) -> np.uint64:
    """Return the stream of a layer of a network; that of the first, 0, is the network's own."""
    if layer == 0:
        return stream
    return _stream(int(stream), layer)


def uniforms(
    streams: NDArray[np.uint64], first_image: int, n_images: int, n_out: int
) -> NDArray[np.float64]:
    """Return a number strictly between 0 and 1 for every output of every network and image.

    Parameters
    ----------
    streams
        Stream of random numbers of each network, shape (n_networks,).
    first_image
        Number of the first image in the streams.
    n_images, n_out
        How many images and outputs there are.

    Returns
    -------
    ndarray
        Shape (n_networks, n_images, n_out). A number depends only on its stream, image and output.
    """
    drawn = np.empty((len(streams), n_images, n_out))
    _fill(streams, np.uint64(first_image), drawn)
    return drawn


def standard_normals(
    streams: NDArray[np.uint64], first_image: int, n_images: int, n_out: int
) -> NDArray[np.float64]:
    """Return standard normal numbers, otherwise as `uniforms`."""
    return np.asarray(ndtri(uniforms(streams, first_image, n_images, n_out)))


@compiled()
def _fill(streams, first_image, drawn):  # type: ignore[no-untyped-def]
    n_networks, n_images, n_out = drawn.shape
    for n in range(n_networks):
        for b in range(n_images):
            state = first_state(streams[n], first_image + np.uint64(b))
            for i in range(n_out):
                state += GOLDEN
                # The upper 53 bits, in the middle of their cells.
                drawn[n, b, i] = ((mix(state) >> np.uint64(11)) + 0.5) / 2**53


def _stream(*entropy: int) -> np.uint64:
    return np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0]


def _number(name: str) -> int:
    return zlib.crc32(name.encode())
