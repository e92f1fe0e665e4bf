"""The command that finds what a simulated passing curve depends on."""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_options import Seed, Threads, out_folder
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_outputs
from dwsynapse.io.limits import DEFAULT_SEED
from micromag.wire_options import (
    FIELDS,
    Config,
    PlanOnly,
    Replicas,
    read_fields_mT,
    read_wire,
)
from micromag.wire_options import vary as vary_option
from micromag.wires import MAX_FIELD_MT, REPLICAS_PER_FIELD

FILES = ("sensitivity.json", "sensitivity.csv", "sensitivity.svg")


def sensitivity_command(
    config: Config,
    out: Annotated[Path, out_folder(", ".join(FILES))],
    vary: Annotated[
        list[str] | None,
        vary_option(show_default="what fabrication and convention leave open"),
    ] = None,
    fields: Annotated[list[str] | None, FIELDS] = None,
    counts: Annotated[
        Path | None,
        typer.Option(help="Counts of the device"),
    ] = None,
    replicas: Replicas = 64,
    seed: Seed = DEFAULT_SEED,
    threads: Threads = 1,
    plan_only: PlanOnly = False,
) -> None:
    """Find how centre and steepness of a wire's curve change with geometry, material and protocol.

    Wires that differ in one thing are simulated in the same noise, and compared trial by trial. A
    stopped run continues where it was; more trials, fields and variations add to those that exist.
    """
    from dwsynapse.study.wires.variation import given_variations
    from micromag.sensitivity.default_variations import default_variations
    from micromag.sensitivity.sensitivity_run import SensitivityRun
    from micromag.trials.drive import drive_of
    from micromag.trials.simulate import require_runnable

    require_outputs(out, FILES, config, counts)
    if replicas > REPLICAS_PER_FIELD:
        raise InputError(
            f"{replicas} replicas, where each field has {REPLICAS_PER_FIELD}",
            where="--replicas",
            remedy="give fewer",
        )
    device = read_wire(config)
    chosen = _fields_mT(fields, counts)
    drive_of(device).require_reached(max(chosen), path=config, where="--field-mT")
    require_runnable(device)
    given = given_variations(device, vary, config) if vary else default_variations(device)
    origin = provenance("micromag", config=config, seed=seed, inputs=[counts] if counts else [])
    run = SensitivityRun(device, config, chosen, replicas, out, origin, seed, threads)
    run.run(given, plan_only)


def _fields_mT(words: list[str] | None, counts: Path | None) -> list[float]:
    if (words is None) == (counts is None):
        raise InputError(
            "needs exactly one of them", where="--field-mT or --counts", remedy="give one"
        )
    found = _around_rise(counts) if counts else _given(words or [])
    if max(found) > MAX_FIELD_MT:
        raise InputError(
            f"{max(found):g} mT, above {MAX_FIELD_MT:g}",
            path=counts,
            where="column field_mT" if counts else "--field-mT",
            remedy="lower it",
        )
    if len(found) < 2:
        raise InputError(
            "a steepness needs two fields, 0.05 mT apart or more"
            if counts
            else "a steepness needs two fields",
            path=counts,
            where="column field_mT" if counts else "--field-mT",
            remedy="are these fields in mT?" if counts else "give two or more",
        )
    return sorted(found)


def _given(words: list[str]) -> list[float]:
    found = read_fields_mT(words)
    if finer := [field for field in found if abs(field - round(field, 2)) > 1e-9]:
        raise InputError(
            f"{finer[0]:g} mT is no multiple of 0.01 mT", where="--field-mT", remedy="round it"
        )
    return [round(field, 2) for field in found]


def _around_rise(counts: Path) -> list[float]:
    from micromag.sensitivity.local_curve import fields_around_rise
    from micromag.wires.measured_counts import read_measured_counts

    table = read_measured_counts(counts)
    found = fields_around_rise(*(table[c].to_numpy(dtype=float) for c in table.columns))
    if not found:
        raise InputError("no rise of the passing share", path=counts, remedy="give --field-mT")
    return found
