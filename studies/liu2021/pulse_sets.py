"""The sets of pulses that the figures are made from, and their junction."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dwsynapse.io.contracts import PULSES
from dwsynapse.io.track_geometry import TrackGeometry
from fitting.response.junction import Junction
from fitting.response.make_response import Response, Settings, make_response

SHIPPED = Path(__file__).parent / "shipped"
PUBLISHED = Path(__file__).parent / "published"
JUNCTION = Junction.of_conductances(6.8e-5, 1.45e-4)
"""That of the published STT table: it scales all conductances and none of the claims."""


@dataclass(frozen=True)
class Mechanism:
    """One way to drive a wall, as the paper's Table I and figures name it.

    Parameters
    ----------
    name
        Of the set of pulses, without the temperature.
    label
        In figures.
    published
        Folder of the published tables, without the temperature.
    """

    name: str
    label: str
    published: str


STT = Mechanism("stt", "STT, 50 µA", "stt")
SOT_HALF = Mechanism("sot", "SOT, 27 µA, half of it in each layer", "sot")
SOT_FULL = Mechanism("sot54", "SOT, 27 µA in each layer", "sot")
MECHANISMS = STT, SOT_HALF, SOT_FULL
TEMPERATURES_K = 0, 300, 400


def folder_of(root: Path, name: str, temperature_K: int) -> Path:
    """Return the folder of ramps of a mechanism at a temperature."""
    return root / f"{name}-{temperature_K}"


def ramps(root: Path) -> dict[tuple[str, int], Response]:
    """Return the responses to all ramps that are there, by mechanism and temperature."""
    found = {}
    for mechanism in MECHANISMS:
        for temperature_K in TEMPERATURES_K:
            path = folder_of(root, mechanism.name, temperature_K) / "pulses.csv"
            if path.exists():
                settings = Settings(junction=JUNCTION)
                found[mechanism.name, temperature_K] = make_response(path, settings)
    return found


def published() -> dict[tuple[str, int], Response]:
    """Return the published tables, by mechanism and temperature."""
    return {
        (name, temperature_K): make_response(PUBLISHED / f"{name}-{temperature_K}K", Settings())
        for name in ("stt", "sot")
        for temperature_K in (0, 300)
    }


def read_pulses(root: Path, name: str) -> tuple[pd.DataFrame, TrackGeometry]:
    """Return the pulses of a set and the track that they are on."""
    return PULSES.read(root / name / "pulses.csv"), TrackGeometry.read(root / name / "track.json")
