"""From a file of pulses, or of tables, to a response with its statistics."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import require_file, write_json
from dwsynapse.io.track_geometry import TrackGeometry
from fitting.counts.pulse_counts import is_of_pulses
from fitting.response import response_content
from fitting.response.binned_updates import BinnedUpdates
from fitting.response.inputs.crosssim_tables import is_crosssim, read_crosssim
from fitting.response.inputs.measured_trains import read_train
from fitting.response.inputs.read_updates import ReadUpdates
from fitting.response.inputs.simulated_pulses import read_simulated_pulses, updates_of_pulses
from fitting.response.junction import Junction
from fitting.response.response_table import ResponseTable
from fitting.response.statistics.displacement import displacements

OPTIONS = {
    "junction": "--rp-ohm, --tmr",
    "track": "--track",
    "columns": "--columns",
    "n_bins": "--bins",
    "duration_ns": "--duration-ns",
}
"""What gives the settings that not every input has."""
REMEDY = "a table of pulses (CSV), or tables of CrossSim"


@dataclass(frozen=True)
class Settings:
    """How a response is made.

    Parameters
    ----------
    junction
        The junction over a simulated track.
    track
        ``track.json`` of simulated pulses; None: next to them.
    columns
        Names of columns of a measured train that are not recognised.
    n_bins
        Bins of conductance; None: the levels, or as many as the pulses allow.
    duration_ns
        Of simulated pulses of several durations; None: the most frequent.
    confidence
        Of intervals and bands.
    draws
        Bootstrap draws.
    seed
        Seed of draws and simulations.
    """

    junction: Junction | None = None
    track: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    n_bins: int | None = None
    duration_ns: float | None = None
    confidence: float = 0.95
    draws: int = 400
    seed: int = 0


@dataclass(frozen=True)
class Response:
    """A response.

    Parameters
    ----------
    table
        What networks are trained on, with what it is of (`source`).
    statistics
        What ``response.json`` says (`fitting.response.response_content`).
    files
        The files that it was made from.
    notes, warnings
        What the user should know.
    binned
        The pulses; None for a table.
    """

    table: ResponseTable
    statistics: dict[str, Any]
    files: tuple[Path, ...]
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    binned: BinnedUpdates | None = None

    @property
    def source(self) -> str:
        """What the response is of."""
        return self.table.source

    def write(self, folder: str | Path, provenance: dict[str, Any]) -> None:
        """Write ``response.npz`` and ``response.json``."""
        folder = Path(folder)
        self.table.write(folder / "response.npz", provenance)
        kind, version = response_content.KIND, response_content.VERSION
        content = {"source": self.source, **self.statistics, "provenance": provenance}
        write_json(folder / "response.json", kind, version, content)


def make_response(path: Path, settings: Settings) -> Response:
    """Return the response of what a file holds, which its content tells.

    Parameters
    ----------
    path
        Pulses of a simulated track (`dwsynapse.io.contracts.PULSES`), a measured train
        (`fitting.response.inputs.measured_trains`), or a table of CrossSim or the folder of two.
    settings
        How.

    Raises
    ------
    InputError
        If the content is none of these or wrong, settings that it needs are missing, or it has no
        use for one.
    """
    if is_crosssim(path):
        _require_none(settings, [*OPTIONS], "tables of CrossSim")
        table, files = read_crosssim(path)
        table = replace(table, source="tables of CrossSim")
        return Response(table, response_content.of_table(table), files)
    require_file(path, REMEDY)
    if is_of_pulses(path):
        _require_none(settings, ["columns"], "simulated pulses")
        return _of_simulation(path, settings)
    read = read_train(path, settings.columns)
    _require_none(settings, ["junction", "track", "duration_ns"], "a measured train")
    return _of_updates(read, settings)


def _require_none(settings: Settings, names: Sequence[str], of: str) -> None:
    """Refuse settings that the input has no use for."""
    for name in names:
        if getattr(settings, name) not in (None, {}):
            raise InputError(f"not of {of}", where=OPTIONS[name], remedy="leave it out")


def _of_simulation(path: Path, settings: Settings) -> Response:
    if settings.junction is None:
        raise InputError(
            "positions of a wall are no conductances yet",
            path=path,
            remedy="give the junction (--rp-ohm and --tmr)",
        )
    track_path = settings.track or path.with_name("track.json")
    remedy = "give the track of the pulses: `python -m micromag track` makes it of their device"
    require_file(track_path, remedy=remedy)
    track = TrackGeometry.read(track_path)
    pulses = read_simulated_pulses(path)
    read = updates_of_pulses(path, pulses, track, settings.junction, settings.duration_ns)
    moved = displacements(
        pulses,
        len(track.notch_positions_nm),
        settings.confidence,
        settings.draws,
        settings.seed,
    )
    response = _of_updates(read, settings)
    junction = {"rp_ohm": settings.junction.parallel_ohm, "tmr": settings.junction.tmr}
    response.statistics.update(junction=junction, displacement=moved)
    return Response(**{**vars(response), "files": (path, track_path)})


def _of_updates(read: ReadUpdates, settings: Settings) -> Response:
    binned = BinnedUpdates.of(read.updates, settings.n_bins)
    try:
        table = replace(binned.table(), source=read.source)
    except InputError as error:
        raise InputError(str(error), path=read.files[0]) from None
    tested = BinnedUpdates.of(read.tested, settings.n_bins) if read.tested else binned
    statistics = response_content.of_updates(
        binned, table, settings.confidence, settings.draws, settings.seed, tested
    )
    few = response_content.few_pulses(binned, tested)
    warnings = [
        *response_content.steps_of_no_direction(statistics),
        *response_content.of_single_ramps(statistics),
        *response_content.of_shared_pulses(binned, statistics),
        *([few] if few else []),
    ]
    # As JSON has it: pandas gives numbers of its own kinds.
    about = json.loads(json.dumps(read.about, default=lambda value: value.item()))
    return Response(
        table,
        {"pulses": about, **statistics},
        read.files,
        read.notes,
        warnings,
        binned,
    )
