"""The sampler against the exact Poisson-binomial distribution.

Seeds are fixed, so no test fails by chance on an unchanged sampler; after a change of its stream a
correct code fails each comparison with the probability given there.
"""

import numpy as np
import pytest
from scipy.stats import binom, chi2

from network.reads.alias_tables import alias_table
from network.reads.binomial_steps import CELLS
from network.reads.neuron_sums import neuron_sums

FALSE_ALARM = 1e-4
EDGES = [0.0, 0.0219, 1 / (2 * CELLS), 0.25, 0.5 - 1e-9, 0.5, 0.5 + 1e-9, 0.7, 0.9995, 1.0]


def draw(f, reads, n_images, *, stream=1, inputs=None):
    """Return the sums of one neuron with synapses f, shape (n_images,)."""
    if inputs is None:
        inputs = np.ones((n_images, len(f)), np.uint8)
    streams = np.array([stream], np.uint64)
    return neuron_sums(np.array(f)[None, None, :], inputs, [reads], streams)[0, :, 0]


def pmf_of_sum(f, reads):
    total = np.ones(1)
    for p in f:
        total = np.convolve(total, binom.pmf(np.arange(reads + 1), reads, p))
    return total


def chi_square_p_value(sums, pmf):
    """Return Pearson's p-value, with neighbouring outcomes merged up to 10 expected counts."""
    observed = np.bincount(sums.astype(int), minlength=len(pmf))
    edges, total = [0], 0.0
    for outcome, expected in enumerate(pmf * len(sums)):
        total += expected
        if total >= 10:
            edges.append(outcome + 1)
            total = 0.0
    edges[-1] = len(pmf)
    bins = np.array(edges[:-1])
    o, e = np.add.reduceat(observed, bins), np.add.reduceat(pmf * len(sums), bins)
    return chi2.sf(((o - e) ** 2 / e).sum(), len(bins) - 1) if len(bins) > 1 else 1.0


@pytest.mark.parametrize("reads", [2, 3, 8, 128, 1000])
def test_alias_tables_hold_binomial_probabilities_to_two_in_2_to_the_32(reads):
    cells = 16
    table, grid = alias_table(reads, cells), np.arange(cells + 1) / (2 * cells)
    cut = (table.entries & ~table.mask) / 2.0**32
    n = table.entries.shape[1]
    for row, g in enumerate(grid):
        found = np.zeros(max(reads + 1, table.lowest[row] + n))
        found[table.lowest[row] :][:n] += cut[row] / n
        np.add.at(found, table.lowest[row] + (table.entries[row] & table.mask), (1 - cut[row]) / n)
        # A step of a cut is up to 2 / 2^32 of all; an outcome is off by a step at most.
        off = np.abs(found[: reads + 1] - binom.pmf(np.arange(reads + 1), reads, g))
        assert off.max() < 2 * 2.0**-32
        assert found[reads + 1 :].sum() == 0


@pytest.mark.parametrize("reads", [1, 2, 8, 128, 1000])
@pytest.mark.parametrize("f", [0.0219, 0.1234, 0.4999, 0.5001, 0.93, 0.9995])
def test_one_synapse_is_binomial(f, reads):
    sums = draw([f], reads, 50_000)
    assert chi_square_p_value(sums, pmf_of_sum([f], reads)) > FALSE_ALARM


@pytest.mark.parametrize("reads", [1, 2, 8, 128])
def test_neuron_sum_is_poisson_binomial(reads):
    f = np.concatenate([EDGES, np.random.default_rng(5).uniform(size=30)])
    sums = draw(f, reads, 50_000)
    assert chi_square_p_value(sums, pmf_of_sum(f, reads)) > FALSE_ALARM
    # Five standard errors: false alarm 6e-7 each.
    mean, variance = reads * f.sum(), reads * (f * (1 - f)).sum()
    assert abs(sums.mean() - mean) < 5 * np.sqrt(variance / len(sums))
    assert abs(sums.var() / variance - 1) < 5 * np.sqrt(2 / len(sums))


def test_certain_synapses_and_absent_inputs_do_not_fluctuate():
    inputs = np.tile(np.array([1, 1, 1, 0], np.uint8), (200, 1))
    assert (draw([0.0, 1.0, 1.0, 0.5], 128, 200, inputs=inputs) == 256).all()
    assert (draw([0.3, 0.6], 128, 3, inputs=np.zeros((3, 2), np.uint8)) == 0).all()


def test_a_sum_does_not_depend_on_what_shares_the_call():
    rng = np.random.default_rng(0)
    f, inputs = rng.uniform(size=(3, 4, 20)), rng.integers(0, 2, (30, 20)).astype(np.uint8)
    streams, reads = np.array([7, 8, 9], np.uint64), [1, 8, 128]
    together = neuron_sums(f, inputs, reads, streams)
    for n in range(3):
        alone = [
            neuron_sums(f[n : n + 1], inputs[a:b], reads[n : n + 1], streams[n : n + 1], a)[0]
            for a, b in [(0, 7), (7, 30)]
        ]
        assert (np.concatenate(alone) == together[n]).all()


def test_streams_and_images_are_independent():
    one, other = draw([0.5] * 20, 8, 20_000, stream=1), draw([0.5] * 20, 8, 20_000, stream=2)
    # Correlations have standard error 1/sqrt(n); five of them: false alarm 6e-7.
    limit = 5 / np.sqrt(20_000)
    assert abs(np.corrcoef(one, other)[0, 1]) < limit
    assert abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < limit


def test_neurons_of_an_image_are_independent():
    f = np.full((1, 2, 20), 0.5)
    sums = neuron_sums(f, np.ones((20_000, 20), np.uint8), [8], np.array([3], np.uint64))[0]
    assert abs(np.corrcoef(sums.T)[0, 1]) < 5 / np.sqrt(20_000)
