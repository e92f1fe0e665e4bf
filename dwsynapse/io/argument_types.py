"""Arguments of another type, said in one line where a function or a class takes them."""

from os import PathLike
from typing import Any

from dwsynapse.io.errors import InputError


def require_type(value: Any, kind: type, name: str, remedy: str | None = None) -> None:
    """Refuse an argument that is of another type than is wanted.

    Parameters
    ----------
    value
        The argument.
    kind
        What it must be.
    name
        What an error calls it.
    remedy
        What the user should give.

    Raises
    ------
    InputError
        Naming the argument, the type wanted and the one found.
    """
    if not isinstance(value, kind):
        found = value.__name__ if isinstance(value, type) else type(value).__name__
        the_class = "the class " if isinstance(value, type) else ""
        raise InputError(
            f"must be of type {kind.__name__} (found {the_class}{found})", where=name, remedy=remedy
        )


def require_path(value: Any, name: str = "path", remedy: str | None = None) -> None:
    """Refuse what is no path of a file or folder.

    Raises
    ------
    InputError
        Naming the argument and what was found.
    """
    if not isinstance(value, str | PathLike):
        raise InputError(f"must be a path (found {value!r:.60})", where=name, remedy=remedy)
