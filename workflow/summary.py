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
.inconsistent { color: #b03a2e; font-weight: bold; }
.synthetic { background: #fdf3d8; padding: 0.1em 0.4em; }
"""
RULES = {
    "stochastic": "stochastic rule",
    "mean-field": "mean-field rule",
    "mean-field-limit": "mean-field limit (unlimited reads)",
    "perceptron": "ordinary perceptron",
}


def summarise(results: Path, devices: Sequence[str]) -> dict[str, Any]:
    """Gather the numbers of a study from the files of its stages.

    Parameters
    ----------
    results
        Folder of the study.
    devices
        Names of its devices.

    Returns
    -------
    dict
        ``devices`` (by name: source, fit, goodness_of_fit, accuracy, verification) and ``engine``
        (ns_per_s; None where nothing was simulated).
    """
    sources = [path for name in devices for path in _sources(results / name)]
    return {
        "devices": {name: _device(results / name) for name in devices},
        "engine": _engine(results, devices),
        "provenance": provenance(inputs=sources),
    }


def _sources(folder: Path) -> list[Path]:
    names = ["device.json", "network/accuracy.json", "comparison.json"]
    files = [folder / name for name in names]
    return [f for f in files if f.exists()] + sorted(folder.glob("hardware/*/verification.json"))


def _device(folder: Path) -> dict[str, Any]:
    device = read_json(folder / "device.json", "device", 1)
    accuracy = read_json(folder / "network" / "accuracy.json", "accuracy", 1)
    verification = []
    for file in sorted(folder.glob("hardware/*/verification.json")):
        report = read_json(file, "verification", 1)
        words = f"log of the {report['laboratory']}, K_train = {report['network']['reads_train']}"
        verification += [
            {"subject": words, "synthetic": report["synthetic"], **test} for test in report["tests"]
        ]
    if (folder / "comparison.json").exists():
        report = read_json(folder / "comparison.json", "comparison", 1)
        words = f"curve of {report['device']} against {report['reference']}"
        verification += [{"subject": words, "synthetic": False, **t} for t in report["tests"]]
    return {
        "source": device["source"],
        "interval_kind": device["interval_kind"],
        "fit": device["parameters"],
        "goodness_of_fit": device["goodness_of_fit"],
        "accuracy": accuracy["accuracy"],
        "verification": verification,
    }


def _engine(results: Path, devices: Iterable[str]) -> dict[str, Any]:
    """Return the nanoseconds simulated per second during which any batch was running."""
    speeds = [
        read_json(file, "speed", 1)
        for name in devices
        for file in sorted((results / name).glob("rounds/*/trials-*.speed.json"))
    ]
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
    curves, accuracies, verdicts = [], [], []
    for name, device in summary["devices"].items():
        curves += _curve_rows(name, device)
        accuracies += [_accuracy_row(name, row) for row in device["accuracy"]]
        verdicts += [_verdict_row(name, row) for row in device["verification"]]
    return "".join(
        [
            f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Summary</title>"
            f"<style>{STYLE}</style><body><h1>Summary</h1>",
            _engine_line(summary["engine"]),
            "<h2>Passing curves</h2>",
            _table(("device", "parameter", "value", "interval", "unit", "what it is"), curves),
            "<h2>Test accuracy</h2>",
            "<p>Mean over independently trained models, tested with as many reads as trained.</p>",
            _table(("device", "network", "reads K", "mean", "spread (sd)", "models"), accuracies),
            "<h2>Verification</h2>",
            _table(("device", "what", "test", "p (Holm)", "effect", "n", "verdict"), verdicts),
            "</body></html>\n",
        ]
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
    return [
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


def _accuracy_row(name: str, row: dict[str, Any]) -> list[str]:
    reads = "-" if row["reads_test"] is None else str(row["reads_test"])
    sd = "-" if row["sd"] is None else f"{row['sd']:.4f}"
    return [
        _text(name),
        _text(RULES[row["rule"]]),
        _number(reads),
        _number(f"{row['mean']:.4f}"),
        _number(sd),
        _number(str(row["n_models"])),
    ]


def _verdict_row(name: str, row: dict[str, Any]) -> list[str]:
    synthetic = " <span class='synthetic'>synthetic</span>" if row["synthetic"] else ""
    return [
        _text(name),
        f"<td>{escape(row['subject'])}{synthetic}</td>",
        _text(row["test"]),
        _number(f"{row['p_value_holm']:.3g}"),
        _text(f"{row['effect_size']:.3g}: {row['effect_meaning']}"),
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
