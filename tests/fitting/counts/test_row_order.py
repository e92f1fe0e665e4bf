"""Results do not depend on the order of a table's rows."""

import json

import numpy as np
import pandas as pd
import pytest

from dwsynapse.study import Fitting
from fitting.counts.row_order import order_by_field
from fitting.forms import Logistic
from fitting.make_device import device_from_counts

IN_TIME = "residuals against time order"


def counts() -> pd.DataFrame:
    """Return 24 rows, two at each field, equal but for what passed."""
    fields_mT = np.repeat(np.arange(3.0, 9.0, 0.5), 2)
    curve = Logistic.of({"floor": 0.05, "h0_mT": 5.5, "delta_per_mT": 1.6})
    n_passed = np.random.default_rng(5).binomial(30, curve.probability(fields_mT))
    return pd.DataFrame({"field_mT": fields_mT, "n_trials": 30, "n_passed": n_passed})


@pytest.mark.parametrize("lapse", [False, True])
def test_shuffled_rows_give_the_same_device(tmp_path, lapse):
    settings = Fitting(lapse=lapse, draws=200, simulations=99)
    rows = counts()
    contents = []
    for table in (rows, rows[::-1], rows.sample(frac=1, random_state=1)):
        device = device_from_counts(
            table, settings, name="wire", source="measurement", seed=1, path="counts.csv"
        )
        device.write(tmp_path / "device.json")
        content = json.loads((tmp_path / "device.json").read_text())
        tests = content["goodness_of_fit"]["tests"]
        content["goodness_of_fit"]["tests"] = [t for t in tests if t["test"] != IN_TIME]
        contents.append(content)
    assert contents[0] == contents[1] == contents[2]


def test_the_order_is_that_of_the_fields_and_not_of_what_passed():
    rows = pd.DataFrame({"field_mT": 5.0, "n_trials": 9, "n_passed": np.arange(10)})
    passed = rows["n_passed"].to_numpy()[order_by_field(rows)]
    assert (np.diff(passed) < 0).any()
    turned = rows[::-1]
    assert (turned["n_passed"].to_numpy()[order_by_field(turned)] == passed).all()
    apart = pd.DataFrame({"field_mT": [2.0, 1.0, 3.0], "n_trials": 9, "n_passed": 4})
    assert order_by_field(apart).tolist() == [1, 0, 2]
