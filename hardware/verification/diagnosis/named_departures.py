"""Which known defect explains best that a log is not what its device gives."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from hardware.verification.curve_scores import CENTRE, FLOOR, LOG_STEEPNESS, CurveScores, Departure
from hardware.verification.diagnosis.kept_outcomes import kept_outcomes
from hardware.verification.diagnosis.synapse_faults import SynapseFaults
from hardware.verification.diagnosis.wrong_outcomes import wrong_outcomes
from hardware.verification.log_tests.read_correlation import reads_of_an_image, successive_reads
from hardware.verification.log_tests.result import LogResult

PENALTY = 1.0
"""Log-likelihood that a parameter fitted to chance alone gains at most, on average (Akaike)."""
SIGNED = {"detection errors", "correlated reads"}
"""Defects that have one sign only."""
LARGEST = {"floor": 1.0, "detection errors": 50.0, "correlated reads": 1.0}
"""Sizes beyond which there is no such defect, in the units reported."""
INTERVAL = 1.96
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Diagnosis:
    """A defect, and how well it explains a log.

    Parameters
    ----------
    name
        Its name.
    gain
        What it adds to the log-likelihood, less a penalty for what was fitted.
    size, unit
        How large it is, and in what unit.
    low, high
        Bounds of its 95 % interval; None where there is none.
    """

    name: str
    gain: float
    size: float
    unit: str
    low: float | None = None
    high: float | None = None

    def in_words(self) -> str:
        """Return name and size in words."""
        value = f"{self.size:.3g} {self.unit}".rstrip()
        if self.low is None or self.high is None:
            return f"{self.name} ({value})" if self.unit else self.name
        return f"{self.name} ({value}, {self.low:.2g} to {self.high:.2g})"

    def content(self) -> dict[str, Any]:
        """Return the diagnosis for ``verification.json``."""
        return asdict(self)


def diagnoses(scores: CurveScores, tests: Sequence[LogResult]) -> list[Diagnosis]:
    """Return the defects that explain a log, the best first.

    Defects of the curve are departures from what is known of the device, each with its score;
    those of synapses have likelihoods of their own; those that a test alone finds (fields that are
    off, missing images, copied reads) have the gain that its statistic is.

    Parameters
    ----------
    scores
        The reads, at their fitted curve.
    tests
        The tests of the log.
    """
    found = [*_of_the_curve(scores), *_of_synapses(SynapseFaults(scores)), *_of_tests(tests)]
    return sorted((d for d in found if d.gain > 0), key=lambda d: -d.gain)


def _of_the_curve(scores: CurveScores) -> list[Diagnosis]:
    g = scores.gradient
    correlation = max(successive_reads(scores), reads_of_an_image(scores), key=lambda c: c.z)
    drift = scores.departure_in_time(g[CENTRE], scores.reads.time)
    wrong, gain_of_wrong = wrong_outcomes(scores)
    of_curves = [
        _departure("offset", scores.departure(g[CENTRE]), "mT"),
        _departure("slope", scores.departure(g[LOG_STEEPNESS]), "%", _percent_of_logarithm),
        _departure("floor", scores.departure(g[FLOOR]), ""),
    ]
    # No curve explains more than the likeliest one.
    most = scores.fitted.statistic / 2
    found = [
        *(replace(d, gain=min(d.gain, most)) for d in of_curves),
        replace(_departure("detection errors", wrong, "%", _percent), gain=gain_of_wrong - PENALTY),
        _departure("drift", drift, "mT"),
        replace(
            _departure("correlated reads", Departure(*correlation[:2]), ""),
            gain=kept_outcomes(scores) - PENALTY,
        ),
    ]
    # A first step from the fitted curve may lead where no curve is: it explains nothing then.
    return [d for d in found if abs(d.size) <= LARGEST.get(d.name, np.inf)]


def _departure(
    name: str, found: Departure, unit: str, reported: Callable[[float], float] = float
) -> Diagnosis:
    z = max(found.z, 0.0) if name in SIGNED else found.z
    half = INTERVAL * found.sd
    size, low, high = map(reported, (found.size, found.size - half, found.size + half))
    return Diagnosis(name, z**2 / 2 - PENALTY, size, unit, low, high)


def _percent(share: float) -> float:
    return 100 * share


def _percent_of_logarithm(change: float) -> float:
    return float(100 * np.expm1(min(change, 50.0)))


def _of_synapses(faults: SynapseFaults) -> list[Diagnosis]:
    spread_gain, spread_mT = faults.spread()
    stuck_gain, n_stuck = faults.stuck()
    swapped_gain, n_pairs = faults.swapped()
    program_gain, share = faults.another_program()
    return [
        Diagnosis("wires that differ", spread_gain - PENALTY, spread_mT, "mT"),
        Diagnosis("stuck wire", stuck_gain - PENALTY, n_stuck, "synapses"),
        Diagnosis("swapped synapses", swapped_gain - PENALTY, n_pairs, "pairs"),
        Diagnosis("another program", program_gain - PENALTY, 100 * share, "% of the fields"),
        Diagnosis("outcomes reversed", faults.reversed_outcomes(), 1.0, ""),
    ]


def _of_tests(tests: Sequence[LogResult]) -> list[Diagnosis]:
    found = {test.test: test for test in tests}
    result = []
    if fields := found.get("fields measured"):
        # Half of a chi-square is a gain of log-likelihood.
        gain = fields.statistic / 2 - 2 * PENALTY
        result.append(Diagnosis("fields off", gain, fields.effect_size, "mT"))
    if copied := found.get("copied reads"):
        pairs = np.log(max((copied.n or 0) * ((copied.n or 0) - 1) / 2, 1))
        gain = copied.statistic - float(pairs)
        result.append(Diagnosis("copied reads", gain, copied.effect_size, "reads"))
    if delivered := found.get("images delivered"):
        gain, share = delivered.statistic - PENALTY, 100 * delivered.effect_size
        result.append(Diagnosis("missing images", gain, share, "% of those promised"))
    return result
