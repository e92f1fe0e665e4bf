"""The command that follows a pinned wall to the field at which it leaves the notch."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dwsynapse.io.command_options import limited, out_file
from dwsynapse.io.files import provenance, require_figure, require_output
from dwsynapse.io.limits import MAX_FIELD_MT
from dwsynapse.io.progress_bars import QUICK_S, progress_bar
from micromag.wire_options import Config, read_wire

if TYPE_CHECKING:
    from dwsynapse.study import SimulatedDevice
    from micromag.barriers.depinning_branch import DepinningBranch

ROUGH = 0.01
"""A series that misses the moments by more, in units of their range, says little of barriers."""


def depinning_command(
    config: Config,
    resolution_mT: Annotated[
        float,
        typer.Option(
            "--resolution-mT", help="Resolution of the field", callback=limited(1e-3, 100)
        ),
    ] = 0.05,
    from_mT: Annotated[
        float,
        typer.Option(
            "--from-mT",
            help="Field at which the wall is placed at the notch",
            callback=limited(0, MAX_FIELD_MT),
        ),
    ] = 0.0,
    out: Annotated[
        Path | None,
        out_file("table of its barriers near it (.csv); a figure (.svg) goes next to it"),
    ] = None,
) -> None:
    """Find the field at which a wall leaves the notch at 0 K; print one line of JSON.

    The wall is followed in a rising field. With --out, its barriers near that field come from how
    its moment runs up to it, without paths over them; `fitting extrapolate` takes the table.
    """
    from dwsynapse.provenance.same_sample import of_sample
    from micromag.barriers.depinning_branch import depinning_branch

    if out is not None:
        require_output(out, config, kind="barriers")
        require_figure(out.with_suffix(".svg"), config, out)
    device = read_wire(config)
    with progress_bar(unit="field", delay=QUICK_S) as bar:

        def on_field(field_mT: float) -> None:
            bar.set_postfix_str(f"{field_mT:.5g} mT", refresh=False)
            bar.update()

        branch = depinning_branch(
            device, from_mT, resolution_mT, near=out is not None, on_field=on_field
        )
    # Followed once more, the wall may leave at a lower field, further above the last one at rest.
    too_high_mT = max(resolution_mT, branch.depinning_mT - float(branch.fields_mT[-1]))
    found = {"depinning_field_mT": branch.depinning_mT, "resolution_mT": too_high_mT}
    typer.echo(json.dumps(found))
    if out is not None:
        origin = {**provenance("micromag", config=config), **of_sample(device)}
        _write(out, branch, device, origin)


def _write(
    out: Path, branch: "DepinningBranch", device: "SimulatedDevice", origin: dict[str, Any]
) -> None:
    """Write table and figure of the barriers near depinning."""
    from dwsynapse.io.contracts import BARRIERS
    from micromag.barriers.barrier_table import table_of_branch
    from micromag.barriers.depinning_figure import draw_branch

    law = branch.fitted()
    if law.miss > ROUGH:
        print(
            "warning: the moment of the pinned wall jumps on its way to "
            f"{branch.depinning_mT:.4g} mT: a smooth law misses it by {law.miss:.1%} of its range, "
            "and says little of its barriers; take smaller cells",
            file=sys.stderr,
        )
    temperature_K = device.protocol.temperature_K
    BARRIERS.write(out, table_of_branch(branch, law, temperature_K), origin)
    draw_branch(out.with_suffix(".svg"), branch, law, temperature_K)
