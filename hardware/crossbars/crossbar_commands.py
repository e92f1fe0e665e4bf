"""The commands of crossbars: from a trained one to a program, a log and a verdict."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from dwsynapse.io.command_options import (
    ProgramFile,
    ResponseFile,
    Seed,
    limited,
    out_folder,
    positive,
)
from dwsynapse.io.files import (
    atomic_path,
    provenance,
    require_output,
    require_outputs,
    sha256,
    write_json,
)
from dwsynapse.io.limits import DEFAULT_SEED
from dwsynapse.io.number_format import counted, p_value_of, percent

PROGRAM_FILE, LOG_FILE, STATE_FILE = (
    "crossbar_program.csv",
    "programming_log.parquet",
    "final_conductances.csv",
)
PAGE_FILES = tuple(f"crossbar_verification.{end}" for end in ("json", "html", "svg"))
share = limited(0.0, 1.0)


def program_crossbar(
    crossbar: Annotated[Path, typer.Argument(help="Trained crossbar (JSON)")],
    response: ResponseFile,
    out: Annotated[Path, out_folder("crossbar_program.csv, crossbar_program.json")],
    walls_at: Annotated[
        str,
        typer.Option(
            metavar="low|high|FILE",
            help="Where walls are: all at one end, or a table of device, conductance_S",
        ),
    ] = "low",
    loop: Annotated[
        Literal["closed", "open"],
        typer.Option(help="Read after each pulse, or apply as many as lead there in the mean"),
    ] = "closed",
    within: Annotated[
        float | None,
        typer.Option(
            callback=limited(1e-6, 1.0),
            help="Share of the range within which a conductance counts as reached",
            show_default="half a level, or half the mean step",
        ),
    ] = None,
    max_pulses: Annotated[int, typer.Option(min=1, max=10_000, help="Of one device at most")] = 100,
) -> None:
    """Make the program of a trained crossbar: the conductance of each device, and pulses to it.

    Example: python -m hardware program-crossbar crossbar0.json --response response.npz --out here
    """
    from fitting.response.response_table import ResponseTable
    from hardware.crossbars.programming.crossbar_devices import ENDS, devices_of, started
    from hardware.crossbars.programming.make_crossbar_program import programmed
    from network.crossbar.model import trained_crossbar

    inputs = [crossbar, response, *([] if walls_at in ENDS else [Path(walls_at)])]
    require_outputs(out, (PROGRAM_FILE, "crossbar_program.json"), *inputs)
    trained = trained_crossbar.read(crossbar, response)
    made = programmed(
        started(devices_of(trained), walls_at),
        ResponseTable.read(response),
        method=loop,
        levels=trained.config.n_levels or None,
        tolerance=within,
        max_pulses=max_pulses,
        device=trained.response.name,
        provenance=provenance("hardware", inputs=inputs),
    )
    made.write(out / PROGRAM_FILE)
    pulses = abs(made.pulses)
    typer.echo(
        f"{counted(len(made), 'device')}: {pulses.sum():,} pulses in the mean, at most "
        f"{pulses.max()} of one device, to within {percent(made.tolerance, 1)} of its range"
    )


def run_crossbar(
    program: ProgramFile,
    response: ResponseFile,
    out: Annotated[Path, out_folder(f"{LOG_FILE} or .csv, {STATE_FILE}, manifest.json")],
    read_noise_s: Annotated[
        float,
        typer.Option(
            "--read-noise-S", callback=limited(0.0, 1e3), help="Standard deviation of readings"
        ),
    ] = 0.0,
    pulse_period_s: Annotated[
        float, typer.Option(callback=positive, help="Time of a pulse with its readings")
    ] = 1e-3,
    rp_sd: Annotated[
        float, typer.Option(callback=limited(0.0, 0.25), help="Fault: junctions vary in R_p by it")
    ] = 0.0,
    tmr_sd: Annotated[
        float, typer.Option(callback=limited(0.0, 0.25), help="Fault: and in TMR by it")
    ] = 0.0,
    stuck: Annotated[
        float, typer.Option(callback=share, help="Fault: share of walls that do not move")
    ] = 0.0,
    swapped: Annotated[
        float, typer.Option(callback=share, help="Fault: share of devices wired the wrong way")
    ] = 0.0,
    step_scale: Annotated[
        float, typer.Option(callback=limited(0.0, 10.0), help="Fault: size of all steps")
    ] = 1.0,
    read_offset_s: Annotated[
        float,
        typer.Option(
            "--read-offset-S", callback=limited(-1e3, 1e3), help="Fault: added to readings"
        ),
    ] = 0.0,
    relaxation: Annotated[
        float,
        typer.Option(callback=share, help="Fault: share of the way to the middle between pulses"),
    ] = 0.0,
    csv: Annotated[bool, typer.Option("--csv", help="Write the log as CSV")] = False,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Program a virtual crossbar and log each pulse. What it writes is synthetic, and says so.

    Walls move by the response. A device is read before and after each pulse.
    """
    from fitting.response.response_table import ResponseTable
    from hardware.crossbars.programming.crossbar_devices import STATE
    from hardware.crossbars.programming.crossbar_program import CrossbarProgram
    from hardware.crossbars.programming.virtual_crossbar import (
        NAME,
        CrossbarFaults,
        VirtualCrossbar,
    )
    from hardware.crossbars.programming.walls import Walls
    from hardware.crossbars.programming_log import ProgrammingManifest, write_log

    log_file = out / (LOG_FILE if not csv else "programming_log.csv")
    inputs = [program, response]
    for path in (log_file, out / STATE_FILE, out / "manifest.json"):
        require_output(path, *inputs)
    loaded = CrossbarProgram.read(program, response)
    walls = Walls(ResponseTable.read(response), loaded.levels)
    faults = CrossbarFaults(rp_sd, tmr_sd, stuck, swapped, step_scale, read_offset_s, relaxation)
    crossbar = VirtualCrossbar(walls, seed, read_noise_s, pulse_period_s, faults)
    log, final_S = crossbar.run(loaded)
    origin = provenance("hardware", seed=seed, inputs=inputs)
    write_log(log_file, log, origin)
    state = loaded.devices[["device"]].assign(conductance_S=final_S)
    STATE.write(out / STATE_FILE, state, origin)
    manifest = ProgrammingManifest(
        laboratory=NAME,
        synthetic=True,
        program_sha256=sha256(program),
        log_sha256=sha256(log_file),
        instrument=crossbar.instrument(),
        provenance=origin,
    )
    manifest.write(out / "manifest.json")
    reached = abs(loaded.positions(final_S) - loaded.target) <= loaded.tolerance
    typer.echo(
        f"{counted(len(log), 'pulse')} of {counted(len(loaded), 'device')}; "
        f"{percent(reached.mean(), 1)} within {percent(loaded.tolerance, 1)} of their range"
    )


