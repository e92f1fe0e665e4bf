"""Spread of the accuracy over devices: uncertain curves, wires that differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fitting.device import DeviceModel
from network.cost.looks import looks
from network.model_spread import CONFIDENCE
from network.reads.random_streams import generator
from network.synapses.wire_variation import Population
from network.trained_model import ExportedNetwork, TrainedModel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Inference:
    """A network during inference: its fields stay as trained on any device.

    Parameters
    ----------
    model, network
        The network and the model it belongs to.
    reads
        Reads per synapse.
    pixels, labels
        Binary images, shape (n_images, n_in), and their classes.
    """

    model: TrainedModel
    network: ExportedNetwork
    reads: int
    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def accuracies(self, devices: Iterable[Sequence[Floats]]) -> Floats:
        """Return the accuracy on each device, given the passing probabilities of its layers."""
        return np.array([self._accuracy(f, number) for number, f in enumerate(devices)])

    def _accuracy(self, f: Sequence[Floats], number: int) -> float:
        of_device = self.pixels, [self.reads], f"spread {number}"
        sums = looks(self.model, self.network, f, *of_device).sums[0]
        return float((self.network.predictions(sums / self.reads) == self.labels).mean())


def spreads(
    inference: Inference,
    device: DeviceModel,
    n_devices: int,
    place_sds_mT: Iterable[float],
    steepness_sd: float,
) -> list[dict[str, Any]]:
    """Return the spread of the accuracy over reads alone, over the curve's draws and over wires.

    Parameters
    ----------
    inference
        The network.
    device
        The device; one with less than two draws has no row ``curve``.
    n_devices
        Repetitions of the reads, draws of the curve and sets of wires.
    place_sds_mT
        Spreads of the curve's centre from wire to wire.
    steepness_sd
        Spread of ln(steepness) from wire to wire.

    Returns
    -------
    list of dict
        Keys cause (``reads``, ``curve`` or ``wires``), place_sd_mT and steepness_sd (0 except for
        wires), mean, sd, low, high (central 95 % of the devices), accuracies. Reads are drawn
        for every device, so that each row includes the spread of ``reads``.
    """
    fields_mT = inference.network.layer_fields_mT
    nominal = [np.asarray(device.curve.probability(each)) for each in fields_mT]
    rows = [_row("reads", inference.accuracies([nominal] * n_devices))]
    if len(device.draws) > 1:
        chosen = np.linspace(0, len(device.draws) - 1, min(n_devices, len(device.draws))).round()
        curves = (
            device.curve.with_values(dict(zip(device.intervals, device.draws[int(n)], strict=True)))
            for n in chosen
        )
        passing = ([curve.probability(each) for each in fields_mT] for curve in curves)
        rows.append(_row("curve", inference.accuracies(passing)))
    for place_sd_mT in place_sds_mT:
        population = Population(device.curve, place_sd_mT, steepness_sd)
        wires = (on_wires(inference, population, fields_mT, n) for n in range(n_devices))
        rows.append(_row("wires", inference.accuracies(wires), place_sd_mT, steepness_sd))
    return rows


def on_wires(
    inference: Inference, population: Population, fields_mT: Sequence[Floats], number: int
) -> list[Floats]:
    """Return the passing probabilities of each layer on one of the sets of wires."""
    rng = generator(inference.model.seed, inference.model.model, "wires", number)
    felt_mT = (population.draw(each.shape, rng).felt_mT(each) for each in fields_mT)
    return [np.asarray(population.curve.probability(each)) for each in felt_mT]


def _row(
    cause: str, accuracies: Floats, place_sd_mT: float = 0.0, steepness_sd: float = 0.0
) -> dict[str, Any]:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(accuracies, [tail, 1 - tail])
    return {
        "cause": cause,
        "place_sd_mT": place_sd_mT,
        "steepness_sd": steepness_sd,
        "mean": float(accuracies.mean()),
        "sd": float(accuracies.std(ddof=1)),
        "low": float(low),
        "high": float(high),
        "accuracies": accuracies.tolist(),
    }
