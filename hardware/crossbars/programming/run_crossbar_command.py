"""The command that programs a virtual crossbar."""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_options import (
    ProgramFile,
    ResponseFile,
    Seed,
    limited,
    out_folder,
    positive,
)
from dwsynapse.io.files import provenance, require_output, rows_sha256, sha256
from dwsynapse.io.limits import DEFAULT_SEED
from dwsynapse.io.number_format import counted, percent

LOG_FILE, STATE_FILE = "programming_log.parquet", "final_conductances.csv"
share = limited(0.0, 1.0)


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
    from hardware.crossbars.programming.readings import require_quiet
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
    require_quiet(read_noise_s, loaded.span_S, "--read-noise-S")
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
        program_rows_sha256=rows_sha256(program),
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
