"""The cheapest way to a wanted accuracy: which network, how many reads, early exit or not."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.number_format import counted
from dwsynapse.study.plan import Plan
from fitting.device import DeviceModel
from network.cost import pulse_energy
from network.cost.device_spread import Inference, spreads
from network.cost.early_exit import KNOWS
from network.cost.inference_cost import NOT_INCLUDED, Cost
from network.cost.pulse_energy import Pulse
from network.cost.trade_offs import Row, Trial, trade_offs
from network.images.prepared_images import Images
from network.trained_model import TrainedModel
from network.training.training_scale import mT_per_unit

KIND, VERSION = "plan", 1
BELOW_BEST = 0.01  # the accuracy wanted by default


def plan(
    models: Sequence[TrainedModel],
    device: DeviceModel,
    images: Images,
    settings: Plan,
    reads_per_s: float,
    pulse: Pulse | None = None,
) -> dict[str, Any]:
    """Return what accuracies cost on a device.

    Parameters
    ----------
    models
        Independently trained models with the same kinds of network.
    device
        The device they were trained on.
    images
        Images; the test images are used.
    settings
        What to try.
    reads_per_s
        Reads per second of one wire.
    pulse
        The current pulse of a read; None where a field drives the walls.

    Returns
    -------
    dict
        ``fixed`` and ``early_exit`` (see `network.cost.trade_offs.trade_offs`); ``wanted``;
        ``choices``, the cheapest rows that reach it: ``fixed``, ``early_curve`` and
        ``early_nothing`` (by what the test knows), each also with ``_sure``, where the lower end of
        the interval reaches it (None where nothing does); ``spread`` (see
        `network.cost.device_spread.spreads`) for the first model's network of the choice
        ``fixed``, and ``spread_note``.

    Raises
    ------
    InputError
        If no network reaches the accuracy wanted with fixed reads, or none has a device's synapses.
    """
    n_test = len(images.test_labels)
    shown = np.linspace(0, n_test - 1, min(settings.images, n_test)).round().astype(int)
    pixels, labels = images.test_pixels[shown], images.test_labels[shown]
    cost = Cost(reads_per_s, settings.energy_per_read_J, settings.wires, pulse)
    fixed, early = trade_offs(models, Trial(device.curve, pixels, labels, settings, cost))
    if not fixed:
        raise InputError(
            "no network but those with plain weights, which have no reads",
            where="models",
            remedy="give models that were trained on a device as well",
        )
    best = max(fixed, key=lambda row: row["accuracy"])
    wanted = best["accuracy"] - BELOW_BEST if settings.accuracy is None else settings.accuracy
    chosen = cheapest(fixed, wanted)
    if chosen is None:
        raise _out_of_reach(wanted, best, len(labels))
    network = models[0].network(chosen["rule"], chosen["reads_train"])
    inference = Inference(models[0], network, chosen["reads_test"], pixels, labels)
    spread = spreads(
        inference,
        device,
        settings.spread_devices,
        [sd_mT / mT_per_unit(device) for sd_mT in settings.wire_place_sd_mT],
        settings.wire_steepness_sd,
    )
    return {
        "device": device.name,
        "source": device.source,
        "models": len(models),
        **_conditions(pixels, cost, chosen),
        "wanted": wanted,
        "choices": choices(fixed, early, wanted),
        "spread": spread,
        "spread_note": spread_note(device),
        "fixed": fixed,
        "early_exit": early,
    }


def _conditions(pixels: NDArray[np.uint8], cost: Cost, chosen: Row) -> dict[str, Any]:
    """Return the conditions of a plan's numbers: its images, and what a read costs.

    With pulses, whose energy depends on the synapse, the mean over the reads of the chosen network.
    """
    conditions = {
        "test_images": len(pixels),
        "active_inputs": float(pixels.sum(axis=1).mean()),
        "reads_per_s": cost.reads_per_s,
        "wires": cost.wires,
        "energy_per_read_J": cost.energy_per_read_J,
        "energy_does_not_include": NOT_INCLUDED,
    }
    if cost.pulse is None:
        return conditions
    return conditions | {
        "energy_per_read_J": chosen["energy_J"] / chosen["reads"],
        "energy_does_not_include": pulse_energy.NOT_INCLUDED,
        "pulse": cost.pulse.content(),
    }


def _out_of_reach(wanted: float, best: Row, n_images: int) -> InputError:
    return InputError(
        f"no network reaches {wanted:.2%} of {n_images} images; the best is {named(best)}: "
        f"{best['accuracy']:.2%} [{best['low']:.2%}, {best['high']:.2%}]",
        where="--accuracy (plan.accuracy)",
        remedy="lower the accuracy, try more reads_test, or train with more reads",
    )


def choices(fixed: list[Row], early: list[Row], wanted: float) -> dict[str, Row | None]:
    """Return the cheapest ways to the accuracy wanted, by policy; `_sure` by its lower bound."""
    policies = {"fixed": fixed} | {
        f"early_{knows}": [row for row in early if row["knows"] == knows] for knows in KNOWS
    }
    found = {}
    for policy, rows in policies.items():
        found[policy] = cheapest(rows, wanted)
        found[f"{policy}_sure"] = cheapest(rows, wanted, "low")
    return found


def cheapest(rows: list[Row], wanted: float, by: str = "accuracy") -> Row | None:
    """Return the row with fewest reads whose accuracy (or its bound `by`) is enough, or None."""
    enough = [row for row in rows if row[by] >= wanted]
    return min(enough, key=lambda row: (row["reads"], -row["accuracy"]), default=None)


def named(row: Row) -> str:
    """Return the network and the reads of a row in words."""
    trained = row["reads_train"]
    reads = counted(row["reads_test"], "read")
    if "risk" in row:
        reads = f"{reads} at most, at risk {row['risk']:g}"
    how = "" if trained is None else f" trained with {counted(trained, 'read')}"
    return f"{row['rule']}{how}, tested with {reads}"


def spread_note(device: DeviceModel) -> str | None:
    """Return why there is no spread over the curve's uncertainty, if so."""
    if len(device.draws):
        return None
    return (
        f"{device.name} has no posterior draws (its intervals are: {device.interval_kind}), so "
        "that the spread over the uncertainty of its curve is unknown"
    )
