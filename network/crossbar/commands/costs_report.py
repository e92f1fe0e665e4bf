"""What learning and inference on a crossbar cost, as lines and as a page of tables."""

from typing import Any

from dwsynapse.io.number_format import number
from dwsynapse.io.pages import number_cell, page, table, text_cell
from network.crossbar.model.crossbar_record import COUNTED_EVERY, LEAST_COUNTS


def as_lines(plan: dict[str, Any]) -> str:
    """Return energies and times as lines of text."""
    return "\n".join(
        [
            f"{plan['device']} ({plan['source'] or 'source not known'}): {plan['devices']} devices",
            *(f"  {what}: {_words(row)}" for what, row in _rows(plan)),
            f"  the energy does not include {plan['not_included']}",
        ]
    )


def to_html(plan: dict[str, Any]) -> str:
    """Return the plan as one self-contained page."""
    pulse, read = plan["pulse"], plan["read"]
    rows = [
        [text_cell(what), *(number_cell(number(row[key])) for key in ("energy_J", *plan["ways"]))]
        for what, row in _rows(plan)
    ]
    heads = ("of one network", "energy (J)", *(f"time (s), {way}" for way in plan["ways"]))
    ways = "; ".join(f"{way}: {words}" for way, words in plan["ways"].items())
    return page(
        f"{plan['device']}: what learning on a crossbar costs",
        [
            f"<p>{plan['devices']} devices ({plan['source'] or 'source not known'}), mean over "
            f"{plan['models']} network(s). A pulse of {pulse['current_uA']:g} uA and "
            f"{pulse['duration_ns']:g} ns in {pulse['resistance_ohm']:g} ohm takes "
            f"{number(pulse['energy_J'])} J ({pulse['energy']}); a read takes {read['energy']}, "
            f"V = {read['voltage_mV']:g} mV, t = {read['duration_ns']:g} ns. Not included: "
            f"{plan['not_included']}.</p>",
            table(heads, rows),
            f"<p>Pulses are given to {ways}. Pulses of an epoch: "
            f"{', '.join(number(n) for n in plan['epoch']['pulses'])}, counted on one mini-batch "
            f"in each {COUNTED_EVERY} images, on {LEAST_COUNTS} of an epoch at least.</p>",
        ],
    )


def _rows(plan: dict[str, Any]) -> list[tuple[str, dict[str, float]]]:
    """Return what is listed: energy_J, and the time by way of writing, or of reading alone."""
    epoch, inference = plan["epoch"], plan["inference"]
    ways = plan["ways"]
    alike = dict.fromkeys(ways, inference["time_s"])
    numbers = enumerate(epoch["update_energy_J"], start=1)
    by_epoch = {
        n: {
            "energy_J": energy_J + epoch["read_energy_J"],
            **{way: epoch["read_time_s"] + epoch["write_time_s"][way] for way in ways},
        }
        for n, energy_J in numbers
    }
    shown = {1: "the first epoch", len(by_epoch): "the last epoch"}
    return [
        ("an inference", {"energy_J": inference["energy_J"], **alike}),
        *((words, by_epoch[n]) for n, words in shown.items()),
        (
            f"all {plan['training']['epochs']} epochs",
            {"energy_J": plan["training"]["energy_J"], **plan["training"]["time_s"]},
        ),
    ]


def _words(row: dict[str, float]) -> str:
    times = {way: s for way, s in row.items() if way != "energy_J"}
    if len(set(times.values())) == 1:
        said = f"{number(next(iter(times.values())))} s"
    else:
        said = ", ".join(f"{number(time_s)} s {way}" for way, time_s in times.items())
    return f"{number(row['energy_J'])} J, {said}"
