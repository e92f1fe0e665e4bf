"""Tests that look at the same simulations, and their joint p-values."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dwsynapse.verdicts import joint_p_values
from hardware.verification.log_tests.result import LogResult

FAMILY = "classes"
WEIGHT = 0.5
"""Of each test, with images enough."""
ENOUGH = 10
"""Images from which on their results are varied enough to be improbable."""


class Simulated(NamedTuple):
    """A test with the statistics that its p-value is from.

    Parameters
    ----------
    result
        The test, as if it were the only one.
    statistic
        The statistic found; large ones speak against the model.
    simulated
        The same in each simulation, shape (SIMULATIONS,).
    """

    result: LogResult
    statistic: float
    simulated: NDArray[np.float64]


def jointly(tests: Sequence[Simulated]) -> list[LogResult]:
    """Return the tests with joint p-values: one family, whose parts of the significance add up.

    Few images have few results, of which hardly any is improbable: their parts are smaller.
    """
    p_values = joint_p_values(
        [test.statistic for test in tests], [test.simulated for test in tests]
    )
    return [
        replace(
            test.result,
            p_value=p,
            p_value_method=f"{test.result.p_value_method}, joint for the {len(tests)} tests of "
            "classes",
            weight=WEIGHT * min(1.0, (test.result.n or 0) / ENOUGH),
            family=FAMILY,
            details=test.result.details | {"p_value_alone": test.result.p_value},
        )
        for test, p in zip(tests, p_values, strict=True)
    ]
