"""The command that refits a device to a log or to new counts, and shifts its program."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dwsynapse.io.command_options import (
    IMAGES,
    LOG,
    Columns,
    Device,
    ProgramFile,
    Seed,
    block,
    columns_of,
    confidence_option,
    out_folder,
    positive,
)
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_output, write_json
from dwsynapse.io.limits import DEFAULT_SEED
from dwsynapse.io.number_format import counted, interval, number, p_value
from dwsynapse.io.records import remove_of_earlier_run

if TYPE_CHECKING:
    import pandas as pd

    from dwsynapse.study import Hardware
    from hardware.program import Program

FILES = ("device.json", "program.csv", "program.json", "recalibration.json", "recalibration.svg")
KIND, VERSION = "recalibration", 1


def recalibrate(
    program: ProgramFile,
    device: Device,
    config: Annotated[Path, block("hardware")],
    out: Annotated[Path, out_folder(", ".join(FILES))],
    log: Annotated[Path | None, LOG] = None,
    manifest: Annotated[Path | None, typer.Option(help="manifest.json of the log")] = None,
    new_counts: Annotated[
        Path | None, typer.Option(help="New counts of the device instead of a log (CSV or Excel)")
    ] = None,
    columns: Columns = None,
    images: Annotated[Path | None, IMAGES] = None,
    drift_sd_mt: Annotated[
        float,
        typer.Option(
            "--drift-sd-mT",
            callback=positive,
            help="How far the fields may have drifted, one standard deviation",
        ),
    ] = 1.0,
    name: Annotated[str | None, typer.Option(help="Name of the device")] = None,
    confidence: Annotated[float, confidence_option()] = 0.95,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Refit a device to a log of its program, or to new counts, and shift the program's fields.

    Writes a new device.json and a new program for it; the old files stay. Prints how far the curve
    has moved, how many reads show that, and with --images whether shifted fields restore the
    accuracy or the network must be trained again. Where more has changed than the fields, or the
    fields measured are not those set, by the config's significance, the advice is to verify the
    log first, and no program is written. The new device is called NAME-recalibrated unless
    --name says otherwise.

    Example: python -m hardware recalibrate --program program.csv --device device.json --log
    inference_log.parquet --manifest manifest.json --images images.npz --config hardware.yaml
    --out recalibrated
    """
    from dwsynapse.study import Hardware, read_block
    from fitting.device import DeviceModel
    from hardware.program import Program
    from hardware.recalibration.moved_program import of_device
    from hardware.recalibration.recalibrated import Recalibrated
    from hardware.recalibration.recalibration_figure import plot_recalibration
    from network.images.prepared_images import Images

    given = (program, device, log, manifest, new_counts, images)
    inputs = [path for path in given if path is not None]
    for file in FILES:
        require_output(out / file, *inputs, config)
    settings: Hardware = read_block(config, Hardware)
    before, loaded = DeviceModel.read(device), Program.read(program, device)
    prepared = Images.read(images, loaded.n_in, loaded.n_classes) if images else None
    table, stated = _new_counts(
        (program, log, manifest, new_counts), loaded, settings, columns, prepared
    )
    n = settings.images
    shown = (prepared.test_pixels[:n], prepared.test_labels[:n]) if prepared else None
    found = Recalibrated.of(
        before,
        loaded,
        table,
        settings,
        stated,
        shown,
        drift_sd_mT=drift_sd_mt,
        name=name,
        confidence=confidence,
        seed=seed,
        provenance=provenance("hardware", config=config, seed=seed, inputs=inputs),
    )
    content = found.content | {"provenance": found.device.provenance}
    found.device.write(out / "device.json")
    if found.program is None:
        # Those of an earlier run are for another device.
        remove_of_earlier_run(out / "program.csv", out / "program.json")
    else:
        of_device(found.program, out / "device.json", found.device.provenance).write(
            out / "program.csv"
        )
    write_json(out / "recalibration.json", KIND, VERSION, content)
    plot_recalibration(out / "recalibration.svg", before, found.device, table, content)
    if found.program is None:
        typer.echo(f"{stated['check']}: {content['doubt']}")
    for line in _summary(content):
        typer.echo(line)


def _new_counts(
    files: "tuple[Path, Path | None, Path | None, Path | None]",
    loaded: "Program",
    settings: "Hardware",
    columns: list[str] | None,
    prepared: Any,
) -> "tuple[pd.DataFrame, dict[str, Any]]":
    """Return the new counts, and what `refitted` must know of them."""
    program, log, manifest, counts = files
    if (log is None) == (counts is None) or (log is None) != (manifest is None):
        raise InputError(
            "give either --log with --manifest, or --new-counts",
            where="--log",
            remedy="see --help",
        )
    if columns and counts is None:
        raise InputError(
            "the columns of a log are named in its manifest",
            where="--columns",
            remedy="leave it out, or make the manifest by `python -m hardware manifest --columns`",
        )
    if counts is not None:
        from fitting.counts.laboratory_tables import read_counts
        from hardware.recalibration.recalibrated import OF_NEW_COUNTS

        table = read_counts(counts, columns_of(columns))
        return table, OF_NEW_COUNTS
    from hardware.log import read_log, require_log
    from hardware.manifest import Manifest
    from hardware.recalibration.recalibrated import counts_of_log

    assert log is not None
    assert manifest is not None
    require_log(log)
    told = Manifest.read(manifest, program, log, loaded.reads)
    if prepared is None:
        raise InputError(
            "the reads of a log are checked against the images that were shown",
            where="--images",
            remedy="give the images.npz of the run",
        )
    reads = read_log(log, loaded, prepared.test_pixels, **told.log_is)
    told.require_spread(reads, manifest)
    return counts_of_log(reads, told, loaded, settings)


def _summary(content: dict[str, Any]) -> list[str]:
    offset, reads = content["offset"], counted(content["n_reads"], "read")
    lines = [
        f"the curve moved by {number(offset['value'], signed=True)} mT "
        f"{interval(offset['low'], offset['high'], signed=True)} ({reads}); "
        f"otherwise unchanged: {p_value(content['p_value'])}"
    ]
    for wanted, n in content["reads_needed"]["needed"].items():
        enough = f"{float(f'{n:.2g}'):,.0f} reads" if n else "more reads than any here"
        lines.append(f"  to know it to {wanted} mT: {enough}")
    if content["program"] is None:
        return lines
    if held := content["program"]["n_held_at_the_ends"]:
        lines.append(f"  {held} synapses are at the end of the range of fields and do not follow")
    if accuracy := content["accuracy"]:
        lines.append(f"{accuracy['advice']}: {accuracy['why']}")
    else:
        lines.append("give --images to know whether shifted fields restore the accuracy")
    return lines
