"""The paper's claims about learning, tested on our networks, with intervals over pairs of them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studies.claims_of_papers import claim
from studies.liu2021.claims import part
from studies.liu2021.learning.conditions import Condition
from studies.liu2021.learning.figure_5 import (
    FASHION,
    MNIST,
    SAME_RATE,
    TITLES,
    continuous,
    notched,
    with_carry,
)
from studies.liu2021.learning.results import difference, final, mean_of
from studies.liu2021.learning.synapses import of

Accuracies = Callable[[Condition], NDArray[np.float64]]
Claim = dict[str, Any]
CLOSE = 0.02
"""Difference of accuracy that is called close."""
MUCH = 0.2
"""The paper: notches lose more than 20 points on Fashion-MNIST."""
HEADLINE = {"sot": 0.72, "stt": 0.10}
"""Fashion-MNIST, 32 notches, no carry, same rate (after Fig. 5)."""
NEAR_HEADLINE = 0.05


def claims_of(source: str, accuracies: Accuracies) -> list[Claim]:
    """Return the claims with their verdicts, for one source of responses.

    Parameters
    ----------
    source
        `studies.liu2021.learning.synapses.PUBLISHED` or ``OURS``.
    accuracies
        Returns the accuracies of a condition, shape (models, epochs).
    """
    stt, sot = of(source, "stt"), of(source, "sot")

    def gains(ours: Condition, theirs: Condition, name: str, **bounds: float) -> Claim:
        return part(name, difference(accuracies(ours), accuracies(theirs)), **bounds)

    return [
        claim(
            f"continuous STT is close to ideal updates ({source})",
            "with all variations, within 2 points",
            [
                gains(
                    continuous(dataset, stt),
                    continuous(dataset, None),
                    f"STT - ideal, {TITLES[dataset]}",
                    low=-CLOSE,
                    high=CLOSE,
                )
                for dataset in (MNIST, FASHION)
            ],
        ),
        claim(
            f"continuous STT beats SOT ({source})",
            "on Fashion-MNIST, since it scatters less",
            [gains(continuous(FASHION, stt), continuous(FASHION, sot), "STT - SOT", low=0)],
        ),
        claim(
            f"32 notches lose much ({source})",
            "STT with a rate that suits it: more than 20 points on Fashion-MNIST",
            [
                gains(
                    continuous(FASHION, stt),
                    notched(FASHION, stt),
                    "continuous - 32 levels",
                    low=MUCH,
                )
            ],
        ),
        claim(
            f"periodic carry recovers a part ({source})",
            "STT with 32 notches, Fashion-MNIST",
            [gains(with_carry(FASHION, stt), notched(FASHION, stt), "with - without carry", low=0)],
        ),
        claim(
            f"with notches and carry SOT beats STT ({source})",
            "Fig. 5(d)",
            [gains(with_carry(FASHION, sot), with_carry(FASHION, stt), "SOT - STT", low=0)],
        ),
        headline(source, accuracies),
        claim(
            f"a higher rate helps STT, still below SOT ({source})",
            "Fashion-MNIST, 32 notches, no carry",
            [
                gains(
                    notched(FASHION, stt),
                    notched(FASHION, stt, SAME_RATE),
                    "STT: higher - same rate",
                    low=0,
                ),
                gains(
                    notched(FASHION, sot, SAME_RATE),
                    notched(FASHION, stt),
                    "SOT - STT with the higher rate",
                    low=0,
                ),
            ],
        ),
    ]


def headline(source: str, accuracies: Accuracies) -> Claim:
    """Test that SOT learns where STT at the same rate does not."""
    parts = []
    for mechanism, says in HEADLINE.items():
        found = mean_of(final(accuracies(notched(FASHION, of(source, mechanism), SAME_RATE))))
        low, high = says - NEAR_HEADLINE, says + NEAR_HEADLINE
        parts.append(part(f"accuracy of {mechanism.upper()}", found, low=low, high=high))
    return claim(
        f"SOT 72 %, STT 10 % ({source})",
        f"Fashion-MNIST, 32 notches, no carry, same rate ({SAME_RATE:g}), within 5 points",
        parts,
    )


def alike_at_400_K(source: str, accuracies: Accuracies) -> Claim:
    """Test that accuracy at 400 K is that at 300 K, within 2 points."""
    return claim(
        f"300 K and 400 K alike ({source})",
        "continuous, Fashion-MNIST, within 2 points",
        [
            part(
                f"{mechanism.upper()}: 400 K - 300 K",
                difference(
                    *(accuracies(continuous(FASHION, of(source, mechanism, T))) for T in (400, 300))
                ),
                low=-CLOSE,
                high=CLOSE,
            )
            for mechanism in ("stt", "sot")
        ],
    )
