"""Commands about where walls are released: how far, and whether they forget it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_options import Seed, limited, out_file
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_figure
from dwsynapse.io.limits import DEFAULT_SEED, MAX_WINDOW_NS
from dwsynapse.io.progress_bars import progress_bar
from micromag.wire_options import Config, Fields, read_fields_mT, read_wire


def period(
    config: Config,
    fields: Fields,
    window_ns: Annotated[
        float | None,
        typer.Option(
            callback=limited(0, MAX_WINDOW_NS),
            help="Time after the start at which a trial ends",
            show_default="protocol.window_ns",
        ),
    ] = None,
    length_nm: Annotated[
        float | None,
        typer.Option(
            callback=limited(1, 1e6),
            help="Length of the straight wire",
            show_default="twice its own",
        ),
    ] = None,
) -> None:
    """Find over which distance the motion of a wall repeats, in a straight wire at 0 K.

    Prints one line of JSON for each field and kind of wall. A range of protocol.release_distance_nm
    that is one period long or more lets walls arrive at the notch at all phases.
    """
    from micromag.trials.precession import motion, periods, straight

    device, fields_mT = read_wire(config), read_fields_mT(fields)
    window_ns = device.protocol.window_ns if window_ns is None else window_ns
    wire = straight(device, length_nm or 2 * device.wire.length_nm)
    with progress_bar(total=round(window_ns, 2), unit="ns") as bar:
        moved = motion(wire, fields_mT, window_ns, lambda time_ns: bar.update(time_ns - bar.n))
    walls = [(field, variant) for field in fields_mT for variant in device.wall.variants]
    for (field_mT, variant), found in zip(walls, periods(moved, wire), strict=True):
        line = {"field_mT": field_mT, "wall": " ".join(variant), **found._asdict()}
        typer.echo(json.dumps(line))


def distances(
    trials: Annotated[list[Path], typer.Argument(help="Tables of simulated trials (CSV)")],
    out: Annotated[Path, out_file("figure (.svg)")],
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Draw passing against the distance of release, and test whether it depends on it."""
    from dwsynapse.io.contracts import TRIALS
    from dwsynapse.io.tables.many_tables import read_tables, require_each_replica_once
    from dwsynapse.provenance.same_sample import require_one_sample
    from micromag.distance_figure import decided, draw_distances, memory_p_value, p_text

    require_figure(out, *trials)
    read = read_tables(TRIALS, trials)
    require_each_replica_once(read)
    require_one_sample(trials)
    table = decided(read)
    if table["release_distance_nm"].nunique() < 2:
        raise InputError(
            "all trials with an outcome were released at one distance",
            where="trials",
            remedy="give more trials",
        )
    provenance("micromag", seed=seed, inputs=trials)
    p = memory_p_value(table, seed)
    draw_distances(out, table, p)
    typer.echo(
        f"Passing from all distances alike, field by field ({len(table)} trials): {p_text(p)}."
    )
