"""The fast curve against the formulas that it replaces."""

import numpy as np
import pytest

from fitting.forms import FORMS, Logistic
from network.synapses.fast_curve import EXACT, FastCurve

LOW_mT, HIGH_mT = 0.0, 10.0


def fields_mT():
    drawn = np.random.default_rng(0).uniform(LOW_mT, HIGH_mT, (2, 50, 10))
    drawn[0, 0, :2] = LOW_mT, HIGH_mT
    return drawn


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("steepness_per_mT", [2.73, 40.0])
def test_every_form_is_met_to_the_last_digits(form, steepness_per_mT):
    curve = FORMS[form].typical().placed(4.63, steepness_per_mT)
    curve = curve.with_values({"floor": 0.0219, "lapse": 0.01})
    fast = FastCurve(curve, LOW_mT, HIGH_mT)
    assert fast.polynomials is not None
    f, slope = fast(fields_mT())
    # Checked at 13 points of each cell when made; between them the error may be a little larger.
    np.testing.assert_allclose(f, curve.probability(fields_mT()), rtol=0, atol=2 * EXACT)
    np.testing.assert_allclose(
        slope, curve.slope_per_mT(fields_mT()), rtol=0, atol=2e-9 * steepness_per_mT
    )


def test_a_jump_is_left_to_the_formulas():
    curve = Logistic(0.0219, 4.63, 1e7)
    fast = FastCurve(curve, LOW_mT, HIGH_mT)
    assert fast.polynomials is None
    f, slope = fast(fields_mT())
    assert np.array_equal(f, curve.probability(fields_mT()))
    assert np.array_equal(slope, curve.slope_per_mT(fields_mT()))


def test_a_training_that_has_failed_gives_no_number_and_no_crash():
    f, _ = FastCurve(Logistic(0.0219, 4.63, 2.73), LOW_mT, HIGH_mT)(np.array([np.nan, 4.63]))
    assert np.isnan(f[0])
    assert f[1] == pytest.approx(0.0219 + 0.9781 / 2)