def verify_crossbar(
    program: ProgramFile,
    response: ResponseFile,
    programming_log: Annotated[Path, typer.Option(help="Programming log (CSV or Parquet)")],
    manifest: Annotated[Path, typer.Option(help="manifest.json of the log")],
    out: Annotated[Path, out_folder(", ".join(PAGE_FILES))],
    tolerance: Annotated[
        float,
        typer.Option(callback=limited(1e-3, 1.0), help="Share by which mean steps may differ"),
    ] = 0.1,
    significance: Annotated[
        float,
        typer.Option(
            callback=limited(1e-3, 0.5), help="Chance that any test fails if the response is right"
        ),
    ] = 0.01,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Test the log of a crossbar's programming against the response of its devices.

    The response.json next to the response says how many pulses it was made of, and so how well it
    is known; virtual walls move by the response itself. An inconsistent log is a result, not an
    error.
    """
    from fitting.response.response_table import ResponseTable
    from hardware.crossbars.programming.crossbar_program import CrossbarProgram
    from hardware.crossbars.programming_log import ProgrammingManifest, read_log
    from hardware.crossbars.verification import crossbar_verification
    from hardware.crossbars.verification.crossbar_page import plot_steps, to_html
    from hardware.crossbars.verification.response_pulses import ResponsePulses

    inputs = [program, response, programming_log, manifest]
    require_outputs(out, PAGE_FILES, *inputs)
    loaded, table = CrossbarProgram.read(program, response), ResponseTable.read(response)
    stated = ProgrammingManifest.read(manifest, program, programming_log)
    # Walls that move by the table itself have none of the scatter of the pulses behind it.
    known = (
        ResponsePulses(why_exact="the walls of the virtual crossbar move by this response itself")
        if stated.virtual
        else ResponsePulses.read(response, table)
    )
    verification = crossbar_verification.verify_crossbar(
        loaded,
        table,
        read_log(programming_log, loaded),
        stated,
        known,
        tolerance=tolerance,
        significance=significance,
        seed=seed,
    )
    verification["provenance"] = provenance("hardware", seed=seed, inputs=inputs)
    content, html, figure = (out / name for name in PAGE_FILES)
    write_json(content, crossbar_verification.KIND, crossbar_verification.VERSION, verification)
    plot_steps(figure, verification)
    with atomic_path(html) as temporary:
        temporary.write_text(to_html(verification, figure.read_text("utf-8")), encoding="utf-8")
    for test in verification["tests"]:
        typer.echo(f"{test['test']}: {test['verdict']} ({p_value_of(test)})")
    for note in verification["notes"]:
        typer.echo(f"note: {note}", err=True)
    verdict = verification["verdict"]
    typer.echo(f"verdict: {verdict['verdict']} ({verdict['why']})")
