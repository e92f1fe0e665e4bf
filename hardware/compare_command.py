"""The command that compares two devices, by their counts where both have them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dwsynapse.io.command_options import (
    Columns,
    Device,
    block,
    columns_of,
    confidence_option,
    out_folder,
)
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance, require_outputs, write_json
from dwsynapse.io.number_format import p_value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from fitting.comparison.devices.devices_compared import BothCounts
    from fitting.device import DeviceModel

OPTIONS = "--counts", "--reference-counts"


def compare(
    device: Device,
    reference: Annotated[Path, typer.Option(help="device.json to compare with")],
    config: Annotated[Path, block("hardware")],
    out: Annotated[Path, out_folder("comparison.json, comparison.svg")],
    counts: Annotated[
        Path | None,
        typer.Option(help="Counts of the device", show_default="those its device.json was made of"),
    ] = None,
    reference_counts: Annotated[
        Path | None,
        typer.Option(
            help="Counts of the reference", show_default="those its device.json was made of"
        ),
    ] = None,
    columns: Columns = None,
    confidence: Annotated[float, confidence_option()] = 0.95,
) -> None:
    """Compare the passing curves of two devices: comparison.json and comparison.svg.

    Counts against counts where both have them, else curve against curve, within the uncertainty of
    the calibration of measured fields. Prints the verdict and the calibration that would reconcile
    the two. --columns applies to both tables, unless A: (the device's) or B: (the reference's)
    precedes it, as in A:field_mT=B_set.
    """
    from dwsynapse.study import Hardware, read_block
    from fitting.comparison.devices import device_comparison
    from fitting.comparison.devices.calibration_prior import CalibrationPrior
    from fitting.comparison.devices.device_comparison_figure import plot_comparison
    from fitting.comparison.devices.devices_compared import BothCounts, compare_devices
    from fitting.device import DeviceModel

    files = ("comparison.json", "comparison.svg")
    require_outputs(out, files, device, reference, config, counts, reference_counts)
    settings: Hardware = read_block(config, Hardware)
    models = DeviceModel.read(device), DeviceModel.read(reference)
    prior = CalibrationPrior.between(*models, settings.field_offset_sd_mT, settings.field_scale_sd)
    counts_read = _counts(models, (device, reference), (counts, reference_counts), columns)
    content = compare_devices(*models, counts_read, settings.significance, confidence, prior)
    inputs: list[str | Path] = [device, reference]
    tables: Sequence[pd.DataFrame] = ()
    if isinstance(counts_read, BothCounts):
        inputs, tables = [*inputs, *counts_read.paths], counts_read.tables
    content["provenance"] = provenance("hardware", config=config, inputs=inputs)
    drive, names = models[0].drive, [model.name for model in models]
    kind, version = device_comparison.KIND, device_comparison.VERSION
    write_json(out / "comparison.json", kind, version, drive.document(content, names))
    plot_comparison(out / "comparison.svg", *models, content, tables)
    for line in _summary(content):
        typer.echo(drive.said(line, names))


def _counts(
    models: "tuple[DeviceModel, DeviceModel]",
    devices: tuple[Path, Path],
    given: tuple[Path | None, Path | None],
    columns: list[str] | None,
) -> "BothCounts | str":
    """Return the counts of both devices; or why only their curves can be compared."""
    from fitting.comparison.devices.counts_of_device import counts_of, require_counts_of
    from fitting.comparison.devices.devices_compared import BothCounts
    from fitting.counts.laboratory_tables import read_counts

    for model, path, option in zip(models, given, OPTIONS, strict=True):
        if path:
            require_counts_of(model, path, option)
    paths, tables = [], []
    for model, device, path, letter in zip(models, devices, given, "AB", strict=True):
        place = path or counts_of(device, model)
        if place is None and any(given):
            raise InputError(
                f"no counts of {model.name} are there, which they would be compared with",
                where=" and ".join(
                    option for option, one in zip(OPTIONS, given, strict=True) if one
                ),
                remedy="leave it out, and the curves are compared; or give the counts of both",
            )
        if place is None:
            return f"no counts of {model.name}"
        if "false_pass" in model.nuisances:
            return f"outcomes of {model.name} were detected with errors"
        try:
            tables.append(read_counts(place, columns_of(columns, letter)))
        except InputError as error:
            if path or columns:
                raise
            return f"counts of {model.name} need --columns ({error})"
        paths.append(place)
    return BothCounts((tables[0], tables[1]), (paths[0], paths[1]))


def _summary(content: dict[str, Any]) -> list[str]:
    from fitting.comparison.devices.reconciling import calibration_lines

    lines = [
        f"{content['device']} and {content['reference']}: {content['verdict']} (by {by(content)})"
    ]
    lines += [
        f"  {test['test']}: {test['verdict']} ({p_value_of(test)})" for test in content["tests"]
    ]
    found = content["calibration"]
    lines.append(f"calibration that would reconcile them ({found['meaning']}):")
    return [*lines, *(f"  {line}" for line in calibration_lines(found))]


def by(content: dict[str, Any]) -> str:
    """Return what was compared, and why not the counts."""
    why = content["why_no_counts"]
    return f"their {content['compared']}" + (f"; {why}" if why else "")
