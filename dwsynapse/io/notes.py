"""Notes on stderr about what was read, each once: a command may read a file several times."""

import sys
from pathlib import Path

_told: set[str] = set()


def note_once(path: str | Path, text: str) -> None:
    """Print a note about a file on stderr, unless it was printed before."""
    line = f"note: {Path(path).name}: {text}"
    if line not in _told:
        _told.add(line)
        print(line, file=sys.stderr)
