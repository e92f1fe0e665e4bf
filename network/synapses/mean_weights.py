"""Mean weights of the synapses of networks in training, on wires that may differ."""

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from fitting.device import DeviceModel
from network.kinds import usable_fields_mT
from network.synapses.fast_curve import FastCurve
from network.synapses.wire_variation import Population, Wires

Floats = NDArray[np.float64]


class MeanWeights:
    """The passing probabilities f(h_ij) on a device, and their slopes.

    Parameters
    ----------
    device
        The device whose curve the synapses follow.
    place_sd_mT, steepness_sd
        How much wires differ, see `network.synapses.wire_variation.Population`.

    Raises
    ------
    InputError
        If the device cannot serve as a synapse, or wires differ by more than all its fields.
    """

    def __init__(self, device: DeviceModel, place_sd_mT: float = 0.0, steepness_sd: float = 0.0):
        self.low_mT, self.high_mT = usable_fields_mT(device)
        if place_sd_mT > self.high_mT - self.low_mT:
            raise InputError(
                f"{place_sd_mT:g} mT is more than all the fields that "
                f"{device.name} takes, {self.low_mT:g} to {self.high_mT:g} mT",
                where="wire_place_sd_mT",
                remedy="choose a spread well below",
            )
        self.population = Population(device.curve, place_sd_mT, steepness_sd)
        felt_mT = self.population.felt_range_mT(self.low_mT, self.high_mT)
        self.curve = FastCurve(device.curve, *felt_mT)

    def __call__(
        self, synapses: Floats, plain: NDArray[np.bool_], wires: Wires | None = None
    ) -> tuple[Floats, Floats]:
        """Return mean weights and their slopes, shape (n_networks, n_in, n_out).

        Parameters
        ----------
        synapses
            Fields in mT, or plain weights, shape (n_networks, n_in, n_out).
        plain
            Which networks have plain weights, shape (n_networks,); theirs are these weights and 1.
        wires
            A wire for every synapse; None where they do not differ.
        """
        if wires is None:
            f, slope = self.curve(synapses)
        else:
            felt_mT = np.clip(wires.felt_mT(synapses), self.curve.low_mT, self.curve.high_mT)
            f, slope = self.curve(felt_mT)
            slope *= wires.steepness
        if plain.any():
            f[plain], slope[plain] = synapses[plain], 1.0
        return f, slope

    def draw_wires(self, shape: tuple[int, int], rng: np.random.Generator) -> Wires | None:
        """Return a wire for every synapse, shape (n_in, n_out); None where they do not differ."""
        return self.population.draw(shape, rng) if self.population.differs else None
