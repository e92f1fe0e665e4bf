"""The study in numbers: ``summary.json``."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from dwsynapse.fit_badge import fit_badge
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, read_json
from dwsynapse.io.notes import note_once
from dwsynapse.io.result_shapes import SHAPES
from dwsynapse.learning_rules import RULES

KINDS = {
    "crossbar-accuracy": "crossbar-accuracy.json",
    "crossbar-plan": "crossbar-plan.json",
    "device": "device.json",
    "levels": "levels.json",
    "prediction": "prediction.json",
    "accuracy": "accuracy.json",
    "plan": "plan.json",
    "crossbar-verification": "crossbar_verification.json",
    "verification": "verification.json",
    "comparison": "comparison.json",
    "response-statistics": "response.json",
    "wall": "wall.json",
    "speed": ".speed.json",
}
ROOMS = {
    "micromag": ("wall", "speed"),
    "fitting": ("device", "prediction", "levels", "response-statistics"),
    "network": ("accuracy", "plan", "crossbar-accuracy", "crossbar-plan"),
    "hardware": ("verification", "comparison", "crossbar-verification"),
}
"""The kinds of files that each room makes."""


def summarise(files: Sequence[Path]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Gather the numbers of a study from the files of its stages.

    Parameters
    ----------
    files
        device.json, accuracy.json, plan.json, verification.json and comparison.json of every
        device, wall.json and trials-*.speed.json of simulated ones, prediction.json and levels.json
        where there are any, and response.json, crossbar-accuracy.json, crossbar-plan.json and
        crossbar_verification.json of tracks, in any order.

    Returns
    -------
    summary : dict
        ``devices`` (by name: source, setup, fit, goodness_of_fit, fit_badge, accuracy, plan,
        verification, dwell, levels), ``responses`` (of tracks, by the folder of the file),
        ``crossbars`` (of tracks: settings, accuracy, cost, logs, verification), ``engine`` and
        ``code``: by room, all versions of the code that made its files. The same results give the
        same summary.
    speed : dict
        What another run changes: how fast the trials were simulated (``ns_per_s``; None where none
        were).

    Raises
    ------
    InputError
        If a file is missing, of another kind, or incomplete, or two are of one device.
    """
    found = _read(files)
    _note_left_out(files, found)
    reproducible = [path for path in files if not path.name.endswith(KINDS["speed"])]
    summary = {
        "devices": {device["name"]: _device(device, found) for device in found["device"]},
        "responses": {r["folder"]: _response(r) for r in found["response-statistics"]},
        "crossbars": {c["device"]: _crossbar(c, found) for c in found["crossbar-accuracy"]},
        "engine": {"engines": sorted({speed["engine"] for speed in found["speed"]})},
        "code": {
            room: versions
            for room, kinds in ROOMS.items()
            if (versions := _versions([file for kind in kinds for file in found[kind]]))
        },
        "provenance": provenance("dwsynapse.summary", inputs=reproducible),
    }
    return summary, _speed(found["speed"])


def _read(files: Sequence[Path]) -> dict[str, list[dict[str, Any]]]:
    """Return what the files hold, by their kind, with the name of their folder."""
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    devices: dict[str, Path] = {}
    for path in files:
        kind = next((k for k, ending in KINDS.items() if path.name.endswith(ending)), None)
        if kind is None:
            raise InputError(
                "no file that a summary is made of",
                path=path,
                remedy=f"leave it out; its name must end in {', '.join(KINDS.values())}",
            )
        content = read_json(path, kind, 1, SHAPES.get(kind), "make it again")
        if kind == "device" and (other := devices.setdefault(content["name"], path)) is not path:
            raise InputError(
                f"of the device {content['name']}, as {other} is",
                path=path,
                remedy="give one device.json for each device, of a name of its own",
            )
        found[kind].append(content | {"folder": path.parent.name})
    return found


def _note_left_out(files: Sequence[Path], found: dict[str, list[dict[str, Any]]]) -> None:
    """Say on stderr which devices have results, but no device.json among the files."""
    given = {device["name"] for device in found["device"]}
    others = {
        content["device"]
        for kind in ("accuracy", "plan", "verification", "comparison")
        for content in found[kind]
    } - given
    for name in sorted(others):
        note_once(name, "results of this device are left out: its device.json is not given")
    if not given and not found["response-statistics"]:
        note_once(files[0].parent, "no device.json is given: the summary has no device")


