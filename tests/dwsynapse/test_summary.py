"""The summary reports results that were changed by hand, with their key."""

import json

import pytest

from dwsynapse.io.errors import InputError
from dwsynapse.summary.study_numbers import summarise

ROW = {"rule": "perceptron", "reads_test": None, "mean": 0.9, "sd": None, "n_models": 1}
RESULTS = {
    "accuracy": {"device": "a", "accuracy": [ROW | {"low": None, "high": None}]},
    "plan": {"device": "a", "wanted": 0.9, "choices": {"fixed": None}},
    "comparison": {"device": "a", "reference": "b", "tests": []},
}


def write(folder, kind, content):
    path = folder / f"{kind}.json"
    document = {"format": f"dwsynapse-{kind}", "format_version": 1, **content}
    path.write_text(json.dumps(document))
    return path


def test_results_without_their_device_are_read(tmp_path):
    files = [write(tmp_path, kind, content) for kind, content in RESULTS.items()]
    assert summarise(files)["devices"] == {}


@pytest.mark.parametrize(
    ("kind", "changes", "says"),
    [
        ("accuracy", {"accuracy": [{"rule": "perceptron"}]}, "accuracy.0.reads_test: no such key"),
        ("accuracy", {"accuracy": None}, "accuracy: must be a valid list"),
        ("plan", {"wanted": "much"}, "wanted: must be a valid number"),
        ("comparison", {"tests": [3]}, "tests.0: must be a valid"),
    ],
)
def test_a_result_of_another_shape_is_reported(tmp_path, kind, changes, says):
    path = write(tmp_path, kind, RESULTS[kind] | changes)
    with pytest.raises(InputError) as caught:
        summarise([path])
    assert str(caught.value).startswith(f"{path}: {says}")
    assert "\n" not in str(caught.value)
