"""Energy and time of learning and of inference on a crossbar: its pulses and its reads."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from network.crossbar.kernels.gradients import outputs_of, slopes_of
from network.crossbar.model.trained_crossbar import TrainedCrossbar
from network.images.grey_images import GreyImages

KIND, VERSION = "crossbar-plan", 1
MAX_IMAGES = 2000
PULSE_ENERGY = "I^2 R t, the Joule heat of a pulse in the track"
READ_ENERGY = "G V^2 t, with the input as a share of the voltage"
NOT_INCLUDED = "carries, the digital part, converters, wires, and leakage through other rows"
WAYS = {
    "at once": "all devices of all arrays at once, one pulse up and one down for each mini-batch",
    "row by row": "the rows of each array one after the other, arrays side by side",
}


@dataclass(frozen=True)
class Write:
    """A pulse that changes a device."""

    current_uA: float
    duration_ns: float
    resistance_ohm: float

    @property
    def energy_J(self) -> float:
        """Its Joule heat."""
        return (self.current_uA * 1e-6) ** 2 * self.resistance_ohm * self.duration_ns * 1e-9


@dataclass(frozen=True)
class Read:
    """A read of an array; the voltage is that of an input of 1."""

    voltage_mV: float
    duration_ns: float

    def energy_J(self, conductances_S: NDArray[np.float64], squares: NDArray[Any]) -> float:
        """Return the energy of a read from its mean squared inputs by row."""
        by_row_S = conductances_S.sum(axis=(0, 1, 3))
        volts2 = (self.voltage_mV * 1e-3) ** 2
        return float(by_row_S @ squares) * volts2 * self.duration_ns * 1e-9


def costs(
    crossbars: Sequence[TrainedCrossbar], images: GreyImages, write: Write, read: Read
) -> dict[str, Any]:
    """Return what ``crossbar-plan.json`` says, the mean over networks.

    Parameters
    ----------
    crossbars
        Networks that differ by chance alone.
    images
        What they are read with: up to 2000 test images, for errors up to 2000 training images.
    write, read
        A pulse, and a read.

    Raises
    ------
    InputError
        If the networks were trained by ideal updates, or their pulses were not counted.
    """
    pulses = [_pulses(each) for each in crossbars]
    by_epoch = np.mean(pulses, axis=0)
    reads = [_reads_J(each, images, read) for each in crossbars]
    forward_J, backward_J = (fmean(of_one) for of_one in zip(*reads, strict=True))
    first = crossbars[0]
    n_layers, n_epochs = len(first.layers), len(by_epoch)
    n_batches = first.record.updates / n_epochs
    n_images = n_batches * first.config.batch_images
    updates_J = by_epoch * write.energy_J * n_images
    reads_J = (forward_J + backward_J) * n_images
    read_s = read.duration_ns * 1e-9
    reading_s = n_images * (2 * n_layers - 1) * read_s
    # Pulses up and pulses down have opposite signs, and cannot be given together.
    writing_s = 2 * write.duration_ns * 1e-9 * n_batches
    n_rows = max(layer.weights.shape[0] for layer in first.layers)
    return {
        "device": first.response.name,
        "source": first.response.source,
        "models": len(crossbars),
        "pulse": {**asdict(write), "energy_J": write.energy_J, "energy": PULSE_ENERGY},
        "read": {**asdict(read), "energy": READ_ENERGY},
        "devices": sum(0 if each.x is None else each.x.size for each in first.layers),
        "register_bits": (first.config.register_bits or 0)
        * sum(layer.weights.size for layer in first.layers),
        "inference": {"energy_J": forward_J, "time_s": n_layers * read_s},
        "epoch": {
            "images": round(n_images),
            "pulses": [float(n) * n_images for n in by_epoch],
            "update_energy_J": updates_J.tolist(),
            "read_energy_J": reads_J,
            "read_time_s": reading_s,
            "write_time_s": dict(zip(WAYS, (writing_s, n_rows * writing_s), strict=True)),
        },
        "training": {
            "epochs": n_epochs,
            "energy_J": float(updates_J.sum()) + n_epochs * reads_J,
            "time_s": {
                way: n_epochs * (reading_s + time_s)
                for way, time_s in zip(WAYS, (writing_s, n_rows * writing_s), strict=True)
            },
        },
        "ways": WAYS,
        "not_included": NOT_INCLUDED,
    }


def _pulses(crossbar: TrainedCrossbar) -> tuple[float, ...]:
    found = crossbar.record.pulses_per_image
    if found is None:
        raise InputError(
            f"the pulses of model {crossbar.model} were not counted (update: "
            f"{crossbar.config.update})",
            where="training.pulses_per_image",
            remedy="train it with `network train-crossbar`, with update: fractional or whole",
        )
    return found


def _reads_J(crossbar: TrainedCrossbar, images: GreyImages, read: Read) -> tuple[float, float]:
    """Return the energy of an image's reads forwards, and of its errors backwards."""
    weights, activation = crossbar.weights, crossbar.config.activation
    pixels = images.test_pixels[:MAX_IMAGES]
    forward_J = 0.0
    for n, inputs in enumerate(outputs_of(weights, pixels, activation)[:-1]):
        squares = np.append((inputs**2).mean(axis=0), 1.0)  # the bias is read with an input of 1
        forward_J += read.energy_J(crossbar.conductances_S(n), squares)
    outputs = outputs_of(weights, images.train_pixels[:MAX_IMAGES], activation)
    slopes = slopes_of(weights, outputs, images.train_labels[:MAX_IMAGES], activation)
    backward_J = 0.0
    for n in range(1, len(weights)):
        squares = (slopes[n] ** 2).mean(axis=0)
        backward_J += read.energy_J(crossbar.conductances_S(n).swapaxes(2, 3), squares)
    return forward_J, backward_J
