"""Device models made: from counts by a fit, or from published parameters."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from config import Fitting, PublishedDevice
from fitting.device import DeviceModel, Source
from fitting.fit import Interval, fit_curve
from fitting.forms import Logistic
from fitting.goodness import goodness_of_fit
from fitting.posterior import GridPosterior, delta_range_per_mT, grid_posterior

# The grid for draws reaches this many standard deviations to either side.
GRID_REACH_SD = 5


def device_from_counts(
    counts: pd.DataFrame,
    settings: Fitting,
    *,
    name: str,
    source: Source,
    seed: int,
    path: str | Path,
    nucleation_field_mT: float | None = None,
    provenance: dict[str, Any] | None = None,
) -> DeviceModel:
    """Fit a device model to counts.

    Parameters
    ----------
    counts
        Table of counts (`workflow.contracts.COUNTS`).
    settings
        How to fit.
    name, source
        Name of the device and where its counts come from.
    seed
        Seed of the draws and of the simulated tables behind the goodness of fit.
    path
        What an error names as the file.
    nucleation_field_mT
        Field at which a wall appears without injection, if known.
    provenance
        What the model is made from.

    Returns
    -------
    DeviceModel
        With profile-likelihood intervals, and posterior draws and covariance for priors flat in
        floor, h0 and ln Delta.

    Raises
    ------
    InputError
        If the counts do not determine a curve.
    """
    curve, intervals = fit_curve(counts, settings.confidence, path)
    posterior = _posterior_around(curve, intervals, counts, settings.confidence)
    return DeviceModel(
        name=name,
        source=source,
        curve=curve,
        intervals=intervals,
        interval_kind=f"{settings.confidence:.0%} profile likelihood (MINOS)",
        confidence=settings.confidence,
        field_range_mT=(float(counts["field_mT"].min()), float(counts["field_mT"].max())),
        covariance=posterior.covariance(),
        draws=posterior.draws(settings.draws, np.random.default_rng([seed, 0])),
        goodness_of_fit=goodness_of_fit(curve, counts, np.random.default_rng([seed, 1])),
        nucleation_field_mT=nucleation_field_mT,
        provenance=provenance or {},
    )


def device_from_publication(
    published: PublishedDevice, name: str, provenance: dict[str, Any]
) -> DeviceModel:
    """Return the model of a published curve; its intervals are only the rounding of the digits."""
    values = published.parameters.model_dump()
    half_units = published.rounding.model_dump()
    return DeviceModel(
        name=name,
        source="published",
        curve=Logistic.of(values),
        intervals={
            key: (round(value - half_units[key], 12), round(value + half_units[key], 12))
            for key, value in values.items()
        },
        interval_kind="rounding of the published digits",
        field_range_mT=published.field_range_mT,
        nucleation_field_mT=published.nucleation_field_mT,
        provenance={**provenance, "citation": published.citation},
    )


def _posterior_around(
    curve: Logistic, intervals: dict[str, Interval], counts: pd.DataFrame, confidence: float
) -> GridPosterior:
    # The bounds lie about this many standard deviations from the best value.
    reach = GRID_REACH_SD / norm.ppf((1 + confidence) / 2)
    allowed = {
        "floor": (0.0, 1.0),
        "h0_mT": (-np.inf, np.inf),
        "delta_per_mT": delta_range_per_mT(counts),
    }
    ranges = {}
    for name, best in curve.values().items():
        low, high = intervals[name]
        least, most = allowed[name]
        ranges[name] = (
            max(best - reach * (best - low), least),
            min(best + reach * (high - best), most),
        )
    return grid_posterior(counts, **ranges)
