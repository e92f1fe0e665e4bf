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
    limited,
    out_file,
    positive,
)
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_figure, require_output
from dwsynapse.io.limits import MAX_FIELD_MT, MAX_TRIALS, MIN_STEP_MT
from fitting.command_options import (
    Config,
    Counts,
    Floor,
    Form,
    Lapse,
    settings_of,
)

NOTHING_BITS = 1e-6
"""A trial of less information is of none: a million of them tell as much as one of others."""

if TYPE_CHECKING:
    from dwsynapse.study import Fitting
    from fitting.design.proposal import Proposal
    from fitting.forms import PassingCurve
    from fitting.inference.fit_problem import FitProblem


Step = Annotated[
    float, typer.Option("--step-mT", callback=positive, help="Fields are multiples of it")
]
Lowest = Annotated[
    float | None,
    typer.Option(
        "--lowest-mT",
        callback=limited(0),
        help="Least field considered",
        show_default="of the counts",
    ),
]
Highest = Annotated[
    float | None,
    typer.Option(
        "--highest-mT",
        callback=limited(0),
        help="Highest field considered",
        show_default="of the counts",
    ),
]


def next_round(
    counts: Counts,
    trials: Annotated[int, typer.Option(min=1, max=MAX_TRIALS, help="Trials of the round")],
    first_replica: FirstReplica = 0,
    out: Annotated[Path | None, out_file("plan of the round (.csv)")] = None,
    step_mt: Step = 0.1,
    lowest_mt: Lowest = None,
    highest_mt: Highest = None,
    figure: Annotated[Path | None, out_file("figure of the design (.svg)", "--figure")] = None,
    form: Form = None,
    columns: Columns = None,
    floor: Floor = None,
    lapse: Lapse = None,
    config: Config = None,
) -> None:
    """Say where to measure or simulate next: where trials say most about h0 and Delta."""
    from dwsynapse.io.contracts import PLAN
    from fitting.counts.laboratory_tables import read_counts
    from fitting.design.proposal import plan_of, proposal_text, propose
    from fitting.design.proposal_lapse import design_of
    from fitting.inference.count_model import Model
    from fitting.inference.fit_problem import FitProblem

    if not step_mt >= MIN_STEP_MT:
        raise InputError(
            f"a step of {step_mt:g} mT is below {MIN_STEP_MT:g} mT, finer than any magnet's",
            where="--step-mT",
            remedy="give the step of your magnet",
        )
    range_mT = lowest_mt, highest_mt
    _require_of_a_magnet(range_mT)
    if out is not None:
        require_output(out, counts, config)
    if figure is not None:
        require_figure(figure, counts, config, out, option="--figure")
    settings = settings_of(config, form=form, floor=floor, lapse=lapse)
    model = replace(Model.of(settings), overdispersed=False, offset_sd_mT=0.0)
    table = read_counts(counts, columns_of(columns))
    problem = FitProblem.of(table, model)
    _require_rising(range_mT, problem)
    design = design_of(problem)
    proposal = propose(design, trials, step_mt, range_mT)
    print(proposal_text(proposal))
    _warn_of_design(proposal, problem, design.model.template, settings, counts, step_mt)
    if out is not None:
        origin = provenance("fitting", config=config, inputs=[counts])
        PLAN.write(out, plan_of(proposal, first_replica), origin)
    if figure is not None:
        from fitting.design.proposal_figure import plot_design

        plot_design(figure, proposal, table)


def _require_of_a_magnet(range_mT: tuple[float | None, float | None]) -> None:
    for where, field_mT in zip(("--lowest-mT", "--highest-mT"), range_mT, strict=True):
        if field_mT is not None and field_mT > MAX_FIELD_MT:
            raise InputError(
                f"{field_mT:g} mT is above {MAX_FIELD_MT:g} mT, which no wall needs",
                where=where,
                remedy="give the field in mT",
            )


def _require_rising(range_mT: tuple[float | None, float | None], problem: "FitProblem") -> None:
    from fitting.design.proposal import range_ends_mT

    low_mT, high_mT = range_ends_mT(problem, range_mT)
    if low_mT > high_mT:
        raise InputError(
            f"no field is between {low_mT:g} and {high_mT:g} mT",
            where="--lowest-mT, --highest-mT",
            remedy="raise the highest or lower the lowest",
        )


def _warn_of_design(
    proposal: "Proposal",
    problem: "FitProblem",
    template: "PassingCurve",
    settings: "Fitting",
    path: Path,
    step_mT: float,
) -> None:
    """Print on stderr the objections to a proposal: a misleading curve, or its fields."""
    from fitting.design.proposal import CURVES, MAX_CANDIDATES
    from fitting.design.proposal_doubts import doubts

    try:
        for doubt in doubts(problem, template, settings, path):
            print(f"warning: {doubt}", file=sys.stderr)
    except InputError as error:
        print(f"note: a fit would say: {error}", file=sys.stderr)
    if template.lapse > 0 and "lapse" not in problem.model.given:
        print(f"note: the lapse is taken as {template.lapse:.3g}, as fitted", file=sys.stderr)
    if proposal.distance_mT > step_mT:
        print(
            f"note: fields are considered {proposal.distance_mT:.6g} mT apart: the range has more "
            f"than {MAX_CANDIDATES} steps of {step_mT:g} mT; give a narrower range or a larger "
            "--step-mT",
            file=sys.stderr,
        )
    if not proposal.resolved:
        print(
            f"warning: so many trials tell more than the {CURVES} curves that are compared can "
            "show: their fields are good for fewer; propose fewer --trials, and again after them",
            file=sys.stderr,
        )
    low_mT, high_mT = proposal.field_mT[[0, -1]]
    if proposal.single_gain_bits.max() < NOTHING_BITS:
        print(
            f"warning: trials from {low_mT:g} to {high_mT:g} mT say nothing about the rise of the "
            "curve; give other --lowest-mT and --highest-mT",
            file=sys.stderr,
        )
    if proposal.beyond_mT is not None:
        option = "--lowest-mT" if proposal.beyond_mT < low_mT else "--highest-mT"
        print(
            f"note: a trial at {proposal.beyond_mT:.3g} mT, outside the fields considered "
            f"({low_mT:g} to {high_mT:g} mT), is worth more than any of them; if a wall arrives "
            f"and none nucleates there, give {option} {proposal.beyond_mT:.3g}",
            file=sys.stderr,
        )
