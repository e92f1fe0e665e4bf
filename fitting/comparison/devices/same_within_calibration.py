"""Whether two tables of counts show one curve, within the calibration of their fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import chi2
from scipy.stats import f as fisher

from dwsynapse.fit_badge import poor_tests
from dwsynapse.study import Fitting
from dwsynapse.verdicts import Result
from fitting.comparison.devices.calibration_prior import CalibrationPrior
from fitting.comparison.devices.reconciling import Calibration
from fitting.comparison.joint_likelihood import (
    JointFit,
    Pair,
    Parts,
    Problems,
    effective_columns,
    joint_fit,
    parameter_limits,
)
from fitting.comparison.likelihood_ratio import stack
from fitting.comparison.shared_curve import MAX_RESCALED, calibrated, shared_start
from fitting.comparison.table_comparison import with_pooled_correlation
from fitting.device import DeviceModel
from fitting.goodness.goodness_of_fit import residuals
from fitting.inference.count_model import Model
from fitting.inference.fisher_scoring import fit_many
from fitting.inference.fit import Fit, fit_curve
from fitting.inference.fit_problem import FitProblem
from fitting.inference.likelihood import log_likelihood
from fitting.inference.overdispersion import held_confidence, spare_rows

# A common curve is searched from these calibrations: exact ones, and those that the curves ask for.
STARTS: tuple[tuple[str, ...], ...] = ((), ("offset_mT",), ("offset_mT", "scale"))
# Of a search, in mT and in ln(scale).
FIRST_STEP = 0.01


def common_settings(device: DeviceModel, reference: DeviceModel, confidence: float) -> Fitting:
    """Return how counts of two devices are fitted by one model: as the first one's were.

    A floor or lapse is fitted if it was for one of them, and counts scatter more than binomially
    if they did for one of them.
    """
    models = device, reference
    overdispersed = any("correlation" in model.nuisances for model in models)
    lapse = any("lapse" in model.intervals for model in models)
    floors = {model.intervals["floor"] for model in models}
    (low, high), *others = floors
    given = low if not others and low == high else None
    asked = {
        "form": device.curve.form,
        "floor": given,
        "lapse": lapse,
        "counts_vary": "beta-binomial" if overdispersed else "binomial",
        "confidence": confidence,
    }
    return Fitting.model_validate(asked | device.curve.constants())


@dataclass(frozen=True)
class CountsCompared:
    """What the counts of two devices say of their curves.

    Parameters
    ----------
    test
        The test whether they are one, within the calibration.
    calibration
        The offset, and offset and scale, with which one curve is likeliest, of whatever size:
        ``offset`` with offset_mT, and ``offset_and_scale`` with offset_mT and scale.
    """

    test: Result
    calibration: dict[str, Calibration]


def same_within_calibration(
    counts: tuple[pd.DataFrame, pd.DataFrame],
    paths: tuple[str | Path, str | Path],
    models: tuple[DeviceModel, DeviceModel],
    settings: Fitting,
    prior: CalibrationPrior,
) -> CountsCompared:
    """Test whether one curve describes both tables, after a calibration that is not known exactly.

    The likelihood of a common curve, times the density of the calibration, against that of separate
    curves: chi-square with as many degrees of freedom as a curve has parameters, since a linear
    calibration that is normal only adds to the variance of their differences. Where counts scatter
    more than the curves explain, by the fit's correlation of trials or by tests that reject a fit,
    the ratio is divided by that scatter and Fisher's F distribution replaces chi-square.

    Parameters
    ----------
    counts
        Tables of the device and of the reference (`dwsynapse.io.contracts.COUNTS`).
    paths
        What an error names as the file of each.
    models
        Their device models, which tests may reject.
    settings
        How the tables are fitted.
    prior
        What is known of the calibration.
    """
    model = Model.of(settings)
    a, b = (FitProblem.of(table, model) for table in counts)
    problems = a, b
    found = tuple(
        fit_curve(problem, settings.confidence, path)
        for problem, path in zip(problems, paths, strict=True)
    )
    fits = with_pooled_correlation(problems, (found[0], found[1]))
    pair = effective_columns(problems, fits)
    separate, scatter = _separate(problems, fits, pair)
    values, common = _common(problems, fits, pair, prior)
    ratio = _Ratio(separate)
    if model.overdispersed or any(poor_tests(m.goodness_of_fit) for m in models):
        spare = max(spare_rows(problems), 1)
        # Correlated counts are weighted by their scatter already.
        ratio = _Ratio(separate, 1.0 if model.overdispersed else max(scatter / spare, 1.0), spare)
    freedom = model.n_fitted
    statistic, p_value = ratio.tested(common, freedom)
    test = Result(
        test="same curve",
        statistic=statistic,
        statistic_meaning="likelihood ratio of one curve for both tables of counts, within the "
        "calibration of their fields, against two",
        p_value=p_value,
        p_value_method=ratio.method(freedom),
        effect_size=values["offset_mT"],
        effect_meaning="offset of the fields that is likeliest with one curve, in mT",
        n=int(sum(table["n_trials"].sum() for table in counts)),
        details={name: values[name] for name in ("offset_mT", "scale")},
    )
    return CountsCompared(test, _reconciling(problems, fits, pair, ratio, settings.confidence))


def _reconciling(
    problems: Problems, fits: tuple[Fit, Fit], pair: Pair, ratio: "_Ratio", confidence: float
) -> dict[str, Calibration]:
    """Return the likeliest calibrations, with profile-likelihood intervals."""
    adjusted = held_confidence(confidence, problems)
    found = {}
    for free in STARTS[1:]:
        joint = _likeliest(problems, fits, pair, free, CalibrationPrior())
        _, p_value = ratio.tested(-joint.fval, problems[0].model.n_fitted - len(free))
        estimates = {name: joint.estimate(name, adjusted) for name in free}
        kind = "_and_".join(name.removesuffix("_mT") for name in free)
        found[kind] = Calibration(estimates, p_value)
    return found


@dataclass(frozen=True)
class _Ratio:
    """The likelihood ratio of one curve against separate ones.

    Parameters
    ----------
    separate
        Log-likelihood of separate curves.
    scatter
        Variance of the counts over the binomial one.
    spare
        Degrees of freedom from which that is known; None where it is 1.
    """

    separate: float
    scatter: float = 1.0
    spare: int | None = None

    def tested(self, common: float, freedom: int) -> tuple[float, float]:
        """Return the statistic and p-value of a log-likelihood of one curve."""
        statistic = max(2 * (self.separate - common), 0.0) / self.scatter
        if freedom <= 0:
            return statistic, 1.0
        if self.spare is None:
            return statistic, float(chi2.sf(statistic, freedom))
        return statistic, float(fisher.sf(statistic / freedom, freedom, self.spare))

    def method(self, freedom: int) -> str:
        """Return how the p-value is found."""
        if self.spare is None:
            return f"chi-square, {freedom} degrees of freedom"
        return f"F, {freedom} and {self.spare} degrees of freedom: counts scatter more"


def _separate(problems: Problems, fits: Sequence[Fit], pair: Pair) -> tuple[float, float]:
    """Return the log-likelihood of separate curves, and the squares of their residuals."""
    logs, squares = 0.0, 0.0
    for problem, fit, columns in zip(problems, fits, pair, strict=True):
        table = columns._replace(n_passed=columns.n_passed[None])
        of_curve = problem.coordinates
        points = fit_many(
            of_curve, table, of_curve.point(fit.curve), problem.steepness_range_per_mT
        )
        logs += float(log_likelihood(of_curve.curve(points), table)[0])
        squares += float((residuals(of_curve.curve(points), table) ** 2).sum())
    return logs, squares


def _common(
    problems: Problems, fits: tuple[Fit, Fit], pair: Pair, prior: CalibrationPrior
) -> tuple[dict[str, float], float]:
    """Return the likeliest curve and calibration of both tables, and their log-likelihood."""
    sds = {"offset_mT": prior.offset_sd_mT, "scale": prior.scale_sd}
    free = tuple(name for name, sd in sds.items() if sd)
    best = _likeliest(problems, fits, pair, free, prior)
    return best.values, -best.fval


def _likeliest(
    problems: Problems,
    fits: tuple[Fit, Fit],
    pair: Pair,
    free: tuple[str, ...],
    prior: CalibrationPrior,
) -> JointFit:
    """Return the fit of one curve to both tables, with these parameters of the calibration free."""
    model, columns = problems[0].model, stack(*pair)
    of_b = np.repeat([False, True], [len(problem.columns.n_trials) for problem in problems])

    def parts(values: dict[str, float]) -> Parts:
        return [(calibrated(values, of_b, model), columns)]

    joints = [
        joint_fit(
            parts,
            shared_start(problems, fits, start),
            {**parameter_limits(problems), "scale": (1 / MAX_RESCALED, MAX_RESCALED)},
            held=[name for name in STARTS[-1] if name not in free],
            steps=dict.fromkeys(free, FIRST_STEP),
            away=lambda values: prior.away(values["offset_mT"], values["scale"]),
        )
        for start in STARTS
        if set(start) <= set(free)
    ]
    return min(joints, key=lambda joint: joint.fval)
