"""Device models from counts by a fit, or from published parameters."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from dwsynapse.drives import FIELD, Drive, drive_of
from dwsynapse.io.detection_errors import DetectionErrors
from dwsynapse.io.errors import InputError
from dwsynapse.io.limits import MAX_FIELD_MT
from dwsynapse.io.number_format import percent
from dwsynapse.io.progress_bars import progress_bar
from fitting.device import DeviceModel, Source
from fitting.device.content_hash import COUNTS_SHA256, counts_sha256
from fitting.forms import Logistic, PassingCurve
from fitting.goodness.form_selection import compare_forms
from fitting.goodness.goodness_of_fit import goodness_of_fit
from fitting.inference.count_model import Model
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem
from fitting.inference.posterior_draws import posterior_draws
from fitting.settings_of_drive import settings_of_drive

if TYPE_CHECKING:
    from dwsynapse.study import Fitting, PublishedDevice

# Where nucleation affects only the rest of the rise, counts above it do not harm a fit.
RISEN = 0.95
LONG_ROWS = 5000
"""Tables of more rows take long enough to fit that a bar shows the steps."""


def device_from_counts(
    counts: pd.DataFrame,
    settings: "Fitting",
    *,
    name: str,
    source: Source | None,
    seed: int,
    path: str | Path,
    nucleation_field_mT: float | None = None,
    detection: DetectionErrors | None = None,
    provenance: dict[str, Any] | None = None,
) -> DeviceModel:
    """Fit a device model to counts.

    Parameters
    ----------
    counts
        Table of counts (`dwsynapse.io.contracts.COUNTS`), rows in the order of measurement, on
        which only one test of the fit depends.
    settings
        How to fit.
    name, source
        Name of the device and where its counts come from; None: what the table says
        (`fitting.counts.trial_counts.count_trials`), else from a measurement.
    seed
        Seed of the draws and of the simulated tables behind the goodness of fit.
    path
        What an error names as the file.
    nucleation_field_mT
        Field at which a wall appears without injection, if known.
    detection
        How often outcomes were detected wrongly; None: never. The curve is that of the wire.
    provenance
        What the model is made from.

    Returns
    -------
    DeviceModel
        With profile-likelihood intervals, posterior draws and their covariance, tests of the fit
        and a comparison with other forms.

    Raises
    ------
    InputError
        If the counts do not determine a curve, walls nucleate within its rise, or the form does
        not hold for the drive.
    """
    drive = drive_of(counts)
    settings = settings_of_drive(drive, settings)
    _require_field_for_nucleation(drive, nucleation_field_mT)
    model = Model.of(settings, detection)
    problem = FitProblem.of(counts, model)
    steps = progress_bar(
        total=4,
        desc=f"{name}, fit of {len(counts)} rows",
        unit="step",
        disable=len(counts) <= LONG_ROWS,
    )
    with steps, drive.errors():
        fit = fit_curve(problem, settings.confidence, path)
        _require_rise_below_nucleation(
            fit.curve,
            problem.field_range_mT,
            nucleation_field_mT,
            f"{path}: --nucleation-field-mT (nucleation_field_mT of the device)",
        )
        steps.update()
        draws, covariance = posterior_draws(fit, problem, settings.draws, [seed, 0])
        steps.update()
        goodness = goodness_of_fit(fit, problem, settings.simulations, [seed, 1])
        steps.update()
        forms = compare_forms(fit, problem, settings, [seed, 2])
        steps.update()
    device = DeviceModel(
        name=name,
        source=source or counts.attrs.get("source", "measurement"),
        curve=fit.curve,
        intervals=fit.intervals,
        interval_kind=f"{settings.confidence:.0%} profile likelihood (MINOS)",
        confidence=settings.confidence,
        field_range_mT=problem.field_range_mT,
        covariance=covariance,
        draws=draws,
        goodness_of_fit=goodness,
        forms=forms,
        nuisances=fit.nuisances,
        at_cap=model.at_cap(fit.curve.values()),
        nucleation_field_mT=nucleation_field_mT,
        provenance={**(provenance or {}), COUNTS_SHA256: counts_sha256(counts)},
        drive=drive,
    )
    wanted = [device.field_at(p, settings.confidence) for p in settings.fields_at]
    return replace(device, fields_at=wanted)


def device_from_publication(
    published: "PublishedDevice", name: str, provenance: dict[str, Any]
) -> DeviceModel:
    """Return the model of a published curve; its intervals are only the rounding of the digits.

    Raises
    ------
    InputError
        If walls nucleate within the rise of the curve.
    """
    values = published.parameters.model_dump()
    half_units = published.rounding.model_dump()
    curve, nucleation_field_mT = Logistic.of(values), published.nucleation_field_mT
    _require_rise_below_nucleation(
        curve,
        published.field_range_mT,
        nucleation_field_mT,
        f"devices.{name}.nucleation_field_mT",
    )
    return DeviceModel(
        name=name,
        source="published",
        curve=curve,
        intervals={
            key: (round(value - half_units[key], 12), round(value + half_units[key], 12))
            for key, value in values.items()
        },
        interval_kind="rounding of the published digits",
        field_range_mT=published.field_range_mT,
        nucleation_field_mT=nucleation_field_mT,
        provenance={**provenance, "citation": published.citation},
    )


def _require_field_for_nucleation(drive: Drive, nucleation_field_mT: float | None) -> None:
    if nucleation_field_mT is not None and drive is not FIELD:
        raise InputError(
            f"a nucleation field is known, and the walls are driven by a {drive.name}",
            where="--nucleation-field-mT (nucleation_field_mT of the device)",
            remedy="leave it out",
        )


def _require_rise_below_nucleation(
    curve: PassingCurve,
    field_range_mT: tuple[float, float],
    nucleation_field_mT: float | None,
    where: str,
) -> None:
    """Refuse a curve whose rise comes from nucleated walls, which did not pass the notch."""
    low_mT, high_mT = field_range_mT
    if nucleation_field_mT is not None and nucleation_field_mT > MAX_FIELD_MT:
        raise InputError(
            f"{nucleation_field_mT:g} mT is beyond any magnet",
            where=where,
            remedy="give the field in mT",
        )
    if nucleation_field_mT is None or nucleation_field_mT > high_mT:
        return
    risen_mT = float(curve.rise_field_mT(RISEN))
    if nucleation_field_mT > max(low_mT, risen_mT):
        return
    raise InputError(
        f"walls nucleate at {nucleation_field_mT:g} mT, before the curve has risen (to "
        f"{percent(RISEN)} at {risen_mT:.3g} mT), so that walls pass that were never at the notch",
        where=where,
        remedy=f"correct it, or leave out fields from {nucleation_field_mT:g} mT on",
    )
