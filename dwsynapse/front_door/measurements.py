"""Kerr loops as counts, and two devices compared, by the hardware room."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from dwsynapse.front_door.checked import checked
from dwsynapse.front_door.temporary_files import as_file

if TYPE_CHECKING:
    import pandas as pd

    from dwsynapse.io.detection_errors import DetectionErrors
    from dwsynapse.study import Hardware
    from fitting.device import DeviceModel


class DecidedLoops(NamedTuple):
    """What `loops` finds.

    Parameters
    ----------
    counts
        Rows of field_mT, n_trials, n_passed, n_undecided, for `fit`.
    outcomes
        One row per loop: its fields, outcome and confidence, and why it is undecided.
    detection
        How often outcomes are wrong, for `fit`; None without a calibration set.
    """

    counts: "pd.DataFrame"
    outcomes: "pd.DataFrame"
    detection: "DetectionErrors | None"


@checked
def loops(
    folder: str | Path,
    calibration: str | Path | None = None,
    *,
    detector: Literal["change-point", "derivative"] = "change-point",
    branch: Literal["rising", "falling"] = "rising",
    min_confidence: float = 0.95,
    resolution_mT: float = 0.2,
    tolerance_mT: float = 0.5,
) -> DecidedLoops:
    """Decide Kerr loops: one step of the signal, and the wall passed; two, and it was pinned.

    Parameters
    ----------
    folder
        Folder of raw loops, or a file of them (CSV, NPZ, HDF5).
    calibration
        Folder or file of loops with a column outcome, from which wrong outcomes are counted.
    detector
        Likelihood of one step and of two, or the paper's peaks.
    branch
        How the field changes while the wall is injected.
    min_confidence
        Confidence below which a loop is undecided.
    resolution_mT
        Steps closer than this are one.
    tolerance_mT
        Greatest distance of the first switch from the set field.

    Raises
    ------
    InputError
        Naming the file and place of the first defect, or if no loop is decided.
    """
    from dwsynapse.io.detection_errors import DetectionErrors
    from hardware.kerr_loops.counted_loops import CountedLoops
    from hardware.kerr_loops.outcomes import Rules

    known = None if calibration is None else Path(calibration)
    rules = Rules(detector, branch, min_confidence, resolution_mT, tolerance_mT)
    found = CountedLoops.of(Path(folder), rules, known, confidence=0.95)
    errors = None if known is None else DetectionErrors.of(found.errors or {}, known)
    return DecidedLoops(found.counts, found.outcomes, errors)


@checked
def compare(
    device: "DeviceModel",
    reference: "DeviceModel",
    counts: "pd.DataFrame | str | Path | None" = None,
    reference_counts: "pd.DataFrame | str | Path | None" = None,
    settings: "Hardware | None" = None,
    *,
    confidence: float = 0.95,
) -> dict[str, Any]:
    """Compare the passing curves of two devices, within the calibration of measured fields.

    Parameters
    ----------
    device, reference
        The device models.
    counts, reference_counts
        What they were fitted to, as `fit` takes it: counts are compared where both are given and
        outcomes are not wrong, else curves.
    settings
        Significance, and uncertainty of the fields; None for the defaults.
    confidence
        Confidence of intervals.

    Returns
    -------
    dict
        Content of ``comparison.json``: its `verdict`, each of its `tests`, and the `calibration`
        that would reconcile the two.

    Raises
    ------
    InputError
        Naming the row and column that is wrong in a table; if a device was not fitted to its
        table; or if their drives differ.
    """
    from dwsynapse.study import Hardware
    from fitting.comparison.devices.calibration_prior import CalibrationPrior
    from fitting.comparison.devices.counts_of_device import require_table_of
    from fitting.comparison.devices.devices_compared import BothCounts, compare_devices
    from fitting.counts.laboratory_tables import read_counts

    asked, models = settings or Hardware(), (device, reference)
    prior = CalibrationPrior.between(*models, asked.field_offset_sd_mT, asked.field_scale_sd)
    tables, names = [], tuple(f"the counts of {model.name}" for model in models)
    why = ""
    tables_given = {"counts": counts, "reference_counts": reference_counts}
    for model, (name, given) in zip(models, tables_given.items(), strict=True):
        if given is None:
            why = why or f"no counts of {model.name}"
        elif "false_pass" in model.nuisances:
            why = why or f"outcomes of {model.name} were detected with errors"
        else:
            with as_file(given, "counts.csv") as path:
                tables.append(read_counts(path))
                own_file = isinstance(given, str | Path)
                require_table_of(model, tables[-1], path, name, own_file=own_file)
    both = why or BothCounts((tables[0], tables[1]), (names[0], names[1]))
    content = compare_devices(*models, both, asked.significance, confidence, prior)
    return dict(device.drive.document(content, [model.name for model in models]))
