"""The sets of pulses that the figures are made from, and their junction."""

from pathlib import Path

import pandas as pd

from dwsynapse.io.contracts import PULSES
from dwsynapse.io.files import require_file
from dwsynapse.io.track_geometry import TrackGeometry
from fitting.response.junction import Junction
from fitting.response.make_response import Response, Settings, make_response

SHIPPED = Path(__file__).parent / "shipped"
PUBLISHED = Path(__file__).parent / "published"
JUNCTION = Junction.of_conductances(6.8e-5, 1.45e-4)
"""That of the published STT table: it scales all conductances and none of the claims."""


STT_RAMPS, STT_COLD, STT_DURATIONS = "stt-300", "stt-0", "stt-durations"
SOT_COLD, SOT_WARM, SOT_NEAR = "sot-currents-0", "sot-currents", "sot54-30nm"
RESPONSES = STT_RAMPS, "stt-400", "stt-400-ramps", "sot-300", "sot-400"
"""Sets with pulses up and down of one current: what responses are made of."""


def response_of(root: Path, name: str) -> Response:
    """Return the response of a set of `RESPONSES`."""
    path = root / name / "pulses.csv"
    require_file(path, remedy="simulate it: make recompute-liu2021")
    return make_response(path, Settings(junction=JUNCTION))


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
