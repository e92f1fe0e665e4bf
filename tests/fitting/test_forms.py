"""Every form of the curve: value, slope, inverse, gradients, and recovery from counts."""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, get_args

import numpy as np
import pandas as pd
import pytest
import torch
from array_api_compat import array_namespace
from scipy.integrate import quad

from dwsynapse.curve_forms import CURVE_FORMS
from dwsynapse.study import Fitting
from fitting.curve_figure import plot_curve
from fitting.device import DeviceModel
from fitting.diagnostic_figures import plot_posterior
from fitting.fit_report import report
from fitting.forms import FORMS, Logistic, PassingCurve
from fitting.forms.depinning import Dwell32, Sweep2, Sweep32
from fitting.inference.count_model import Model
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem
from fitting.make_device import device_from_counts

ROOT = Path(__file__).parents[2]
FIELDS_mT = np.linspace(2, 8, 20)
EVERY_FORM = pytest.mark.parametrize("form", FORMS)


def truth_of(form, lapse=0.0):
    curve = FORMS[form].typical().placed(4.63, 2.73)
    return curve.with_values({"floor": 0.0219, "lapse": lapse})


@EVERY_FORM
def test_slope_is_the_derivative_and_inverse_the_inverse(form):
    curve = truth_of(form, lapse=0.03)
    step = 1e-5
    ahead, behind = (curve.probability(FIELDS_mT + s) for s in (step, -step))
    np.testing.assert_allclose(curve.slope_per_mT(FIELDS_mT), (ahead - behind) / 2e-5, atol=1e-7)
    for p in (0.03, 0.5, 0.96):
        assert curve.probability(np.array(curve.field_mT(p))) == pytest.approx(p, abs=1e-9)
    for p in (0.02, 0.98):
        with pytest.raises(ValueError, match="never reaches"):
            curve.field_mT(p)


@EVERY_FORM
def test_a_number_and_a_list_are_fields_too(form):
    curve = truth_of(form)
    expected = curve.probability(FIELDS_mT)
    assert curve.probability(FIELDS_mT[7]) == pytest.approx(expected[7], rel=1e-14)
    assert curve.probability(FIELDS_mT.tolist()) == pytest.approx(expected, rel=1e-14)
    assert curve.slope_per_mT(5) == pytest.approx(curve.slope_per_mT(np.array([5.0]))[0])


@EVERY_FORM
def test_torch_gives_the_same_values_and_the_slope_as_gradient(form):
    curve = truth_of(form)
    fields = torch.tensor(FIELDS_mT, requires_grad=True)
    values = curve.probability(fields)
    values.sum().backward()
    np.testing.assert_allclose(values.detach(), curve.probability(FIELDS_mT), atol=1e-12)
    np.testing.assert_allclose(fields.grad, curve.slope_per_mT(FIELDS_mT), atol=1e-10)
    np.testing.assert_allclose(
        curve.slope_per_mT(fields).detach(), curve.slope_per_mT(FIELDS_mT), atol=1e-12
    )


@EVERY_FORM
def test_curves_come_in_batches_and_are_finite_far_away(form):
    template = FORMS[form].typical()
    curves = template.placed(np.array([[4.0], [5.0]]), np.array([[1.0], [2.0]]))
    assert curves.probability(FIELDS_mT).shape == (2, 20)
    far = np.array([-1e3, -1.0, 0.0, 1e2, 1e4])
    values = truth_of(form).probability(far)
    assert np.isfinite(values).all()
    assert values[0] == pytest.approx(0.0219, abs=1e-6)
    assert values[-1] == pytest.approx(1)
    assert np.isfinite(truth_of(form).slope_per_mT(far)).all()


@EVERY_FORM
def test_placed_puts_the_median_and_the_slope_where_asked(form):
    # For a sweep only to first order in 1/L, L = 21 kB T here.
    tolerance = 0.03 if form.endswith("sweep") else 1e-9
    curve = FORMS[form].typical().placed(4.63, 2.73)
    at = np.array(4.63)
    assert curve.rise(at) == pytest.approx(0.5, rel=tolerance)
    assert curve.rise_slope_per_mT(at) == pytest.approx(2.73 / 4, rel=tolerance)


@pytest.mark.parametrize("form", [Sweep32, Sweep2])
def test_a_sweep_integrates_the_rate_below_and_above_the_barrier(form):
    curve = form(0.0, 8.0, 6.0, attempt_frequency_Hz=1e3, sweep_mT_per_s=40.0)
    for field_mT in (1.0, 4.0, 5.9, 7.0):
        expected, _ = quad(
            lambda h: float(curve.law.rate_Hz(np.array(h))) / 40.0, 0, field_mT, points=[6.0]
        )
        found = curve.expected_depinnings(np.array(field_mT))
        assert found == pytest.approx(expected, rel=1e-7)


def test_a_dwell_is_the_survival_at_one_rate():
    curve = Dwell32(0.0, 30.0, 20.0, attempt_frequency_Hz=1e9, dwell_s=0.5)
    rate_Hz = 1e9 * np.exp(-30.0 * (1 - 4.0 / 20.0) ** 1.5)
    assert curve.rise(np.array(4.0)) == pytest.approx(1 - np.exp(-0.5 * rate_Hz))


