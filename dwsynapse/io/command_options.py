"""The dialect of all commands: options that several of them have are declared here, once.

An option that takes several values takes them with commas between and by giving it again. What a
command writes is ``--out FOLDER``, where it writes files of fixed names, or ``--out FILE``.
"""

import math
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from dwsynapse.io.errors import InputError
from dwsynapse.io.limits import MAX_SEED, MAX_THREADS

Number = TypeVar("Number", int, float)

SEVERAL = "; several with commas, or each with its own option"
"""How the help of an option says that it takes several values."""


def limited(low: float = -math.inf, high: float = math.inf) -> Callable[[Any], Any]:
    """Return a callback for typer: an option's finite number from `low` to `high`, or None.

    In the place of typer's min and max, through which nan passes, and which word the limits in
    their own way.
    """

    def check(value: Any) -> Any:
        if value is not None and not (math.isfinite(value) and low <= value <= high):
            raise typer.BadParameter(f"must be {_range(low, high)}")
        return value

    return check


def _range(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return "a finite number"
    if math.isinf(high):
        return f"a finite number, {low:g} or more"
    return f"a number up to {high:g}" if math.isinf(low) else f"a number from {low:g} to {high:g}"


def positive(value: float | None) -> float | None:
    """Return an option's number if it is above 0 and no absurd one: a callback for typer.

    Products of a few numbers within these limits neither overflow nor vanish.

    Raises
    ------
    typer.BadParameter
        Otherwise, naming the option.
    """
    if value is not None and not 1e-30 <= value <= 1e30:
        raise typer.BadParameter("must be above 0 and finite, from 1e-30 to 1e+30")
    return value


def _confident(value: float | None) -> float | None:
    if value is not None and not 0.5 < value < 1:
        raise typer.BadParameter("must be above 0.5 and below 1")
    return value


def confidence_option(**settings: Any) -> Any:
    """Return the option for the confidence of what a command reports."""
    return typer.Option(callback=_confident, help="Confidence of intervals and bands", **settings)


def block(name: str, more: str = "") -> Any:
    """Return the option for a file with one block of the study."""
    return typer.Option(help=f"What a study has below `{name}:` (YAML){more}")


def out_folder(files: str) -> Any:
    """Return the option for the folder into which a command writes files of these names."""
    return typer.Option("--out", metavar="FOLDER", help=f"Folder to write into: {files}")


def out_file(content: str, name: str = "--out") -> Any:
    """Return the option for the one file that a command writes."""
    return typer.Option(name, metavar="FILE", help=f"File to write: {content}")


def several(*names: str, help: str, metavar: str, **settings: Any) -> Any:
    """Return the option that takes several values, with commas or by giving it again.

    Its type is a list of text (`numbers` reads numbers from it) or of paths; a path with a comma
    is one where such a file exists.
    """
    return typer.Option(
        *names, help=help + SEVERAL, metavar=f"{metavar},...", callback=_split_at(","), **settings
    )


def assignments(*names: str, help: str, metavar: str, **settings: Any) -> Any:
    """Return the option that takes several ``WHAT=NAME``, where a NAME may have commas."""
    # Only a comma that a word and = follow separates.
    split = _split_at(r",(?=\s*[A-Za-z_:][\w.:]*=)")
    return typer.Option(
        *names, help=help + SEVERAL, metavar=f"{metavar},...", callback=split, **settings
    )


def _split_at(separator: str) -> Callable[[list[Any] | None], list[Any] | None]:
    def split(values: list[Any] | None) -> list[Any] | None:
        return values and [part for value in values for part in _parts(value, separator)]

    return split


def _parts(value: Any, separator: str) -> list[Any]:
    if isinstance(value, Path) and value.exists():
        return [value]
    parts = [part.strip() for part in re.split(separator, str(value))]
    if not all(parts):
        raise typer.BadParameter(f"{str(value)!r} has nothing before or after a comma")
    return [type(value)(part) for part in parts]


def columns_of(columns: list[str] | None, table: str = "") -> dict[str, str]:
    """Return the names that options ``--columns WHAT=NAME`` give to columns.

    Parameters
    ----------
    columns
        What was given.
    table
        A or B, which of two tables it is for; a WHAT=NAME that the other's letter and a colon
        precede is left out.

    Raises
    ------
    InputError
        If one is not of that form, or one thing is named twice.
    """
    names: dict[str, str] = {}
    for word in columns or []:
        letter, colon, rest = word.partition(":")
        of_one_table = bool(table and colon and letter in ("A", "B"))
        if of_one_table and letter != table:
            continue
        what, equals, name = (rest if of_one_table else word).partition("=")
        if not (what and equals and name) or what in names:
            raise InputError(
                f"{word!r} is not WHAT=NAME, each WHAT once",
                where="--columns",
                remedy="give it as in --columns field_mT=B_set",
            )
        names[what] = name
    return names


def digits(word: str) -> str:
    """Return the word of a number.

    Raises
    ------
    ValueError
        If only Python would read it as one, such as 1_0.
    """
    if "_" in word or not word.isascii():
        raise ValueError(f"{word!r} is not a number")
    return word


def numbers(
    words: Iterable[str], option: str, kind: Callable[[str], Number], low: float, high: float
) -> list[Number]:
    """Return the numbers that an option of `several` lists, each once, in the order given.

    Real numbers that are all written as whole ones, in pairs and one of them twice, are taken for
    decimal commas: 7,5,8,5 for 7.5 and 8.5.

    Parameters
    ----------
    words
        What was given, already split.
    option
        The option that the user typed.
    kind
        int or float.
    low, high
        Smallest and largest number allowed.

    Raises
    ------
    InputError
        If one is not such a number, or real ones look like decimal commas.
    """
    words = list(words)
    pairs_of_whole = kind is float and len(words) % 2 == 0 and all(map(str.isdigit, words))
    found: dict[Number, None] = {}
    commas = "give one or more, with commas between, and a point where one is decimal"
    for word in words:
        try:
            number: Number | None = kind(digits(word))
        except ValueError:
            number = None
        if number is None or not low <= number <= high:
            whole = "whole number" if kind is int else "number"
            raise InputError(
                f"{word!r} is not a {whole} from {low:g} to {high:g}",
                where=option,
                remedy=commas,
            )
        if pairs_of_whole and number in found:
            raise InputError(f"{number:g} is given twice", where=option, remedy=commas)
        found[number] = None
    return list(found)


Seed = Annotated[
    int,
    typer.Option(
        min=0, max=MAX_SEED, help="Seed of the study, from which every random number follows"
    ),
]
FirstReplica = Annotated[int, typer.Option(min=0, max=MAX_SEED, help="Number of the first replica")]
Threads = Annotated[
    int, typer.Option(min=1, max=MAX_THREADS, help="Processor threads; the numbers do not change")
]
Device = Annotated[Path, typer.Option(help="Device model (device.json)")]
IMAGES = typer.Option("--images", help="Prepared images, from `images` (.npz)")
ImagesFile = Annotated[Path, IMAGES]
ResponseFile = Annotated[
    Path,
    typer.Option("--response", help="Response of a synapse, from `fitting response` (.npz)"),
]
ProgramFile = Annotated[
    Path, typer.Option("--program", help="Program (.csv), with its .json next to it")
]
MODELS = typer.Argument(help="Trained models of one device (JSON)")
Models = Annotated[list[Path], MODELS]
Columns = Annotated[
    list[str] | None,
    assignments(
        help="Which column of the table is which, where its name is not recognised, as in "
        "field_mT=B_set",
        metavar="WHAT=NAME",
    ),
]
LOG = typer.Option("--log", help="Inference log (CSV, also .gz; Parquet, HDF5, Excel)")
LogFile = Annotated[Path, LOG]
