"""What a curve depends on, as ``sensitivity.json`` and ``sensitivity.csv``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from dwsynapse.io.tables.declared_table import Column, Table
from dwsynapse.study.wires.variation import Variation
from micromag.sensitivity.changes import CONFIDENCE, Change, Changes, interval_of
from micromag.sensitivity.paired_outcomes import Counts
from micromag.wires.wire_folder import counts_of

KIND, VERSION = "sensitivity", 1
ESTIMATES = ("centre_shift_mT", "steepness_change", "lowest_field_change", "highest_field_change")
ENDS = {"": "estimate", "_low": "low", "_high": "high"}
SENSITIVITY = Table(
    kind="sensitivity",
    version=1,
    columns=(
        Column("variation", "text"),
        Column("pairs", "integer", low=1),
        Column("pairs_that_differ", "integer", low=0),
        Column("p_value", "float", low=0, high=1),
        *(Column(name + end, "float", may_be_empty=True) for name in ESTIMATES for end in ENDS),
        Column("saved_factor", "float", low=0, may_be_empty=True),
    ),
)
"""One variation per row, the largest shift first: estimate, low and high end of each change.

steepness_change is a share of the reference's steepness, those at the lowest and highest field are
of the passing probability; p_value is of McNemar's test that as many walls pass in both. Empty:
left open by the trials. saved_factor is how many times more trials would give the same interval of
the centre with independent noise.
"""


@dataclass(frozen=True)
class Found:
    """What was found of a variation.

    Parameters
    ----------
    label
        What changes, in words.
    variation
        The change.
    counts
        `micromag.sensitivity.paired_outcomes.paired_counts`.
    changes
        Changes of the curve.
    undecided
        Share of undecided and failed trials.
    """

    label: str
    variation: Variation
    counts: Counts
    changes: Changes
    undecided: float

    @property
    def pairs(self) -> int:
        """Number of replicas that were decided in both wires."""
        return int(self.counts.sum())

    @property
    def differ(self) -> int:
        """Number of replicas with another outcome."""
        return int(self.counts[:, 0, 1].sum() + self.counts[:, 1, 0].sum())

    @property
    def in_the_rise(self) -> int:
        """Number of fields at which some walls pass and some stay, of the wire with fewer."""
        n, passed = self.counts.sum(axis=(1, 2)), (self.counts.sum(axis=i)[:, 1] for i in (1, 2))
        return min(int(((k > 0) & (k < n)).sum()) for k in passed)

    @property
    def p_value(self) -> float:
        """McNemar's exact test of whether as many walls pass in both wires."""
        more = int(self.counts[:, 0, 1].sum())
        return float(binomtest(more, self.differ).pvalue) if self.differ else 1.0


def content_of(
    base: pd.DataFrame,
    fields_mT: Sequence[float],
    found: Sequence[Found],
    skipped: dict[str, str],
    trials: int,
    seed: int,
) -> dict[str, Any]:
    """Return the content of ``sensitivity.json``, without its provenance.

    Parameters
    ----------
    base
        Trials of the declared wire.
    fields_mT
        The fields.
    found
        What was found of each variation.
    skipped
        Why others were left out, by their label.
    trials
        Trials of a wire at a field.
    seed
        Seed of everything random.
    """
    counts = counts_of(base)
    n, passed = (counts[name].to_numpy(dtype=float) for name in ("n_trials", "n_passed"))
    centre, steepness = interval_of(counts["field_mT"].to_numpy(dtype=float), n, passed, [seed])
    finite = [one for one in found if np.isfinite(one.changes.saved)]
    return {
        "fields_mT": list(fields_mT),
        "trials_per_field": trials,
        "confidence": CONFIDENCE,
        "declared_wire": {
            "centre_mT": centre.document(),
            "steepness_per_mT": steepness.document(),
            "counts": counts.to_dict("records"),
        },
        "variations": [_document(one, fields_mT) for one in _sorted(found)],
        "left_out": skipped,
        "common_noise": {
            "meaning": "trials of the varied wires, and how many would give the same intervals of "
            "the centre if the wires had independent noise",
            "trials": sum(one.pairs for one in finite),
            "independent_trials": round(sum(one.pairs * one.changes.saved for one in finite)),
            "median_factor": (
                float(np.median([one.changes.saved for one in finite])) if finite else None
            ),
        },
    }


def _document(one: Found, fields_mT: Sequence[float]) -> dict[str, Any]:
    changes = one.changes
    return {
        "variation": one.label,
        "changes": one.variation.changes,
        "compared_with": one.variation.reference,
        "centre_shift_mT": changes.centre_mT.document(),
        "centre_outside_fields": changes.outside,
        "steepness_change": changes.steepness.document(),
        "passing_change": [
            {"field_mT": field, **change.document()}
            for field, change in zip(fields_mT, changes.passing, strict=True)
        ],
        "pairs": one.counts.sum(axis=(1, 2)).tolist(),
        "passed": {
            "both": one.counts[:, 1, 1].tolist(),
            "reference_only": one.counts[:, 1, 0].tolist(),
            "varied_only": one.counts[:, 0, 1].tolist(),
        },
        "pairs_that_differ": one.differ,
        "p_value": one.p_value,
        "undecided_share": one.undecided,
        "saved_factor": changes.saved if np.isfinite(changes.saved) else None,
    }


def rows_of(found: Sequence[Found]) -> pd.DataFrame:
    """Return the rows of ``sensitivity.csv``."""
    rows = []
    for one in _sorted(found):
        document = dict(zip(ESTIMATES, _estimates(one.changes), strict=True))
        saved = one.changes.saved
        rows.append(
            {
                "variation": one.label,
                "pairs": one.pairs,
                "pairs_that_differ": one.differ,
                "p_value": one.p_value,
                **{
                    name + end: change.document()[key]
                    for name, change in document.items()
                    for end, key in ENDS.items()
                },
                "saved_factor": saved if np.isfinite(saved) else None,
            }
        )
    return pd.DataFrame(rows).astype({"saved_factor": float})


def _estimates(changes: Changes) -> tuple[Change, ...]:
    return changes.centre_mT, changes.steepness, changes.passing[0], changes.passing[-1]


def _sorted(found: Sequence[Found]) -> list[Found]:
    # A shift that is not known (NaN) goes last.
    return sorted(
        found, key=lambda one: -np.nan_to_num(abs(one.changes.centre_mT.estimate), nan=-1)
    )
