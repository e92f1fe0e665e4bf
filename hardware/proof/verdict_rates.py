"""How often verdicts are right, over virtual experiments: ``prove.json``."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from scipy.stats import binomtest

from dwsynapse.io.number_format import NO_BREAK
from dwsynapse.io.progress_bars import progress_bar
from hardware.proof.kept_cases import KeptCases
from hardware.proof.planted_defects import Defect
from hardware.proof.virtual_experiments import Case, Judged, Made, experiments
from hardware.proof.virtual_run import Subject

KIND, VERSION = "proof", 1
SMALL = 10
"""A small log has one in so many of the images of a full one."""
FAITHFUL = (None, 0.0)


def prove(
    subject: Subject,
    defects: Sequence[Defect],
    n_experiments: int,
    seed: int,
    processes: int,
    confidence: float,
    kept: KeptCases,
) -> dict[str, Any]:
    """Count verdicts on faithful devices and on devices with planted defects.

    The truth of each experiment is drawn from what is known of the device and of the bench's
    calibration. A full log shows all images of the settings, a small one a tenth of them.

    Parameters
    ----------
    subject
        Program, device, images and settings.
    defects
        What is planted, each of all its sizes.
    n_experiments
        Experiments of each case.
    seed
        Seed of all.
    processes
        Number of processes, on which the numbers do not depend.
    confidence
        Confidence of the intervals (Wilson's) of shares.
    kept
        Where finished cases are kept until the proof is written.

    Returns
    -------
    dict
        Content of ``prove.json``: false_alarm over all faithful devices (rate, low, high) and for
        each log, and for each log, defect and size the power (share of logs of which any test
        fails) and, of these, the share whose diagnosis is the defect.
    """
    n_images = subject.settings.images
    logs = {"small": max(1, n_images // SMALL), "full": n_images}
    planted = [(defect, size) for defect in defects for size in defect.sizes]
    found = _judged(
        subject,
        [Case(n, *what) for n in logs.values() for what in [FAITHFUL, *planted]],
        n_experiments,
        seed,
        processes,
        kept,
    )

    def share(k: int, n: int) -> dict[str, float]:
        low, high = binomtest(k, n).proportion_ci(confidence, method="wilson")
        return {"rate": k / n, "low": float(low), "high": float(high), "n": n}

    def alarms(cases: Sequence[Case]) -> dict[str, Any]:
        judged = [one for case in cases for one in found[case]]
        return {
            **share(sum(one.alarm for one in judged), len(judged)),
            "verdicts": dict(Counter(one.verdict for one in judged)),
            "diagnoses": _diagnoses(judged),
        }

    def row(log: str, defect: Defect, size: float) -> dict[str, Any]:
        judged = found[Case(logs[log], defect, size)]
        called = _diagnoses(judged)
        n_found = sum(one.alarm for one in judged)
        return {
            "log": log,
            "defect": defect.name,
            "size": size,
            "unit": defect.unit,
            "power": share(n_found, len(judged)),
            "named": share(called.get(defect.name, 0), n_found) if n_found else None,
            "verdicts": dict(Counter(one.verdict for one in judged)),
            "diagnoses": called,
        }

    return {
        "device": subject.device.name,
        "source": subject.device.source,
        "synthetic": True,
        "network": {"rule": subject.program.rule, "reads_train": subject.program.reads_train},
        "experiments": n_experiments,
        "seed": seed,
        "significance": subject.settings.significance,
        "confidence": confidence,
        "logs": {
            name: {"images": n, "reads": len(subject.showing(n).reads)} for name, n in logs.items()
        },
        "false_alarm": {
            **alarms([Case(n) for n in logs.values()]),
            "by_log": {name: alarms([Case(n)]) for name, n in logs.items()},
        },
        "defects": [row(log, *what) for what in planted for log in logs],
    }


def _diagnoses(judged: Sequence[Judged]) -> dict[str, int]:
    """Return how often each diagnosis was given, commonest first."""
    named = [one.diagnosis for one in judged if one.diagnosis]
    return dict(Counter(named).most_common())


def _judged(
    subject: Subject,
    cases: Sequence[Case],
    n_experiments: int,
    seed: int,
    processes: int,
    kept: KeptCases,
) -> dict[Case, list[Judged]]:
    """Return what was said of the experiments of each case, made or kept."""
    found = {case: kept.load(case)[:n_experiments] for case in cases}
    missing = [case for case, judged in found.items() if len(judged) < n_experiments]
    parts: dict[Case, list[Made]] = defaultdict(list)
    total = len(missing) * n_experiments
    with progress_bar(total=total, unit="experiment", disable=not missing) as bar:
        for made in experiments(subject, missing, n_experiments, seed, processes):
            bar.update(len(made.judged))
            parts[made.case].append(made)
            if sum(len(part.judged) for part in parts[made.case]) == n_experiments:
                ordered = sorted(parts.pop(made.case), key=lambda part: part.first)
                found[made.case] = [one for part in ordered for one in part.judged]
                kept.save(made.case, found[made.case])
    return found


def as_lines(content: dict[str, Any]) -> str:
    """Return rates and powers as a table of Markdown."""
    logs = list(content["logs"])

    def shown(share: dict[str, float] | None) -> str:
        if share is None:
            return "-"
        return "{:.0f}{}% ({:.0f} to {:.0f})".format(
            100 * share["rate"], NO_BREAK, 100 * share["low"], 100 * share["high"]
        )

    alarms = [shown(content["false_alarm"]["by_log"][log]) for log in logs]
    lines = [
        "| defect | size | " + " | ".join(f"{log}: found | named" for log in logs) + " |",
        "|---" * (2 + 2 * len(logs)) + "|",
        "| none | | " + " | ".join(f"{alarm} | -" for alarm in alarms) + " |",
    ]
    rows = {(r["defect"], r["size"], r["unit"], r["log"]): r for r in content["defects"]}
    for defect, size, unit in dict.fromkeys(key[:3] for key in rows):
        of = [rows[defect, size, unit, log] for log in logs]
        cells = [f"{shown(r['power'])} | {shown(r['named'])}" for r in of]
        lines.append(f"| {defect} | {size_of(size, unit)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def size_of(size: float, unit: str) -> str:
    """Return a size with its unit; shares as percentages."""
    if unit.startswith(("of ", "added ")):
        return f"{100 * size:g}{NO_BREAK}% {unit}"
    return f"{size:g} {unit.removesuffix('s') if size == 1 else unit}"
