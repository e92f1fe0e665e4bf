"""The fit of a long table shows its steps on stderr."""

import numpy as np
import pandas as pd
import pytest

from dwsynapse.study import Fitting
from fitting.forms import Logistic
from fitting.make_device import LONG_ROWS, device_from_counts

TRUTH = Logistic(floor=0.02, h0_mT=4.6, delta_per_mT=2.7)


@pytest.mark.parametrize(("n_rows", "shown"), [(LONG_ROWS, False), (LONG_ROWS + 1, True)])
def test_only_the_fit_of_a_long_table_shows_a_bar(capsys, n_rows, shown):
    fields_mT = np.linspace(2, 8, n_rows)
    passed = np.random.default_rng(1).binomial(1, TRUTH.probability(fields_mT))
    counts = pd.DataFrame({"field_mT": fields_mT, "n_trials": 1, "n_passed": passed})
    settings = Fitting(draws=10, simulations=3)
    device_from_counts(
        counts, settings, name="wire", source="measurement", seed=1, path="counts.csv"
    )
    lines = capsys.readouterr().err.replace("\r", "\n").split("\n")
    bar = [line for line in lines if line.startswith(f"wire, fit of {n_rows} rows")]
    assert bool(bar) == shown
    assert not shown or "4/4" in bar[-1]
