"""How a passing curve changes from one wire to another, with intervals from pairs of trials."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from micromag.sensitivity.local_curve import LocalCurves, fitted
from micromag.sensitivity.paired_outcomes import Counts

Floats = NDArray[np.float64]

CONFIDENCE, DRAWS = 0.95, 4000
UNSEEN = 0.25
"""Added to each of the four pairs of outcomes of a field before they are drawn again, so that what
did not happen in few trials is not taken for impossible."""


@dataclass(frozen=True)
class Change:
    """An estimate with its interval; an end that the trials leave open is infinite."""

    estimate: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval is entirely on one side of 0."""
        return self.low > 0 or self.high < 0

    def document(self) -> dict[str, float | None]:
        """Return what files say: None for what is open."""
        values = {"estimate": self.estimate, "low": self.low, "high": self.high}
        return {name: float(x) if np.isfinite(x) else None for name, x in values.items()}


@dataclass(frozen=True)
class Changes:
    """The changes of a curve.

    Parameters
    ----------
    centre_mT
        Shift of the centre.
    steepness
        Change of the steepness, as a share of the reference's.
    passing
        Change of the passing probability at each field.
    outside
        Whether the varied wire's centre is beyond the fields, and its shift extrapolated.
    saved
        How many times more trials of each wire would give the same interval of the centre, were the
        noise of the wires independent; infinite where the interval is open.
    """

    centre_mT: Change
    steepness: Change
    passing: tuple[Change, ...]
    outside: bool
    saved: float


def changes(fields_mT: Floats, counts: Counts, seed: list[int]) -> Changes:
    """Return the changes between two wires.

    Pairs of outcomes are drawn again, field by field, and both curves fitted to each draw. For
    comparison the second wire's outcomes also come from a draw of their own.

    Parameters
    ----------
    fields_mT
        The fields, shape (fields,).
    counts
        `micromag.sensitivity.paired_outcomes.paired_counts`.
    seed
        Of the draws.
    """
    drawn = _drawn(counts, seed)
    n = counts.sum(axis=(1, 2)).astype(float)
    reference, varied = (fitted(fields_mT, n, k) for k in _passed(counts))
    first, second = (fitted(fields_mT, n, k) for k in _passed(drawn[0]))
    other = fitted(fields_mT, n, _passed(drawn[1])[1])
    centre = _change(_shift(reference, varied), _shift(first, second))
    apart = _change(_shift(reference, varied), _shift(first, other))
    shares = np.subtract(*_passed(counts)[::-1]) / n
    drawn_shares = np.subtract(*_passed(drawn[0])[::-1]) / n
    return Changes(
        centre,
        _change(_ratio(reference, varied), _ratio(first, second)),
        tuple(_change(a, b) for a, b in zip(shares, drawn_shares.T, strict=True)),
        not fields_mT.min() <= varied.centre_mT <= fields_mT.max(),
        _saved(apart, centre),
    )


def interval_of(fields_mT: Floats, n: Floats, passed: Floats, seed: list[int]) -> list[Change]:
    """Return centre and steepness of one wire with their intervals.

    Parameters
    ----------
    fields_mT, n, passed
        Fields, trials and how many passed, shapes (fields,).
    seed
        Of the draws.
    """
    share = (passed + 2 * UNSEEN) / (n + 4 * UNSEEN)
    drawn = (
        np.random.default_rng(seed).binomial(n.astype(int), share, (DRAWS, len(n))).astype(float)
    )
    curve, curves = fitted(fields_mT, n, passed), fitted(fields_mT, n, drawn)
    return [_change(one, many) for one, many in zip(curve, curves, strict=True)]


def _drawn(counts: Counts, seed: list[int]) -> Counts:
    """Return two independent sets of counts drawn like those given, (2, draws, fields, 2, 2)."""
    rng = np.random.default_rng(seed)
    flat = counts.reshape(len(counts), 4)
    shares = (flat + UNSEEN) / (flat + UNSEEN).sum(axis=1, keepdims=True)
    drawn = rng.multinomial(flat.sum(axis=1), shares, size=(2, DRAWS, len(counts)))
    return drawn.reshape(2, DRAWS, len(counts), 2, 2)


def _passed(counts: Counts) -> tuple[Floats, Floats]:
    """Return how many passed in the reference and in the varied wire."""
    return counts[..., 1, :].sum(axis=-1).astype(float), counts[..., :, 1].sum(axis=-1).astype(
        float
    )


def _shift(reference: LocalCurves, varied: LocalCurves) -> Floats:
    with np.errstate(invalid="ignore"):
        # Two curves that do not rise do not say how far they are apart.
        return np.asarray(varied.centre_mT - reference.centre_mT)


def _ratio(reference: LocalCurves, varied: LocalCurves) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(varied.steepness_per_mT / reference.steepness_per_mT - 1)


def _change(estimate: Floats, draws: Floats) -> Change:
    tail = (1 - CONFIDENCE) / 2
    # A draw that says nothing may be anywhere.
    low = np.quantile(np.where(np.isnan(draws), -np.inf, draws), tail, method="inverted_cdf")
    high = np.quantile(np.where(np.isnan(draws), np.inf, draws), 1 - tail, method="inverted_cdf")
    return Change(float(estimate), float(low), float(high))


def _saved(apart: Change, paired: Change) -> float:
    widths = [change.high - change.low for change in (apart, paired)]
    return (widths[0] / widths[1]) ** 2 if np.isfinite(widths).all() else np.inf
