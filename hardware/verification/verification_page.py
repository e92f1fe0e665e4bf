"""The verification of a log on one page: ``verification.html``."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from dwsynapse.io.number_format import counted, interval, number, p_value_of, percent
from dwsynapse.io.pages import (
    SYNTHETIC,
    VERDICTS,
    badge,
    notes,
    number_cell,
    page,
    table,
    text_cell,
)

MAX_SYNAPSES = 10


def to_html(verification: dict[str, Any], figures: Sequence[str]) -> str:
    """Return the verdict, the five questions with their tests, and the figures, on one page.

    Parameters
    ----------
    verification
        Content of ``verification.json``.
    figures
        The figures, as SVG.
    """
    verdict, network = verification["verdict"], verification["network"]
    synthetic = SYNTHETIC if verification["synthetic"] else ""
    return page(
        f"{verification['device']}: log of the {verification['laboratory']}",
        [
            f"<p>{badge(VERDICTS[verdict['verdict']], verdict['verdict'])}{synthetic} "
            f"{escape(verdict['why'])}.</p>",
            f"<p>Network of rule {escape(network['rule'])}, trained with "
            f"{counted(network['reads_train'], 'read')}. Chance that any test fails if the device "
            f"is as its model says: {percent(verification['significance'])} "
            f"({escape(verification['correction'])}).</p>",
            *notes(verification["notes"]),
            *_diagnoses(verdict),
            *differences_and_questions(verification),
            f"<p>{escape(_order(verification['order_of_reads']))}</p>",
            "<h2>Synapses that deviate most</h2>",
            _synapses(verification["tests"]),
            "<h2>Accuracy by reads</h2>",
            table(
                ("reads", "images", "log", "predicted", "central 95 % predicted"),
                map(_accuracy, verification["accuracy"]),
            ),
            *(f"<div>{figure[figure.index('<svg') :]}</div>" for figure in figures),
        ],
    )


def differences_and_questions(verification: dict[str, Any]) -> Iterable[str]:
    """Return the differences that may matter, and the questions with their tests."""
    head = ("difference", "value", "interval", "tolerance", "within")
    return [
        "<h2>Does it matter?</h2>",
        table(head, map(_difference, verification["differences"])),
        *(_question(q, verification["tests"]) for q in verification["questions"]),
    ]


def _diagnoses(verdict: dict[str, Any]) -> Iterable[str]:
    if not verdict["diagnosis"]:
        return []
    found = [verdict["diagnosis"], *verdict["other_diagnoses"]]
    rows = [
        (text_cell(d["name"]), text_cell(_size(d)), number_cell(number(d["gain"]))) for d in found
    ]
    return [
        "<h2>What explains it, the best first</h2>",
        table(("defect", "size", "gain of log-likelihood"), rows),
    ]


def _size(diagnosis: dict[str, Any]) -> str:
    words = f"{number(diagnosis['size'])} {diagnosis['unit']}".strip()
    if diagnosis["low"] is None:
        return words if diagnosis["unit"] else "-"
    return f"{words}, {interval(diagnosis['low'], diagnosis['high'])}"


def _difference(row: dict[str, Any]) -> Sequence[str]:
    unit = f" {row['unit']}".rstrip()
    bounds = "open" if None in (row["low"], row["high"]) else interval(row["low"], row["high"])
    return (
        text_cell(row["difference"]),
        number_cell(f"{number(row['value'])}{unit}"),
        number_cell(bounds),
        number_cell(f"{number(row['tolerance'])}{unit}"),
        text_cell("yes" if row["equivalent"] else "no" if row["beyond"] else "not shown"),
    )


def _question(question: dict[str, str], tests: Sequence[dict[str, Any]]) -> str:
    rows = [_test(test) for test in tests if test["question"] == question["key"]]
    if not rows:
        return ""
    head = ("test", "p", "p (Holm)", "effect", "n", "power", "verdict")
    title = f"<h2>{escape(question['question'])} {escape(question['answer'].capitalize())}.</h2>"
    return title + table(head, rows)


def _test(test: dict[str, Any]) -> Sequence[str]:
    power = f"{percent(test['power'])} for {test['power_of']}" if test["power_of"] else "-"
    return (
        text_cell(test["test"]),
        number_cell(p_value_of(test).removeprefix("p = ")),
        number_cell(p_value_of(test, "p_value_holm").removeprefix("p = ")),
        text_cell(f"{number(test['effect_size'])}: {test['effect_meaning']}"),
        number_cell(str(test["n"])),
        text_cell(power),
        f"<td>{badge(VERDICTS[test['verdict']], test['verdict'])}</td>",
    )


def _order(order: dict[str, Any]) -> str:
    words = f"The program's order is {order['programmed']}"
    if order["as_programmed"] is None:
        return f"{words}; the log does not say when its reads were made."
    share = percent(order["as_programmed"])
    return f"{words}; {share} of {counted(order['images'], 'image')} looked at were read in it."


def _synapses(tests: Sequence[dict[str, Any]]) -> str:
    worst = next(t for t in tests if t["test"] == "worst synapses")["details"]["worst"]
    rows = [
        (
            number_cell(f"{s['out']}, {s['in']}"),
            number_cell(str(s["reads"])),
            number_cell(str(s["passes"])),
            number_cell(number(s["expected"])),
            number_cell(number(s["p_value_adjusted"])),
        )
        for s in worst[:MAX_SYNAPSES]
    ]
    return table(("out, in", "reads", "passes", "expected", "p (Benjamini-Hochberg)"), rows)


def _accuracy(row: dict[str, Any]) -> Sequence[str]:
    return (
        number_cell(str(row["reads_test"])),
        number_cell(str(row["n_images"])),
        number_cell(percent(row["accuracy"], 1)),
        number_cell(percent(row["predicted"], 1)),
        number_cell(f"{percent(row['predicted_low'], 1)} to {percent(row['predicted_high'], 1)}"),
    )