def _versions(files: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the versions of the code that made some files, and how many each of them made.

    Files of earlier versions of this project know their commit only: their code is None.
    """
    origins = [file.get("provenance") or {} for file in files]
    counts = Counter((origin.get("code_version"), origin.get("code")) for origin in origins)
    return [
        {"code_version": version, "code": code, "files": n_files}
        for (version, code), n_files in sorted(counts.items(), key=str)
    ]


def _device(device: dict[str, Any], found: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    name = device["name"]
    of_it = {kind: [d for d in found[kind] if d.get("device") == name] for kind in KINDS}
    verification, logs = [], []
    for report in of_it["verification"]:
        network = report["network"]
        words = f"{_log_of(report)}, {RULES[network['rule']].label}"
        words += f", K_train = {network['reads_train']}"
        of_log = {
            "subject": words,
            "synthetic": report["synthetic"],
            "reads_train": network["reads_train"],
            "quantisation": report.get("quantisation"),
        }
        logs.append(of_log | {key: report["verdict"][key] for key in ("verdict", "alarm", "why")})
        verification += [
            {"subject": words, "synthetic": report["synthetic"], **test} for test in report["tests"]
        ]
    for report in of_it["comparison"]:
        words = f"curve of {name} against {report['reference']}"
        verification += [{"subject": words, "synthetic": False, **t} for t in report["tests"]]
    plans = [
        {key: plan[key] for key in ("wanted", "choices", "pulse") if key in plan}
        for plan in of_it["plan"]
    ]
    setups = [wall["setup"] for wall in found["wall"] if wall["folder"] == name]
    return {
        "source": device["source"],
        **({"drive": device["drive"]} if "drive" in device else {}),
        "setup": setups[0] if setups else None,
        "interval_kind": device["interval_kind"],
        "fit": device["parameters"],
        "goodness_of_fit": device["goodness_of_fit"],
        "fit_badge": fit_badge(device["goodness_of_fit"]),
        "accuracy": [row for report in of_it["accuracy"] for row in report["accuracy"]],
        "plan": plans[0] if plans else None,
        "logs": logs,
        "verification": verification,
        "dwell": [
            {
                "from": d["folder"],
                **{key: d[key] for key in ("dwell_s", "median_field_mT", "verdict")},
            }
            for d in of_it["prediction"]
        ],
        "levels": [
            {key: d[key] for key in ("within_mT", "within_share", "explained", "levels")}
            for d in of_it["levels"]
        ],
    }


def _response(response: dict[str, Any]) -> dict[str, Any]:
    """Return what the summary says of the response of a track."""
    statistics = ("mean_step", "spread", "nonlinearity", "n_pulses")
    ways = {way: {key: response[way].get(key) for key in statistics} for way in ("up", "down")}
    return {**ways, **{key: response[key] for key in ("source", "asymmetry", "verdict")}}


def _crossbar(learned: dict[str, Any], found: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return what the summary says of the networks on a crossbar."""
    costs = [
        {key: plan[key] for key in ("inference", "training")}
        for plan in found["crossbar-plan"]
        if plan["device"] == learned["device"]
    ]
    reports = [r for r in found["crossbar-verification"] if r["device"] == learned["device"]]
    logs = [{"synthetic": report["synthetic"], **report["verdict"]} for report in reports]
    kept = ("source", "settings", "test_images", "accuracy")
    return {
        **{key: learned[key] for key in kept},
        "cost": costs[0] if costs else None,
        "logs": logs,
        "verification": [
            {"subject": _programmed(report), "synthetic": report["synthetic"], **test}
            for report in reports
            for test in report["tests"]
        ],
    }


def _programmed(report: dict[str, Any]) -> str:
    return f"{_log_of(report)}, programming of a crossbar"


def _log_of(report: dict[str, Any]) -> str:
    laboratory = report["laboratory"]
    return f"log of the {laboratory}" if report["synthetic"] else f"measured log of {laboratory}"


def _speed(speeds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the nanoseconds simulated per second during which any batch was running."""
    simulated_ns = sum(speed["simulated_ns"] for speed in speeds)
    busy_s = _covered_s([(speed["started_s"], speed["ended_s"]) for speed in speeds])
    return {
        "ns_per_s": simulated_ns / busy_s if busy_s else None,
        "simulated_ns": simulated_ns,
        "wall_s": busy_s,
    }


def _covered_s(spans: Iterable[tuple[float, float]]) -> float:
    """Return the length of the union of time spans."""
    covered, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        covered += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return covered
