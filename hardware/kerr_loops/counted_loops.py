"""Kerr loops of a folder as counts, with how often outcomes are wrong where that is known."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dwsynapse.io.errors import InputError
from hardware.kerr_loops.detection_errors import detection_errors
from hardware.kerr_loops.loops import Loops
from hardware.kerr_loops.outcomes import Rules, counts_of
from hardware.kerr_loops.session import decided_loops

REMEDIES = {
    "confidence": ", or lower --min-confidence",
    "off the set field": "; correct the set fields, the unit of a field or --branch, or raise "
    "--tolerance-mT",
}
"""What to do by the reason why loops are undecided."""


@dataclass(frozen=True)
class CountedLoops:
    """Loops that were decided.

    Parameters
    ----------
    counts
        Table of counts (`dwsynapse.io.contracts.COUNTS`).
    outcomes
        One row per loop (`hardware.kerr_loops.outcomes.OUTCOMES`).
    examples
        Branches of some loops, by the name of the loop.
    errors
        Rates of wrong outcomes (`hardware.kerr_loops.detection_errors`); None without a calibration
        set.
    """

    counts: pd.DataFrame
    outcomes: pd.DataFrame
    examples: dict[str, Loops]
    errors: dict[str, Any] | None

    @classmethod
    def of(
        cls, loops: Path, rules: Rules, calibration: Path | None, confidence: float
    ) -> "CountedLoops":
        """Read and decide the loops of a folder, and those with a known outcome.

        Parameters
        ----------
        loops
            Folder or file of the loops.
        rules
            How outcomes are decided.
        calibration
            Folder or file of loops with a column outcome, if there are any.
        confidence
            Confidence of the intervals of the rates.

        Raises
        ------
        InputError
            Naming the file and place of the first defect, or if no loop is decided.
        """
        outcomes, examples = decided_loops(loops, rules)
        counts = counts_of(outcomes)
        if counts.empty:
            reason = outcomes["reason"].iloc[0]
            remedies = [then for words, then in REMEDIES.items() if words in reason]
            raise InputError(
                f"not one of {len(outcomes)} loops is decided ({reason})",
                path=loops,
                remedy=f"look at the signals{''.join(remedies)}",
            )
        errors = None
        if calibration is not None:
            tested, _ = decided_loops(calibration, rules, known=True)
            errors = detection_errors(tested, confidence)
        return cls(counts, outcomes, examples, errors)
