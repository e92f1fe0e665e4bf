"""The study on one page: ``summary.html``, which is also the first page of the report."""

from collections.abc import Sequence
from html import escape
from typing import Any

from dwsynapse.fit_badge import fit_badge
from dwsynapse.io.number_format import (
    NO_BREAK,
    NOT_DISTINGUISHED,
    interval,
    least_p_value,
    number,
    p_value,
    p_value_of,
    percent,
    symbol,
)
from dwsynapse.io.pages import (
    SYNTHETIC,
    VERDICTS,
    badge,
    log_badge,
    number_cell,
    page,
    table,
    text_cell,
)
from dwsynapse.learning_rules import ON_DEVICE, RULES
from dwsynapse.summary.crossbars_section import crossbars_section
from dwsynapse.summary.levels_section import levels_sections

POLICIES = {"fixed": "the same reads for every image", "early_curve": "early exit"}
"""The choices of a plan that the page shows."""
TESTED = ("consistent", "inconsistent")
"""Verdicts of tests of logs; those of comparisons are neither good nor bad."""


def to_html(summary: dict[str, Any]) -> str:
    """Return the summary as one self-contained page: verdicts first, then all numbers."""
    setups, curves, accuracies, verdicts = [], [], [], []
    for name, device in summary["devices"].items():
        if device["setup"]:
            setups.append(_setup_line(name, device["setup"]))
        curves += _curve_rows(name, device)
        accuracies += [_accuracy_row(name, row) for row in device["accuracy"]]
        verdicts += [_verdict_row(name, row) for row in device["verification"]]
    for name, crossbar in summary.get("crossbars", {}).items():
        verdicts += [_verdict_row(name, row) for row in crossbar.get("verification", [])]
    glance = [_glance_row(name, device) for name, device in summary["devices"].items()]
    return page(
        "Summary",
        [
            table(("device", "passing curve", "accuracy", "logs", "compared with another"), glance),
            "<h2>Passing curves</h2>",
            table(("device", "parameter", "value", "interval", "unit", "meaning"), curves),
            *levels_sections(summary["devices"]),
            "<h2>Test accuracy</h2>",
            f"<p>Mean over independently trained models, tested with the reads of training; its "
            f"{percent(0.95)} interval (Student) and the spread over models.</p>",
            table(
                ("device", "network", "reads K", "mean", "interval", "spread (sd)", "models"),
                accuracies,
            ),
            *_costs(summary["devices"]),
            *_responses(summary.get("responses", {})),
            *crossbars_section(summary.get("crossbars", {})),
            "<h2>Verification</h2>",
            "<p>p-values are corrected for the tests of each report (Holm). Curves of different "
            "devices are compared to state how much they differ; they need not agree.</p>",
            table(("device", "what", "test", "p (Holm)", "effect", "n", "verdict"), verdicts),
            "<h2>How the walls were simulated</h2>",
            *(setups or ["<p>Nothing was simulated in this study.</p>"]),
            "<h2>Code that made these results</h2>",
            "<p>The fingerprint changes with the code of a stage, not with comments or commits. "
            "More than one in a stage: some of its results were made by other code than the rest "
            "(<code>dwsynapse stale</code> names them).</p>",
            table(("stage", "fingerprint", "version", "files"), _code_rows(summary["code"])),
        ],
    )


def _costs(devices: dict[str, Any]) -> list[str]:
    """Return what accuracies cost on devices of different drives, side by side.

    Nothing where a field drives all of them: their energies differ only by the numbers of reads.
    """
    if not any("drive" in device for device in devices.values()):
        return []
    rows = [
        _cost_row(name, device, policy, words)
        for name, device in devices.items()
        if device["plan"]
        for policy, words in POLICIES.items()
    ]
    columns = ("device", "driven by", "reading", "network", "accuracy", "interval")
    return [
        "<h2>What accuracy costs</h2>",
        "<p>The cheapest network of each device that reaches the accuracy wanted. The energy is "
        "that of the pulses that inject the walls or, where a current drives them, of the pulses "
        "that do (I<sup>2</sup>Rt); neither includes the field, the reset of a wall or the "
        "readout. The time is that of the instrument.</p>",
        table((*columns, "reads", "time (s)", "energy (J)"), rows),
    ]


