"""Commands of the fitting room.

Each imports what it needs when it runs: libraries of figures and statistics take long to load.
"""

import sys
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dwsynapse.io.command_line import Commands
from dwsynapse.io.command_options import (
    Columns,
    Seed,
    block,
    columns_of,
    confidence_option,
    out_file,
    out_folder,
    positive,
    several,
)
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_output, require_outputs, write_json
from dwsynapse.io.limits import DEFAULT_SEED
from fitting.command_options import (
    Config,
    Counts,
    Floor,
    Form,
    Lapse,
    Name,
    default,
    settings_of,
)
from fitting.design.next_command import next_round
from fitting.fabricated_device import fabricated
from fitting.levels.levels_command import levels
from fitting.lifetime.extrapolate_command import extrapolate
from fitting.response.response_command import response

if TYPE_CHECKING:
    pass

FittedSource = Literal["simulation", "measurement"]

app = Commands(
    no_args_is_help=True,
    help="From passing counts, simulated or measured, to a device model with its uncertainty.",
)

app.command()(extrapolate)
app.command("next")(next_round)
app.command()(levels)
app.command()(response)
app.command()(fabricated)

Tables = Annotated[list[Path], typer.Argument(help="Of simulated trials, or of pulses (CSV)")]
CONFIDENCE = confidence_option(show_default=default("confidence"))


@app.command()
def count(
    tables: Tables,
    out: Annotated[Path, out_file("table of counts (.csv)")],
    steps: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Of pulses: notches by which a wall that passed has moved at least",
            show_default="left its notch",
        ),
    ] = None,
    at_current_ua: Annotated[
        float | None,
        typer.Option(
            "--at-current-uA", callback=positive, help="Of pulses: only those of this current"
        ),
    ] = None,
    at_duration_ns: Annotated[
        float | None,
        typer.Option(
            "--at-duration-ns", callback=positive, help="Of pulses: only those of this duration"
        ),
    ] = None,
) -> None:
    """Count the walls that passed, over tables of simulated trials, or of current pulses.

    Pulses that differ in current are counted against it, and those that differ in duration against
    that. A wall passed if it left its notch, or with --steps if it moved so many notches.

    Example: python -m fitting count pulses.csv --steps 1 --out counts.csv
    """
    from dwsynapse.drives import drive_of
    from dwsynapse.io.contracts import COUNTS, table_of_drive
    from fitting.counts.pulse_counts import count_pulses, is_of_pulses
    from fitting.counts.trial_counts import count_trials

    require_output(out, *tables, kind="counts")
    if any(is_of_pulses(path) for path in tables):
        counts = count_pulses(
            tables, steps=steps, current_uA=at_current_ua, duration_ns=at_duration_ns
        )
    elif steps or at_current_ua or at_duration_ns:
        raise InputError(
            "--steps, --at-current-uA and --at-duration-ns are for pulses",
            path=tables[0],
            remedy="give a table of pulses, or leave them out",
        )
    else:
        counts = count_trials(tables)
    origin = provenance("fitting", inputs=tables)
    table_of_drive(COUNTS, drive_of(counts)).write(out, counts, origin)


@app.command()
def fit(
    counts: Counts,
    out: Annotated[Path, out_folder("device.json, curve.svg, residuals.svg, posterior.svg")],
    form: Form = None,
    columns: Columns = None,
    floor: Floor = None,
    lapse: Lapse = None,
    at: Annotated[
        list[str] | None,
        several(
            help="Passing probability for which to find the field, current or duration",
            metavar="SHARE",
            show_default="--config's, else 0.1,0.5,0.9",
        ),
    ] = None,
    confidence: Annotated[float | None, CONFIDENCE] = None,
    config: Config = None,
    name: Annotated[str | None, Name] = None,
    source: Annotated[
        FittedSource | None,
        typer.Option(
            help="Where the counts come from",
            show_default="simulation for simulated trials, else measurement",
        ),
    ] = None,
    detection: Annotated[
        Path | None,
        typer.Option(
            help="detection.json of `hardware loops`: how often outcomes were detected wrongly"
        ),
    ] = None,
    seed: Seed = DEFAULT_SEED,
    nucleation_field_mt: Annotated[
        float | None,
        typer.Option(
            "--nucleation-field-mT",
            callback=positive,
            help="Field at which walls appear without injection, above the rise of the curve",
        ),
    ] = None,
) -> None:
    """Fit a passing curve to counts: device.json, curve.svg, residuals.svg, posterior.svg.

    Prints the parameters with their intervals, tests of the fit, and how other forms fit. Without
    --name the device is called as the table; where that is counts.csv, as the folder --out.

    Example: python -m fitting fit counts.csv --form logistic --out my-wire
    """
    from dwsynapse.io.detection_errors import DetectionErrors
    from fitting.counts.laboratory_tables import read_counts
    from fitting.curve_figure import plot_curve
    from fitting.design.fit_advice import advice
    from fitting.diagnostic_figures import plot_posterior, plot_residuals
    from fitting.fit_report import poor_fit_lines, report
    from fitting.make_device import device_from_counts

    files = ("device.json", "curve.svg", "residuals.svg", "posterior.svg")
    require_outputs(out, files, counts, config, detection)
    settings = settings_of(
        config, form=form, floor=floor, lapse=lapse, at=at, confidence=confidence
    )
    table = read_counts(counts, columns_of(columns))
    device = device_from_counts(
        table,
        settings,
        name=name or (Path(realpath(out)).name if counts.stem == "counts" else counts.stem),
        source=source,
        seed=seed,
        path=counts,
        nucleation_field_mT=nucleation_field_mt,
        detection=DetectionErrors.read(detection) if detection else None,
        provenance=provenance(
            "fitting",
            config=config,
            seed=seed,
            inputs=[counts, *([detection] if detection else [])],
        ),
    )
    print(report(device))
    for line in poor_fit_lines(device.name, device.goodness_of_fit, device.drive):
        print(f"{line}; look at residuals.svg", file=sys.stderr)
    for note in advice(device, table, settings):
        print(f"note: {device.drive.said(note)}", file=sys.stderr)
    device.write(out / "device.json")
    plot_curve(out / "curve.svg", device, table, settings.confidence)
    plot_residuals(out / "residuals.svg", device, table)
    plot_posterior(out / "posterior.svg", device)


