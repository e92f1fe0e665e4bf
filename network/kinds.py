"""The kinds of network that are trained on a device, and the fields they may use."""

from dataclasses import dataclass

import numpy as np

from dwsynapse.io.errors import InputError
from dwsynapse.learning_rules import HIDDEN, RULES, rules_without_sampling
from dwsynapse.study.network import Network
from fitting.device import DeviceModel
from fitting.device.synapse_range import too_flat

PRECISION_mT = 0.1  # of the paper's field; networks for one read are trained to it


@dataclass(frozen=True)
class Kind:
    """A kind of network.

    Parameters
    ----------
    rule
        Name of its learning rule in `dwsynapse.learning_rules`.
    reads
        Reads K per synapse; None where the mean itself is the output (mean-field limit,
        perceptron).
    learning_rate
        Adam's learning rate, in mT per step (perceptron: weight per step).
    """

    rule: str
    reads: int | None = None
    learning_rate: float = 0.001

    @property
    def plain(self) -> bool:
        """Whether it has plain weights instead of a device's synapses."""
        return RULES[self.rule].plain

    @property
    def through_spread(self) -> bool:
        """Whether its gradient also follows the spread of the outputs."""
        return RULES[self.rule].through_spread


def kinds(config: Network) -> list[Kind]:
    """Return the kinds that are trained together: each rule with each K, and the limits."""
    limits = [Kind(rule, learning_rate=config.learning_rate) for rule in rules_without_sampling()]
    return [kind for kind in _for_any_reads(config) if not RULES[kind.rule].trainer] + limits


def kinds_apart(config: Network) -> list[Kind]:
    """Return the kinds whose rules have a trainer of their own."""
    own = [kind for kind in _for_any_reads(config) if RULES[kind.rule].trainer]
    return own + [Kind(rule, 1) for rule in dict.fromkeys(config.one_read)]


def _for_any_reads(config: Network) -> list[Kind]:
    return [
        Kind(rule, reads, config.learning_rate_one_read if reads == 1 else config.learning_rate)
        for rule in dict.fromkeys([*config.rules, *([HIDDEN] if config.hidden else [])])
        for reads in dict.fromkeys(config.reads_train)
    ]


def usable_fields_mT(device: DeviceModel) -> tuple[float, float]:
    """Return the lowest and highest field that synapses may take.

    The curve is valid in the device's field range; at the nucleation field and above, a wall
    appears without an input.

    Raises
    ------
    InputError
        If the curve over these fields cannot serve as a synapse.
    """
    low, high = device.field_range_mT
    if device.nucleation_field_mT is not None:
        high = min(high, float(np.nextafter(device.nucleation_field_mT, 0)))
    if problem := too_flat(device.curve, (low, high)):
        raise InputError(
            problem,
            where=device.name,
            remedy="choose a device with a steeper curve or a wider field range",
        )
    return low, high