def _cost_row(name: str, device: dict[str, Any], policy: str, words: str) -> list[str]:
    row = device["plan"]["choices"].get(policy)
    drive = device.get("drive", "field")
    start = [text_cell(name), text_cell(drive), text_cell(words)]
    if row is None:
        return [*start, text_cell("none"), *[number_cell("-")] * 5]
    reads = "" if row["reads_train"] is None else f", K_train = {row['reads_train']}"
    return [
        *start,
        text_cell(f"{RULES[row['rule']].label}{reads}"),
        number_cell(f"{row['accuracy']:.4f}"),
        number_cell(f"[{row['low']:.4f}, {row['high']:.4f}]"),
        number_cell(f"{row['reads']:.0f}"),
        number_cell(number(row["time_s"])),
        number_cell(number(row["energy_J"])),
    ]


def _glance_row(name: str, device: dict[str, Any]) -> list[str]:
    """Return the row of a device in the first table."""
    curve = ", ".join(
        f"{symbol(parameter)} = {number(p['value'])}"
        + ("" if p["unit"] == "1" else f"{NO_BREAK}{p['unit']}")
        for parameter, p in device["fit"].items()
    )
    accuracies = [
        f"{percent(row['mean'], 1)} at K = {row['reads_test']}"
        for row in device["accuracy"]
        if row["rule"] == ON_DEVICE
    ]
    chosen = dict.fromkeys(accuracies[:1] + accuracies[-1:])
    return [
        f"<td><b>{escape(name)}</b><br>{escape(device['source'])}{_against(device)}</td>",
        f"<td>{escape(curve)}{_fit_badge(device)}</td>",
        text_cell(", ".join(chosen) or "no network"),
        f"<td>{_logs_badges(device['logs'])}</td>",
        f"<td>{_comparison_badges(device['verification'])}</td>",
    ]


def _against(device: dict[str, Any]) -> str:
    return f", against {escape(device['drive'])}" if "drive" in device else ""


def _fit_badge(device: dict[str, Any]) -> str:
    words = fit_badge(device["goodness_of_fit"])
    return f"<br>{badge('bad', words)}" if words else ""


def _logs_badges(logs: Sequence[dict[str, Any]]) -> str:
    """Return the verdict on each log, and the reason where a test fails or data are missing."""
    words = [
        f"K_train = {log['reads_train']}: " + log_badge(log) + _cost_of_grid(log["quantisation"])
        for log in logs
    ]
    return "<br>".join(words) or "none"


def _cost_of_grid(loss: dict[str, Any] | None) -> str:
    """Return what the grid of the instrument's fields costs, as simulated for the program."""
    if loss is None:
        return ""
    grid = f"grid of {loss['field_step_mT']:g} mT"
    points, low, high = (100 * loss[name] for name in ("loss", "low", "high"))
    return f"<br>{grid}: {number(points, 2)} points of accuracy lost {interval(low, high, 2)}"


def _comparison_badges(tests: Sequence[dict[str, Any]]) -> str:
    """Return a badge for each compared parameter: devices may differ, so none is marked as bad."""
    compared = [t for t in tests if t["verdict"] not in TESTED]
    return "<br>".join(badge("neutral", f"{_symbol(t)}: {_verdict(t)}") for t in compared) or "none"


def _symbol(test: dict[str, Any]) -> str:
    parameter = test["test"].removeprefix("difference in ")
    return symbol(parameter)


def _verdict(test: dict[str, Any]) -> str:
    """Return the verdict in words; earlier reports have "same" for "not distinguished"."""
    word = NOT_DISTINGUISHED if test["verdict"] == "same" else test["verdict"]
    return word + (f", {within}" if (within := test["details"].get("within")) else "")


def _setup_line(name: str, setup: dict[str, Any]) -> str:
    cell = " x ".join(f"{edge:g}" for edge in setup["cell_nm"])
    return (
        f"<p><b>{escape(name)}</b>: simulated at {setup['temperature_K']:g} K, cells of {cell} nm, "
        f"with the engine '{escape(setup['engine'])}' at a step of {setup['time_step_fs']:g} fs; "
        f"in these cells the notches cover {percent(setup['covered_fraction_in_cells'])} of the "
        f"width; "
        f"a {escape(setup['wall']['kind'])} wall is released "
        f"{_release(setup['release_distance_nm'])} nm before the notch under a "
        f"{escape(setup['field']['shape'])} field, has passed "
        f"{setup['passed_beyond_nm']:g} nm behind it, is pinned after "
        f"{setup['pinned_after_ns']:g} ns within {setup['notch_zone_nm']:g} nm of it, and a trial "
        f"lasts up to {setup['window_ns']:g} ns.</p>"
    )


