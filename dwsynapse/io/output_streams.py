"""What a command writes to: nothing about stdout and stderr ends it before its work is done."""

import codecs
import io
import os
import sys

# Commands import this before they handle signals (`dwsynapse.io.signals`).
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

# What is written where an encoding, such as that of Windows' files, has not these signs.
PLAIN_SIGNS = {"−": "-", "≤": "<=", "≥": ">=", "∞": "inf", "Δ": "Delta"}


def prepare_output() -> None:
    """Let stdout and stderr take all that is written to them.

    A sign that their encoding has not is written in plain ones. Where they are closed (``>&-``), or
    their reader has gone (``| head``), what is written is dropped: a command's files are still
    wanted.
    """
    codecs.register_error("plain", _in_plain_signs)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        setattr(sys, name, _nowhere() if stream is None else _lasting(stream))


def _nowhere() -> "TextIO":
    return open(os.devnull, "w", errors="plain")  # until the process ends


def _lasting(stream: "TextIO") -> "TextIO":
    """Return a stream to the same place that outlives its reader."""
    if not isinstance(stream, io.TextIOWrapper):
        return stream  # a notebook's
    stream.flush()
    return _UntilReaderGoes(
        stream.buffer,
        encoding=stream.encoding,
        errors="plain",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


class _UntilReaderGoes(io.TextIOWrapper):
    """Text that is written while somebody reads it, and dropped afterwards.

    Not the bytes below it: a signal between their writing and its report would write them twice.
    """

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except BrokenPipeError:
            self._lead_nowhere()
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except BrokenPipeError:
            self._lead_nowhere()
            super().flush()

    def _lead_nowhere(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def _in_plain_signs(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    signs = error.object[error.start : error.end]
    others = (sign.encode("ascii", "backslashreplace").decode() for sign in signs)
    words = (PLAIN_SIGNS.get(sign, other) for sign, other in zip(signs, others, strict=True))
    return "".join(words), error.end
