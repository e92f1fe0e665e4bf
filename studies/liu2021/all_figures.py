"""All figures, their numbers and the verdicts on the claims, from the pulses of a folder."""

from pathlib import Path
from typing import Any

from dwsynapse.io.files import read_json
from fitting.response.figures.displacement_figure import plot_displacement
from fitting.response.figures.ramp_figure import plot_ramp
from fitting.response.figures.response_figure import plot_response
from fitting.response.statistics.displacement import displacements
from studies.liu2021 import claims, design_map, fig2ab_walls, fig2c_spacing, sot_currents
from studies.liu2021.drift import DRIFT
from studies.liu2021.pulse_sets import (
    RESPONSES,
    SOT_COLD,
    SOT_NEAR,
    SOT_WARM,
    STT_COLD,
    STT_DURATIONS,
    STT_RAMPS,
    published,
    read_pulses,
    response_of,
)
from studies.liu2021.table1 import PAPER, row_of

CONFIDENCE, DRAWS, SEED = 0.95, 400, 0
FIGURES = (
    *("fig2a", "fig2b", "fig2c", "fig2d", "fig2e"),
    *(f"fig3a-{name}" for name in RESPONSES),
    *("fig3a-published-stt", "fig3a-published-sot", "sot-currents", "design-map"),
)


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
    ours, theirs = {name: response_of(pulses, name) for name in RESPONSES}, published()
    ramps = ours[STT_RAMPS]
    drift, trains = DRIFT.read(pulses / "drift.csv"), DRIFT.read(pulses / "trains.csv")
    retention = read_json(pulses / "retention.json", "retention", 1)
    cold, track = read_pulses(pulses, STT_COLD)
    n_levels = len(track.notch_positions_nm)
    line = displacements(read_pulses(pulses, STT_DURATIONS)[0], n_levels, CONFIDENCE, DRAWS, SEED)
    warm, sot_track = read_pulses(pulses, SOT_WARM)
    near, near_track = read_pulses(pulses, SOT_NEAR)
    sot = sot_currents.numbers(read_pulses(pulses, SOT_COLD)[0], warm, sot_track.spacing_nm)
    strong = warm[warm["current_uA"] == near["current_uA"].iloc[0]]
    spacing = fig2c_spacing.numbers({near_track.spacing_nm: near, sot_track.spacing_nm: strong})
    fig2ab_walls.draw(out / "fig2a.svg", drift, "time without a current (ns)")
    fig2ab_walls.draw(out / "fig2b.svg", trains, "time, with a pulse of 1 ns every 5 ns (ns)")
    fig2c_spacing.draw(out / "fig2c.svg", spacing)
    plot_ramp(out / "fig2d.svg", ramps)
    plot_displacement(out / "fig2e.svg", line, CONFIDENCE)
    for name, response in ours.items():
        plot_response(out / f"fig3a-{name}.svg", response)
    for name in ("stt", "sot"):
        plot_response(out / f"fig3a-published-{name}.svg", theirs[name, 300])
    sot_currents.draw(out / "sot-currents.svg", sot, {T: theirs["sot", T] for T in (0, 300)})
    designs = design_map.numbers(pulses)
    design_map.draw(out / "design-map.svg", designs)
    step, _ = sot_currents.published_steps(theirs["sot", 300])
    return {
        "claims": [
            claims.notches_hold(drift, track),
            claims.notches_make_steps_alike(trains, track),
            claims.notches_make_nonvolatile(retention),
            claims.one_level_a_pulse(cold, n_levels),
            claims.linear_in_duration(line),
            claims.linear_and_symmetric(ramps.statistics),
            claims.spread_of_the_paper(ramps.statistics),
            claims.sot_of_the_paper(ours["sot-300"].statistics),
            claims.sot_moves_by_a_level(sot, sot_currents.PAPER_uA),
            claims.sot_is_more_random(sot, ramps.statistics, n_levels - 1, step),
        ],
        "table_1": {
            "ours": {name: row_of(found) for name, found in ours.items()},
            "published_tables": {f"{n}-{T}": row_of(found) for (n, T), found in theirs.items()},
            "paper": PAPER,
        },
        "figures": {"2c": spacing, "2e": line, "sot-currents": sot, "design-map": designs},
        "one_step": design_map.numbers(pulses, design_map.MANY_WALLS),
    }


def inputs_of(pulses: Path) -> list[Path]:
    """Return the files that the figures are made from."""
    return sorted(
        [
            pulses / "drift.csv",
            pulses / "trains.csv",
            pulses / "retention.json",
            *pulses.glob("*/pulses.csv"),
            *pulses.glob("*/track.json"),
            *pulses.glob(f"{design_map.DESIGNS}/device.yaml"),
            *pulses.glob(f"{design_map.MANY_WALLS}/device.yaml"),
        ]
    )
