"""The responses that networks are trained through: the published tables, and our own."""

from pathlib import Path

from fitting.response.make_response import Response
from studies.liu2021.pulse_sets import RESPONSES, published, response_of

PUBLISHED, OURS = "published", "ours"


def synapses(pulses: Path) -> dict[str, Response]:
    """Return all responses by name, such as ``published-stt-300`` and ``ours-sot-400``."""
    theirs = {f"{PUBLISHED}-{name}-{T}": found for (name, T), found in published().items()}
    return theirs | {f"{OURS}-{name}": response_of(pulses, name) for name in RESPONSES}


def of(source: str, mechanism: str, temperature_K: int = 300) -> str:
    """Return the name of a response."""
    return f"{source}-{mechanism}-{temperature_K}"
