"""A small task for the tests of the hardware room: noisy copies of a template for each class."""

import numpy as np

from dwsynapse.study import Hardware
from fitting.device import DeviceModel
from fitting.forms import Logistic
from hardware.instruments.virtual_laboratory import NAME, accuracy_by_reads, run_program
from hardware.manifest import Manifest
from hardware.program import Program
from network.images.prepared_images import Images

DEVICE = DeviceModel(
    name="paper",
    source="published",
    curve=Logistic(0.0219, 4.63, 2.73),
    intervals={
        "floor": (0.02185, 0.02195),
        "h0_mT": (4.625, 4.635),
        "delta_per_mT": (2.725, 2.735),
    },
    interval_kind="rounding of the published digits",
    field_range_mT=(0.0, 10.0),
    nucleation_field_mT=10.74,
)
SETTINGS = Hardware(reads=4)
N_OUT, N_IN, N_IMAGES = 5, 50, 80


def make_task(seed=0, n_in=N_IN):
    """Return a program trained for its classes, images and labels."""
    rng = np.random.default_rng(seed)
    templates = rng.random((N_OUT, n_in)) < 0.4
    labels = rng.integers(0, N_OUT, N_IMAGES)
    pixels = (templates[labels] ^ (rng.random((N_IMAGES, n_in)) < 0.3)).astype(np.uint8)
    fields = 4.63 + np.where(templates, 0.4, -0.4) * rng.random((N_OUT, n_in)) * 2
    program = Program(
        fields_mT=np.round(fields, 1),
        reads=SETTINGS.reads,
        biases=-0.25 * templates.sum(axis=1),
        reads_train=128,
        model=0,
        device_sha256="0" * 64,
    )
    return program, pixels, labels


def images_of(pixels, labels):
    """Return prepared images whose test images are these."""
    return Images(pixels[:0], labels[:0], pixels, labels)


def laboratory_run(program, device, pixels, labels, seed):
    """Return the log and manifest of a correct run."""
    log = run_program(program, device, pixels, SETTINGS, key=(seed,))
    return log, manifest_of(program, log, labels)


def manifest_of(program, log, labels):
    accuracy = tuple(map(float, accuracy_by_reads(program, log, labels)))
    return Manifest(NAME, True, "0" * 64, "0" * 64, accuracy)
