"""From pulses to the response of a multi-level synapse, by the fitting room."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dwsynapse.front_door.checked import checked
from dwsynapse.front_door.temporary_files import as_file
from dwsynapse.io.limits import DEFAULT_SEED

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from dwsynapse.io.track_geometry import TrackGeometry
    from fitting.response.junction import Junction
    from fitting.response.make_response import Response


@checked
def response(
    pulses: "pd.DataFrame | str | Path",
    *,
    junction: "Junction | None" = None,
    track: "TrackGeometry | str | Path | None" = None,
    columns: dict[str, str] | None = None,
    bins: int | None = None,
    duration_ns: float | None = None,
    confidence: float = 0.95,
    draws: int = 400,
    seed: int = DEFAULT_SEED,
) -> "Response":
    """Make the response of a synapse from pulses up and down.

    Parameters
    ----------
    pulses
        A table or its file: pulses of a simulated track, or a measured train with pulse,
        conductance_uS (or _S, _mS, _nS); or the file or folder of lookup tables of CrossSim.
    junction
        The junction over a simulated track, as in ``dw.Junction(6000, 1.5)``: its resistance with
        all of the track parallel (ohm), and its tunnel magnetoresistance.
    track
        The simulated track, or its file; None: ``track.json`` next to the file of pulses.
    columns
        Names of columns that are not recognised, as in ``{"conductance_uS": "reading"}``.
    bins
        Bins of conductance; None: the levels, or as many as the pulses allow.
    duration_ns
        Which simulated pulses, of several durations; None: the most frequent.
    confidence
        Of intervals and bands.
    draws
        Bootstrap draws.
    seed
        Seed of draws and simulations.

    Returns
    -------
    Response
        The ``table`` that networks are trained on, its ``statistics`` with intervals and tests, and
        ``notes`` and ``warnings``; ``write(folder, {})`` writes response.npz and response.json.

    Raises
    ------
    InputError
        Naming the row and column that is wrong, or what is missing.
    """
    from dwsynapse.io.track_geometry import TrackGeometry
    from fitting.response.make_response import Settings, make_response

    with ExitStack() as stack:
        path = stack.enter_context(as_file(pulses, "pulses.csv"))
        if isinstance(track, TrackGeometry):
            folder = Path(stack.enter_context(TemporaryDirectory()))
            track.write(folder / "track.json", {})
            track = folder / "track.json"
        settings = Settings(
            junction=junction,
            track=Path(track) if track else None,
            columns=columns or {},
            n_bins=bins,
            duration_ns=duration_ns,
            confidence=confidence,
            draws=draws,
            seed=seed,
        )
        return make_response(path, settings)


@checked
def draw_response(response: "Response") -> "Figure":
    """Draw the distribution of conductance changes against conductance, up and down.

    Parameters
    ----------
    response
        As `response` returns it.
    """
    from fitting.response.figures.response_figure import plot_response

    return plot_response(None, response)


@checked
def draw_ramp(response: "Response") -> "Figure":
    """Draw conductance against the number of pulses, up and then down.

    Parameters
    ----------
    response
        As `response` returns it.
    """
    from fitting.response.figures.ramp_figure import plot_ramp

    return plot_ramp(None, response)
