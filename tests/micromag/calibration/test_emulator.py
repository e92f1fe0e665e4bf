"""The emulator and the likelihood against exact results."""

import numpy as np
import pytest
from scipy.special import expit, logsumexp

from micromag.calibration.covariance import Covariance
from micromag.calibration.emulator import Emulator, SimulatedCounts
from micromag.calibration.laplace import laplace, log_likelihood, saturated_log_likelihood
from tests.micromag.calibration.known_wires import log_odds

X = np.linspace(-1, 1, 6)


def surface(n_wires, n_trials, rng):
    wires = rng.uniform(-1, 1, (n_wires, 2))
    f = log_odds(wires, 7.5 + 2.5 * X).reshape(-1)
    points = np.concatenate(
        [np.repeat(wires[:, None], len(X), 1), np.broadcast_to(X[:, None], (n_wires, len(X), 1))],
        -1,
    )
    n = np.full(len(f), float(n_trials))
    return SimulatedCounts(
        points.reshape(-1, 3),
        np.repeat(np.arange(n_wires), len(X)),
        n,
        rng.binomial(n_trials, expit(f)).astype(float),
    )


@pytest.mark.parametrize(
    ("mean", "covariance", "passed", "trials"),
    [
        ((-1.0, 0.5), ((0.5, 0.2), (0.2, 0.4)), (0, 600), (1000, 1000)),
        ((-4.0, -2.5), ((1.5, 0.9), (0.9, 1.4)), (0, 3), (1000, 100)),
        ((-4.0, 2.5), ((3.0, 0.9), (0.9, 2.4)), (0, 50), (50, 50)),
    ],
)
def test_the_evidence_integrates_the_uncertainty_of_the_log_odds(mean, covariance, passed, trials):
    """Against a sum over a grid; Laplace's approximation is off by the skewness of the counts."""
    mean, covariance, passed, trials = (
        np.array(x, dtype=float) for x in (mean, covariance, passed, trials)
    )
    axis = np.linspace(-25, 12, 1001)
    f = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1)
    away = f - mean
    logs = log_likelihood(passed, trials, f)
    logs -= 0.5 * np.einsum("...i,ij,...j", away, np.linalg.inv(covariance), away)
    logs -= 0.5 * np.linalg.slogdet(2 * np.pi * covariance)[1]
    exact = logsumexp(logs) + 2 * np.log(axis[1] - axis[0])
    assert laplace(passed, trials, mean, covariance).log_evidence == pytest.approx(exact, abs=0.02)


def test_many_cases_at_once_are_those_of_one_by_one():
    rng = np.random.default_rng(1)
    mean, root = rng.normal(0, 3, (20, 4)), rng.normal(0, 1, (20, 4, 4))
    covariance = root @ np.swapaxes(root, 1, 2) + 0.01 * np.eye(4)
    passed, trials = np.array([0, 3, 40, 100.0]), np.full(4, 100.0)
    together = laplace(passed, trials, mean, covariance)
    each = [
        laplace(passed, trials, m, c).log_evidence for m, c in zip(mean, covariance, strict=True)
    ]
    np.testing.assert_allclose(together.log_evidence, each, atol=1e-6)
    slope = passed - trials * expit(together.f)
    at_mode = mean + np.einsum("mij,mj->mi", covariance, slope)
    np.testing.assert_allclose(at_mode, together.f, atol=1e-3)


def test_no_curve_is_more_likely_than_the_shares():
    passed, trials = np.array([0.0, 3, 10]), np.full(3, 10.0)
    assert saturated_log_likelihood(passed, trials) == pytest.approx(
        log_likelihood(passed, trials, np.array([-50, np.log(3 / 7), 50])), abs=1e-9
    )


def test_slopes_of_the_evidence_are_its_differences():
    counts = surface(8, 12, np.random.default_rng(0))
    logs = Covariance.typical(2).logs + 0.1
    _, slopes = Emulator(counts, Covariance(logs)).log_evidence()
    for i, step in enumerate(1e-4 * np.eye(len(logs))):
        up, down = (
            Emulator(counts, Covariance(logs + sign * step)).log_evidence()[0] for sign in (1, -1)
        )
        assert slopes[i] == pytest.approx((up - down) / 2e-4, rel=1e-3, abs=1e-4)


def test_a_known_surface_is_recovered_within_its_uncertainty():
    rng = np.random.default_rng(2)
    emulator = Emulator.fitted(surface(40, 30, rng))
    wires = rng.uniform(-1, 1, (200, 2))
    mean, covariance = emulator.predict(wires, X)
    sd = np.sqrt(np.einsum("mii->mi", covariance))
    away = mean - log_odds(wires, 7.5 + 2.5 * X)
    assert np.abs(away).mean() < 0.3
    # Wires share simulations, so that their errors are not independent: 0.5 to 1.3 in ten seeds.
    assert 0.3 < np.sqrt((away**2 / sd**2).mean()) < 1.6
    assert np.linalg.eigvalsh(covariance).min() > 0


def test_a_wire_simulated_often_is_known_and_others_are_not():
    counts = surface(10, 4000, np.random.default_rng(3))
    emulator = Emulator(counts, Covariance.typical(2))
    known = counts.points[:1, :2]
    _, covariance = emulator.predict(np.vstack([known, [[3.0, 3.0]]]), X[2:3])
    near, far = np.sqrt(covariance[:, 0, 0])
    assert near < 0.15 < 1 < far
