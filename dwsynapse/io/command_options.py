"""Checks that options of all rooms share."""

import math
from collections.abc import Sequence
from typing import Any, TypeVar

import typer

Value = TypeVar("Value")


def finite(value: Value) -> Value:
    """Return an option's number, or list of them, if all are finite: a callback for typer.

    Raises
    ------
    typer.BadParameter
        Otherwise, naming the option: an infinity passes typer's check of a minimum.
    """
    numbers: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
    if not all(number is None or math.isfinite(number) for number in numbers):
        raise typer.BadParameter("must be a finite number")
    return value


def positive(value: float | None) -> float | None:
    """Return an option's number if it is above 0 and finite: a callback for typer.

    Raises
    ------
    typer.BadParameter
        Otherwise, naming the option.
    """
    if value is not None and not 0 < value < math.inf:
        raise typer.BadParameter("must be above 0 and finite")
    return value
