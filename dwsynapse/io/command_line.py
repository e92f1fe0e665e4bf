"""Command lines whose numbers are written in digits alone."""

import re
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


def _numbers(command: TyperCommand) -> Iterator[str]:
    """Yield the names of a command's parameters that are numbers."""
    assert command.callback is not None
    for name, parameter in signature(command.callback).parameters.items():
        kind = next(iter(get_args(parameter.annotation)), None)
        if {int, float} & {kind, *get_args(kind)}:
            yield name
