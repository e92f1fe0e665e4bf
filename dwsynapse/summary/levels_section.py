"""A wire's curve in the laboratory's time, and beside the curve it was calibrated to."""

from html import escape
from typing import Any

from dwsynapse.io.number_format import interval, number, percent
from dwsynapse.io.pages import badge, number_cell, table, text_cell

BADGES = {"agrees": "good", "differs": "bad"}


def levels_sections(devices: dict[str, Any]) -> list[str]:
    """Return the sections on laboratory dwells and on calibrations, if the study has any."""
    dwells = [_dwell_row(name, one) for name, device in devices.items() for one in device["dwell"]]
    calibrated = [(name, one) for name, device in devices.items() for one in device["levels"]]
    parts = []
    if dwells:
        parts += [
            "<h2>In the laboratory's time</h2>",
            "<p>The field at which half of the walls pass: on arrival, or within the dwell by the "
            "law of N\u00e9el and Brown.</p>",
            table(("device", "predicted from", "dwell (s)", "median (mT)", "credible"), dwells),
        ]
    if calibrated:
        heads = ("centre (mT)", "difference (mT)", "steepness (1/mT)", "ratio", "verdict")
        parts += [
            "<h2>Beside the target of a calibration</h2>",
            *(_explained(name, one) for name, one in calibrated),
            table(
                ("device", "level", *heads),
                [_level_row(name, row) for name, one in calibrated for row in one["levels"]],
            ),
        ]
    return parts


def _dwell_row(name: str, one: dict[str, Any]) -> list[str]:
    return [
        text_cell(name),
        text_cell(one["from"]),
        number_cell(number(one["dwell_s"]) if one["dwell_s"] else "-"),
        number_cell(_bounded(one["median_field_mT"])),
        text_cell(one["verdict"]),
    ]


def _explained(name: str, one: dict[str, Any]) -> str:
    return (
        f"<p>{escape(name)}: the calibration says <i>{escape(one['explained'])}</i>. A level "
        f"agrees if the intervals of both differences are within {one['within_mT']:g} mT and "
        f"{percent(one['within_share'])} of the steepness.</p>"
    )


def _level_row(name: str, row: dict[str, Any]) -> list[str]:
    return [
        text_cell(name),
        text_cell(row["level"]),
        *(
            number_cell(_bounded(row[key]))
            for key in ("h0_mT", "difference_mT", "delta_per_mT", "steepness_ratio")
        ),
        f"<td>{badge(BADGES.get(row['verdict'], 'neutral'), row['verdict'])}</td>",
    ]


def _bounded(found: dict[str, float | None]) -> str:
    if found["value"] is None:
        return "-"
    known = None not in (found["low"], found["high"])
    return number(found["value"]) + (f" {interval(found['low'], found['high'])}" if known else "")
