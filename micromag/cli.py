"""Commands of the micromagnetic stage.

Each imports what it needs when it runs: compilers and ubermag take long to load.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dwsynapse.io.command_line import Commands
from dwsynapse.io.command_options import (
    FirstReplica,
    Seed,
    Threads,
    block,
    limited,
    out_file,
)
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_figure, require_output
from dwsynapse.io.limits import DEFAULT_SEED, MAX_WINDOW_NS
from dwsynapse.io.progress_bars import progress_bar
from micromag import release_commands, track_commands
from micromag.barriers import IMAGES
from micromag.barriers.depinning_command import depinning_command
from micromag.calibration.calibrate_command import calibrate_command
from micromag.sensitivity.sensitivity_command import sensitivity_command
from micromag.trials import Start
from micromag.wire_options import (
    FIELDS,
    WALL,
    Config,
    Fields,
    Replicas,
    Wall,
    read_fields_mT,
    read_wire,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dwsynapse.study import Sampling, SimulatedDevice

app = Commands(
    no_args_is_help=True,
    help="Simulate domain walls at a notch at finite temperature. In this order: plan, "
    "relax, simulate; of a track driven by a current: track, pulse, retention. A CONFIG is the "
    "YAML block of one simulated device (source: simulation).",
)
app.command()(track_commands.track)
app.command()(track_commands.pulse)
app.command()(track_commands.retention)
app.command()(track_commands.shipped_pulses)
app.command()(release_commands.period)
app.command()(release_commands.distances)
app.command("calibrate")(calibrate_command)
app.command("depinning")(depinning_command)
app.command("sensitivity")(sensitivity_command)


@app.command()
def plan(
    config: Annotated[
        Path, block("devices.NAME", ", of a simulated device, or its `sampling` alone")
    ],
    out: Annotated[Path, out_file("plan of the first round (.csv)")],
) -> None:
    """Write the plan of the first round of trials (`fitting next` writes the later ones)."""
    from dwsynapse.io.contracts import PLAN
    from micromag.trials.first_round import first_plan

    require_output(out, config, kind="plan")
    PLAN.write(out, first_plan(_sampling(config)), provenance("micromag", config=config))


@app.command()
def relax(
    config: Config,
    out: Annotated[Path, out_file("relaxed wall (.omf, .ovf); a .json goes next to it")],
) -> None:
    """Relax the wall where it is released; JSON next to the OVF file states its position.

    Where the distance of release is drawn, it is relaxed at each of them.
    """
    from micromag.trials.described_walls import relax_and_describe
    from micromag.trials.relaxed_walls import OVF

    require_output(out, config, suffixes=OVF)
    require_output(described := out.with_suffix(".json"), config, kind="wall")
    relax_and_describe(read_wire(config), out, described, provenance("micromag", config=config))


@app.command("simulate")
def simulate_command(
    config: Config,
    wall: Wall,
    plan: Annotated[Path, typer.Option(help="Plan of the round (CSV)")],
    out: Annotated[Path, out_file("table of trials (.csv); a .speed.json goes next to it")],
    seed: Seed = DEFAULT_SEED,
    batch: Annotated[int, typer.Option(help="Which batch of the plan, from 1", min=1)] = 1,
    batches: Annotated[int, typer.Option(help="Number of batches of the plan", min=1)] = 1,
    threads: Threads = 1,
) -> None:
    """Run one batch of a plan. A stopped run continues where it was."""
    from dwsynapse.provenance.same_sample import of_sample
    from micromag.trials.relaxed_walls import check_walls
    from micromag.trials.simulate import simulate

    require_output(out, config, wall, plan, kind="trials")
    check_walls(wall, config)
    device = read_wire(config)
    origin = provenance("micromag", config=config, seed=seed, inputs=[wall, plan])
    simulate(
        device,
        wall,
        plan,
        out,
        batch=batch,
        batches=batches,
        seed=seed,
        threads=threads,
        provenance={**origin, **of_sample(device)},
    )


@app.command("survive")
def survive_command(
    config: Config,
    fields: Fields,
    replicas: Replicas,
    window_ns: Annotated[
        float,
        typer.Option(
            callback=limited(high=MAX_WINDOW_NS), help="Time after the start at which a trial ends"
        ),
    ],
    out: Annotated[Path, out_file("table of survival times (.csv)")],
    seed: Seed = DEFAULT_SEED,
    start: Annotated[
        Start,
        typer.Option(help="Walls relaxed at the notch, or released before it (needs --wall)"),
    ] = "pinned",
    wall: Annotated[Path | None, WALL] = None,
    settle_ns: Annotated[
        float | None,
        typer.Option(
            help="Time at the notch at which a wall's clock starts",
            show_default="pinned_after_ns",
            callback=limited(0),
        ),
    ] = None,
    first_replica: FirstReplica = 0,
    threads: Threads = 1,
) -> None:
    """Follow walls that are pinned until they depin, for `fitting extrapolate`.

    A stopped run continues where it was.
    """
    from dwsynapse.provenance.same_sample import of_sample
    from micromag.trials.survival import followable, survive, trials_at

    require_output(out, config, wall, kind="survival")
    fields_mT = read_fields_mT(fields)
    device = followable(read_wire(config), window_ns, settle_ns)
    origin = provenance("micromag", config=config, seed=seed, inputs=[wall] if wall else [])
    settled_ns = device.protocol.pinned_after_ns
    survive(
        device,
        _walls_to_release(device, config, start, wall),
        trials_at(fields_mT, replicas, first_replica),
        out,
        provenance={
            **origin,
            **of_sample(device),
            "window_ns": window_ns,
            "settle_ns": settled_ns,
        },
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
    folder: Annotated[Path, typer.Option(help="Folder with device.yaml and the files")],
    out_trials: Annotated[Path, out_file("table of trials (.csv)", "--out-trials")],
    out_wall: Annotated[Path, out_file("what `relax` found of the wall (.json)", "--out-wall")],
    out_figure: Annotated[Path, out_file("figure of the wire (.svg)", "--out-figure")],
) -> None:
    """Copy trials that were simulated before, if they are of exactly this device."""
    from micromag.trials.shipped_trials import take_over

    copies = {"trials.csv": out_trials, "wall.json": out_wall, "wire.svg": out_figure}
    kept = [config, *(folder / file for file in copies)]
    require_output(out_trials, *kept, option="--out-trials")
    require_output(out_wall, *kept, out_trials, option="--out-wall")
    require_figure(out_figure, *kept, out_trials, out_wall, option="--out-figure")
    take_over(config, folder, copies)
    provenance("micromag", config=config, inputs=[folder / file for file in copies])


@app.command()
def draw(
    config: Config,
    wall: Wall,
    trials: Annotated[list[Path], typer.Argument(help="Tables of simulated trials (CSV)")],
    out: Annotated[Path, out_file("figure (.svg)")],
) -> None:
    """Draw the wall before, at and after the notch, and the trajectories of several trials."""
    from dwsynapse.io.contracts import TRIALS
    from dwsynapse.io.tables.many_tables import read_tables, require_each_replica_once
    from dwsynapse.provenance.same_sample import require_of_sample
    from micromag import wire_figure
    from micromag.engine.problem import Problem
    from micromag.sample.wire import declare
    from micromag.trials.relaxed_walls import read_walls

    require_figure(out, config, wall, *trials)
    device = read_wire(config)
    problem = Problem.of(declare(device))
    table = read_tables(TRIALS, trials)
    for path in trials:
        require_of_sample(path, device, config)
    if table["seed"].nunique() > 1:
        raise InputError(
            "trials of several seeds", where="trials", remedy="give tables of one seed"
        )
    require_each_replica_once(table)
    provenance("micromag", config=config, inputs=[wall, *trials])
    wire_figure.draw(out, device, problem, read_walls(wall, device, problem), table)


@app.command("barriers")
def barriers_command(
    config: Config,
    fields: Fields,
    out: Annotated[Path, out_file("table of barriers (.csv); a figure (.svg) goes next to it")],
    beyond_nm: Annotated[
        float | None,
        typer.Option(
            callback=limited(1),
            help="Where paths end, behind the notch",
            show_default="the release distance",
        ),
    ] = None,
    path_images: Annotated[
        int, typer.Option(help="Images of the wire along each path", min=3, max=1000)
    ] = IMAGES,
) -> None:
    """Compute the energy barriers of a wall pinned at the notch. A stopped run continues."""
    from dwsynapse.io.contracts import BARRIERS
    from dwsynapse.provenance.same_sample import of_sample
    from micromag.barriers.barrier_table import draw_barriers, table_of
    from micromag.barriers.kept_barriers import KeptBarriers
    from micromag.barriers.notch_barriers import barriers

    require_output(out, config, kind="barriers")
    require_figure(drawing := out.with_suffix(".svg"), config, out)
    fields_mT = read_fields_mT(fields)
    device = read_wire(config)
    temperature_K, found = device.protocol.temperature_K, []
    origin = {**provenance("micromag", config=config), **of_sample(device)}
    kept = KeptBarriers(out, origin, beyond_nm=beyond_nm, path_images=path_images)
    with progress_bar(total=len(fields_mT), unit="field") as bar:

        def on_step(torque_A_per_m: float) -> None:
            bar.set_postfix_str(f"{torque_A_per_m:.2g} A/m remaining", refresh=False)
            bar.update(0)

        computed = barriers(
            device,
            fields_mT,
            beyond_nm=beyond_nm,
            n_images=path_images,
            on_step=on_step,
            kept=kept.read(),
        )
        for barrier in computed:
            found.append(barrier)
            kept.add(barrier)
            bar.update()
    BARRIERS.write(out, table_of(found, temperature_K), origin)
    draw_barriers(drawing, found, temperature_K)
    kept.remove()


@app.command()
def bench(
    config: Annotated[
        Path | None,
        block("devices.NAME", ", of a simulated device; the quick wire if left out"),
    ] = None,
    replicas: Replicas = 64,
    threads: Threads = 2,
    fields: Annotated[list[str] | None, FIELDS] = None,
    numerics_device: Annotated[
        Literal["auto", "cpu", "cuda"] | None,
        typer.Option(help="Processor or GPU", show_default="numerics.device"),
    ] = None,
) -> None:
    """Measure the embedded engine; print one line of JSON for each field (by default 7.5 mT)."""
    from dwsynapse.study import SimulatedDevice
    from micromag.engine_speed import measure

    fields_mT = read_fields_mT(fields or ["7.5"])
    measured = read_wire(config) if config else SimulatedDevice()
    if numerics_device:
        numerics = measured.numerics.model_copy(update={"device": numerics_device})
        measured = measured.model_copy(update={"numerics": numerics})
    for field_mT in fields_mT:
        line = measure(measured, replicas=replicas, threads=threads, field_mT=field_mT)
        typer.echo(json.dumps(line))


def _sampling(config: Path) -> "Sampling":
    """Return a device's sampling, from its whole block or from that part alone."""
    from dwsynapse.io.notes import note_once
    from dwsynapse.study import Sampling, SimulatedDevice, read_block
    from dwsynapse.study.reading import read_keys

    keys = read_keys(config).keys()
    if SimulatedDevice.model_fields.keys() & keys:
        from micromag.trials.simulate import require_runnable

        device = read_wire(config)
        require_runnable(device)
        if "sampling" not in keys:
            # As in the workflow's device.yaml, beside which sampling.yaml has it.
            note_once(config, "has no sampling: the plan is that of the default")
        return device.sampling
    sampling: Sampling = read_block(config, Sampling)
    return sampling
