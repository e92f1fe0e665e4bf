"""Notes on stderr about what was read, each once: a command may read a file several times."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_told: set[tuple[Path, str]] = set()
_words: dict[Path, str] = {}


def note_once(path: str | Path, text: str) -> None:
    """Print a note about a file on stderr, unless it was printed before."""
    place = Path(path).absolute()
    if (place, text) not in _told:
        _told.add((place, text))
        print(f"note: {_words.get(place, Path(path).name)}: {text}", file=sys.stderr)


@contextmanager
def notes_call(path: Path, words: str) -> Iterator[None]:
    """Let notes call a temporary file by these words."""
    _words[path.absolute()] = words
    try:
        yield
    finally:
        del _words[path.absolute()]
