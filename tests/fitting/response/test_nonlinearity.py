"""Nonlinearity: the labels of NeuroSim's table, fits that recover a curve, published values."""

from pathlib import Path

import numpy as np
import pytest

from fitting.response.inputs.crosssim_tables import read_crosssim
from fitting.response.statistics.nonlinearity import expected_ramp, fitted_curvature, label, rise

DATA = Path(__file__).parents[2] / "data/response"
NEUROSIM = {0.01: 126.268958, 0.1: 12.625807, 0.5: 2.519877, 1.0: 1.251653, 9.0: 0.022810}
"""Labels and normalised A of the table that comes with NeuroSim, rounded to six decimals."""


@pytest.mark.parametrize("wanted", NEUROSIM)
def test_labels_are_those_of_neurosim(wanted):
    # Six decimals of A = 0.02281 leave five digits.
    assert label(1 / NEUROSIM[wanted]) == pytest.approx(wanted, rel=2e-5)
    assert label(-1 / NEUROSIM[wanted]) == pytest.approx(-wanted, rel=2e-5)


def test_labels_are_continuous_through_a_straight_ramp():
    curvatures = np.array([-2e-6, -1e-6, -1e-7, 0, 1e-7, 1e-6, 2e-6])
    # A tenth of a percent: differences of nearly equal numbers.
    assert label(curvatures) == pytest.approx(10 / 0.7 / np.sqrt(2) * curvatures / 8, rel=1e-3)
    x = np.linspace(0, 1, 11)
    assert rise(x, 0) == pytest.approx(x)
    assert rise(x, 3) + rise(1 - x, -3) == pytest.approx(1)


@pytest.mark.parametrize("curvature", [-600.0, -3, -0.1, 0, 0.002, 1, 20])
def test_fits_recover_a_curve(curvature):
    x = np.linspace(0, 1, 2000)
    found = fitted_curvature(x, np.stack([rise(x, curvature), x]))
    assert found[0] == pytest.approx(curvature, rel=1e-4, abs=1e-5)
    assert found[1] == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("direction", [1, -1])
def test_mean_steps_of_an_exponential_give_its_ramp(direction):
    # dG/dP of the exponential falls linearly with G.
    g = np.linspace(0, 1, 2001)
    saturating = 1 / -np.expm1(-2.0) - g
    pulses, shares = expected_ramp(1e-5 + 1e-4 * g, direction * 1e-6 * saturating)
    assert fitted_curvature(pulses, shares) == pytest.approx(2, rel=1e-4)


def test_no_ramp_passes_where_the_mean_step_turns():
    g = np.linspace(1, 2, 5)
    pulses, _ = expected_ramp(g, np.array([[0.1, 0.1, -0.01, 0.1, 0.1], [-0.1] * 5]))
    assert np.isnan(pulses[0]).all()
    assert pulses[1] == pytest.approx(np.linspace(0, 1, 5))


WHOLE_TABLES = {"STT": (0.014, -0.060), "SOT": (0.77, -0.87)}
"""Of the published tables; their paper says +0.07/-0.15 and +0.80/-0.81."""


@pytest.mark.parametrize("mechanism", WHOLE_TABLES)
def test_extracts_of_published_tables_have_about_their_nonlinearity(mechanism):
    table, _ = read_crosssim(DATA / f"DWMTJ_{mechanism}_300K_dG_increasing0.txt")
    inside = slice(5, -5)  # of 101 bins
    for way, wanted in zip((1, -1), WHOLE_TABLES[mechanism], strict=True):
        means_S = table.mean_S(way)
        pulses, shares = expected_ramp(table.conductances_S, means_S)
        # Every fifth bin is noisier than all; the label hangs on the outermost ones.
        assert label(fitted_curvature(pulses, shares)) == pytest.approx(wanted, abs=0.1)
        pulses, shares = expected_ramp(table.conductances_S[inside], means_S[inside])
        assert abs(label(fitted_curvature(pulses, shares))) < 0.1