@app.command()
def compare(
    a: Counts,
    b: Counts,
    out: Annotated[Path, out_folder("curves.json, comparison.svg")],
    form: Form = None,
    columns: Columns = None,
    floor: Floor = None,
    lapse: Lapse = None,
    config: Config = None,
    names: Annotated[
        list[str] | None,
        several(help="Name of each table", metavar="NAME", show_default="of the files"),
    ] = None,
    confidence: Annotated[float | None, CONFIDENCE] = None,
    seed: Seed = DEFAULT_SEED,
    simulations: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Simulated pairs of tables for each p-value",
            show_default=default("simulations"),
        ),
    ] = None,
) -> None:
    """Compare two tables of counts, A and B: curves.json and comparison.svg.

    --columns applies to both tables, unless A: or B: precedes it, as in A:field_mT=B_set.
    """
    require_outputs(out, ("curves.json", "comparison.svg"), a, b, config)
    from fitting.comparison.table_comparison import (
        KIND,
        VERSION,
        compare_counts,
        comparison_content,
        summary,
    )
    from fitting.comparison.table_comparison_figure import plot_comparison
    from fitting.counts.laboratory_tables import read_counts
    from fitting.fit_report import poor_fit_lines

    settings = settings_of(
        config,
        form=form,
        floor=floor,
        lapse=lapse,
        confidence=confidence,
        simulations=simulations,
    )
    named = _two_names(names, a, b)
    tables = read_counts(a, columns_of(columns, "A")), read_counts(b, columns_of(columns, "B"))
    found = compare_counts(*tables, (a, b), settings, seed)
    origin = provenance("fitting", config=config, seed=seed, inputs=[a, b])
    content = comparison_content(found, named, tables, origin)
    write_json(out / "curves.json", KIND, VERSION, content)
    plot_comparison(out / "comparison.svg", found, named, tables)
    print(summary(found, named))
    for name, goodness in zip(named, found.goodness, strict=True):
        for line in poor_fit_lines(name, goodness, found.drive):
            print(line, file=sys.stderr)


@app.command()
def publish(
    config: Annotated[Path, block("devices.NAME", ", of a published device")],
    name: Annotated[str, Name],
    out: Annotated[Path, out_folder("device.json, curve.svg")],
) -> None:
    """Write device.json and curve.svg of a published curve."""
    from dwsynapse.study import PublishedDevice, read_block
    from fitting.curve_figure import plot_curve
    from fitting.make_device import device_from_publication

    require_outputs(out, ("device.json", "curve.svg"), config)
    published: PublishedDevice = read_block(config, PublishedDevice)
    device = device_from_publication(published, name, provenance("fitting", config=config))
    device.write(out / "device.json")
    plot_curve(out / "curve.svg", device, counts=None)


def _two_names(names: list[str] | None, a: Path, b: Path) -> tuple[str, str]:
    if names is None:
        return (a.stem, b.stem) if a.stem != b.stem else ("A", "B")
    if len(names) != 2 or names[0] == names[1]:
        raise InputError(
            f"{','.join(names)!r} is not two different names",
            where="--names",
            remedy="give them as a,b",
        )
    return names[0], names[1]
