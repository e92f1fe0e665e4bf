"""Two devices compared by their counts or by their curves: the content of ``comparison.json``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dwsynapse.drives import drive_of
from fitting.comparison.devices.calibration_prior import CalibrationPrior
from fitting.comparison.devices.device_comparison import compare
from fitting.comparison.devices.reconciling import (
    calibration_content,
    calibration_of_curves,
    with_what_is_left,
)
from fitting.comparison.devices.same_within_calibration import (
    common_settings,
    same_within_calibration,
)
from fitting.device import DeviceModel
from fitting.settings_of_drive import common_drive


@dataclass(frozen=True)
class BothCounts:
    """The tables that two devices were fitted to.

    Parameters
    ----------
    tables
        Counts of the device and of the reference.
    paths
        What an error names as the file of each.
    """

    tables: tuple[pd.DataFrame, pd.DataFrame]
    paths: tuple[str | Path, str | Path]


def compare_devices(
    device: DeviceModel,
    reference: DeviceModel,
    counts: BothCounts | str,
    significance: float,
    confidence: float,
    prior: CalibrationPrior,
) -> dict[str, Any]:
    """Compare two devices, counts against counts where both have them.

    Parameters
    ----------
    device, reference
        The device models.
    counts
        Their counts, or why they cannot be compared.
    significance
        Probability that the verdict is that they differ if they are alike.
    confidence
        Confidence of intervals.
    prior
        How well the fields of both are known against each other.

    Returns
    -------
    dict
        Content of ``comparison.json``, written about a field (`dwsynapse.drives.Drive.document`).

    Raises
    ------
    InputError
        If their drives differ, or counts do not determine a curve.
    """
    drive = common_drive([device.drive, reference.drive], [device.name, reference.name])
    tests = []
    if isinstance(counts, BothCounts):
        named = [device.name, *map(str, counts.paths)]
        common_drive([drive, *map(drive_of, counts.tables)], named)
        settings = common_settings(device, reference, confidence)
        models = device, reference
        with drive.errors():
            found = same_within_calibration(counts.tables, counts.paths, models, settings, prior)
        tests, calibration = [found.test], found.calibration
    else:
        calibration = calibration_of_curves(device, reference, confidence)
    content = compare(device, reference, significance, confidence, prior, of_counts=tests)
    if not tests:
        calibration = with_what_is_left(calibration, content["tests"])
    return content | {
        "compared": "curves" if isinstance(counts, str) else "counts",
        "why_no_counts": counts if isinstance(counts, str) else None,
        "calibration": calibration_content(calibration, prior),
    }
