"""What networks on crossbars learn and cost, on the page of the study."""

from typing import Any

from dwsynapse.io.number_format import interval, number, percent
from dwsynapse.io.pages import log_badge, number_cell, table, text_cell


def crossbars_section(crossbars: dict[str, Any]) -> list[str]:
    """Return the section on networks that learn by pulses, if the study has any."""
    if not crossbars:
        return []
    heads = ("device", "network", "devices", "accuracy", "interval", "models")
    costs = ("inference (J)", "training (J)", "training (s), row by row", "log")
    return [
        "<h2>What networks on crossbars learn</h2>",
        "<p>Weights are pairs of synapses that pulses change as the response says. "
        f"Intervals at {percent(0.95)}. Energies of pulses and reads alone.</p>",
        table((*heads, *costs), [_row(name, of) for name, of in crossbars.items()]),
    ]


def _row(name: str, of: dict[str, Any]) -> list[str]:
    accuracy, settings, cost = of["accuracy"], of["settings"], of["cost"]
    bounds = interval(accuracy["low"], accuracy["high"], 4)
    costs: list[float] = []
    if cost:
        slowest_s = max(cost["training"]["time_s"].values())
        costs = [cost["inference"]["energy_J"], cost["training"]["energy_J"], slowest_s]
    return [
        text_cell(f"{name} ({of['source'] or 'source not known'})"),
        text_cell(_network(settings)),
        text_cell(_devices(settings)),
        number_cell(f"{accuracy['mean']:.4f}"),
        text_cell(f"{bounds} ({accuracy['interval']})"),
        number_cell(str(accuracy["n_models"])),
        *([number_cell(number(value)) for value in costs] or [number_cell("-")] * 3),
        f"<td>{'<br>'.join(map(log_badge, of.get('logs', []))) or 'none'}</td>",
    ]


def _network(settings: dict[str, Any]) -> str:
    hidden = " x ".join(str(n) for n in settings["hidden"])
    return f"{settings['dataset']}, hidden: {hidden or 'none'}"


def _devices(settings: dict[str, Any]) -> str:
    """Return how its devices are written."""
    levels = settings["levels"]
    bits = settings["register_bits"]
    parts = [
        f"{levels} levels" if levels else "walls rest anywhere",
        f"{settings['update']} pulses",
        *([f"register of {bits} bits"] if bits else []),
    ]
    return ", ".join(parts)
