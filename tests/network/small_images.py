"""Small synthetic images and a device for the tests of the network room."""

import numpy as np

from dwsynapse.study import Network
from fitting.device import DeviceModel
from fitting.forms import Logistic
from network.images.datasets import DATASETS
from network.images.prepared_images import PIXELS, Images

CLASSES = 3


def make_device(floor=0.0219, h0_mT=4.63, delta_per_mT=2.73, **changes):
    curve = Logistic(floor, h0_mT, delta_per_mT)
    keys = {
        "name": "toy",
        "source": "published",
        "intervals": {name: (value, value) for name, value in curve.values().items()},
        "interval_kind": "rounding",
        "field_range_mT": (0.0, 10.0),
        "nucleation_field_mT": 10.74,
    }
    return DeviceModel(curve=curve, **{**keys, **changes})


def make_images(n_train=460, n_test=120, n_in=PIXELS[0]):
    """Return noisy copies of one random pattern per class: a tenth of the pixels is flipped."""
    rng = np.random.default_rng(3)
    patterns = rng.random((CLASSES, n_in)) < 0.3
    labels = rng.integers(0, CLASSES, n_train + n_test)
    pixels = (patterns[labels] ^ (rng.random((len(labels), n_in)) < 0.1)).astype(np.uint8)
    return Images(pixels[:n_train], labels[:n_train], pixels[n_train:], labels[n_train:])


def make_config(**changes):
    keys = {"validation_images": 100, "batch_images": 50, "patience_epochs": 3, "max_epochs": 12}
    return Network(**{**keys, "learning_rate": 0.02, "learning_rate_one_read": 0.03, **changes})


def idx_files(grey=None):
    """Return four small IDX files by name, of random images or the given ones (5, 28, 28)."""
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (5, 28, 28)) if grey is None else grey
    return {
        name: _idx(pictures if "images" in name else rng.permutation(5))
        for name in DATASETS["mnist"].files
    }


def _idx(array):
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + array.astype(np.uint8).tobytes()
