"""The command that makes the manifest of a laboratory's log."""

from pathlib import Path
from typing import Annotated

import typer

from dwsynapse.io.command_options import (
    IMAGES,
    Columns,
    LogFile,
    ProgramFile,
    columns_of,
    limited,
    out_folder,
)
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_output, sha256
from dwsynapse.io.number_format import counted

MAX_NAME = 200


def manifest(
    program: ProgramFile,
    log: LogFile,
    laboratory_name: Annotated[str, typer.Option(help="Name of the laboratory, as in reports")],
    out: Annotated[Path, out_folder("manifest.json")],
    measured: Annotated[
        bool | None,
        typer.Option(
            "--measured/--synthetic",
            help="Whether a device was measured, or the log simulated",
            show_default="as the log says",
        ),
    ] = None,
    columns: Columns = None,
    unordered: Annotated[
        bool, typer.Option("--unordered", help="Rows are not in the order of time")
    ] = False,
    field_step_mt: Annotated[
        float | None,
        typer.Option(
            "--field-step-mT",
            callback=limited(0),
            help="Precision to which the instrument sets a field",
            show_default="the program's fields exactly",
        ),
    ] = None,
    field_noise_sd_mt: Annotated[
        float | None,
        typer.Option(
            "--field-noise-sd-mT",
            callback=limited(0),
            help="Spread of the field from read to read, where the log has no field_measured_mT",
        ),
    ] = None,
    field_offset_sd_mt: Annotated[
        float | None,
        typer.Option(
            "--field-offset-sd-mT",
            callback=limited(0),
            help="Uncertainty of the offset of the fields",
            show_default="the config's",
        ),
    ] = None,
    field_scale_sd: Annotated[
        float | None,
        typer.Option(
            callback=limited(0, 1),
            help="Uncertainty of the scale of the fields, as a share",
            show_default="the config's",
        ),
    ] = None,
    images: Annotated[Path | None, IMAGES] = None,
) -> None:
    """Make the manifest of a log, after a look at the whole of it: manifest.json.

    The log is checked as `verify` does it; with --images also that inputs of 0 were not read.
    Whatever is wrong with it is said in one line, and nothing is written then.

    Example: python -m hardware manifest --program program.csv --log my.csv --measured
    --laboratory-name "Our lab" --columns "field_set_mT=B (mT)" --out my-log
    """
    from hardware.log import checked_log, log_table, require_log
    from hardware.manifest import Manifest
    from hardware.program import Program
    from network.images.prepared_images import Images

    require_output(out / "manifest.json", program, log, images)
    laboratory = laboratory_name.strip()
    if not 0 < len(laboratory) <= MAX_NAME:
        raise InputError(
            f"{len(laboratory)} characters",
            where="--laboratory-name",
            remedy=f"give 1 to {MAX_NAME}",
        )
    loaded = Program.read(program)
    require_log(log)
    names = columns_of(columns)
    table = log_table(log, names)
    says = table.attrs.get("synthetic")
    if measured is None and says is None:
        raise InputError(
            "does not say whether a device was measured",
            path=log,
            remedy="give --measured, or --synthetic if the log was simulated",
        )
    numbers = {
        "field_step_mT": field_step_mt,
        "field_noise_sd_mT": field_noise_sd_mt,
        "field_offset_sd_mT": field_offset_sd_mt,
        "field_scale_sd": field_scale_sd,
    }
    made = Manifest(
        laboratory=laboratory,
        synthetic=bool(says) if measured is None else not measured,
        program_sha256=sha256(program),
        log_sha256=sha256(log),
        instrument={name: value for name, value in numbers.items() if value is not None},
        provenance=provenance("hardware", inputs=[program, log]),
        order="unordered" if unordered else "time",
        columns=names,
        program_content_sha256=loaded.content_sha256,
    )
    pixels = None
    if images is not None:
        pixels = Images.read(images, loaded.n_in, loaded.n_classes).test_pixels
    checks = {name: value for name, value in made.log_is.items() if name != "columns"}
    reads = checked_log(table, log, loaded, pixels, **checks)
    made.require_spread(reads, out / "manifest.json")
    made.write(out / "manifest.json")
    shown = counted(reads["image"].nunique(), "image")
    kind = "synthetic" if made.synthetic else "measured"
    typer.echo(f"{counted(len(reads), 'read')} of {shown}, {kind}")
