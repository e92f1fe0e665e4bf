"""The command that counts how often verdicts are right."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dwsynapse.io.command_options import (
    Device,
    ImagesFile,
    ProgramFile,
    Seed,
    Threads,
    block,
    confidence_option,
    out_folder,
    several,
)
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_output, write_json
from dwsynapse.io.limits import DEFAULT_SEED

if TYPE_CHECKING:
    from hardware.proof.planted_defects import Defect

MAX_EXPERIMENTS = 100_000


def prove(
    program: ProgramFile,
    device: Device,
    images: ImagesFile,
    config: Annotated[Path, block("hardware")],
    out: Annotated[Path, out_folder("prove.json, prove.svg")],
    experiments: Annotated[
        int, typer.Option(min=1, max=MAX_EXPERIMENTS, help="Virtual experiments of each case")
    ] = 500,
    defects: Annotated[
        list[str] | None,
        several(
            help="Planted defects, or none", metavar="DEFECT", show_default="all that there are"
        ),
    ] = None,
    threads: Threads = 1,
    seed: Seed = DEFAULT_SEED,
    confidence: Annotated[float, confidence_option()] = 0.95,
) -> None:
    """Count how often verdicts are right, in virtual experiments: prove.json and prove.svg.

    How often is your device, within its uncertainty, called inconsistent? How often are planted
    defects found, and named rightly? After an interruption the same command continues.
    """
    from dwsynapse.study import Hardware, read_block
    from fitting.device import DeviceModel
    from hardware.program import Program, require_one_layer
    from hardware.programming.shown_images import shown_images
    from hardware.proof import verdict_rates
    from hardware.proof.kept_cases import KeptCases
    from hardware.proof.proof_figure import plot_proof
    from hardware.proof.virtual_run import Subject
    from network.images.prepared_images import Images

    inputs = [program, device, images]
    for name in ("prove.json", "prove.svg"):
        require_output(out / name, *inputs, config)
    planted = _planted(defects)
    settings: Hardware = read_block(config, Hardware)
    loaded = Program.read(program, device)
    require_one_layer(loaded, "virtual experiments plan the reads of one layer only")
    pixels, labels = shown_images(images, loaded, settings)
    shown = Images(pixels[:0], labels[:0], pixels, labels)
    origin = provenance("hardware", config=config, seed=seed, inputs=inputs)
    kept = KeptCases.of(out / "prove.cases", origin)
    content = verdict_rates.prove(
        Subject(loaded, DeviceModel.read(device), shown, settings),
        planted,
        experiments,
        seed,
        threads,
        confidence,
        kept,
    )
    content["provenance"] = origin
    write_json(out / "prove.json", verdict_rates.KIND, verdict_rates.VERSION, content)
    plot_proof(out / "prove.svg", content)
    kept.remove()
    typer.echo(verdict_rates.as_lines(content))


def _planted(names: list[str] | None) -> "list[Defect]":
    from hardware.proof.planted_defects import DEFECTS

    known = [*dict.fromkeys(defect.name for defect in DEFECTS)]
    unknown = set(names or []) - {*known, "none"}
    if unknown:
        raise InputError(
            f"no defect {min(unknown)!r}",
            where="--defects",
            remedy=f"choose from none, {', '.join(known)}",
        )
    return [defect for defect in DEFECTS if names is None or defect.name in names]
