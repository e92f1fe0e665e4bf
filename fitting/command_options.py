"""Options that commands of the fitting room share."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dwsynapse.curve_forms import CURVE_FORMS
from dwsynapse.io.command_options import block, digits, numbers
from dwsynapse.io.errors import InputError
from dwsynapse.study import Fitting, read_block
from dwsynapse.study.reading import validated

COLUMNS = "n_trials, n_passed; or n_trials, probability; or outcome, with one trial per row"
Counts = Annotated[
    Path,
    typer.Argument(
        help="CSV or Excel: field_mT (or _T, _Oe, _A_per_m, _kA_per_m), current_uA or duration_ns; "
        f"and {COLUMNS}; docs/fitting.md says what else is read"
    ),
]


def default(key: str) -> str:
    """Return, for the help, the default of an option for a key of `Fitting`."""
    value = {None: "fitted", False: "none"}.get(getattr(Fitting(), key), getattr(Fitting(), key))
    return f"--config's, else {value}"


Form = Annotated[
    str | None,
    typer.Option(help=f"Form of the curve: {', '.join(CURVE_FORMS)}", show_default=default("form")),
]
Config = Annotated[Path | None, block("fitting", "; options override it")]
Name = typer.Option(help="Name of the device")
Calibration = Annotated[Path, typer.Argument(help="calibration.json of `micromag calibrate`")]
Floor = Annotated[
    str | None,
    typer.Option(
        help="Fixed floor of the curve, as 0.02, or its range, as 0:0.1",
        show_default=default("floor"),
    ),
]
Lapse = Annotated[
    str | None,
    typer.Option(
        help="Share of walls that never pass: true to fit it, a value as in 0.02, or a "
        "range as in 0:0.1",
        show_default=default("lapse"),
    ),
]


def share(text: str | None, where: str) -> bool | float | tuple[float, float] | None:
    """Return what an option sets for a share: a value, a range, or whether to fit it.

    Raises
    ------
    InputError
        If it says none of these.
    """
    if text is None or text.lower() in ("true", "false"):
        return None if text is None else text.lower() == "true"
    try:
        values = [float(digits(part)) for part in text.split(":")]
    except ValueError:
        values = []
    if len(values) not in (1, 2) or not all(0 <= value < 1 for value in values):
        raise InputError(
            f"{text!r} is not a share",
            where=where,
            remedy="give it as in 0.02, or a range as in 0:0.1",
        )
    return values[0] if len(values) == 1 else (values[0], values[1])


def settings_of(
    config: Path | None,
    *,
    at: list[str] | None = None,
    floor: str | None = None,
    lapse: str | None = None,
    **options: Any,
) -> Fitting:
    """Return the settings of a config file, or the default ones, with the options given.

    Raises
    ------
    InputError
        If they are not valid settings, naming the file and key or the option.
    """
    settings: Fitting = read_block(config, Fitting) if config else Fitting()
    options |= {"floor": share(floor, "--floor"), "lapse": share(lapse, "--lapse")}
    options["fields_at"] = at and numbers(at, "--at", float, 0, 1)
    given = {name: value for name, value in options.items() if value is not None}
    if given.get("form", "logistic") not in CURVE_FORMS:
        raise InputError(
            f"unknown form {given['form']!r}",
            where="--form",
            remedy=f"choose {', '.join(CURVE_FORMS)}",
        )
    typed = {key: "--at" if key == "fields_at" else f"--{key}" for key in given}
    return validated(Fitting, settings.model_dump() | given, config or "the options", options=typed)
