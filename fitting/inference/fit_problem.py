"""A table of counts with what is assumed about it: what every fit starts from, made once."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.drives import FIELD, Drive, drive_of
from fitting.counts.pooling import MAX_TRIALS, Pooling
from fitting.counts.row_order import order_by_field
from fitting.forms import PassingCurve
from fitting.inference.count_model import LOGISTIC, Model
from fitting.inference.detected_counts import AtRates
from fitting.inference.fisher_scoring import Coordinates
from fitting.inference.likelihood import Columns

# With a jitter of more widths than this, counts do not determine the width.
MAX_JITTER_WIDTHS = 8
# Rows of equal fields are worth condensing from this many on.
MANY_ROWS = 2000
# Fields closer than this share of the highest differ by the rounding of their digits.
MIN_RELATIVE_SPACING = 1e-9


@dataclass(frozen=True)
class FitProblem:
    """Counts, and what is assumed about them.

    Parameters
    ----------
    columns
        The counts.
    model
        The form of the curve and what disturbs the counts.
    measured
        Which row of `columns` was measured first, second, ..., shape (n_rows,); None: unknown.
    drive
        What the columns field_mT and field_sd_mT are, and in which unit.
    """

    columns: Columns
    model: Model = LOGISTIC
    measured: NDArray[np.int64] | None = None
    drive: Drive = FIELD

    @classmethod
    def of(cls, counts: pd.DataFrame, model: Model = LOGISTIC) -> Self:
        """Return the problem of a table, its rows in an order that does not depend on theirs.

        Parameters
        ----------
        counts
            Table of counts (`dwsynapse.io.contracts.COUNTS`), rows in the order of measurement.
        model
            What is assumed about them.
        """
        order = order_by_field(counts)
        return cls(Columns.of(counts.iloc[order]), model, np.argsort(order), drive_of(counts))

    def assuming(self, model: Model) -> Self:
        """Return the same counts with another model."""
        return replace(self, model=model)

    @property
    def both_outcomes(self) -> bool:
        """Whether some walls passed and some did not."""
        return 0 < self.columns.n_passed.sum() < self.columns.n_trials.sum()

    @cached_property
    def coordinates(self) -> Coordinates:
        """The coordinates in which the curve is fitted."""
        return self.model.coordinates

    @cached_property
    def observed_coordinates(self) -> AtRates:
        """Those coordinates, with the curve seen at the likeliest rates of wrong outcomes."""
        errors = self.model.detection
        return AtRates(self.coordinates, errors.values if errors else {})

    @cached_property
    def field_range_mT(self) -> tuple[float, float]:
        """The lowest and the highest field."""
        return float(self.columns.field_mT.min()), float(self.columns.field_mT.max())

    @cached_property
    def field_scales_mT(self) -> tuple[float, float]:
        """The span and the least spacing of the fields, in mT; of a single field, its value."""
        fields_mT = np.unique(self.columns.field_mT)
        gaps = np.diff(fields_mT)
        gaps = gaps[gaps > MIN_RELATIVE_SPACING * fields_mT[-1]]
        if not len(gaps):
            scale = max(float(fields_mT[0]), 1.0)
            return scale, scale
        return float(fields_mT[-1] - fields_mT[0]), float(gaps.min())

    @cached_property
    def steepness_range_per_mT(self) -> tuple[float, float]:
        """The flattest and the steepest curve that counts at such fields can resolve, in 1/mT.

        A curve whose width 1/Delta is below a fortieth of the least spacing of the fields is a step
        as far as the data can show, and so is one of an eighth of the jitter of every field; one
        wider than four spans is flat.
        """
        span, spacing = self.field_scales_mT
        steepest = 40 / spacing
        if (least_sd_mT := self.columns.field_sd_mT.min()) > 0:
            steepest = min(steepest, MAX_JITTER_WIDTHS / least_sd_mT)
        flattest = 1 / (4 * span)
        return flattest, max(steepest, 2 * flattest)

    def pooling(self, curve: PassingCurve, most_trials: float = MAX_TRIALS) -> Pooling:
        """Return how rows of no more than so many trials are pooled for curves like the given."""
        steepness_per_mT = np.exp(self.coordinates.point(curve)[2])
        return Pooling.of(self.columns, steepness_per_mT, most_trials)

    def condensed(self) -> Self:
        """Return the problem with one row for each field and jitter, for the same likelihood.

        Only where trials are independent, whose likelihood knows no rows, and rows are many; the
        order of measurement is lost.
        """
        columns = self.columns
        if self.model.overdispersed or len(columns.field_mT) < MANY_ROWS:
            return self
        pooled = Pooling.of_equal(columns).pooled(columns)
        return replace(self, columns=pooled, measured=None)

    def pooled(self, curve: PassingCurve, most_trials: float = MAX_TRIALS) -> Self:
        """Return the problem with such rows pooled, whose order of measurement is lost."""
        columns = self.pooling(curve, most_trials).pooled(self.columns)
        return replace(self, columns=columns, measured=None)
