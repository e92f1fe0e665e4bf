"""The study in numbers: ``summary.json`` for machines and ``summary.html`` for the report."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from workflow.files import provenance, read_json

STYLE = """
body { font: 15px/1.5 sans-serif; margin: 2em; color: #222; max-width: 75em; }
table { border-collapse: collapse; margin: 0.5em 0 2em; }
th, td { padding: 0.25em 0.9em; text-align: left; vertical-align: top; }
td { border-bottom: 1px solid #ddd; }
th { border-bottom: 2px solid #888; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.inconsistent, .different { color: #b03a2e; font-weight: bold; }
.synthetic { background: #fdf3d8; padding: 0.1em 0.4em; }
"""
KINDS = {
    "device": "device.json",
    "accuracy": "accuracy.json",
    "plan": "plan.json",
    "verification": "verification.json",
    "comparison": "comparison.json",
    "wall": "wall.json",
    "speed": ".speed.json",
}
RULES = {
    "stochastic": "stochastic rule",
    "mean-field": "mean-field rule",
    "win-probability": "probability of winning (one read)",
    "mixed-sums": "sums mixed by the computer (one read)",
    "mean-field-limit": "mean-field limit (unlimited reads)",
    "perceptron": "ordinary perceptron",
}


def summarise(files: Sequence[Path]) -> dict[str, Any]:
    """Gather the numbers of a study from the files of its stages.

    Parameters
    ----------
    files
        device.json, accuracy.json, plan.json, verification.json and comparison.json of every
        device, and wall.json and trials-*.speed.json of simulated ones, in any order.

    Returns
    -------
    dict
        ``devices`` (by name: source, setup, fit, goodness_of_fit, accuracy, plan, verification) and
        ``engine`` (ns_per_s; None where nothing was simulated).

    Raises
    ------
    InputError
        If a file is missing or of another kind.
    """
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for path in files:
        kind = next((k for k, ending in KINDS.items() if path.name.endswith(ending)), "device")
        found[kind].append(read_json(path, kind, 1) | {"folder": path.parent.name})
    return {
        "devices": {device["name"]: _device(device, found) for device in found["device"]},
        "engine": _engine(found["speed"]),
        "provenance": provenance(inputs=files),
    }


def _device(device: dict[str, Any], found: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    name = device["name"]
    of_it = {kind: [d for d in found[kind] if d.get("device") == name] for kind in KINDS}
    verification = []
    for report in of_it["verification"]:
        network = report["network"]
        words = f"log of the {report['laboratory']}, {RULES[network['rule']]}"
        words += f", K_train = {network['reads_train']}"
        verification += [
            {"subject": words, "synthetic": report["synthetic"], **test} for test in report["tests"]
        ]
    for report in of_it["comparison"]:
        words = f"curve of {name} against {report['reference']}"
        verification += [{"subject": words, "synthetic": False, **t} for t in report["tests"]]
    plans = [{key: plan[key] for key in ("wanted", "choices")} for plan in of_it["plan"]]
    setups = [wall["setup"] for wall in found["wall"] if wall["folder"] == name]
    return {
        "source": device["source"],
        "setup": setups[0] if setups else None,
        "interval_kind": device["interval_kind"],
        "fit": device["parameters"],
        "goodness_of_fit": device["goodness_of_fit"],
        "accuracy": [row for report in of_it["accuracy"] for row in report["accuracy"]],
        "plan": plans[0] if plans else None,
        "verification": verification,
    }


def _engine(speeds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the nanoseconds simulated per second during which any batch was running."""
    simulated_ns = sum(speed["simulated_ns"] for speed in speeds)
    busy_s = _covered_s([(speed["started_s"], speed["ended_s"]) for speed in speeds])
    return {
        "ns_per_s": simulated_ns / busy_s if busy_s else None,
        "simulated_ns": simulated_ns,
        "wall_s": busy_s,
        "engines": sorted({speed["engine"] for speed in speeds}),
    }


def _covered_s(spans: Iterable[tuple[float, float]]) -> float:
    """Return the length of the union of time spans."""
    covered, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        covered += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return covered


def to_html(summary: dict[str, Any]) -> str:
    """Return the summary as one self-contained page of tables."""
    setups, curves, accuracies, verdicts = [], [], [], []
    for name, device in summary["devices"].items():
        if device["setup"]:
            setups.append(_setup_line(name, device["setup"]))
        curves += _curve_rows(name, device)
        accuracies += [_accuracy_row(name, row) for row in device["accuracy"]]
        verdicts += [_verdict_row(name, row) for row in device["verification"]]
    return "".join(
        [
            f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Summary</title>"
            f"<style>{STYLE}</style><body><h1>Summary</h1>",
            *setups,
            _engine_line(summary["engine"]),
            "<h2>Passing curves</h2>",
            _table(("device", "parameter", "value", "interval", "unit", "what it is"), curves),
            "<h2>Test accuracy</h2>",
            "<p>Mean over independently trained models, tested with as many reads as trained; its "
            "95 % interval (Student) and the spread over models.</p>",
            _table(
                ("device", "network", "reads K", "mean", "interval", "spread (sd)", "models"),
                accuracies,
            ),
            "<h2>Verification</h2>",
            "<p>p-values are corrected for the tests of each report (Holm). Curves of different "
            "devices are compared to tell how far apart they are; they need not agree.</p>",
            _table(("device", "what", "test", "p (Holm)", "effect", "n", "verdict"), verdicts),
            "</body></html>\n",
        ]
    )


def _setup_line(name: str, setup: dict[str, Any]) -> str:
    cell = " x ".join(f"{edge:g}" for edge in setup["cell_nm"])
    return (
        f"<p><b>{escape(name)}</b>: simulated at {setup['temperature_K']:g} K, cells of {cell} nm, "
        f"with the engine '{escape(setup['engine'])}' at a step of {setup['time_step_fs']:g} fs; "
        f"in these cells the notches cover {setup['covered_fraction_in_cells']:.0%} of the width; "
        f"a {setup['wall']['kind']} wall is released {setup['release_distance_nm']:g} nm before "
        f"the notch under a {setup['field']['shape']} field, has passed "
        f"{setup['passed_beyond_nm']:g} nm behind it, is pinned after "
        f"{setup['pinned_after_ns']:g} ns within {setup['notch_zone_nm']:g} nm of it, and a trial "
        f"lasts up to {setup['window_ns']:g} ns.</p>"
    )


def _engine_line(engine: dict[str, Any]) -> str:
    if engine["ns_per_s"] is None:
        return "<p>Nothing was simulated in this study.</p>"
    return (
        f"<p>The simulation advanced {engine['ns_per_s']:.2f} ns of trajectory per second "
        f"({engine['simulated_ns']:.0f} ns in {engine['wall_s']:.0f} s, "
        f"engine: {escape(', '.join(engine['engines']))}).</p>"
    )


def _curve_rows(name: str, device: dict[str, Any]) -> list[list[str]]:
    source = f"{name} ({device['source']})"
    fit = device["goodness_of_fit"]
    goodness = [
        _text(source),
        _text("deviance"),
        _number(f"{fit['deviance']:.3g}" if fit else "-"),
        _number(f"p = {fit['p_value']:.2g}" if fit else "-"),
        _text("1"),
        _text(f"{fit['degrees_of_freedom']:g} degrees of freedom, bootstrap" if fit else "no fit"),
    ]
    rows = [
        [
            _text(source),
            _text(parameter),
            _number(f"{p['value']:.4g}"),
            _number(f"{p['low']:.4g} to {p['high']:.4g}"),
            _text(p["unit"]),
            _text(device["interval_kind"]),
        ]
        for parameter, p in device["fit"].items()
    ]
    return [*rows, goodness]


def _accuracy_row(name: str, row: dict[str, Any]) -> list[str]:
    reads = "-" if row["reads_test"] is None else str(row["reads_test"])
    sd = "-" if row["sd"] is None else f"{row['sd']:.4f}"
    interval = "-" if row["low"] is None else f"{row['low']:.4f} to {row['high']:.4f}"
    return [
        _text(name),
        _text(RULES[row["rule"]]),
        _number(reads),
        _number(f"{row['mean']:.4f}"),
        _number(interval),
        _number(sd),
        _number(str(row["n_models"])),
    ]


def _verdict_row(name: str, row: dict[str, Any]) -> list[str]:
    details = row["details"]
    interval = f" [{details['low']:.3g}, {details['high']:.3g}]" if "low" in details else ""
    synthetic = " <span class='synthetic'>synthetic</span>" if row["synthetic"] else ""
    return [
        _text(name),
        f"<td>{escape(row['subject'])}{synthetic}</td>",
        _text(row["test"]),
        _number(f"{row['p_value_holm']:.3g}"),
        _text(f"{row['effect_size']:.3g}{interval}: {row['effect_meaning']}"),
        _number("-" if row["n"] is None else str(row["n"])),
        f"<td class='{row['verdict']}'>{row['verdict']}</td>",
    ]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _text(cell: str) -> str:
    return f"<td>{escape(cell)}</td>"


def _number(cell: str) -> str:
    return f"<td class='number'>{escape(cell)}</td>"
