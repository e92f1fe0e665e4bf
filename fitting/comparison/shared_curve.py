"""One curve for two tables of counts, after a calibration of one field axis to the other."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.number_format import MIN_P_VALUE
from fitting.comparison.calibrated_curve import MAX_RESCALED, CalibratedCurve
from fitting.comparison.joint_likelihood import (
    Estimate,
    JointFit,
    Limits,
    Parts,
    Problems,
    effective_columns,
    joint_fit,
    parameter_limits,
    with_correlation,
)
from fitting.comparison.likelihood_ratio import likelihood_ratios, stack
from fitting.forms import PassingCurve
from fitting.goodness.bootstrap import bootstrap_p
from fitting.inference.count_model import Model
from fitting.inference.distributions import chi2_sf
from fitting.inference.fit import Fit, starting_curve
from fitting.inference.fit_problem import FitProblem
from fitting.inference.overdispersion import moment_correlation, spare_rows

CALIBRATION_UNITS = {"offset_mT": "mT", "scale": "1"}


@dataclass(frozen=True)
class SharedCurve:
    """One curve for both tables, after a calibration h_B = offset + scale h_A of the fields.

    Parameters
    ----------
    curve
        The common curve, over the fields of A.
    calibration
        offset_mT and scale; a fixed one has its value as both bounds.
    free
        Names of those that were fitted.
    statistic
        Likelihood-ratio statistic of the common curve against two separate ones.
    degrees_of_freedom
        How many more parameters the separate curves have.
    p_value
        Share of tables drawn from the common curve with as large a statistic (parametric
        bootstrap).
    p_value_chi2
        The same by Wilks' theorem, which fails for a floor at zero or few trials.
    simulations
        Pairs of tables drawn.
    """

    curve: PassingCurve
    calibration: dict[str, Estimate]
    free: tuple[str, ...]
    statistic: float
    degrees_of_freedom: int
    p_value: float
    p_value_chi2: float
    simulations: int


def shared_curve(
    problems: Problems,
    fits: tuple[Fit, Fit],
    free: tuple[str, ...],
    confidence: float,
    rng: np.random.Generator,
    simulations: int,
) -> SharedCurve:
    """Fit one curve to both tables, h_B = offset + scale h_A, and test it against separate ones.

    Parameters
    ----------
    problems
        Counts of A and B, of one model.
    fits
        The fits of each; counts found to be correlated are weighted by their effective number of
        independent trials.
    free
        Which of offset_mT and scale are fitted; others stay at 0 mT and 1.
    confidence
        Confidence of the intervals.
    rng
        Source of the tables drawn from the common curve, whose refits give the p-value.
    simulations
        How many pairs of tables are drawn.
    """
    model = problems[0].model
    limits = parameter_limits(problems)
    columns = stack(*effective_columns(problems, fits))
    of_b = np.repeat([False, True], [len(problem.columns.n_trials) for problem in problems])

    def parts(values: dict[str, float]) -> Parts:
        return [(calibrated(values, of_b, model), columns)]

    # Curves of very different steepness leave several maxima: the search starts from less free
    # calibrations as well.
    starts = [shared_start(problems, fits, free[:n]) for n in range(len(free) + 1)]
    found = [_shared_fit(parts, start, limits, free) for start in starts]
    best = min(found, key=lambda fit: fit.fval)
    common = calibrated(best.values, of_b, model)
    degrees_of_freedom = model.n_fitted - len(free)
    if model.overdispersed:
        # Tables are drawn with the scatter about the common curve, which is what the test assumes.
        spare = spare_rows(problems) + degrees_of_freedom
        whole = stack(*(problem.columns for problem in problems))
        fits = with_correlation(fits, moment_correlation([(common, whole)], spare))
    statistic, ratios = likelihood_ratios(problems, fits, common, free, rng, simulations)
    return SharedCurve(
        curve=common.curve,
        calibration=_calibration(best, parts, limits, common, confidence),
        free=free,
        statistic=statistic,
        degrees_of_freedom=degrees_of_freedom,
        p_value=bootstrap_p(ratios),
        p_value_chi2=_p_value_chi2(statistic, degrees_of_freedom),
        simulations=simulations,
    )


def _p_value_chi2(ratios: float, degrees_of_freedom: int) -> float:
    # A common curve as free as separate ones differs only by rounding.
    p = 1.0 if degrees_of_freedom == 0 else float(chi2_sf(ratios, degrees_of_freedom))
    return max(p, MIN_P_VALUE)


def calibrated(values: dict[str, float], of_b: NDArray[np.bool_], model: Model) -> CalibratedCurve:
    """Return the curve and the calibration with these values, for rows of A and B."""
    curve = model.template.with_values({name: values[name] for name in model.names})
    return CalibratedCurve(curve, values["offset_mT"], values["scale"], of_b)


def _shared_fit(
    parts: Callable[[dict[str, float]], Parts],
    start: dict[str, float],
    limits: Limits,
    free: tuple[str, ...],
) -> JointFit:
    """Return the fit of one curve, and of the free part of the calibration, to both tables."""
    scale = start["scale"]
    return joint_fit(
        parts,
        start,
        {**limits, "scale": (scale / MAX_RESCALED, scale * MAX_RESCALED)},
        held=[name for name in CALIBRATION_UNITS if name not in free],
    )


def _calibration(
    best: JointFit,
    parts: Callable[[dict[str, float]], Parts],
    limits: Limits,
    common: CalibratedCurve,
    confidence: float,
) -> dict[str, Estimate]:
    """Return offset and scale with their intervals.

    Where both are fitted, one of them is searched together with the field of B at which half of the
    rise is: about zero field the two vary together, and searches lose the rise.
    """
    values = best.values
    centre_mT = float(common.curve.rise_field_mT(0.5))
    turns_mT = values["offset_mT"] + values["scale"] * centre_mT
    if any(best.minuit.fixed[name] for name in CALIBRATION_UNITS) or centre_mT <= 0:
        return {name: best.estimate(name, confidence) for name in CALIBRATION_UNITS}

    def estimate(name: str) -> Estimate:
        def turned(found: dict[str, float]) -> Parts:
            if name == "scale":
                scale = found["scale"]
            else:
                scale = max((found["turns_mT"] - found["offset_mT"]) / centre_mT, scales[0])
            offset_mT = found["turns_mT"] - scale * centre_mT
            return parts({**found, "offset_mT": offset_mT, "scale": scale})

        start = {n: v for n, v in values.items() if n not in CALIBRATION_UNITS}
        start |= {"turns_mT": turns_mT, name: values[name]}
        return joint_fit(turned, start, {**limits, name: ends[name]}).estimate(name, confidence)

    scales = values["scale"] / MAX_RESCALED, values["scale"] * MAX_RESCALED
    low_mT, high_mT = (turns_mT - scale * centre_mT for scale in reversed(scales))
    ends = {"offset_mT": (low_mT, high_mT), "scale": scales}
    return {name: estimate(name) for name in CALIBRATION_UNITS}


def shared_start(
    problems: Problems, fits: tuple[Fit, Fit], free: tuple[str, ...]
) -> dict[str, float]:
    """Return the calibration that maps the rise of A onto that of B, and a curve for both."""
    a, b = ([float(fit.curve.rise_field_mT(rise)) for rise in (0.25, 0.5, 0.75)] for fit in fits)
    scale = (b[2] - b[0]) / (a[2] - a[0]) if "scale" in free else 1.0
    offset_mT = b[1] - scale * a[1] if "offset_mT" in free else 0.0
    of_a, of_b = (problem.columns for problem in problems)
    moved = of_b._replace(field_mT=(of_b.field_mT - offset_mT) / scale)
    model = problems[0].model
    curve = starting_curve(FitProblem(stack(of_a, moved), model))
    return {
        **{name: getattr(curve, name) for name in model.names},
        "offset_mT": offset_mT,
        "scale": scale,
    }
