"""The command that makes the response of a multi-level synapse."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dwsynapse.io.command_options import (
    Columns,
    Seed,
    columns_of,
    confidence_option,
    out_folder,
    positive,
)
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_output, require_outputs
from dwsynapse.io.limits import DEFAULT_SEED
from dwsynapse.io.records import remove_of_earlier_run

if TYPE_CHECKING:
    from fitting.response.junction import Junction
    from fitting.response.make_response import Response

MAX_TMR = 15.0
FILES = ("response.npz", "response.json", "ramp.svg", "response.svg", "displacement.svg")


def response(
    pulses: Annotated[
        Path,
        typer.Argument(
            help="pulses.csv of a simulated track; a measured train with pulse, conductance_uS (or "
            "_S, _mS, _nS); or lookup tables of CrossSim, one of the two or their folder"
        ),
    ],
    out: Annotated[Path, out_folder(", ".join(FILES))],
    rp_ohm: Annotated[
        float | None,
        typer.Option(callback=positive, help="Resistance of the junction, all of it parallel"),
    ] = None,
    tmr: Annotated[
        float | None,
        typer.Option(callback=positive, help="Tunnel magnetoresistance, as in 1.5 for 150 %"),
    ] = None,
    track: Annotated[
        Path | None,
        typer.Option(help="Track of simulated pulses", show_default="track.json next to them"),
    ] = None,
    duration_ns: Annotated[
        float | None,
        typer.Option(
            callback=positive,
            help="Which pulses, of simulated ones of several durations",
            show_default="the most frequent",
        ),
    ] = None,
    bins: Annotated[
        int | None,
        typer.Option(
            min=2, max=1000, help="Bins of conductance", show_default="the levels, or by pulses"
        ),
    ] = None,
    columns: Columns = None,
    confidence: Annotated[float, confidence_option()] = 0.95,
    seed: Seed = DEFAULT_SEED,
    draws: Annotated[int, typer.Option(min=50, max=20000, help="Draws for the band")] = 400,
    crosssim: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Also write the lookup tables of CrossSim: dG_increasing.txt, dG_decreasing.txt",
        ),
    ] = None,
) -> None:
    """Make a table of conductance change against conductance from pulses up and down.

    Prints step, spread and nonlinearity with their intervals, and tests: is the response linear and
    symmetric, and does the last pulse matter? The input is recognised by its content.

    Example: python -m fitting response pulses.csv --rp-ohm 6000 --tmr 1.5 --out my-track
    """
    require_outputs(out, FILES, pulses, track)
    from fitting.response.inputs.crosssim_tables import FILES as CROSSSIM_FILES
    from fitting.response.inputs.crosssim_tables import write_crosssim
    from fitting.response.make_response import Settings, make_response
    from fitting.response.response_content import lines

    settings = Settings(
        junction=_junction(rp_ohm, tmr),
        track=track,
        columns=columns_of(columns),
        n_bins=bins,
        duration_ns=duration_ns,
        confidence=confidence,
        draws=draws,
        seed=seed,
    )
    made = make_response(pulses, settings)
    if crosssim:
        for name in CROSSSIM_FILES:
            require_output(crosssim / name, *made.files, option="--crosssim")
    made.write(out, provenance("fitting", seed=seed, inputs=made.files))
    if crosssim:
        write_crosssim(crosssim, made.table)
    _draw(out, made)
    for line in lines(made.statistics):
        print(line)
    for note in made.notes:
        print(f"note: {note}", file=sys.stderr)
    for warning in made.warnings:
        print(f"warning: {warning}", file=sys.stderr)


def _junction(rp_ohm: float | None, tmr: float | None) -> "Junction | None":
    if (rp_ohm is None) != (tmr is None):
        raise InputError("needs both", where="--rp-ohm, --tmr", remedy="give both, or neither")
    if rp_ohm is None or tmr is None:
        return None
    if tmr > MAX_TMR:
        problem = f"{tmr:g} is {100 * tmr:g} %, more than any junction has"
        raise InputError(problem, where="--tmr", remedy="give the ratio, as in 1.5 for 150 %")
    from fitting.response.junction import Junction

    return Junction(rp_ohm, tmr)


def _draw(out: Path, made: "Response") -> None:
    from fitting.response.figures.displacement_figure import plot_displacement
    from fitting.response.figures.ramp_figure import plot_ramp
    from fitting.response.figures.response_figure import plot_response

    plot_ramp(out / "ramp.svg", made)
    plot_response(out / "response.svg", made)
    if moved := made.statistics.get("displacement"):
        plot_displacement(out / "displacement.svg", moved, made.statistics["confidence"])
    else:
        remove_of_earlier_run(out / "displacement.svg")