def _release(distance_nm: float | list[float]) -> str:
    if isinstance(distance_nm, list):
        return "{:g} to {:g} (drawn for every trial)".format(*distance_nm)
    return f"{distance_nm:g}"


def _code_rows(code: dict[str, list[dict[str, Any]]]) -> list[list[str]]:
    return [
        [
            text_cell(room),
            text_cell(version["code"] or "not known"),
            text_cell(version["code_version"] or "not known"),
            number_cell(str(version["files"])),
        ]
        for room, versions in code.items()
        for version in versions
    ]


def _curve_rows(name: str, device: dict[str, Any]) -> list[list[str]]:
    source = f"{name} ({device['source']})"
    fit = device["goodness_of_fit"]
    goodness = [
        text_cell(source),
        text_cell("deviance"),
        number_cell(number(fit["deviance"]) if fit else "-"),
        number_cell(
            p_value(fit["p_value"], least_p_value(fit.get("bootstrap_simulations"))) if fit else "-"
        ),
        text_cell("1"),
        text_cell(
            f"{fit['degrees_of_freedom']:g} degrees of freedom, bootstrap" if fit else "no fit"
        ),
    ]
    rows = [
        [
            text_cell(source),
            text_cell(parameter),
            number_cell(number(p["value"], 4)),
            number_cell(interval(p["low"], p["high"], 4)),
            text_cell(p["unit"]),
            text_cell(device["interval_kind"]),
        ]
        for parameter, p in device["fit"].items()
    ]
    return [*rows, goodness]


def _responses(responses: dict[str, Any]) -> list[str]:
    """Return the section on tracks that pulses of a current drive, if the study has any."""
    if not responses:
        return []
    rows = [
        [
            text_cell(f"{name} ({response['source']})"),
            text_cell(way),
            *(number_cell(_share(response[way][key])) for key in ("mean_step", "spread")),
            number_cell(_found(response[way]["nonlinearity"])),
            number_cell(str(response[way]["n_pulses"] or "-")),
            text_cell(response["verdict"]),
        ]
        for name, response in responses.items()
        for way in ("up", "down")
    ]
    heads = ("device", "pulses", "mean step", "spread", "nonlinearity", "number", "tests")
    return [
        "<h2>Responses to pulses of a current</h2>",
        "<p>Steps and their spread from cycle to cycle in % of the range of the conductance; "
        "nonlinearities as Sun "
        f"and Yu define them; intervals at {percent(0.95)}.</p>",
        table(heads, rows),
    ]


def _share(found: dict[str, float | None]) -> str:
    """Return a statistic and its interval in percent."""
    return _found({key: None if x is None else 100 * x for key, x in found.items()})


def _found(found: dict[str, float | None]) -> str:
    value, low, high = (found.get(key) for key in ("value", "low", "high"))
    if value is None:
        return "-"
    return number(value) + (f" {interval(low, high)}" if None not in (low, high) else "")


def _accuracy_row(name: str, row: dict[str, Any]) -> list[str]:
    reads = "-" if row["reads_test"] is None else str(row["reads_test"])
    sd = "-" if row["sd"] is None else f"{row['sd']:.4f}"
    bounds = "-" if row["low"] is None else f"[{row['low']:.4f}, {row['high']:.4f}]"
    return [
        text_cell(name),
        text_cell(RULES[row["rule"]].label),
        number_cell(reads),
        number_cell(f"{row['mean']:.4f}"),
        number_cell(bounds),
        number_cell(sd),
        number_cell(str(row["n_models"])),
    ]


def _verdict_row(name: str, row: dict[str, Any]) -> list[str]:
    details = row["details"]
    has_both = {"low", "high"} <= details.keys()
    effect = f" {interval(details['low'], details['high'])}" if has_both else ""
    synthetic = SYNTHETIC if row["synthetic"] else ""
    return [
        text_cell(name),
        f"<td>{escape(row['subject'])}{synthetic}</td>",
        text_cell(row["test"]),
        number_cell(p_value_of(row, "p_value_holm").removeprefix("p = ")),
        text_cell(f"{number(row['effect_size'])}{effect}: {row['effect_meaning']}"),
        number_cell("-" if row["n"] is None else str(row["n"])),
        f"<td>{badge(VERDICTS.get(row['verdict'], 'neutral'), _verdict(row))}</td>",
    ]
