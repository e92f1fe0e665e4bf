"""One kind of error for all user errors, and how a command shows it."""

import atexit
import gc
import os
import sys
import time

from dwsynapse.io.output_streams import prepare_output
from dwsynapse.io.signals import ignore_signals, requested_stop, stop_on_signals

# Commands import this before they handle signals (`dwsynapse.io.signals`).
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import NoReturn


# Objects made before Python looks for cycles among them. Imports make hundreds of thousands, and to
# visit those again and again takes a tenth of a short command's time.
GARBAGE_THRESHOLDS = (300_000, 20, 100)


class InputError(ValueError):
    """Bad input, in one line: where it is, what is wrong and how to correct it.

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
        path: "str | Path | None" = None,
        where: str | None = None,
        remedy: str | None = None,
    ):
        self.problem, self.path, self.where, self.remedy = problem, path, where, remedy
        place = ": ".join(str(part) for part in (path, where) if part)
        message = f"{place}: {problem}" if place else problem
        super().__init__(" ".join((f"{message}; {remedy}" if remedy else message).split()))


def run_command(command: "Callable[[], object]") -> None:
    """Run a command line, which is all that this process does.

    Every error a user can cause is one line and an exit status. An `InputError`, too little memory,
    or a file that cannot be read or written, also because a disk fails, ends with status 2; a
    signal as `dwsynapse.io.signals` describes; a reader of the output that has gone (``| head``)
    ends nothing (`dwsynapse.io.output_streams`). Files that were written get their records
    (`dwsynapse.io.records`).
    """
    ending = Ending()
    # Called last: what is registered later is called earlier.
    atexit.register(ending.end_process)
    # Otherwise pydantic looks for plugins in all installed packages, before its first model.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    prepare_output()
    try:
        checked(command)
    except SystemExit as error:
        ending.status = error.code if isinstance(error.code, int) else int(error.code is not None)
        raise
    ending.status = 0


class Ending:
    """The end of a process, without taking apart what was imported: the system frees it anyway.

    Python would need a tenth of a short command's time for that.
    """

    status = 1

    def end_process(self) -> None:
        """End with the status, unless output is left that cannot be written: Python says so."""
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):
            return
        os._exit(self.status)


def checked(command: "Callable[[], object]") -> None:
    """Run a command as `run_command` describes, in a process that goes on."""
    started_s = time.time()
    try:
        try:
            stop_on_signals()
            command()
        finally:
            ignore_signals()
            if records := sys.modules.get("dwsynapse.io.records"):  # nothing was written otherwise
                records.write_records(started_s)
    except BaseException as error:
        # What a signal interrupts may turn it into another error, as imports do.
        if (stopped := requested_stop()) is not None:
            stopped.report()
            sys.exit(stopped.status)
        _report(error)


def _report(error: BaseException) -> "NoReturn":
    """End with the line of an error that a user can cause; raise any other."""
    if isinstance(error, InputError):
        _fail(str(error))
    if isinstance(error, MemoryError):
        _fail(f"not enough memory ({error}); reduce the task, or use a machine with more memory")
    if isinstance(error, OSError) and error.filename is not None:
        _fail(f"{error.filename}: {error.strerror}")
    if isinstance(error, OSError) and error.errno is not None:
        _fail(f"{error.strerror}, while a file was read or written; check the disk that it is on")
    raise error


def _fail(line: str) -> "NoReturn":
    print(f"error: {line}", file=sys.stderr)
    sys.exit(2)
