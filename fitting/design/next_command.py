"""The command that says where to measure next."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dwsynapse.io.command_options import (
    Columns,
    FirstReplica,
    columns_of,
    out_file,
)
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_figure, require_output
from dwsynapse.io.limits import MAX_SEED, MAX_TRIALS
from fitting.command_options import (
    Config,
    Counts,
    Floor,
    Form,
    Lapse,
    settings_of,
)
from fitting.design.range_options import (
    Asked,
    Highest,
    HighestCurrent,
    HighestDuration,
    Lowest,
    LowestCurrent,
    LowestDuration,
    Step,
    StepCurrent,
    StepDuration,
    asked_of_drive,
)

NOTHING_BITS = 1e-6
"""A trial of less information is of none: a million of them tell as much as one of others."""

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dwsynapse.study import Fitting
    from fitting.design.proposal import Proposal
    from fitting.forms import PassingCurve
    from fitting.inference.fit_problem import FitProblem


def next_round(
    counts: Counts,
    trials: Annotated[int, typer.Option(min=1, max=MAX_TRIALS, help="Trials of the round")],
    first_replica: FirstReplica = 0,
    out: Annotated[Path | None, out_file("plan of the round (.csv)")] = None,
    step_mt: Step = None,
    step_ua: StepCurrent = None,
    step_ns: StepDuration = None,
    lowest_mt: Lowest = None,
    lowest_ua: LowestCurrent = None,
    lowest_ns: LowestDuration = None,
    highest_mt: Highest = None,
    highest_ua: HighestCurrent = None,
    highest_ns: HighestDuration = None,
    figure: Annotated[Path | None, out_file("figure of the design (.svg)", "--figure")] = None,
    form: Form = None,
    columns: Columns = None,
    floor: Floor = None,
    lapse: Lapse = None,
    config: Config = None,
) -> None:
    """Say where to measure or simulate next: where trials say most about h0 and Delta."""
    from dwsynapse.drives import drive_of
    from dwsynapse.io.contracts import PLAN, table_of_drive
    from fitting.counts.laboratory_tables import read_counts
    from fitting.design.proposal import plan_of, proposal_text, propose
    from fitting.design.proposal_lapse import design_of
    from fitting.inference.count_model import Model
    from fitting.inference.fit_problem import FitProblem
    from fitting.settings_of_drive import settings_of_drive

    if first_replica + trials - 1 > MAX_SEED:
        raise InputError(
            f"{trials} replicas from {first_replica} on end beyond {MAX_SEED}",
            where="--first-replica",
            remedy=f"give {MAX_SEED + 1 - trials} or less",
        )
    if out is not None:
        require_output(out, counts, config, kind="plan")
    if figure is not None:
        require_figure(figure, counts, config, out, option="--figure")
    table = read_counts(counts, columns_of(columns))
    drive = drive_of(table)
    asked = asked_of_drive(
        drive,
        (step_mt, step_ua, step_ns),
        (lowest_mt, lowest_ua, lowest_ns),
        (highest_mt, highest_ua, highest_ns),
    )
    settings = settings_of_drive(drive, settings_of(config, form=form, floor=floor, lapse=lapse))
    model = replace(Model.of(settings), overdispersed=False, offset_sd_mT=0.0)
    problem = FitProblem.of(table, model)
    with drive.errors():
        _require_rising(asked, problem)
        design = design_of(problem)
        proposal = propose(design, trials, asked.step, asked[1:])
    print(drive.said(proposal_text(proposal)))
    for note in _notes_on_design(proposal, problem, design.model.template, settings, counts, asked):
        print(drive.said(note), file=sys.stderr)
    if out is not None:
        origin = provenance("fitting", config=config, inputs=[counts])
        plan = plan_of(proposal, first_replica).rename(columns=drive.said)
        table_of_drive(PLAN, drive).write(out, plan, origin)
    if figure is not None:
        from fitting.design.proposal_figure import plot_design

        plot_design(figure, proposal, table)


def _require_rising(asked: Asked, problem: "FitProblem") -> None:
    from fitting.design.proposal import range_ends_mT

    low_mT, high_mT = range_ends_mT(problem, asked[1:])
    if low_mT > high_mT:
        raise InputError(
            f"no field is between {low_mT:g} and {high_mT:g} mT",
            where="--lowest-mT, --highest-mT",
            remedy="raise the highest or lower the lowest",
        )


def _notes_on_design(
    proposal: "Proposal",
    problem: "FitProblem",
    template: "PassingCurve",
    settings: "Fitting",
    path: Path,
    asked: Asked,
) -> "Iterator[str]":
    """Yield the objections to a proposal: a misleading curve, or its fields."""
    from fitting.design.proposal import CURVES, MAX_CANDIDATES
    from fitting.design.proposal_doubts import doubts

    try:
        for doubt in doubts(problem, template, settings, path):
            yield f"warning: {doubt}"
    except InputError as error:
        yield f"note: a fit would say: {error}"
    if template.lapse > 0 and "lapse" not in problem.model.given:
        yield f"note: the lapse is taken as {template.lapse:.3g}, as fitted"
    if proposal.distance_mT > asked.step:
        yield (
            f"note: fields are considered {proposal.distance_mT:.6g} mT apart: the range has more "
            f"than {MAX_CANDIDATES} steps of {asked.step:g} mT; give a narrower range or a larger "
            "--step-mT"
        )
    if not proposal.resolved:
        yield (
            f"warning: so many trials tell more than the {CURVES} curves that are compared can "
            "show: their fields are good for fewer; propose fewer --trials, and again after them"
        )
    low_mT, high_mT = proposal.field_mT[[0, -1]]
    if proposal.single_gain_bits.max() < NOTHING_BITS:
        yield (
            f"warning: trials from {low_mT:g} to {high_mT:g} mT say nothing about the rise of the "
            "curve; give other --lowest-mT and --highest-mT"
        )
    if proposal.beyond_mT is not None:
        option = "--lowest-mT" if proposal.beyond_mT < low_mT else "--highest-mT"
        yield (
            f"note: a trial at {proposal.beyond_mT:.3g} mT, outside the fields considered "
            f"({low_mT:g} to {high_mT:g} mT), is worth more than any of them; if a wall arrives "
            f"and none nucleates there, give {option} {proposal.beyond_mT:.3g}"
        )
