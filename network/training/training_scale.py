"""The scale in which a device is trained: learning rates and grids are those of a field's curve.

Learning rates, the grid of networks for one read and other settings in mT were chosen for the
published device, whose curve has a steepness of 2.73 per mT. What a network learns depends on the
passing probabilities alone; so a curve against another drive is stretched to that steepness,
trained on as if in mT, and its fields are scaled back.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dwsynapse.drives import FIELD
from dwsynapse.study.presets.ellis import ELLIS2023
from fitting.device import DeviceModel, PassingCurve
from network.trained_model import ExportedNetwork

STEEPNESS_PER_mT = ELLIS2023.parameters.delta_per_mT


def mT_per_unit(device: DeviceModel) -> float:
    """Return by what values of a device's drive are multiplied for training; 1 for a field."""
    if device.drive is FIELD:
        return 1.0
    curve = device.curve
    centre = np.asarray(float(curve.rise_field_mT(0.5)))
    return 4 * float(curve.rise_slope_per_mT(centre)) / STEEPNESS_PER_mT


def as_a_field(device: DeviceModel) -> DeviceModel:
    """Return a device with the curve that its networks are trained on."""
    factor = mT_per_unit(device)
    low, high = (float(end * factor) for end in device.field_range_mT)
    nucleation = device.nucleation_field_mT
    return replace(
        device,
        curve=_stretched(device.curve, factor),
        field_range_mT=(low, high),
        nucleation_field_mT=None if nucleation is None else nucleation * factor,
        drive=FIELD,
    )


def in_its_unit(networks: Sequence[ExportedNetwork], device: DeviceModel) -> list[ExportedNetwork]:
    """Return networks that were trained on `as_a_field` with fields in the unit of the device."""
    return [network if network.plain else _scaled_back(network, device) for network in networks]


def _stretched(curve: PassingCurve, factor: float) -> PassingCurve:
    """Return the curve with its axis stretched: what was at a field is at `factor` times that."""
    power = {"mT": 1, "1/mT": -1}
    values = curve.values()
    return curve.with_values(
        {name: values[name] * factor ** power.get(unit, 0) for name, unit in curve.units().items()}
    )


def _scaled_back(network: ExportedNetwork, device: DeviceModel) -> ExportedNetwork:
    factor, record = mT_per_unit(device), network.training
    # Scaling there and back may miss an end of the range in the last digit.
    *hidden, fields = (
        np.clip(layer.weights / factor, *device.field_range_mT) for layer in network.layers
    )
    below = [
        replace(layer, weights=each) for layer, each in zip(network.hidden, hidden, strict=True)
    ]
    scaled = replace(
        record,
        learning_rate=record.learning_rate / factor,
        wire_place_sd_mT=record.wire_place_sd_mT / factor,
    )
    return replace(network, weights=fields, hidden=tuple(below), training=scaled)
