"""The printed plan: a few lines for the terminal, and a page of tables for the report."""

from typing import Any

import pandas as pd

from dwsynapse.io import pages
from dwsynapse.io.number_format import percent
from network.cost.cheapest_network import named
from network.cost.inference_cost import energy_unit
from network.cost.trade_offs import Row

POLICIES = {
    "fixed": "the same reads for every image",
    "early_curve": "early exit, knowing the curve",
    "early_nothing": "early exit, knowing nothing of the device",
}


def report(plan: dict[str, Any]) -> str:
    """Return the cheapest ways to the accuracy wanted, and the spread, as lines of text."""
    lines = [f"{plan['device']}: to reach {percent(plan['wanted'], 2)}"]
    for policy, words in POLICIES.items():
        row = plan["choices"][policy]
        lines.append(f"  {words}: {_in_words(row, plan) if row else 'nothing reaches it'}")
    sure = plan["choices"]["fixed_sure"]
    lines.append(
        f"  at the lower end of the interval: {_in_words(sure, plan) if sure else 'nothing does'}"
    )
    lines.append("  the first of these networks of the first model, on other devices:")
    for row in plan["spread"]:
        lines.append(
            f"  over {_cause(row)}: {percent(row['mean'], 2)}, {percent(0.95)} of "
            f"{len(row['accuracies'])} in [{percent(row['low'], 2)}, {percent(row['high'], 2)}]"
        )
    lines.append(f"  {INDEPENDENT[0].lower()}{INDEPENDENT[1:]}")
    if plan["spread_note"]:
        lines.append(f"  {plan['spread_note']}")
    lines.append(f"  the energy does not include {plan['energy_does_not_include']}")
    return "\n".join(lines)


INDEPENDENT = (
    "The risk of an early exit holds for reads that do not depend on each other: verify a log of "
    "the device (`hardware verify` tests their correlation) before relying on it."
)


def page(plan: dict[str, Any]) -> str:
    """Return the plan as one self-contained page of tables."""
    note = f"<p>{plan['spread_note']}.</p>" if plan["spread_note"] else ""
    return pages.page(
        f"{plan['device']}: what accuracy costs",
        [
            f"<p>{plan['reads_per_s']:g} reads per second and wire, {plan['wires']} wire(s), "
            f"{plan['energy_per_read_J']:.2g} J per read{_of_pulse(plan)} without "
            f"{plan['energy_does_not_include']}; {plan['active_inputs']:.1f} active inputs on the "
            f"mean of {plan['test_images']} test images; {plan['models']} model(s). Intervals are "
            f"{percent(0.95)}; a wrong exit ends early on another class than unlimited reads "
            f"give. {INDEPENDENT}</p>"
            f"<h2>Cheapest ways to {percent(plan['wanted'], 2)}</h2>",
            _html(_choices(plan)),
            "<h2>Spread over devices</h2>",
            note,
            _html(_spread(plan)),
            "<h2>Accuracy with the same reads for every image</h2>",
            _html(_accuracies(plan)),
        ],
    )


def _of_pulse(plan: dict[str, Any]) -> str:
    """Return how the energy of a read follows from its pulse, where that is so."""
    if "pulse" not in plan:
        return ""
    pulse = plan["pulse"]
    sizes = {"current_uA": "I = {:g} uA", "duration_ns": "t = {:g} ns"}
    size = next(form.format(pulse[name]) for name, form in sizes.items() if name in pulse)
    return f" on the mean ({pulse['energy']}; R = {pulse['resistance_ohm']:g} ohm, {size})"


def _in_words(row: Row, plan: dict[str, Any]) -> str:
    unit, per_J = energy_unit(plan)
    words = (
        f"{named(row)}: {percent(row['accuracy'], 2)} [{percent(row['low'], 2)}, "
        f"{percent(row['high'], 2)}], {row['reads']:.0f} reads, {row['time_s']:.3g} s, "
        f"{row['energy_J'] * per_J:.3g} {unit}"
    )
    if "risk" in row:
        wrong = percent(row["wrong_exit"], 2)
        words += f"; {wrong} end early on another class than unlimited reads give"
    return words


def _choices(plan: dict[str, Any]) -> pd.DataFrame:
    rows = []
    unit, per_J = energy_unit(plan)
    for policy, words in POLICIES.items():
        for key, how in {policy: "mean reaches it", f"{policy}_sure": "lower end does"}.items():
            row = plan["choices"][key]
            if not row:
                rows.append({"policy": words, "accuracy wanted": how, "network": "none"})
                continue
            rows.append(
                {
                    "policy": words,
                    "accuracy wanted": how,
                    "network": named(row),
                    "accuracy": f"{row['accuracy']:.4f}",
                    "interval": f"[{row['low']:.4f}, {row['high']:.4f}]",
                    "reads": f"{row['reads']:.0f}",
                    "time (s)": f"{row['time_s']:.3g}",
                    f"energy ({unit})": f"{row['energy_J'] * per_J:.3g}",
                    "wrong exits": f"{percent(row['wrong_exit'], 2)}" if "risk" in row else "-",
                }
            )
    return pd.DataFrame(rows).fillna("-")


def _spread(plan: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "over": _cause(row),
            "mean accuracy": f"{row['mean']:.4f}",
            "sd": f"{row['sd']:.4f}",
            f"central {percent(0.95)}": f"[{row['low']:.4f}, {row['high']:.4f}]",
            "devices": len(row["accuracies"]),
        }
        for row in plan["spread"]
    )


def _accuracies(plan: dict[str, Any]) -> pd.DataFrame:
    """Return one row for each number of reads, one column for each kind of network."""
    rows: dict[int, dict[str, str]] = {}
    unit, per_J = energy_unit(plan)
    for row in plan["fixed"]:
        line = rows.setdefault(
            row["reads_test"],
            {
                "K_test": str(row["reads_test"]),
                "reads": f"{row['reads']:.0f}",
                "time (s)": f"{row['time_s']:.3g}",
                f"energy ({unit})": f"{row['energy_J'] * per_J:.3g}",
            },
        )
        trained = "" if row["reads_train"] is None else f" {row['reads_train']}"
        half = (row["high"] - row["low"]) / 2
        line[f"{row['rule']}{trained}"] = f"{row['accuracy']:.4f} ± {half:.4f}"
    return pd.DataFrame(rows.values())


def _cause(row: dict[str, Any]) -> str:
    if row["cause"] == "wires":
        steep = f" and ln(steepness) by {row['steepness_sd']:g}" if row["steepness_sd"] else ""
        return f"wires whose centres differ by {row['place_sd_mT']:g} mT{steep} (sd)"
    return {"reads": "the randomness of the reads alone", "curve": "draws of the device's curve"}[
        row["cause"]
    ]


def _html(table: pd.DataFrame) -> str:
    return table.to_html(index=False, border=0)
