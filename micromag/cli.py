"""Commands of the micromagnetic stage.

Each imports what it needs when it runs: compilers and ubermag take long to load.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dwsynapse.io.command_options import finite
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_output, sha256, write_json
from dwsynapse.io.limits import MAX_FIELD_MT, MAX_SEED, MAX_THREADS, MAX_TRIALS, MAX_WINDOW_NS
from dwsynapse.io.progress_bars import progress_bar
from micromag.barriers import IMAGES
from micromag.trials import Start

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dwsynapse.study import Sampling, SimulatedDevice

app = typer.Typer(
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    help="Simulate domain walls at a notch at finite temperature. In this order: plan, "
    "relax, simulate. A CONFIG is the YAML block of one simulated device (source: simulation).",
)
Config = Annotated[Path, typer.Option(help="YAML block of a simulated device.")]
Wall = Annotated[Path, typer.Option(help="The relaxed wall (OVF), from `relax`.")]
Seed = Annotated[
    int,
    typer.Option(
        help="The study's seed; with the replica it is the key of the noise.", min=0, max=MAX_SEED
    ),
]
Threads = Annotated[int, typer.Option(help="Processor threads.", min=1, max=MAX_THREADS)]


@app.command()
def plan(
    config: Annotated[
        Path, typer.Option(help="YAML block of a simulated device, or its `sampling` alone.")
    ],
    out: Annotated[Path, typer.Option(help="CSV to write: the first round.")],
) -> None:
    """Write the plan of the first round of trials (`fitting next` writes the later ones)."""
    from dwsynapse.io.contracts import PLAN
    from micromag.trials.simulate import first_plan

    require_output(out, config)
    PLAN.write(out, first_plan(_sampling(config)), provenance(config=config))


@app.command()
def relax(config: Config, out: Annotated[Path, typer.Option(help="OVF file to write.")]) -> None:
    """Relax the wall where it is released; JSON next to the OVF file states its position."""
    from micromag.trials.relaxed_walls import OVF, relaxed_walls, write_walls
    from micromag.trials.simulate import setup

    if out.suffix not in OVF:
        raise InputError(
            f"is not named as an OVF file ({' or '.join(OVF)})", path=out, remedy="rename --out"
        )
    beside = out.with_suffix(".json")
    for path in (out, beside):
        require_output(path, config)
    device = _device(config)
    walls, positions_nm = relaxed_walls(device)
    write_walls(out, device, walls)
    content = {
        "variants": [" ".join(variant) for variant in device.wall.variants],
        "wall_position_nm": positions_nm,
        "wall_sha256": sha256(out),
        "setup": setup(device),
        "provenance": provenance(config=config),
    }
    write_json(beside, "wall", 1, content)


@app.command("simulate")
def simulate_command(
    config: Config,
    wall: Wall,
    plan: Annotated[Path, typer.Option(help="Plan of the round (CSV).")],
    out: Annotated[Path, typer.Option(help="Table of trials to write (CSV).")],
    seed: Seed,
    batch: Annotated[int, typer.Option(help="Which batch of the plan, from 1.", min=1)] = 1,
    batches: Annotated[int, typer.Option(help="Number of batches of the plan.", min=1)] = 1,
    threads: Threads = 1,
) -> None:
    """Run one batch of a plan. A stopped run continues where it was."""
    from micromag.trials.relaxed_walls import check_walls
    from micromag.trials.simulate import simulate

    require_output(out, config, wall, plan)
    check_walls(wall, config)
    origin = provenance(config=config, seed=seed, inputs=[wall, plan])
    simulate(
        _device(config),
        wall,
        plan,
        out,
        batch=batch,
        batches=batches,
        seed=seed,
        threads=threads,
        provenance=origin,
    )


@app.command("survive")
def survive_command(
    config: Config,
    fields_mT: Annotated[
        list[float],
        typer.Option(
            "--field-mT",
            min=0,
            max=MAX_FIELD_MT,
            callback=finite,
            help="A field; give it once for each.",
        ),
    ],
    replicas: Annotated[int, typer.Option(help="Walls at each field.", min=1, max=MAX_TRIALS)],
    window_ns: Annotated[
        float,
        typer.Option(
            max=MAX_WINDOW_NS, callback=finite, help="Time after the start at which a trial ends."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Table of survival times to write (CSV).")],
    seed: Seed,
    start: Annotated[
        Start,
        typer.Option(help="Walls relaxed at the notch, or released before it (needs --wall)."),
    ] = "pinned",
    wall: Annotated[
        Path | None, typer.Option(help="The relaxed wall to release (OVF), from `relax`.")
    ] = None,
    settle_ns: Annotated[
        float | None,
        typer.Option(
            help="Time at the notch at which a wall's clock starts; default: pinned_after_ns.",
            min=0,
            callback=finite,
        ),
    ] = None,
    first_replica: Annotated[
        int, typer.Option(help="Number of the first replica.", min=0, max=MAX_SEED)
    ] = 0,
    threads: Threads = 1,
) -> None:
    """Follow walls that are pinned until they depin, for `fitting extrapolate`.

    A stopped run continues where it was.
    """
    from micromag.trials.survival import followable, survive, trials_at

    require_output(out, config, wall)
    device = followable(_device(config), window_ns, settle_ns)
    origin = provenance(config=config, seed=seed, inputs=[wall] if wall else [])
    settled_ns = device.protocol.pinned_after_ns
    survive(
        device,
        _walls_to_release(device, config, start, wall),
        trials_at(fields_mT, replicas, first_replica),
        out,
        provenance={**origin, "window_ns": window_ns, "settle_ns": settled_ns},
        threads=threads,
    )


def _walls_to_release(
    device: "SimulatedDevice", config: Path, start: Start, wall: Path | None
) -> "NDArray[np.float64] | None":
    if (wall is None) != (start == "pinned"):
        raise InputError(
            "released walls need their relaxed wall; those at the notch are relaxed there",
            where="--wall",
            remedy="give --start released with --wall, or neither",
        )
    if wall is None:
        return None
    from micromag.engine.problem import Problem
    from micromag.sample.wire import declare
    from micromag.trials.relaxed_walls import check_walls, read_walls

    check_walls(wall, config)
    return read_walls(wall, device, Problem.of(declare(device)))


@app.command()
def shipped(
    config: Config,
    folder: Annotated[Path, typer.Option(help="Folder with device.yaml and the files.")],
    trials: Annotated[Path, typer.Option(help="Table of trials to write (CSV).")],
    wall: Annotated[Path, typer.Option(help="What `relax` found of the wall (JSON to write).")],
    figure: Annotated[Path, typer.Option(help="SVG to write.")],
) -> None:
    """Copy trials that were simulated before, if they are of exactly this device."""
    from micromag.trials.shipped_trials import take_over

    copies = {"trials.csv": trials, "wall.json": wall, "wire.svg": figure}
    for name, path in copies.items():
        others = [copies[other] for other in copies if other != name]
        require_output(path, config, *others, *(folder / file for file in copies))
    take_over(config, folder, copies)


@app.command()
def draw(
    config: Config,
    wall: Wall,
    trials: Annotated[list[Path], typer.Argument(help="Tables of trials to choose from (CSV).")],
    out: Annotated[Path, typer.Option(help="SVG to write.")],
) -> None:
    """Draw the wall before, at and after the notch, and the trajectories of several trials."""
    import pandas as pd

    from dwsynapse.io.contracts import TRIALS
    from micromag import wire_figure
    from micromag.engine.problem import Problem
    from micromag.sample.wire import declare
    from micromag.trials.relaxed_walls import read_walls

    require_output(out, config, wall, *trials)
    device = _device(config)
    problem = Problem.of(declare(device))
    table = pd.concat([TRIALS.read(path) for path in trials])
    if table["seed"].nunique() > 1:
        raise InputError(
            "trials of several seeds", where="trials", remedy="give tables of one seed"
        )
    wire_figure.draw(out, device, problem, read_walls(wall, device, problem), table)


@app.command("barriers")
def barriers_command(
    config: Config,
    fields: Annotated[str, typer.Option(help="Fields in mT, as in 2,4,6.")],
    out: Annotated[
        Path, typer.Option(help="Table of barriers to write (CSV), and an SVG next to it.")
    ],
    beyond_nm: Annotated[
        float | None,
        typer.Option(
            min=1,
            callback=finite,
            help="Where paths end, behind the notch; default: the release distance.",
        ),
    ] = None,
    images: Annotated[int, typer.Option(help="Images of each path.", min=3, max=1000)] = IMAGES,
) -> None:
    """Compute the energy barriers of a wall pinned at the notch, field by field."""
    from dwsynapse.io.contracts import BARRIERS
    from micromag.barriers.barrier_table import draw_barriers, table_of
    from micromag.barriers.notch_barriers import barriers

    require_output(out, config)
    require_output(drawing := out.with_suffix(".svg"), config, out)
    device, fields_mT = _device(config), _fields_mT(fields)
    temperature_K, found = device.protocol.temperature_K, []
    with progress_bar(total=len(fields_mT), unit="field") as bar:

        def on_step(torque_A_per_m: float) -> None:
            bar.set_postfix_str(f"{torque_A_per_m:.2g} A/m remaining", refresh=False)
            bar.update(0)

        computed = barriers(
            device, fields_mT, beyond_nm=beyond_nm, n_images=images, on_step=on_step
        )
        for barrier in computed:
            found.append(barrier)
            bar.update()
    BARRIERS.write(out, table_of(found, temperature_K), provenance(config=config))
    draw_barriers(drawing, found, temperature_K)


@app.command("depinning")
def depinning_command(
    config: Config,
    resolution_mT: Annotated[
        float,
        typer.Option(
            "--resolution-mT",
            help="Resolution of the field.",
            min=1e-3,
            max=100,
            callback=finite,
        ),
    ] = 0.05,
) -> None:
    """Find the field above which no wall stays at the notch at 0 K; print one line of JSON."""
    from micromag.barriers.notch_barriers import depinning_field_mT

    field_mT = depinning_field_mT(_device(config), resolution_mT)
    typer.echo(json.dumps({"depinning_field_mT": field_mT, "resolution_mT": resolution_mT}))


@app.command()
def bench(
    config: Annotated[Path | None, typer.Option(help="A device; default: the quick wire.")] = None,
    replicas: Annotated[int, typer.Option(help="Replicas.", min=1, max=MAX_TRIALS)] = 64,
    threads: Threads = 2,
    field_mT: Annotated[
        float, typer.Option("--field-mT", min=0, max=MAX_FIELD_MT, callback=finite, help="Field.")
    ] = 7.5,
    device: Annotated[
        Literal["auto", "cpu", "cuda"] | None, typer.Option(help="Replaces numerics.device.")
    ] = None,
) -> None:
    """Measure the embedded engine and print one line of JSON."""
    from dwsynapse.study import SimulatedDevice
    from micromag.engine_speed import measure

    measured = _device(config) if config else SimulatedDevice()
    if device:
        numerics = measured.numerics.model_copy(update={"device": device})
        measured = measured.model_copy(update={"numerics": numerics})
    line = measure(measured, replicas=replicas, threads=threads, field_mT=field_mT)
    typer.echo(json.dumps(line))


def _sampling(config: Path) -> "Sampling":
    """Return a device's sampling, from its whole block or from that part alone."""
    from dwsynapse.study import Sampling, SimulatedDevice, read_block
    from dwsynapse.study.reading import read_keys

    if SimulatedDevice.model_fields.keys() & read_keys(config).keys():
        return _device(config).sampling
    sampling: Sampling = read_block(config, Sampling)
    return sampling


def _device(config: Path) -> "SimulatedDevice":
    from dwsynapse.study import SimulatedDevice, read_block

    device: SimulatedDevice = read_block(config, SimulatedDevice)
    return device


def _fields_mT(text: str) -> list[float]:
    try:
        fields_mT = sorted({float(word) for word in text.split(",")})
    except ValueError:
        fields_mT = []
    if not fields_mT or not 0 <= fields_mT[0] <= fields_mT[-1] <= MAX_FIELD_MT:
        raise InputError(
            f"{text!r} is not a list of fields from 0 to {MAX_FIELD_MT:g} mT",
            where="--fields",
            remedy="give mT, as in 2,4,6",
        )
    return fields_mT
