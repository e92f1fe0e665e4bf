"""Command lines that refuse what a user cannot have meant: empty words, 1_0 for a number."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any, get_args

import typer
from typer.core import TyperCommand

JOINED_DIGITS = re.compile(r"\d_\d")
"""Python reads 1_0 as 10; for a user it is a slip."""


class Commands(typer.Typer):
    """The commands of a room, or one command alone."""

    def __init__(self, **settings: Any):
        super().__init__(pretty_exceptions_enable=False, add_completion=False, **settings)

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """Return the decorator of a function that is a command."""
        return super().command(name, cls=_Command, **settings)


class _Command(TyperCommand):
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        for before, word in zip(["", *args], args, strict=False):
            option, _, value = word.partition("=") if word.startswith("--") else (before, "", word)
            if (word == value or "=" in word) and (problem := _problem(value)):
                where = f"'{option}'" if option.startswith("--") else "an argument"
                raise typer.BadParameter(problem, ctx, param_hint=where)
        options = {option for name in _numbers(self) for option in self._options(name)}
        for i, word in enumerate(args):
            option, _, value = word.partition("=")
            if option in options and JOINED_DIGITS.search(value or "".join(args[i + 1 : i + 2])):
                value = value or args[i + 1]
                raise typer.BadParameter(
                    f"{value!r} is not a number; write {value.replace('_', '')}",
                    ctx,
                    param_hint=f"'{option}'",
                )
        return super().parse_args(ctx, args)

    def _options(self, name: str) -> list[str]:
        return next(parameter.opts for parameter in self.params if parameter.name == name)


def _problem(value: str) -> str | None:
    """Return what is wrong with an argument or the value of an option, whatever it is for."""
    if not value.strip():
        return "is empty: was a variable of the shell not set?"
    if any(unicodedata.category(sign) == "Cs" for sign in value):
        return f"{value!r} is no text in UTF-8"
    if any(unicodedata.category(sign) == "Cc" and sign != "\t" for sign in value):
        return f"{value!r} has a line break or another control character"
    return None


def _numbers(command: TyperCommand) -> Iterator[str]:
    """Yield the names of a command's parameters that are numbers."""
    assert command.callback is not None
    for name, parameter in signature(command.callback).parameters.items():
        kind = next(iter(get_args(parameter.annotation)), None)
        if {int, float} & {kind, *get_args(kind)}:
            yield name
