"""One instrument: messages to it, its answers, and errors that say which message failed."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from hardware.instruments.visa.visa_settings import Instrument, Values

BINARY = {"int16": "h", "float32": "f"}
MAX_SHOWN = 60


class Resource(Protocol):
    """What PyVISA opens: as much of it as is used."""

    def write(self, message: str) -> Any:
        """Send a message."""

    def query(self, message: str) -> str:
        """Send a message and return the answer."""

    def query_binary_values(
        self, message: str, *, datatype: Any, is_big_endian: bool, container: Any
    ) -> Any:
        """Send a message and return the values of the block that it answers."""

    def close(self) -> None:
        """End the connection."""


Open = Callable[[Instrument], Resource]


@dataclass
class Connection:
    """An instrument that is connected.

    Parameters
    ----------
    name
        Its key in the file of the bench.
    resource
        What PyVISA opened.
    path
        The file, for errors.
    doing
        What the bench is doing, for errors.
    """

    name: str
    resource: Resource
    path: Path
    doing: str = "setup"

    def send(self, key: str, commands: Sequence[str], **values: float) -> None:
        """Send the commands of a key, with values for what they have in braces."""
        for command in commands:
            message = command.format(**values)
            if message.rstrip().endswith("?"):
                self.ask(key, message)
            else:
                self._tried(key, message, partial(self.resource.write, message))

    def ask(self, key: str, message: str) -> str:
        """Send a query and return its answer without spaces around."""
        answer: str = self._tried(key, message, lambda: self.resource.query(message)).strip()
        if not answer:
            self.refuse(key, message, answer, "empty")
        return answer

    def ask_number(self, key: str, message: str) -> float:
        """Send a query and return the number that it answers."""
        answer = self.ask(key, message)
        numbers = self._numbers(key, message, answer)
        if len(numbers) != 1:
            self.refuse(key, message, answer, "not one number")
        return float(numbers[0])

    def ask_values(
        self, key: str, message: str, values: Values, big_endian: bool
    ) -> NDArray[np.float64]:
        """Send a query and return the numbers that it answers."""
        if values == "ascii":
            return self._numbers(key, message, self.ask(key, message))
        found = self._tried(
            key,
            message,
            lambda: self.resource.query_binary_values(
                message,
                datatype=BINARY[values],
                is_big_endian=big_endian,
                container=np.array,
            ),
        )
        return np.asarray(found, dtype=float)

    def refuse(self, key: str, message: str, answer: str, why: str) -> NoReturn:
        """Raise an error about an answer."""
        shown = answer if len(answer) <= MAX_SHOWN else f"{answer[:MAX_SHOWN]}..."
        self._fail(key, f"the answer to {message!r} is {shown!r}: {why}")

    def _numbers(self, key: str, message: str, answer: str) -> NDArray[np.float64]:
        try:
            numbers = np.array([float(word) for word in answer.split(",")])
        except ValueError:
            self.refuse(key, message, answer, "not a number")
        if not np.isfinite(numbers).all():
            self.refuse(key, message, answer, "not finite")
        return numbers

    def _tried(self, key: str, message: str, exchange: Callable[[], Any]) -> Any:
        try:
            return exchange()
        except failures() as error:
            self._fail(key, f"{message!r} failed ({brief(error)})", error)

    def _fail(self, key: str, problem: str, error: BaseException | None = None) -> NoReturn:
        raise InputError(
            problem,
            path=self.path,
            where=f"{self.name}.{key}, {self.doing}",
            remedy="check the instrument and its command; the same command line then goes on",
        ) from error


def failures() -> tuple[type[Exception], ...]:
    """Return the errors of an exchange with an instrument."""
    try:
        from pyvisa.errors import Error
    except ImportError:
        return (OSError, ValueError)
    return (OSError, ValueError, Error)


def brief(error: BaseException) -> str:
    """Return the last line of an error: PyVISA-sim puts whole tracebacks into its messages."""
    lines = str(error).replace("\\n", "\n").strip("' \n)").splitlines()
    return lines[-1].strip() if lines else type(error).__name__


def opener(library: str, path: Path) -> Open:
    """Return what opens instruments by PyVISA.

    Parameters
    ----------
    library
        VISA library; the file of PyVISA-sim is next to `path`.
    path
        The file of the bench.

    Raises
    ------
    InputError
        If PyVISA or the library is not installed.
    """
    try:
        import pyvisa
    except ImportError as error:
        raise InputError(
            "PyVISA is not installed", where="--bench", remedy="pip install 'dwsynapse[visa]'"
        ) from error
    # An answer without its end, as of a wrong address, is empty or checked by who asked for it.
    warnings.filterwarnings("ignore", "read string doesn't end", module="pyvisa")
    file, at, backend = library.rpartition("@")
    try:
        manager = pyvisa.ResourceManager(f"{path.parent / file if file else ''}{at}{backend}")
    except (OSError, ValueError, ImportError, pyvisa.errors.Error) as error:
        raise InputError(
            f"no VISA library {library!r} ({brief(error)})",
            path=path,
            where="library",
            remedy="pip install 'dwsynapse[visa]'"
            if backend == "py"
            else "install that of the vendor, or give @py for PyVISA-py",
        ) from error

    def open_(instrument: Instrument) -> Resource:
        resource = manager.open_resource(
            instrument.resource,
            write_termination=instrument.write_termination,
            read_termination=instrument.read_termination,
            timeout=1000 * instrument.timeout_s,
        )
        return cast(Resource, resource)

    return open_
