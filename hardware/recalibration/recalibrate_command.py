"""The command that refits a device to a log or to new counts, and shifts its program."""

import sys
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
from dwsynapse.io.records import remove_own

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from dwsynapse.study import Hardware
    from fitting.device import DeviceModel
    from hardware.program import Program

FILES = ("device.json", "program.csv", "program.json", "recalibration.json", "recalibration.svg")
KIND, VERSION = "recalibration", 1
VERIFY = "verify this log first"
CHECK = "check these counts first"


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
    accuracy or the network must be trained again. Where more has changed than the fields, by the
    config's significance, the advice is to verify the log first, and no program is written. The
    new device is called NAME-recalibrated unless
    --name says otherwise.

    Example: python -m hardware recalibrate --program program.csv --device device.json --log
    inference_log.parquet --manifest manifest.json --images images.npz --config hardware.yaml
    --out recalibrated
    """
    from dwsynapse.study import Hardware, read_block
    from fitting.comparison.new_counts.refitted_device import refitted
    from fitting.device import DeviceModel
    from hardware.program import Program
    from hardware.recalibration.moved_program import moved_program, of_device
    from hardware.recalibration.predicted_accuracy import predicted_accuracies
    from hardware.recalibration.recalibration_figure import plot_recalibration
    from network.images.prepared_images import Images

    given = (program, device, log, manifest, new_counts, images)
    inputs = [path for path in given if path is not None]
    for file in FILES:
        require_output(out / file, *inputs, config)
    settings: Hardware = read_block(config, Hardware)
    before, loaded = DeviceModel.read(device), Program.read(program, device)
    prepared = Images.read(images, loaded.fields_mT.shape[1]) if images else None
    pixels = prepared.test_pixels[: settings.images] if prepared else None
    labels = prepared.test_labels[: settings.images] if prepared else None
    table, stated = _new_counts(
        (program, log, manifest, new_counts), loaded, settings, columns, prepared
    )
    found = refitted(
        before,
        table,
        drift_sd_mt,
        settings.field_scale_sd,
        name=name or f"{before.name}-recalibrated",
        seed=seed,
        confidence=confidence,
        provenance=provenance("hardware", config=config, seed=seed, inputs=inputs),
        **stated,
    )
    moved = moved_program(loaded, found.offset.value, found.device, settings.field_step_mT)
    doubtful = found.p_value < settings.significance
    content: dict[str, Any] = {
        "device": before.name,
        "recalibrated": found.device.name,
        "data": stated["data"],
        "synthetic": stated["source"] == "simulation",
        "n_reads": int(table["n_trials"].sum()),
        "offset": vars(found.offset) | {"unit": "mT", "confidence": confidence},
        "offset_meaning": "centre of the refitted curve minus that of the device before",
        "p_value": found.p_value,
        "p_value_meaning": f"that it has not changed but by a drift of {drift_sd_mt:g} mT (sd)",
        "drift_sd_mT": drift_sd_mt,
        "program": None
        if doubtful
        else {
            "shifted_by_mT": found.offset.value,
            "field_step_mT": settings.field_step_mT,
            "n_held_at_the_ends": _held(loaded, moved, found.offset.value, settings),
        },
        "reads_needed": _reads_needed(before, loaded, pixels, drift_sd_mt, settings),
        "accuracy": None,
    }
    if pixels is not None and labels is not None:
        content["accuracy"] = predicted_accuracies(
            loaded,
            moved,
            (before, found.device),
            pixels,
            labels,
            settings.tolerance_accuracy,
            seed,
        )
        if doubtful:
            content["accuracy"] |= {
                "advice": VERIFY if log else CHECK,
                "why": _doubt(found.p_value),
            }
    content["provenance"] = found.device.provenance
    found.device.write(out / "device.json")
    if doubtful:
        # Those of an earlier run are for another device.
        for written in (out / "program.csv", out / "program.json"):
            if not remove_own(written):
                print(
                    f"note: {written} is not of this run, and stays: it was changed since then",
                    file=sys.stderr,
                )
    else:
        of_device(moved, out / "device.json", found.device.provenance).write(out / "program.csv")
    write_json(out / "recalibration.json", KIND, VERSION, content)
    plot_recalibration(out / "recalibration.svg", before, found.device, table, content)
    if doubtful:
        typer.echo(f"{VERIFY if log else CHECK}: {_doubt(found.p_value)}")
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
    if counts is not None:
        from fitting.counts.laboratory_tables import read_counts

        table = read_counts(counts, columns_of(columns))
        return table, {"source": "measurement", "data": "new counts"}
    from hardware.log import read_log, require_log
    from hardware.manifest import Manifest
    from hardware.verification.nuisances import Nuisances
    from hardware.verification.reads import Reads

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
    nuisances = Nuisances.of(told, settings, reads)
    return nuisances.counts(Reads.of(reads, loaded)), {
        "source": "simulation" if told.synthetic else "measurement",
        "data": f"a log of {told.laboratory}",
        "detection": nuisances.detection,
        "wire_spread_mT": nuisances.wire_spread_mT,
    }


def _reads_needed(
    before: "DeviceModel",
    loaded: "Program",
    pixels: "NDArray[np.uint8] | None",
    drift_sd_mT: float,
    settings: "Hardware",
) -> Any:
    """Return how well reads find a drift, of synapses as often as images ask for them."""
    from fitting.comparison.new_counts.reads_needed import offset_sd_by_reads

    shares = loaded.fields_mT * 0 + (1.0 if pixels is None else pixels.mean(axis=0))
    used = shares > 0
    of_used = (shares / shares.sum())[used]
    return offset_sd_by_reads(
        before, loaded.fields_mT[used], of_used, drift_sd_mT, settings.field_scale_sd
    )


def _held(loaded: "Program", moved: "Program", offset_mT: float, settings: "Hardware") -> int:
    """Return how many synapses could not follow the shift within the range of the fields."""
    away = abs(moved.fields_mT - loaded.fields_mT - offset_mT)
    return int((away > settings.field_step_mT).sum())


def _doubt(p: float) -> str:
    return (
        f"more has changed than the fields ({p_value(p)}), as with a wrong wire or a bench that "
        "does not work; no program was written"
    )


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
