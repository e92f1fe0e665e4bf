"""An independent oracle: psignifit fits the same counts."""

import numpy as np
import pandas as pd
import psignifit
import pytest

from fitting.forms import FORMS
from fitting.inference.count_model import Model
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem

FIELDS_mT = np.linspace(2.0, 8.0, 20)
# Its names of our forms; its Gumbel curve is skewed to the left as ours.
SIGMOIDS = {"logistic": "logistic", "probit": "norm", "cloglog": "gumbel"}


@pytest.mark.filterwarnings("ignore:psignifit:UserWarning")
@pytest.mark.parametrize("form", SIGMOIDS)
def test_psignifit_finds_the_same_curve_and_interval(form):
    template = FORMS[form].typical()
    curve = template.placed(4.63, 1.5).with_values({"floor": 0.03})
    passed = np.random.default_rng(2).binomial(200, curve.probability(FIELDS_mT))
    counts = pd.DataFrame({"field_mT": FIELDS_mT, "n_trials": 200, "n_passed": passed})
    ours = fit_curve(FitProblem.of(counts, Model(template)), 0.95, "counts.csv")
    theirs = psignifit.psignifit(
        counts[["field_mT", "n_passed", "n_trials"]].to_numpy(float),
        experiment_type="yes/no",
        sigmoid=SIGMOIDS[form],
        fixed_parameters={"lambda": 0.0, "eta": 1e-9},
    )
    # The standard error of the curve is about 0.015 on the rise: theirs is a posterior on a grid
    # with other priors, ours a maximum; they differ by less than a third of it.
    difference = theirs.proportion_correct(FIELDS_mT) - ours.curve.probability(FIELDS_mT)
    assert np.abs(difference).max() < 0.005
    # Their threshold is our median.
    low, high = theirs.confidence_intervals["threshold"]["0.95"]
    width = high - low
    centre_mT = float(ours.curve.rise_field_mT(0.5))
    assert low < centre_mT < high
    if form != "cloglog":  # whose h0 is not the median
        ours_low, ours_high = ours.intervals["h0_mT"]
        assert ours_low == pytest.approx(low, abs=0.25 * width)
        assert ours_high == pytest.approx(high, abs=0.25 * width)
