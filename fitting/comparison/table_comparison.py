"""Two tables of counts compared: how their curves differ, and what would reconcile them.

Both curves are fitted in one joint binomial likelihood, so that a difference, or a calibration of
one field axis to the other, is a parameter of it and has a profile-likelihood interval, also
an asymmetric one. Correlated counts are weighted by their effective number of independent trials
(`fitting.goodness.bootstrap.effective`).
"""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dwsynapse.drives import Drive, drive_of, of_field
from dwsynapse.fit_badge import fit_badge
from dwsynapse.io.number_format import DIFFERENT, NOT_DISTINGUISHED, least_p_value, p_value, within
from dwsynapse.study import Fitting
from fitting.comparison.joint_likelihood import (
    Estimate,
    Parts,
    Problems,
    effective_columns,
    joint_fit,
    parameter_limits,
    with_correlation,
)
from fitting.comparison.shared_curve import CALIBRATION_UNITS, SharedCurve, shared_curve
from fitting.goodness.goodness_of_fit import goodness_of_fit
from fitting.inference.count_model import Model
from fitting.inference.fisher_scoring import Range
from fitting.inference.fit import Fit, Interval, fit_curve
from fitting.inference.fit_problem import FitProblem
from fitting.inference.overdispersion import held_confidence, moment_correlation, spare_rows
from fitting.settings_of_drive import common_drive, settings_of_drive

__all__ = [
    "Comparison",
    "compare_counts",
    "comparison_content",
    "differences",
    "joint_fit",
    "summary",
]

KIND, VERSION = "curve-comparison", 1
# First steps of a search: this share of a curve's width 1/Delta, or of a value, but no less of one.
FIRST_STEP, MIN_STEP = 0.1, 0.01
CALIBRATIONS: tuple[tuple[str, ...], ...] = ((), ("offset_mT",), ("offset_mT", "scale"))


@dataclass(frozen=True)
class Comparison:
    """The comparison of two tables of counts.

    Parameters
    ----------
    fits
        The separate fits of A and of B.
    differences
        Parameters of B minus those of A.
    shared
        A common curve with no calibration, with an offset, and with offset and scale.
    confidence
        Confidence of all intervals.
    goodness
        Tests of the separate fits of A and of B
        (`fitting.goodness.goodness_of_fit.goodness_of_fit`).
    drive
        What the curves are against; names say a field, in its unit.
    """

    fits: tuple[Fit, Fit]
    differences: dict[str, Estimate]
    shared: tuple[SharedCurve, ...]
    confidence: float
    goodness: tuple[dict[str, Any], dict[str, Any]]
    drive: Drive


def compare_counts(
    a: pd.DataFrame,
    b: pd.DataFrame,
    paths: tuple[str | Path, str | Path],
    settings: Fitting,
    seed: int,
) -> Comparison:
    """Compare two tables of counts.

    The trials of the two tables are taken as independent. Simulated tables of one seed are not
    quite, since equal replicas have the same noise.

    Parameters
    ----------
    a, b
        Tables of counts (`dwsynapse.io.contracts.COUNTS`), rows in the order of measurement, on
        which only one test of the fits depends.
    paths
        What an error names as the file of each.
    settings
        How to fit. A calibration offset, taken to be the same for both tables, cancels.
    seed
        Seed of the tables drawn for the p-values.

    Raises
    ------
    InputError
        If one of the tables does not determine a curve, naming its file; or their drives differ.
    """
    drive = common_drive([drive_of(a), drive_of(b)], [str(path) for path in paths])
    settings = settings_of_drive(drive, settings)
    model = replace(Model.of(settings), offset_sd_mT=0.0)
    problems = FitProblem.of(a, model), FitProblem.of(b, model)
    with drive.errors():
        return _compared(problems, paths, settings, seed)


def _compared(
    problems: Problems, paths: tuple[str | Path, str | Path], settings: Fitting, seed: int
) -> Comparison:
    fits = (
        fit_curve(problems[0], settings.confidence, paths[0]),
        fit_curve(problems[1], settings.confidence, paths[1]),
    )
    pooled = with_pooled_correlation(problems, fits)
    tested_a, tested_b = (
        goodness_of_fit(fit, problem, settings.simulations, [seed, len(CALIBRATIONS) + i])
        for i, (fit, problem) in enumerate(zip(fits, problems, strict=True))
    )
    return Comparison(
        fits=fits,
        differences={
            name: _open(found, *(fit.intervals[name] for fit in fits))
            for name, found in differences(problems, pooled, settings.confidence).items()
        },
        shared=tuple(
            shared_curve(
                problems,
                pooled,
                free,
                settings.confidence,
                np.random.default_rng([seed, i]),
                settings.simulations,
            )
            for i, free in enumerate(CALIBRATIONS)
        ),
        confidence=settings.confidence,
        goodness=(tested_a, tested_b),
        drive=problems[0].drive,
    )


