"""Commands of the fitting room."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from config import Fitting, PublishedDevice, read_block
from fitting.counts import count_trials
from fitting.design_figure import plot_design
from fitting.device import DeviceModel
from fitting.figure import plot_curve
from fitting.make import device_from_counts, device_from_publication
from fitting.plan import plan_of, proposal_text, propose
from workflow.contracts import COUNTS, PLAN
from workflow.errors import InputError
from workflow.files import provenance

FittedSource = Literal["simulation", "measurement"]
# Below this p-value a fit is announced as poor.
POOR = 0.01

app = typer.Typer(
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="From passing counts, simulated or measured, to a device model with its uncertainty.",
)

COLUMNS = "field_mT, n_trials, n_passed; where known also n_undecided, field_sd_mT"
Counts = Annotated[Path, typer.Argument(help=f"Table of counts (CSV): {COLUMNS}")]
Trials = Annotated[list[Path], typer.Argument(help="Tables of simulated trials (CSV)")]
Name = Annotated[str, typer.Option(help="Name of the device")]
OutFile = Annotated[Path, typer.Option("--out", help="Table to write (CSV)")]
OutFolder = Annotated[Path, typer.Option("--out", help="Folder for device.json and curve.svg")]


@app.command()
def count(trials: Trials, out: OutFile) -> None:
    """Count the walls that passed, over tables of simulated trials."""
    if out.resolve() in {path.resolve() for path in trials}:
        raise InputError("is an input as well", path=out, where="--out", remedy="choose another")
    COUNTS.write(out, count_trials(trials), provenance(inputs=trials))


@app.command("next")
def next_round(
    counts: Counts,
    trials: Annotated[int, typer.Option(min=1, help="Trials of the round")],
    first_replica: Annotated[int, typer.Option(min=0, help="Number of its first replica")] = 0,
    out: Annotated[Path | None, typer.Option(help="Plan to write (CSV)")] = None,
    step_mt: Annotated[float, typer.Option("--step-mT", help="Fields are multiples of it")] = 0.1,
    figure: Annotated[Path | None, typer.Option(help="Figure of the design (SVG)")] = None,
) -> None:
    """Say where to measure or simulate next: where trials tell most about h0 and Delta."""
    if not step_mt > 0:
        raise InputError(f"{step_mt:g} is not positive", where="--step-mT", remedy="give a step")
    table = COUNTS.read(counts)
    proposal = propose(table, trials, step_mt)
    print(proposal_text(proposal))
    if out is not None:
        PLAN.write(out, plan_of(proposal, first_replica), provenance(inputs=[counts]))
    if figure is not None:
        plot_design(figure, proposal, table)


@app.command()
def fit(
    counts: Counts,
    config: Annotated[Path, typer.Option(help="Block `fitting` of the study (YAML)")],
    name: Name,
    source: Annotated[FittedSource, typer.Option(help="Where the counts come from")],
    seed: Annotated[int, typer.Option(min=0, help="Seed of draws and simulated tables")],
    out: OutFolder,
    nucleation_field_mt: Annotated[
        float | None,
        typer.Option("--nucleation-field-mT", help="Field at which walls appear uninjected"),
    ] = None,
) -> None:
    """Fit Eq. 9 to passing counts: device.json and curve.svg."""
    settings: Fitting = read_block(config, Fitting)
    table = COUNTS.read(counts)
    device = device_from_counts(
        table,
        settings,
        name=name,
        source=source,
        seed=seed,
        path=counts,
        nucleation_field_mT=nucleation_field_mt,
        provenance=provenance(config=config, seed=seed, inputs=[counts]),
    )
    _warn_of_poor_fit(device)
    device.write(out / "device.json")
    plot_curve(out / "curve.svg", device, table, settings.confidence)


@app.command()
def publish(
    config: Annotated[Path, typer.Option(help="Block of a published device (YAML)")],
    name: Name,
    out: OutFolder,
) -> None:
    """Write device.json and curve.svg of a published curve."""
    published: PublishedDevice = read_block(config, PublishedDevice)
    device = device_from_publication(published, name, provenance(config=config))
    device.write(out / "device.json")
    plot_curve(out / "curve.svg", device, counts=None)


def _warn_of_poor_fit(device: DeviceModel) -> None:
    found = device.goodness_of_fit
    if found is not None and found["p_value"] < POOR:
        print(
            f"warning: Eq. 9 describes the counts of {device.name} poorly (deviance "
            f"{found['deviance']:.1f} with {found['degrees_of_freedom']} degrees of freedom, "
            f"p = {found['p_value']:.3g}); look at curve.svg: does passing rise throughout?",
            file=sys.stderr,
        )
