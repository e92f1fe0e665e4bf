"""The command from a folder of Kerr loops to a table of counts."""

import re
import sys
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dwsynapse.io.command_options import confidence_option, out_folder, positive
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_output, write_json

if TYPE_CHECKING:
    import pandas as pd

FILES = ("counts.csv", "outcomes.csv", "loops.svg", "detection.json")
DOUBTFUL_UNDECIDED = 0.1
"""Share of undecided loops at a field above which the curve there is not to be trusted."""


def _share(value: float) -> float:
    if not 0.5 <= value < 1:
        raise typer.BadParameter("must be at least 0.5 and below 1")
    return value


def loops(
    loops: Annotated[Path, typer.Argument(help="Folder of Kerr loops, or a file (CSV, NPZ, HDF5)")],
    out: Annotated[Path, out_folder("counts.csv, outcomes.csv, loops.svg")],
    detector: Annotated[
        Literal["change-point", "derivative"],
        typer.Option(help="Likelihood of one step and of two, or the paper's peaks"),
    ] = "change-point",
    branch: Annotated[
        Literal["rising", "falling"], typer.Option(help="Field while the wall is injected")
    ] = "rising",
    min_confidence: Annotated[
        float,
        typer.Option(callback=_share, help="Confidence below which a loop is undecided"),
    ] = 0.95,
    resolution_mt: Annotated[
        float,
        typer.Option(
            "--resolution-mT",
            callback=positive,
            help="Steps closer than this are one: three times the width of a single one, or more",
        ),
    ] = 0.2,
    tolerance_mt: Annotated[
        float,
        typer.Option(
            "--tolerance-mT",
            callback=positive,
            help="Greatest distance of the first switch from the set field",
        ),
    ] = 0.5,
    calibration: Annotated[
        Path | None,
        typer.Option(help="Folder of loops with a column outcome; writes detection.json as well"),
    ] = None,
    confidence: Annotated[float, confidence_option()] = 0.95,
) -> None:
    """Decide Kerr loops: counts.csv (for `fitting fit`), outcomes.csv and loops.svg.

    One step of the signal at the set field: the wall passed. Two: it was pinned first. Loops in
    which a switch is missing, was nucleated or is hidden by noise are undecided.

    Example: python -m hardware loops my-loops --out my-counts
    """
    from dwsynapse.io import detection_errors as contract
    from dwsynapse.io.contracts import COUNTS
    from hardware.kerr_loops import detection_errors
    from hardware.kerr_loops.counted_loops import CountedLoops
    from hardware.kerr_loops.loops_figure import plot_loops
    from hardware.kerr_loops.outcomes import OUTCOMES, Rules
    from hardware.kerr_loops.reading.loop_files import loop_files
    from hardware.kerr_loops.slow_edges import note_slow_edges

    inputs = [*loop_files(loops), *(loop_files(calibration) if calibration else [])]
    for folder in (loops, calibration):
        # What is written there would be loops to the next call.
        if folder and folder.is_dir() and Path(realpath(out)).is_relative_to(realpath(folder)):
            raise InputError(
                f"is in the folder of loops, {folder}, whose tables are all read",
                path=out,
                remedy="choose another --out",
            )
    for name in FILES:
        require_output(out / name, *inputs)
    rules = Rules(detector, branch, min_confidence, resolution_mt, tolerance_mt)
    counted = CountedLoops.of(loops, rules, calibration, confidence)
    decided, errors = counted.outcomes, counted.errors
    origin = {**provenance("hardware", inputs=inputs), "rules": vars(rules)}
    COUNTS.write(out / "counts.csv", counted.counts, origin)
    OUTCOMES.write(out / "outcomes.csv", decided, origin)
    plot_loops(out / "loops.svg", decided, counted.examples)
    if errors is not None:
        content = {
            **errors,
            "rules": vars(rules),
            "provenance": provenance("hardware", inputs=inputs),
        }
        write_json(out / "detection.json", contract.KIND, contract.VERSION, content)
    elif (out / "detection.json").is_file():
        print("note: detection.json there is of an earlier --calibration", file=sys.stderr)
    totals = decided["outcome"].value_counts()
    typer.echo(", ".join(f"{totals.get(name, 0)} {name}" for name in totals.index))
    if errors is not None:
        typer.echo(detection_errors.summary(errors))
    _note_undecided(decided)
    note_slow_edges(decided)


def _note_undecided(decided: "pd.DataFrame") -> None:
    """Say on stderr why loops are undecided, and where there are too many of them."""
    undecided = decided["outcome"] == "undecided"
    for reason, n in _kinds(decided.loc[undecided, "reason"]).items():
        print(f"note: {n} undecided: {reason}", file=sys.stderr)
    share = undecided.groupby(decided["field_set_mT"]).mean()
    for field_mT, part in share[share > DOUBTFUL_UNDECIDED].items():
        print(
            f"note: {100 * part:.0f} % undecided at {field_mT:g} mT, left out: if they passed more "
            "or less often than the others, the curve is wrong there",
            file=sys.stderr,
        )


def _kinds(reasons: "pd.Series") -> dict[str, int]:
    plain = reasons.str.replace(r"^[+\-\d.]+ % of", "part of", regex=True)
    plain = plain.map(lambda text: re.sub(r"[+-]\d[\d.]* mT off", "off", text))
    return {str(kind): int(n) for kind, n in plain.value_counts().items()}