def with_pooled_correlation(problems: Problems, fits: tuple[Fit, Fit]) -> tuple[Fit, Fit]:
    """Return the fits with one correlation of trials for both tables, where any is assumed."""
    if not problems[0].model.overdispersed:
        return fits
    parts = [(fit.curve, problem.columns) for fit, problem in zip(fits, problems, strict=True)]
    return with_correlation(fits, moment_correlation(parts, spare_rows(problems)))


def differences(
    problems: Problems, fits: tuple[Fit, Fit], confidence: float
) -> dict[str, Estimate]:
    """Return the parameters of B minus those of A, with profile-likelihood intervals.

    Parameters
    ----------
    problems
        Counts of A and B, of one model.
    fits
        The fits of each.
    confidence
        Confidence of the intervals.
    """
    a, b = (fit.curve.values() for fit in fits)
    ranges = parameter_limits(problems)
    columns = effective_columns(problems, fits)

    def parts(values: dict[str, float]) -> Parts:
        pairs = {n: _apart(values[n], values[f"{n} B - A"], ranges[n]) for n in ranges}
        return [
            (fit.curve.with_values({name: pair[i] for name, pair in pairs.items()}), columns[i])
            for i, fit in enumerate(fits)
        ]

    width_mT = max(1 / np.exp(problems[0].coordinates.point(fit.curve)[2]) for fit in fits)
    start: dict[str, float] = {}
    limits: dict[str, Range] = {}
    steps: dict[str, float] = {}
    for name, (low, high) in ranges.items():
        apart = f"{name} B - A"
        start |= {name: _place(a[name], b[name], (low, high)), apart: b[name] - a[name]}
        limits |= {name: _place_limits((low, high)), apart: (low - high, high - low)}
        if _is_free((low, high)):
            steps |= dict.fromkeys((name, apart), FIRST_STEP * width_mT)
        else:
            steps[apart] = FIRST_STEP * max(a[name], b[name], MIN_STEP)
    joint = joint_fit(parts, start, limits, steps=steps)
    adjusted = held_confidence(confidence, problems)
    found = {name: joint.estimate(f"{name} B - A", adjusted) for name in ranges}
    if problems[0].model.overdispersed:
        # The separate fits have correlations of their own, and so other differences.
        return found
    return {name: _about(b[name] - a[name], found[name]) for name in ranges}


def _about(value: float, found: Estimate) -> Estimate:
    """Return an interval that contains the difference of the separate fits, the likeliest there is.

    Where tables separate the outcomes, the joint search may end elsewhere on a flat likelihood.
    """
    low = None if found.low is None else min(found.low, value)
    high = None if found.high is None else max(found.high, value)
    return Estimate(value, low, high)


def _apart(place: float, difference: float, limits: Range) -> Range:
    """Return two values with a given difference, always within their limits.

    The place is their mean where they are free; with a lower limit alone it is the lower value; and
    with both limits the share of its way from the lower limit (by logarithms where that is
    positive) to where the upper value would meet the upper limit.
    """
    if _is_free(limits):
        return place - difference / 2, place + difference / 2
    low, high = limits
    top = max(high - abs(difference), low)
    if top == math.inf:
        lower = place
    elif low > 0:
        lower = low * (top / low) ** place
    else:
        lower = low + (top - low) * place
    return lower + max(-difference, 0.0), lower + max(difference, 0.0)


def _place(a: float, b: float, limits: Range) -> float:
    """Return the place of two values, of which `_apart` makes them again."""
    if _is_free(limits):
        return (a + b) / 2
    low, high = limits
    lower, top = min(a, b), high - abs(b - a)
    if top == math.inf:
        return lower
    if top <= low:
        return 0.0
    return math.log(lower / low) / math.log(top / low) if low > 0 else (lower - low) / (top - low)


def _place_limits(limits: Range) -> Range:
    low, high = limits
    if low == high:
        return 0.0, 0.0
    return limits if math.isinf(high) else (0.0, 1.0)


def _is_free(limits: Range) -> bool:
    return limits[0] == -math.inf


def _open(found: Estimate, of_a: Interval, of_b: Interval) -> Estimate:
    """Return the interval of a difference, open where that of A or B is.

    A difference is searched up to that of the ends of a range, where only one likelihood is flat.
    """
    low = None if of_a[1] is None or of_b[0] is None else found.low
    high = None if of_b[1] is None or of_a[0] is None else found.high
    return found._replace(low=low, high=high)


