"""Test of the log: whether images that are missing were left out because they were misread."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from dwsynapse.verdicts import monte_carlo_p
from hardware.program import Program
from hardware.verification.class_tests.drawn_classes import DRAWS, SIMULATIONS, Probability
from hardware.verification.log_tests.poisson_binomial import PoissonBinomials
from hardware.verification.log_tests.result import LogResult

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

SHARES = np.append(np.arange(1, 10) / 10, 0.97)
"""Shares of the misread images that were left out which are tried."""
CHUNK = 2_000_000


def images_delivered(
    program: Program,
    probability: Probability,
    pixels: NDArray[np.uint8],
    labels: Integers,
    n_promised: int,
    delivered: Integers,
    wrong: Booleans,
    p_wrong: Floats,
    whole: Booleans,
    reads: int,
    seed: int,
) -> LogResult:
    """Compare the images in the log with those promised, the first `n_promised`.

    A log in which misread images were left out lacks images that are probably misread, and those
    that it has are read better than they should be. The statistic is the likelihood of both if a
    share of the misread images was left out, the likeliest one, over that of images left out at
    random. Its null distribution is that of as many images left out at random, of those promised
    and those in the log, which may show others instead, and of outcomes drawn from the curve.
    Nothing is missing from a log that has all.

    Parameters
    ----------
    program, probability
        The program, and the passing probability at its fields.
    pixels, labels
        Inputs of all test images, 0 or 1, shape (n_images, n_in), and their classes.
    n_promised
        Number of images promised.
    delivered
        Numbers of the images in the log, shape (n_images,).
    wrong, p_wrong
        Which of them are misread, and with what probability, shape (n_images,).
    whole
        Which of them have all reads: it is not known of the others.
    reads
        Number of reads after which a class is taken.
    seed
        Seed of the simulations.
    """
    promised = np.arange(len(labels))[:n_promised]
    missing = np.setdiff1d(promised, delivered)
    statistic, p_value, method = 0.0, 1.0, "no image is missing"
    if len(missing):
        rng = np.random.default_rng([seed, 4, 2])
        either = np.union1d(promised, delivered)
        place = np.searchsorted(either, delivered[whole])
        drawn = np.setdiff1d(np.arange(len(either)), place)
        p = np.zeros(len(either))
        p[place] = p_wrong[whole]
        other = either[drawn]
        p[drawn] = _p_wrong(program, probability, pixels[other], labels[other], reads, rng)
        # Half a draw for either: nothing is impossible because it was not drawn.
        p = (DRAWS * p + 0.5) / (DRAWS + 1)
        is_missing = np.isin(either, missing)[None]
        is_wrong = np.zeros((1, len(either)), dtype=bool)
        is_wrong[0, place] = wrong[whole]
        statistic = float(_log_ratio(is_missing, is_wrong, p)[0])
        p_value = monte_carlo_p(statistic, _simulated(len(missing), p, rng))
        method = f"Monte Carlo, {SIMULATIONS} random choices of images"
    return LogResult(
        test="images delivered",
        question="d",
        weight=1.0 if len(missing) else 0.01,
        statistic=statistic,
        statistic_meaning="log-likelihood of misread images left out over images left out at "
        "random",
        p_value=p_value,
        p_value_method=method,
        simulations=SIMULATIONS if len(missing) else None,
        effect_size=len(missing) / len(promised),
        effect_meaning="share of the images promised that are missing",
        n=len(promised),
        details={
            "missing": len(missing),
            "first_missing": int(missing[0]) if len(missing) else None,
        },
    )


def _p_wrong(
    program: Program,
    probability: Probability,
    pixels: NDArray[np.uint8],
    labels: Integers,
    reads: int,
    rng: Generator,
) -> Floats:
    """Return how often images are misread at the program's fields, shape (n_images,)."""
    p = np.asarray(probability(program.fields_mT))
    if program.hidden_biases:
        return _p_wrong_of_layers(program, p, pixels, labels, rng)
    each = np.concatenate([p[:, inputs == 1].ravel() for inputs in pixels])
    sizes = np.repeat(pixels.sum(axis=1, dtype=np.int64), len(p))
    sums = PoissonBinomials.of(np.repeat(each, reads), sizes * reads)
    drawn = sums.draw(rng, DRAWS).reshape(DRAWS, len(labels), len(p))
    return np.asarray((program.predictions(drawn, reads) != labels).mean(axis=0))


def _p_wrong_of_layers(
    program: Program, p: Floats, pixels: NDArray[np.uint8], labels: Integers, rng: Generator
) -> Floats:
    """Return the same with hidden layers, all of whose reads are made, for `_p_wrong`."""
    shares = np.empty(len(labels))
    for image, of_pixels in enumerate(pixels):
        inputs = np.tile(of_pixels, (DRAWS, 1))
        for number, layer in enumerate(program.layers):
            chances = np.broadcast_to(p[layer], (DRAWS, layer.n_out, layer.n_in))
            passes = rng.binomial(program.reads * inputs[:, None, :], chances)
            sums = passes.sum(axis=2)
            if number < len(program.hidden_biases):
                inputs = program.fires(number, sums)
        shares[image] = (program.predictions(sums, program.reads) != labels[image]).mean()
    return shares


def _log_ratio(missing: Booleans, wrong: Booleans, p: Floats) -> Floats:
    """Return the statistic of logs with these missing and misread images, shape (n_logs,).

    If a share s of the misread images and a share r of the others is left out, an image is missing
    with probability r + (1 - r) s p; r is such that as many are missing as are.
    """
    n, expected = len(p), float(p.sum())
    n_missing, n_wrong = missing.sum(axis=1)[0], (wrong & ~missing).sum(axis=1)
    at_random = n_missing / n
    ratios = []
    for share in SHARES:
        rest = max((n_missing - share * expected) / (n - share * expected), 0.0)
        of_missing = np.log((rest + (1 - rest) * share * p) / at_random)
        of_others = (n - n_missing) * np.log((1 - rest) / max(1 - at_random, 1 / n))
        ratios.append(missing @ of_missing + of_others + n_wrong * np.log1p(-share))
    return np.asarray(np.max(ratios, axis=0))


def _simulated(n_missing: int, p: Floats, rng: np.random.Generator) -> Floats:
    """Return the statistics of logs whose images are left out at random."""
    parts = []
    for some in np.array_split(np.arange(SIMULATIONS), SIMULATIONS * len(p) // CHUNK + 1):
        shape = len(some), len(p)
        order = np.argsort(rng.random(shape), axis=1)
        parts.append(_log_ratio(order < n_missing, rng.random(shape) < p, p))
    return np.concatenate(parts)
