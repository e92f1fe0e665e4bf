"""Results that are made again are compared value by value."""

import json

import numpy as np
import pandas as pd
import pytest
import yaml
from safetensors.numpy import save_file
from typer.testing import CliRunner

from dwsynapse.io.contracts import TRIALS
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import write_json
from dwsynapse.provenance import reproduce_command
from dwsynapse.provenance.differences import difference
from dwsynapse.provenance.reproduce_command import compared
from dwsynapse.study.reading import over_defaults, read_study

WEIGHTS = np.linspace(1, 2, 12).reshape(3, 4)


def write(path, scale=1.0):
    """Write a file of the kind of its name; the last value is scaled."""
    weights = WEIGHTS.copy()
    weights[-1, -1] *= scale
    if path.suffix == ".json":
        content = {"fit": {"h0_mT": weights[-1, -1], "draws": weights.tolist(), "form": "logistic"}}
        origin = {"provenance": {"code": str(scale)}, "device_sha256": str(scale)}
        write_json(path, "toy", 1, content | origin)
    elif path.suffix == ".csv":
        frame = pd.DataFrame(weights, columns=list("abcd"))
        frame.to_csv(path.open("w"), index=False)
    elif path.suffix == ".npz":
        np.savez(path, weights=weights)
    elif path.suffix == ".safetensors":
        save_file({"weights": weights}, path)
    elif path.suffix == ".parquet":
        pd.DataFrame(weights, columns=list("abcd")).to_parquet(path)
    else:
        path.write_text(f"<svg>\n{weights[-1, -1]}\n</svg>\n")


KINDS = ("json", "csv", "npz", "safetensors", "parquet", "svg")


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_values_are_the_same(tmp_path, kind):
    for name in ("a", "b"):
        write(tmp_path / f"{name}.{kind}")
    assert str(difference(tmp_path / f"a.{kind}", tmp_path / f"b.{kind}")) == "same"


@pytest.mark.parametrize(
    ("kind", "n_different", "n_values", "place"),
    [
        ("json", 2, 16, "fit.h0_mT"),
        ("csv", 1, 12, "d[2]"),
        ("npz", 1, 12, "weights[2][3]"),
        ("safetensors", 1, 12, "weights[2][3]"),
        ("parquet", 1, 12, "d[2]"),
        ("svg", 1, 3, "line[1]"),
    ],
)
def test_another_value_is_named_with_its_place_and_size(
    tmp_path, kind, n_different, n_values, place
):
    write(tmp_path / f"a.{kind}")
    write(tmp_path / f"b.{kind}", 1 + 1e-9)
    found = difference(tmp_path / f"a.{kind}", tmp_path / f"b.{kind}")
    assert (found.n_different, found.n_values, found.place) == (n_different, n_values, place)
    assert str(found).startswith(f"{n_different} of {n_values} values differ, most at {place}: 2.0")
    if kind != "svg":
        assert "(1e-09 of the largest value there)" in str(found)


def test_origins_are_not_compared(tmp_path):
    for name, code in (("a", "1"), ("b", "2")):
        content = {"n": 1, "provenance": {"code": code}, "log_sha256": code}
        write_json(tmp_path / f"{name}.json", "toy", 1, content)
    assert str(difference(tmp_path / "a.json", tmp_path / "b.json")) == "same"


def test_what_is_missing_or_of_another_shape_differs(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros(3), y=np.ones(2))
    np.savez(tmp_path / "b.npz", x=np.zeros(4), z=np.array([np.nan]))
    found = difference(tmp_path / "a.npz", tmp_path / "b.npz")
    assert (found.n_different, found.place) == (3, "x")
    assert "an array of shape (3,) before, an array of shape (4,) now" in str(found)


def test_shipped_trials_are_compared_with_those_of_all_batches(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trials = pd.DataFrame(
        {
            "field_mT": [4.0, 4, 5, 5],
            "replica": [0, 1, 2, 3],
            "seed": 1,
            "outcome": ["pinned", "passed", "passed", "passed"],
            "decided_at_ns": [1.0, 2, 3, 4],
            "wall_position_nm": [700.0, 800, 800, 800],
            "engine": "embedded",
        }
    )
    for folder in ("kept", "again/results/wire/rounds/1"):
        (tmp_path / folder).mkdir(parents=True)
    TRIALS.write("kept/trials.csv", trials, {"code_version": "before"})
    changed = trials.assign(decided_at_ns=[1.0, 2, 3.003, 4])
    for batch in (1, 2):
        path = f"again/results/wire/rounds/1/trials-{batch}.csv"
        TRIALS.write(path, changed[batch - 1 :: 2], {"code_version": "now"})
    block = {"source": "simulation", "shipped": "kept"}
    study = read_study(over_defaults({"devices": {"wire": block}}))
    ((file, found),) = compared(study, "wire", tmp_path / "again")
    assert file == "kept/trials.csv"
    assert (found.n_different, found.n_values, found.place) == (1, 28, "decided_at_ns[2]")


def reproduce(*words, status=0):
    ran = CliRunner().invoke(reproduce_command.app, [*words], catch_exceptions=False)
    assert ran.exit_code == status, ran.output
    return ran.stdout.splitlines()


def test_a_fit_is_made_again_elsewhere_and_compared(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.csv").write_text("field_mT,n,k\n4,20,1\n5,20,9\n6,20,18\n")
    devices = {
        "quick-wire": None,
        "quick-track": None,
        "lab": {"source": "measurement", "counts": "lab.csv"},
    }
    (tmp_path / "study.yaml").write_text(yaml.safe_dump({"devices": devices}))
    with pytest.raises(InputError, match="results/lab: no results to compare with; run the study"):
        reproduce("lab", "--study", "study.yaml")
    with pytest.raises(InputError, match=r"no device 'labs' in the study; choose one of .*lab"):
        reproduce("labs", "--study", "study.yaml")
    (tmp_path / "results" / "lab").mkdir(parents=True)
    write_json("results/lab/device.json", "device", 1, {})
    said = reproduce("lab", "--study", "study.yaml", status=1)
    assert said[-1] == "lab: 0 files the same, 1 different"
    made = tmp_path / "reproduced" / "results" / "lab" / "device.json"
    fitted = json.loads(made.read_text())
    (tmp_path / "results" / "lab" / "device.json").write_text(json.dumps(fitted))
    assert reproduce("lab", "--study", "study.yaml") == [
        "results/lab/device.json: same",
        "lab: 1 file the same, 0 different",
    ]
    fitted["parameters"]["h0_mT"]["value"] *= 1.01
    (tmp_path / "results" / "lab" / "device.json").write_text(json.dumps(fitted))
    said = reproduce("lab", "--study", "study.yaml", status=1)
    assert "differ, most at parameters.h0_mT.value: " in said[0]
    assert not (tmp_path / "results" / "lab" / "curve.svg").exists()
