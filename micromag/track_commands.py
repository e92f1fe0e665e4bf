"""Commands of tracks that are driven by a current."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dwsynapse.io.command_options import (
    Seed,
    Threads,
    block,
    numbers,
    out_file,
    out_folder,
    several,
)
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_figure, require_output, write_json
from dwsynapse.io.limits import DEFAULT_SEED
from dwsynapse.io.progress_bars import progress_bar

if TYPE_CHECKING:
    from dwsynapse.study import TrackDevice

TrackConfig = Annotated[Path, block("devices.NAME", ", of a simulated device with a `track`")]


def track(config: TrackConfig, out: Annotated[Path, out_folder("track.json, track.svg")]) -> None:
    """Check that a track holds its wall without a current, and draw it with the wall at a notch.

    track.json states where the notches are, which `fitting response` reads with the pulses.
    """
    from dwsynapse.io.track_geometry import TrackGeometry
    from micromag.track_figure import draw_track
    from micromag.trials.pulses.held_wall import require_held, warn_of_close_notches
    from micromag.trials.pulses.prepared_window import PreparedWindows

    require_output(described := out / "track.json", config)
    require_figure(figure := out / "track.svg", config, described)
    device = _device(config)
    warn_of_close_notches(device)
    prepared = PreparedWindows(device).in_the_middle()
    require_held(prepared)
    geometry = TrackGeometry(
        device.track.length_nm,
        device.track.width_nm,
        device.track.notch_positions_nm,
        device.track.fixed_end_nm,
        device.track.notches.spacing_nm,
    )
    geometry.write(described, provenance("micromag", config=config))
    draw_track(figure, prepared)


def pulse(
    config: TrackConfig,
    out: Annotated[Path, out_file("table of pulses (.csv)")],
    seed: Seed = DEFAULT_SEED,
    threads: Threads = 1,
) -> None:
    """Give the wall of a track the current pulses of its device. A stopped run continues.

    Each pulse is followed by a rest, after which the wall is located: at which notch, or between
    two. `fitting response` makes the response of a synapse from the table.
    """
    from dwsynapse.provenance.same_sample import of_sample
    from micromag.trials.pulses.simulate_pulses import simulate_pulses

    require_output(out, config)
    device = _device(config)
    origin = provenance("micromag", config=config, seed=seed)
    simulate_pulses(
        device,
        out,
        seed=seed,
        provenance={**origin, **of_sample(device)},
        threads=threads,
    )


def retention(
    config: TrackConfig,
    out: Annotated[Path, out_folder("retention.json, retention.svg")],
    temperatures: Annotated[
        list[str] | None,
        several(
            "--temperature-K", help="Temperature", metavar="K", show_default="that of the pulses"
        ),
    ] = None,
    left_alone: Annotated[
        Path | None,
        typer.Option(help="Pulses of next to no current on this track (CSV), to count departures"),
    ] = None,
) -> None:
    """Say how long a wall stays at its notch without a current. A stopped run continues.

    From the energy barriers to both neighbours and an attempt frequency, and from walls that were
    simulated for a while without a current.
    """
    from dwsynapse.io.contracts import PULSES
    from dwsynapse.provenance.same_sample import require_of_sample
    from micromag.barriers.kept_arrays import KeptArrays
    from micromag.barriers.retention import draw_path, lines, predicted, require_of_track, seen
    from micromag.barriers.track_barriers import track_barriers

    inputs = [left_alone] if left_alone else []
    require_output(described := out / "retention.json", config, *inputs)
    require_figure(figure := out / "retention.svg", config, *inputs)
    device = _device(config)
    own_K = device.pulses.temperature_K or 300.0
    temperatures_K = numbers(temperatures or [f"{own_K!r}"], "--temperature-K", float, 1, 2000)
    pulses = None
    if left_alone:
        pulses = PULSES.read(left_alone)
        require_of_track(pulses, device, left_alone)
        require_of_sample(left_alone, device, config)
    kept = KeptArrays(described, "paths", provenance("micromag", config=config, noted=False))
    with progress_bar(desc="barriers", unit="step") as bar:
        barriers = track_barriers(device, lambda _: bar.update() and None, kept)
    content = {
        "barriers_J": [barrier.path.barrier_J for barrier in barriers],
        "predicted": [predicted(barriers, temperature_K) for temperature_K in temperatures_K],
        "seen": None if pulses is None else seen(barriers, pulses, left_alone or Path()),
        "provenance": provenance("micromag", config=config, inputs=inputs),
    }
    write_json(described, "retention", 1, content)
    kept.remove()
    draw_path(figure, barriers, temperatures_K[0])
    typer.echo("\n".join(lines(content)))


def shipped_pulses(
    config: TrackConfig,
    folder: Annotated[Path, typer.Option(help="Folder with device.yaml and the files")],
    out: Annotated[Path, out_folder("pulses.csv, track.json, track.svg")],
) -> None:
    """Copy pulses that were simulated before, if they are of exactly this device."""
    from dwsynapse.study import TrackDevice
    from micromag.trials.shipped_trials import take_over

    copies = {file: out / file for file in ("pulses.csv", "track.json", "track.svg")}
    kept = [config, *(folder / file for file in copies)]
    for path in copies.values():
        (require_figure if path.suffix == ".svg" else require_output)(path, *kept)
    take_over(config, folder, copies, TrackDevice)
    provenance("micromag", config=config, inputs=[folder / file for file in copies])


def _device(config: Path) -> "TrackDevice":
    from dwsynapse.study import TrackDevice, read_block
    from dwsynapse.study.reading import read_keys

    if {"wire", "protocol", "sampling"} & read_keys(config).keys():
        raise InputError(
            "a wire, whose walls a field drives",
            path=config,
            remedy="use `relax` and `simulate`, or give a device with a `track`",
        )
    device: TrackDevice = read_block(config, TrackDevice)
    return device