def comparison_content(
    comparison: Comparison,
    names: tuple[str, str],
    tables: tuple[pd.DataFrame, pd.DataFrame],
    provenance: dict[str, Any],
) -> dict[str, Any]:
    """Return the content of ``curves.json``."""
    curve = comparison.fits[0].curve
    units = curve.units()
    fits = {}
    for i, (side, fit) in enumerate(zip("AB", comparison.fits, strict=True)):
        values, bounds = fit.curve.values(), fit.intervals
        fits[side] = {
            "name": names[i],
            "n_fields": int(of_field(tables[i])["field_mT"].nunique()),
            "n_trials": int(tables[i]["n_trials"].sum()),
            "parameters": {
                n: _with_unit(Estimate(values[n], *bounds[n]), units[n]) for n in bounds
            },
            "fit_badge": fit_badge(comparison.goodness[i]),
            "goodness_of_fit": comparison.goodness[i],
            "nuisances": {n: Estimate(*found)._asdict() for n, found in fit.nuisances.items()},
        }
    content = {
        "form": curve.form,
        "constants": curve.constants(),
        "confidence": comparison.confidence,
        "interval_kind": f"{comparison.confidence:.0%} profile likelihood (MINOS)",
        "fits": fits,
        "differences_meaning": "B minus A",
        "differences": {
            n: _with_unit(e, units[n]) | {"verdict": verdict(comparison, n)}
            for n, e in comparison.differences.items()
        },
        "shared_meaning": "one curve over the fields of A; h_B = offset_mT + scale h_A",
        "shared": [
            {
                "fitted": list(shared.free),
                "calibration": {
                    n: _with_unit(e, CALIBRATION_UNITS[n]) for n, e in shared.calibration.items()
                },
                "curve": shared.curve.values(),
                "likelihood_ratio": shared.statistic,
                "degrees_of_freedom": shared.degrees_of_freedom,
                "p_value": shared.p_value,
                "p_value_method": "parametric bootstrap under the common curve",
                "bootstrap_simulations": shared.simulations,
                "p_value_chi2": shared.p_value_chi2,
            }
            for shared in comparison.shared
        ],
        "provenance": provenance,
    }
    return dict(comparison.drive.document(content, names))


def verdict(comparison: Comparison, name: str) -> str:
    """Return whether a difference is significant by its interval, and else how large it can be.

    As in ``not distinguished, within 0.12 mT``; ``given`` for what is fixed in both fits.
    """
    _, low, high = comparison.differences[name]
    ends = [fit.intervals[name] for fit in comparison.fits]
    if all(least is not None and least == most for least, most in ends):
        return "given"
    if (low is not None and low > 0) or (high is not None and high < 0):
        return DIFFERENT
    unit = comparison.fits[0].curve.units()[name]
    return f"{NOT_DISTINGUISHED}, {within(low, high, unit)}"


def _with_unit(estimate: Estimate, unit: str) -> dict[str, Any]:
    return {**estimate._asdict(), "unit": unit}


def summary(comparison: Comparison, names: tuple[str, str]) -> str:
    """Return the comparison in a few lines to print."""
    a, b = names
    curve = comparison.fits[0].curve
    units = curve.units()
    lines = [curve.title]
    for name, goodness in zip(names, comparison.goodness, strict=True):
        if badge := fit_badge(goodness):
            lines.append(f"{name}: {badge}: intervals and p-values below are too small")
    lines += [f"  {name} {value:g} (given)" for name, value in curve.constants().items()]
    lines += [f"{b} minus {a}, {comparison.confidence:.0%} profile-likelihood intervals:"]
    lines += [
        f"{_line(n, e, units[n])}: {verdict(comparison, n)}"
        for n, e in comparison.differences.items()
    ]
    for shared in comparison.shared:
        rejected = shared.p_value <= 1 - comparison.confidence
        after = " and ".join(name.removesuffix("_mT") for name in shared.free)
        lines.append(
            f"one curve{after and f', after {after}'}: "
            f"{p_value(shared.p_value, least_p_value(shared.simulations))} "
            f"(bootstrap of {shared.simulations}), {p_value(shared.p_value_chi2)} (chi-square, "
            f"likelihood ratio {shared.statistic:.2f}, {shared.degrees_of_freedom} d.o.f.)"
            f"{'' if rejected else _left_open(shared)}"
        )
        lines += [_line(n, shared.calibration[n], CALIBRATION_UNITS[n]) for n in shared.free]
    lines.append(f"(calibration: field of {b} = offset + scale x field of {a})")
    return comparison.drive.said("\n".join(lines), names)


def _left_open(shared: SharedCurve) -> str:
    """Return which intervals bound the difference where a common curve is not rejected."""
    what = f"the interval{'s' * (len(shared.free) != 1)} {'below' if shared.free else 'above'}"
    return f": {NOT_DISTINGUISHED}, within {what}"


def _line(name: str, estimate: Estimate, unit: str) -> str:
    low, high = (
        "unbounded" if bound is None else f"{bound:.4g}" for bound in (estimate.low, estimate.high)
    )
    return f"  {name}: {estimate.value:.4g} [{low}, {high}]{'' if unit == '1' else f' {unit}'}"
