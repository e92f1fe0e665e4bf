"""The paper's claims about its networks, tested on the results with intervals over models.

A part of a claim holds, or does not, where Student's 95 % interval of its number over the models
is entirely inside, or entirely outside, what the claim says; else it is undecided. A claim holds if
all its parts hold, and does not if any part does not. The parts of a claim need no correction to
hold together: all must. The probability that a true claim of eight parts fails is at most 0.2.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.model_spread import spread
from network.trained_model import ExportedNetwork
from studies.claims_of_papers import claim, verdict_of
from studies.ellis2023.fig3abc_trained_fields import ever_on
from studies.ellis2023.figure_inputs import FEW, MANY, Material

ENDS = 0.1  # f is near 0 below this, near 1 above 1 minus this
CONVERGED = 8  # reads from which the paper says that the rules have converged
MARGIN = 0.01  # accuracies nearer than this have converged

Row = dict[str, Any]


def verdict_on(
    values: Sequence[float], low: float = -np.inf, high: float = np.inf
) -> dict[str, Any]:
    """Return the spread of a number over models, and whether it is between two bounds.

    Parameters
    ----------
    values
        One value for each model.
    low, high
        Bounds of the claim.

    Returns
    -------
    dict
        Keys of `network.model_spread.spread`, and the verdict.
    """
    found = spread(values)
    return {**found, "verdict": verdict_of(found["low"], found["high"], low, high)}


def all_claims(
    material: Material, as_trained: Sequence[Row], swept: Sequence[Row]
) -> list[dict[str, Any]]:
    """Test every claim.

    Parameters
    ----------
    material
        Device, models and images.
    as_trained
        Accuracies with K_test = K_train, of both rules, from `network.accuracy.summarise`.
    swept
        Accuracies of the stochastic rule for every K_test, from `network.reads_sweep.sweep`.
    """
    return [
        bimodal(material),
        *rules_compared(as_trained),
        *two_reads_against_one(swept),
    ]


def bimodal(material: Material) -> dict[str, Any]:
    """Test: with K_train = 1 the passing probabilities have two modes, near f = 0 and f = 1.

    Synapses whose pixel is never on in the training set are left out: they have no gradient and
    stay at their start, f = 1/2. Those of pixels that are on only in a model's validation images
    stay there too but count (see `studies.ellis2023.fig3abc_trained_fields.ever_on`), which
    is evidence against two modes.
    """
    few = [end_shares(material, m.network("stochastic", FEW)) for m in material.models]
    many = [end_shares(material, m.network("stochastic", MANY)) for m in material.models]
    used = ever_on(material.images)
    contrast = [min(s["low"], s["high"]) - s["fullest_between"] for s in few]
    at_ends = [s["low"] + s["high"] for s in few]
    more = [end - s["low"] - s["high"] for end, s in zip(at_ends, many, strict=True)]
    parts = [
        {"part": "least end tenth minus fullest tenth between", **verdict_on(contrast, low=0.0)},
        {
            "part": f"share of synapses with f < {ENDS} or f > {1 - ENDS:g}",
            **verdict_on(at_ends, low=0.5),
        },
        {"part": f"that share minus that with K_train = {MANY}", **verdict_on(more, low=0.0)},
    ]
    return claim(
        "one read makes synapses binary",
        f"with K_train = {FEW} passing probabilities are bimodal, near 0 and 1; tested on the "
        f"synapses of the {int(used.sum())} of {used.size} pixels that are on in any image of the "
        "training set (those for validation included), since the others never move from 1/2",
        parts,
    )


def end_shares(material: Material, network: ExportedNetwork) -> dict[str, float]:
    """Return the shares of a network's synapses in the lowest, highest and fullest other tenth.

    Without synapses of pixels that are never on.
    """
    f: NDArray[np.float64] = material.passing(network)[:, ever_on(material.images)]
    shares = np.histogram(f, np.linspace(0, 1, round(1 / ENDS) + 1))[0] / f.size
    return {
        "low": float(shares[0]),
        "high": float(shares[-1]),
        "fullest_between": float(shares[1:-1].max()),
    }


def rules_compared(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Test: the stochastic rule wins at every K, and from K = 8 the rules have converged.

    Differences are taken model by model: both networks of a model had the same images in the same
    order.
    """
    by_rule = {
        rule: {row["reads_train"]: row["per_model"] for row in rows if row["rule"] == rule}
        for rule in ("stochastic", "mean-field")
    }
    gains = {
        reads: np.subtract(shares, by_rule["mean-field"][reads])
        for reads, shares in sorted(by_rule["stochastic"].items())
    }
    wins = [{"part": f"K = {reads}", **verdict_on(gain, low=0.0)} for reads, gain in gains.items()]
    near = [
        {"part": f"K = {reads}", **verdict_on(gain, low=-MARGIN, high=MARGIN)}
        for reads, gain in gains.items()
        if reads >= CONVERGED
    ]
    return [
        claim(
            "the stochastic rule wins",
            "accuracy with the stochastic rule minus that with the mean-field rule is positive at "
            "every K = K_train = K_test",
            wins,
        ),
        claim(
            "the rules converge",
            f"the same difference is less than {MARGIN} either way from K = {CONVERGED}",
            near,
        ),
    ]


def two_reads_against_one(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Test: training with two reads beats training with one, tested with one read or more."""
    shares = {
        (row["reads_train"], row["reads_test"]): row["per_model"]
        for row in rows
        if row["rule"] == "stochastic"
    }
    tested = sorted(reads_test for reads_train, reads_test in shares if reads_train == FEW)
    parts = [
        {
            "part": f"K_test = {reads}",
            **verdict_on(np.subtract(shares[2, reads], shares[FEW, reads]), low=0.0),
        }
        for reads in tested
    ]
    says = "accuracy trained with K_train = 2 minus that with K_train = 1 is positive, tested with "
    return [
        claim("two reads train better for one", f"{says}K_test = {FEW}", parts[:1]),
        claim("two reads train better throughout", f"{says}any K_test", parts),
    ]
