"""From trials and counts to a passing curve, by the fitting room."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dwsynapse.front_door.checked import checked
from dwsynapse.front_door.temporary_files import as_file
from dwsynapse.io.errors import InputError
from dwsynapse.io.limits import DEFAULT_SEED

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from dwsynapse.io.detection_errors import DetectionErrors
    from dwsynapse.study import Fitting, PublishedDevice
    from fitting.device import DeviceModel

FittedSource = Literal["simulation", "measurement"]


@checked
def count(trials: "pd.DataFrame | str | Path") -> "pd.DataFrame":
    """Count the walls that passed.

    Parameters
    ----------
    trials
        Table of trials, as `simulate` returns it, or its file; or of current pulses, counted
        against their current or duration, whichever varies, by whether the wall left its notch.

    Returns
    -------
    DataFrame
        Rows of field_mT (or current_uA, or duration_ns), n_trials, n_passed, n_undecided, in its
        order.

    Raises
    ------
    InputError
        If a replica occurs twice, or too many trials at a field are undecided.
    """
    from fitting.counts.pulse_counts import count_pulses, is_of_pulses
    from fitting.counts.trial_counts import count_trials

    with as_file(trials, "trials.csv") as path:
        return count_pulses([path]) if is_of_pulses(path) else count_trials([path])


@checked
def fit(
    counts: "pd.DataFrame | str | Path",
    settings: "Fitting | None" = None,
    *,
    name: str = "wire",
    source: "FittedSource | None" = None,
    nucleation_field_mT: float | None = None,
    columns: dict[str, str] | None = None,
    detection: "DetectionErrors | str | Path | None" = None,
    seed: int = DEFAULT_SEED,
) -> "DeviceModel":
    """Fit a passing curve to counts, simulated or measured.

    Parameters
    ----------
    counts
        A table or its file (CSV or Excel), with field_mT (or current_uA, or duration_ns), n_trials,
        n_passed; or one trial per row with outcome; and all other tables that
        ``dwsynapse fitting fit`` reads.
    settings
        Form of the curve and how it is fitted; None for the defaults. `Study.fitting_of` gives
        those of a device in a study, with the dwell of its protocol where it is simulated.
    name
        Name of the device.
    source
        Whether the counts were measured or simulated; None: simulated if they are simulated trials.
    nucleation_field_mT
        Field at which a wall appears without injection, if known.
    columns
        Names of columns that are not recognised, as in ``{"field_mT": "B_set"}``.
    detection
        How often outcomes were detected wrongly, as `loops` returns it or as ``detection.json`` of
        ``dwsynapse hardware loops``; None: never.
    seed
        Seed of draws and of the simulated tables for tests of the fit.

    Returns
    -------
    DeviceModel
        The curve with intervals, posterior draws, tests of the fit and a comparison of forms;
        `DeviceModel.write` makes a ``device.json`` of it.

    Raises
    ------
    InputError
        Naming the row and column that is wrong, or if the counts do not determine a curve.
    """
    from dwsynapse.io.detection_errors import DetectionErrors
    from dwsynapse.study import Fitting
    from fitting.counts.laboratory_tables import read_counts
    from fitting.make_device import device_from_counts

    if isinstance(detection, str | Path):
        detection = DetectionErrors.read(detection)
    with as_file(counts, "counts.csv") as path:
        table = read_counts(path, columns)
        return device_from_counts(
            table,
            settings or Fitting(),
            name=name,
            source=source,
            seed=seed,
            path=path,
            nucleation_field_mT=nucleation_field_mT,
            detection=detection,
        )


@checked
def publish(device: "PublishedDevice", name: str) -> "DeviceModel":
    """Return the model of a published curve.

    Parameters
    ----------
    device
        A published device of a study.
    name
        Its name.

    Raises
    ------
    InputError
        If walls nucleate within the rise of the curve.
    """
    from fitting.make_device import device_from_publication

    return device_from_publication(device, name, {})


@checked
def draw_curve(
    device: "DeviceModel",
    counts: "pd.DataFrame | str | Path | None" = None,
    *,
    columns: dict[str, str] | None = None,
) -> "Figure":
    """Draw a passing curve with its band, and the counts that it was fitted to.

    Parameters
    ----------
    device
        The device.
    counts
        Any table that `fit` takes, of the drive of the device; None draws only the curve.
    columns
        Names of columns that are not recognised, as of `fit`.

    Raises
    ------
    InputError
        As of `fit`, or if the counts are against another quantity than the device's curve.
    """
    from dwsynapse.drives import drive_of
    from fitting.counts.laboratory_tables import read_counts
    from fitting.curve_figure import plot_curve

    if counts is None:
        return plot_curve(None, device, None)
    with as_file(counts, "counts.csv") as path:
        table = read_counts(path, columns)
        if (found := drive_of(table)) is not device.drive:
            problem = f"counts against {found.name}, where the curve of the device is of"
            remedy = "give the counts that it was fitted to"
            raise InputError(f"{problem} {device.drive.name}", path=path, remedy=remedy)
    return plot_curve(None, device, table)
