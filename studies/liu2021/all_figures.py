"""All figures, their numbers and the verdicts on the claims, from the pulses of a folder."""

from pathlib import Path
from typing import Any

from dwsynapse.io.errors import InputError
from fitting.response.figures.displacement_figure import plot_displacement
from fitting.response.figures.ramp_figure import plot_ramp
from fitting.response.figures.response_figure import plot_response
from fitting.response.make_response import Response
from fitting.response.statistics.displacement import displacements
from studies.liu2021 import claims, fig2a_drift, fig2c_spacing
from studies.liu2021.drift import DRIFT
from studies.liu2021.pulse_sets import MECHANISMS, SOT_FULL, STT, published, ramps, read_pulses
from studies.liu2021.table1 import PAPER, row_of

CONFIDENCE, DRAWS, SEED = 0.95, 400, 0


def make(pulses: Path, out: Path) -> dict[str, Any]:
    """Draw every figure into a folder and return the content of ``paper.json``.

    Parameters
    ----------
    pulses
        Folder with the sets of `studies.liu2021.pulse_sets`, as in ``studies/liu2021/shipped``.
    out
        Folder for the figures.

    Raises
    ------
    InputError
        If a set is missing.
    """
    ours, theirs = ramps(pulses), published()
    if missing := [m.name for m in MECHANISMS if (m.name, 300) not in ours]:
        raise InputError(
            f"no ramps of {', '.join(missing)} at 300 K",
            path=pulses,
            remedy="simulate them: make recompute-liu2021",
        )
    drift = DRIFT.read(pulses / "drift.csv")
    cold, track = read_pulses(pulses, "stt-0")
    line = _duration(pulses, out)
    spacing = _spacing(pulses, out)
    fig2a_drift.draw(out / "fig2a.svg", drift)
    plot_ramp(out / "fig2d.svg", ours[STT.name, 300])
    for name, response in {**_by_name(ours), **_by_name(theirs, "published-")}.items():
        if name.endswith("-300"):
            plot_response(out / f"fig3a-{name}.svg", response)
    verdicts = [
        claims.notches_hold(drift, track),
        claims.one_level_a_pulse(cold, len(track.notch_positions_nm)),
        claims.linear_in_duration(line),
        claims.linear_and_symmetric(ours),
    ]
    for mechanism in MECHANISMS:
        if mechanism is not STT:
            verdicts.append(claims.sot_is_more_random(ours, mechanism.name, mechanism.label))
        if (mechanism.name, 400) in ours:
            verdicts.append(claims.alike_at_400_K(ours, mechanism.name, mechanism.label))
    return {
        "claims": verdicts,
        "table_1": {
            "ours": {name: row_of(response) for name, response in _by_name(ours).items()},
            "published_tables": {n: row_of(response) for n, response in _by_name(theirs).items()},
            "paper": PAPER,
        },
        "figures": {"2c": spacing, "2e": line},
    }


def _by_name(responses: dict[tuple[str, int], Response], prefix: str = "") -> dict[str, Response]:
    return {f"{prefix}{name}-{kelvin}": found for (name, kelvin), found in responses.items()}


def _duration(pulses: Path, out: Path) -> dict[str, Any]:
    table, track = read_pulses(pulses, f"{STT.name}-durations")
    n_levels = len(track.notch_positions_nm)
    found = displacements(table, n_levels, CONFIDENCE, DRAWS, SEED)
    plot_displacement(out / "fig2e.svg", found, CONFIDENCE)
    return found


def _spacing(pulses: Path, out: Path) -> list[dict[str, Any]]:
    tables: dict[float, Any] = {}
    for spacing_nm in (30.0, 50.0):
        table, track = read_pulses(pulses, f"{SOT_FULL.name}-{spacing_nm:g}nm")
        tables[track.spacing_nm] = table
    rows = fig2c_spacing.numbers(tables)
    fig2c_spacing.draw(out / "fig2c.svg", rows)
    return rows


def inputs_of(pulses: Path) -> list[Path]:
    """Return the files that the figures are made from."""
    return sorted(
        [pulses / "drift.csv", *pulses.glob("*/pulses.csv"), *pulses.glob("*/track.json")]
    )