def test_the_logistic_form_is_equation_9():
    # d + (1 - d) / (1 + exp(-Delta (h - h0))) of the published device, by hand at 5 mT.
    expected = 0.0219 + (1 - 0.0219) / (1 + np.exp(-2.73 * (5.0 - 4.63)))
    assert Logistic(0.0219, 4.63, 2.73).probability(np.array(5.0)) == pytest.approx(expected)


@EVERY_FORM
@pytest.mark.parametrize("with_lapse", [False, True])
def test_every_form_is_recovered_from_counts(form, with_lapse):
    # 20 000 trials a field. A parameter leaves an exact interval of 99.99 % once in 10 000 tables;
    # with three or four parameters in 14 cases a change of seed fails once in 200.
    truth = truth_of(form, lapse=0.02 * with_lapse)
    rng = np.random.default_rng(17)
    counts = pd.DataFrame({"field_mT": FIELDS_mT, "n_trials": 20_000})
    counts["n_passed"] = rng.binomial(20_000, truth.probability(FIELDS_mT))
    problem = FitProblem.of(counts, Model(FORMS[form].typical(), with_lapse))
    fit = fit_curve(problem, 0.9999, "counts.csv")
    for name, (low, high) in fit.intervals.items():
        value = getattr(truth, name)
        assert low <= value <= high
        # The intervals are narrow enough to mean something.
        assert high - low < max(0.5 * abs(value), 0.02)


@dataclass(frozen=True)
class Cauchy(PassingCurve):
    """A toy form: s(h) = 1/2 + arctan((h - h0) / width) / pi."""

    h0_mT: Any
    width_mT: Any

    form: ClassVar[str] = "cauchy"
    title: ClassVar[str] = "Cauchy"
    shape: ClassVar[dict[str, str]] = {"h0_mT": "mT", "width_mT": "mT"}

    def rise(self, field_mT):
        z = (field_mT - self.h0_mT) / self.width_mT
        return 0.5 + array_namespace(field_mT).atan(z) / math.pi

    def rise_slope_per_mT(self, field_mT):
        z = (field_mT - self.h0_mT) / self.width_mT
        return 1 / (math.pi * self.width_mT * (1 + z**2))

    def rise_field_mT(self, rise):
        return self.h0_mT + self.width_mT * np.tan(math.pi * (rise - 0.5))

    def placed(self, centre_mT, steepness_per_mT):
        width_mT = 4 / (math.pi * steepness_per_mT)
        return self.with_values({"h0_mT": centre_mT, "width_mT": width_mT})

    @classmethod
    def bounds(cls, flattest_per_mT, steepest_per_mT):
        ends = steepest_per_mT, flattest_per_mT
        return {"width_mT": tuple(4 / (math.pi * end) for end in ends)}


def test_a_form_needs_nothing_but_its_class_and_a_place_in_the_registry(monkeypatch, tmp_path):
    """Fitted, compared with the others, drawn, written and read again."""
    monkeypatch.setitem(FORMS, Cauchy.form, Cauchy)
    truth = Cauchy.typical().placed(4.63, 4.0)
    counts = pd.DataFrame({"field_mT": FIELDS_mT, "n_trials": 500})
    counts["n_passed"] = np.round(500 * truth.probability(FIELDS_mT)).astype(int)
    settings = Fitting(simulations=9, draws=50).model_copy(update={"form": Cauchy.form})
    device = device_from_counts(
        counts, settings, name="toy", source="measurement", seed=1, path="counts.csv"
    )
    # Counts at their expectation, but for rounding: the fit is the truth.
    assert device.curve.values() == pytest.approx(truth.values(), rel=0.02, abs=0.005)
    low, high = device.intervals["width_mT"]
    assert low < truth.width_mT < high
    assert min(device.forms, key=lambda form: form["delta_aic"])["form"] == Cauchy.form
    device.write(tmp_path / "device.json")
    assert DeviceModel.read(tmp_path / "device.json").curve == device.curve
    plot_curve(tmp_path / "curve.svg", device, counts)
    plot_posterior(tmp_path / "posterior.svg", device)
    assert "width_mT" in report(device)


def test_a_form_has_one_name():
    """In the registry, its class and the study."""
    assert list(get_args(Fitting.model_fields["form"].annotation)) == list(FORMS)
    assert [curve.form for curve in FORMS.values()] == list(FORMS) == list(CURVE_FORMS)
    assert [form.name for form in CURVE_FORMS.values()] == list(CURVE_FORMS)


@EVERY_FORM
def test_a_form_says_whether_it_has_a_dwell(form):
    """Otherwise a dwell of less than one attempt would pass for a curve."""
    assert CURVE_FORMS[form].has_dwell == hasattr(FORMS[form].typical(), "dwell_s")


@EVERY_FORM
def test_documents_name_every_form(form):
    assert f"`{form}`" in (ROOT / "docs/fitting.md").read_text()
    names = Fitting.model_fields["form"].description
    assert re.sub("[^a-z].*", "", form) in names.lower()
