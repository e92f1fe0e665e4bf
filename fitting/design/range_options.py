"""Options of a range and its step, in the unit of what drives the wall."""

from typing import Annotated, NamedTuple

import typer

from dwsynapse.drives import DRIVES, Drive
from dwsynapse.io.command_options import limited, positive
from dwsynapse.io.errors import InputError
from dwsynapse.io.limits import MIN_STEP_MT

DEFAULT_STEP = 0.1
"""In the unit of the drive."""
OTHERS = " (of counts against current or duration: --{0}-uA, --{0}-ns)"

Step = Annotated[
    float | None,
    typer.Option(
        "--step-mT",
        callback=positive,
        help=f"Fields are multiples of it{OTHERS.format('step')}",
        show_default=f"{DEFAULT_STEP:g}",
    ),
]
StepCurrent = Annotated[float | None, typer.Option("--step-uA", callback=positive, hidden=True)]
StepDuration = Annotated[float | None, typer.Option("--step-ns", callback=positive, hidden=True)]
Lowest = Annotated[
    float | None,
    typer.Option(
        "--lowest-mT",
        callback=limited(0),
        help=f"Least field considered{OTHERS.format('lowest')}",
        show_default="of the counts",
    ),
]
LowestCurrent = Annotated[
    float | None, typer.Option("--lowest-uA", callback=limited(0), hidden=True)
]
LowestDuration = Annotated[
    float | None, typer.Option("--lowest-ns", callback=limited(0), hidden=True)
]
Highest = Annotated[
    float | None,
    typer.Option(
        "--highest-mT",
        callback=limited(0),
        help=f"Highest field considered{OTHERS.format('highest')}",
        show_default="of the counts",
    ),
]
HighestCurrent = Annotated[
    float | None, typer.Option("--highest-uA", callback=limited(0), hidden=True)
]
HighestDuration = Annotated[
    float | None, typer.Option("--highest-ns", callback=limited(0), hidden=True)
]
Given = tuple[float | None, float | None, float | None]
"""An option in the units of the drives, in their order."""


class Asked(NamedTuple):
    """The step and the range that are asked for, in the unit of the drive."""

    step: float
    lowest: float | None
    highest: float | None


def asked_of_drive(drive: Drive, step: Given, lowest: Given, highest: Given) -> Asked:
    """Return what the options ask for the drive of the counts.

    Raises
    ------
    InputError
        If an option is in the unit of another drive, or its value is absurd.
    """
    asked_step = _of_drive(drive, "step", step)
    asked = Asked(
        DEFAULT_STEP if asked_step is None else asked_step,
        _of_drive(drive, "lowest", lowest),
        _of_drive(drive, "highest", highest),
    )
    with drive.errors():
        _require_of_a_magnet(drive, asked)
    return asked


def _of_drive(drive: Drive, option: str, given: Given) -> float | None:
    values = dict(zip(DRIVES.values(), given, strict=True))
    for other, value in values.items():
        if value is not None and other is not drive:
            raise InputError(
                f"the counts are against a {drive.name}",
                where=f"--{option}-{other.unit}",
                remedy=f"give --{option}-{drive.unit}",
            )
    return values[drive]


def _require_of_a_magnet(drive: Drive, asked: Asked) -> None:
    if not asked.step >= MIN_STEP_MT:
        raise InputError(
            f"a step of {asked.step:g} mT is below {MIN_STEP_MT:g} mT, finer than any magnet's",
            where="--step-mT",
            remedy="give the step of your magnet",
        )
    for where, field_mT in zip(("--lowest-mT", "--highest-mT"), asked[1:], strict=True):
        if field_mT is not None and field_mT > drive.highest:
            raise InputError(
                f"{field_mT:g} mT is above {drive.highest:g} mT, which no wall needs",
                where=where,
                remedy="give the field in mT",
            )
