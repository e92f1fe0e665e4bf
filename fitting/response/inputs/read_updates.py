"""What every input of a response gives: updates, and what is to be said about them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fitting.response.updates import Updates


@dataclass(frozen=True)
class ReadUpdates:
    """Updates of one synapse and where they come from.

    Parameters
    ----------
    updates
        The pulses.
    source
        What they are, as in ``simulated pulses``.
    files
        The files that they were read from.
    notes
        What the user should know of them.
    about
        What a report says of them.
    tested
        The pulses that tests are of, where the updates are made of them; None: the updates.
    """

    updates: Updates
    source: str
    files: tuple[Path, ...]
    notes: list[str] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)
    tested: Updates | None = None
