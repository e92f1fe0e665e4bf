"""One kind of error for everything a user can get wrong, and how a command shows it."""

import sys
from collections.abc import Callable
from pathlib import Path


class InputError(ValueError):
    """Bad input, told in one line: where it is, what is wrong and how to mend it.

    Parameters
    ----------
    problem
        What is wrong, in a few words.
    path
        The file in which it is wrong.
    where
        The place in that file: a row, a column or a key.
    remedy
        What the user should do.
    """

    def __init__(
        self,
        problem: str,
        *,
        path: str | Path | None = None,
        where: str | None = None,
        remedy: str | None = None,
    ):
        place = ": ".join(str(part) for part in (path, where) if part)
        message = f"{place}: {problem}" if place else problem
        super().__init__(" ".join((f"{message}; {remedy}" if remedy else message).split()))


def run_command(command: Callable[[], object]) -> None:
    """Run a command line and turn an `InputError` into one line and exit code 2.

    So it does with a file that cannot be read or written.
    """
    try:
        command()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        if error.filename is None:
            raise
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
        sys.exit(2)
