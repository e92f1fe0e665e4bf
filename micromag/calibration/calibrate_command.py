"""The command that finds the wires which explain measured counts."""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_options import Seed, Threads, assignments, limited, out_folder
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_file, require_outputs
from dwsynapse.io.limits import DEFAULT_SEED, MAX_TRIALS
from dwsynapse.io.number_format import counted
from micromag.wire_options import Config, PlanOnly, read_wire
from micromag.wire_options import vary as vary_option

FILES = ("calibration.json", "calibration.svg", "best-wire.yaml")


def calibrate_command(
    config: Config,
    target: Annotated[
        Path,
        typer.Option(
            help="Measured counts (CSV), the device.json fitted to them or of a published curve, "
            "or a curve that is wanted (YAML: floor, h0_mT, delta_per_mT)"
        ),
    ],
    vary: Annotated[list[str], vary_option()],
    out: Annotated[Path, out_folder(", ".join(FILES))],
    max_trials: Annotated[
        int, typer.Option(help="Trials to simulate at most", min=1, max=MAX_TRIALS)
    ] = 10_000,
    trials_per_wire: Annotated[
        int,
        typer.Option(
            help="Trials of each simulated wire; fewer where a trial is expensive, best in "
            "multiples of 16, which are simulated together",
            min=16,
            max=MAX_TRIALS,
        ),
    ] = 96,
    discrepancy: Annotated[
        float,
        typer.Option(
            callback=limited(0, 10),
            help="Typical error of the model itself, in log-odds of passing: the scale of its "
            "half-normal prior",
        ),
    ] = 0.0,
    spread: Annotated[
        list[str] | None,
        assignments(
            "--spread",
            help="Standard deviation of fabrication of what varies, as in "
            "notch.covered_fraction=0.01: how the best wire's curve varies from wire to wire",
            metavar="NAME=SD",
        ),
    ] = None,
    seed: Seed = DEFAULT_SEED,
    threads: Threads = 1,
    plan_only: PlanOnly = False,
) -> None:
    """Find the wires, within priors, whose simulated curve explains measured counts, or is wanted.

    An emulator of the passing probability proposes which wires to simulate. A stopped run
    continues where it was, and more trials add to those that exist.
    """
    from dwsynapse.study.wires.spread import read_spread
    from dwsynapse.study.wires.varied_wires import VariedWires
    from micromag.calibration.calibration_run import CalibrationRun
    from micromag.calibration.evidence import Measured
    from micromag.calibration.target import counts_file, read_target
    from micromag.trials.drive import drive_of
    from micromag.trials.simulate import require_runnable

    require_outputs(out, FILES, config, target)
    require_file(target, "measured counts (CSV), a device.json, or a wanted curve (YAML)")
    counts = counts_file(target)
    measured = Measured.of(read_target(counts))
    device = read_wire(config)
    wires = VariedWires.of(device, vary, config)
    drive_of(device).require_reached(measured.fields_mT[-1], path=counts, where="column field_mT")
    fabrication = read_spread(spread or [], wires.priors)
    _require_trials(max_trials, len(wires.priors), trials_per_wire)
    require_runnable(device)
    origin = provenance("micromag", config=config, seed=seed, inputs=[counts])
    run = CalibrationRun(wires, measured, out, origin, discrepancy, fabrication, seed, threads)
    run.run(max_trials, trials_per_wire, plan_only)


def _require_trials(trials: int, n_parameters: int, trials_per_wire: int) -> None:
    from dwsynapse.study.devices.calibration import first_wires

    least = first_wires(n_parameters) * trials_per_wire
    if trials < least:
        raise InputError(
            f"{counted(trials, 'trial')}, fewer than the first round has with "
            f"{counted(n_parameters, 'parameter')}",
            where="--max-trials",
            remedy=f"give {least} or more",
        )
