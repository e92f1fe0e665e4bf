"""Options that commands of the fitting room share."""

from pathlib import Path
from typing import Annotated, Any

import typer

from config import Fitting, read_block
from config.files import validated
from fitting.forms import FORMS
from workflow.errors import InputError

SEED = 2023

COLUMNS = "n_trials, n_passed; or n_trials, probability; or outcome, with one trial per row"
Counts = Annotated[
    Path,
    typer.Argument(
        help=f"CSV or Excel: field_mT (or _T, _Oe, _A_per_m, _kA_per_m) and {COLUMNS}; "
        "docs/fitting.md says what else is read"
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        help="What a column of the table is, where its name does not say it, as in "
        "field_mT=B_set or n_trials=N; once for each"
    ),
]


def default(key: str) -> str:
    """Return, for the help, what holds where the option of a key of `Fitting` is not given."""
    return f"--config's, else {getattr(Fitting(), key)}"


Form = Annotated[
    str | None,
    typer.Option(help=f"Form of the curve: {', '.join(FORMS)}", show_default=default("form")),
]
Config = Annotated[
    Path | None, typer.Option(help="Block `fitting` of a study (YAML); options given beside it win")
]


def columns_of(columns: list[str] | None) -> dict[str, str]:
    """Return the names that options ``--columns WHAT=NAME`` give to columns.

    Raises
    ------
    InputError
        If one is not of that form, or one thing is named twice.
    """
    names: dict[str, str] = {}
    for word in columns or []:
        what, equals, name = word.partition("=")
        if not (what and equals and name) or what in names:
            raise InputError(
                f"{word!r} is not WHAT=NAME, each WHAT once",
                where="--columns",
                remedy="give it as in --columns field_mT=B_set",
            )
        names[what] = name
    return names


def settings_of(config: Path | None, **options: Any) -> Fitting:
    """Return the settings of a config file, or the default ones, with the options given.

    Raises
    ------
    InputError
        If they are no settings, naming the file and key or the option.
    """
    settings: Fitting = read_block(config, Fitting) if config else Fitting()
    given = {name: value for name, value in options.items() if value is not None}
    if given.get("form", "logistic") not in FORMS:
        raise InputError(
            f"unknown form {given['form']!r}", where="--form", remedy=f"choose {', '.join(FORMS)}"
        )
    if not 0.5 < given.get("confidence", 0.95) < 1:
        raise InputError(
            f"{given['confidence']:g} is not between 0.5 and 1",
            where="--confidence",
            remedy="give a share",
        )
    return validated(Fitting, settings.model_dump() | given, config or "the options")
