"""Transforms of steps are uniform where the response is right, whatever is known and read."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import kstest

from hardware.crossbars.programming.virtual_crossbar import VirtualCrossbar
from hardware.crossbars.programming.walls import Walls
from hardware.crossbars.verification.response_pulses import ResponsePulses
from hardware.crossbars.verification.step_scores import StepScores
from tests.hardware.crossbars.small_crossbar import (
    RANGE_S,
    crossbar_program,
    from_pulses,
    response,
)


def scores_of(table, seed, *, levels=None, noise=0.0, known=None, pulses=None, n_devices=1000):
    program = crossbar_program(known or table, n_devices, seed=seed, levels=levels)
    log, _ = VirtualCrossbar(Walls(table, levels), seed, noise * RANGE_S).run(program)
    log = log.sort_values(["device", "pulse"])
    return StepScores.of(
        log, program, known or table, noise * RANGE_S, pulses or ResponsePulses(), seed
    )


@pytest.mark.parametrize(("levels", "noise"), [(None, 0.0), (32, 0.0), (None, 0.005), (32, 0.003)])
def test_transforms_are_uniform(levels, noise) -> None:
    """At 0.1 %, of 10 000 steps and more."""
    scores = scores_of(response(skewed=True), 11, levels=levels, noise=noise)
    assert scores.used.sum() > 10_000
    assert kstest(scores.uniform[scores.used], "uniform").pvalue > 1e-3


def test_ends_of_the_range_are_part_of_the_distribution() -> None:
    """Walls at an end stay there; the transform is drawn within what the end covers."""
    table = response(0.1, 0.1)
    scores = scores_of(table, 2)
    at_end = (scores.after == 0) | (scores.after == 1)
    assert at_end.sum() > 100
    assert kstest(scores.uniform, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("noise", [0.0, 0.005])
def test_a_response_of_few_pulses_is_uncertain(noise) -> None:
    """Scores have mean 0 and variance 1 over many responses of 20 pulses a bin.

    Without the correction for few pulses it would be 1.3. The standard error of the variance is
    that of the pulses of 16 responses, about sqrt(2 / 20 / 40 / 16), 0.013, where the program
    visits half of 64 bins often, and as much of the steps.
    """
    table = response()
    means, variances = [], []
    for seed in range(16):
        known, pulses = from_pulses(table, 20, seed)
        scores = scores_of(table, seed, noise=noise, known=known, pulses=pulses, n_devices=400)
        z = scores.z[scores.used]
        means.append(z.mean() / np.sqrt(1 / len(z) + scores.response_variance(scores.used)))
        variances.append((z**2).mean())
    assert abs(np.mean(means)) < 3.3 / np.sqrt(16)
    assert 0.25 < np.var(means) < 2.5  # chi-square of 16, at 0.1 %
    assert_allclose(np.mean(variances), 1.0, atol=0.06)


def test_pulses_that_all_bins_share_count_once() -> None:
    """The variance of a mean over all bins is 1 / m, not 1 / (m n_bins)."""
    way, column = np.ones(400, int), np.arange(400) % 8
    of_bins = np.full((2, 8), 25.0)
    assert_allclose(ResponsePulses(of_bins).variance(way, column), 1 / 200)
    assert_allclose(ResponsePulses(of_bins, pooled=True).variance(way, column), 1 / 25)


def test_pulses_that_tell_several_bins_are_counted_once() -> None:
    """Of 32 bins with 5 pulses each, five tell each bin in the middle: 160 pulses in all."""
    pulses = ResponsePulses(np.full((2, 32), 5.0))
    way, column = np.ones(32, dtype=np.int64), np.arange(32)
    assert set(pulses.of_steps(way, column)[2:-2]) == {25.0}
    # At both ends three or four bins tell a bin, and count a little more.
    assert 1 / 160 <= pulses.variance(way, column) < 1.05 / 160
    assert_allclose(pulses.largest_variance(), 1 / 20)
    assert_allclose(pulses.variance(way[:1], column[:1]), 1 / 20)
