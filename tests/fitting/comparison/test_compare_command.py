"""The command that compares two tables: its files, its words and what it refuses."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dwsynapse.io.errors import InputError
from fitting.cli import app
from fitting.counts.laboratory_tables import read_counts
from fitting.forms.depinning import Dwell32
from fitting.inference.count_model import Model
from fitting.inference.fit import fit_curve
from fitting.inference.fit_problem import FitProblem
from tests.fitting.comparison.two_tables import AFTER, BEFORE, FIELDS_mT, simulate


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(12)
    simulate(BEFORE, rng, 100).to_csv(tmp_path / "before.csv", index=False)
    simulate(AFTER, rng, 100).to_csv(tmp_path / "after.csv", index=False)
    return tmp_path


def invoke(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)


def test_the_command_writes_numbers_a_figure_and_a_summary(files):
    out = files / "out"
    result = invoke(
        *("compare", files / "before.csv", files / "after.csv"),
        *("--simulations", 9, "--out", out),
    )
    assert "after minus before, 95% profile-likelihood intervals:" in result.stdout
    floor, h0 = (
        next(line for line in result.stdout.splitlines() if line.startswith(f"  {name}: "))
        for name in ("floor", "h0_mT")
    )
    assert re.search(r"\]: not distinguished, within 0\.\d+$", floor)
    assert h0.endswith("mT: different")
    found = json.loads((out / "curves.json").read_text())
    assert found["format"] == "dwsynapse-curve-comparison"
    assert found["fits"]["B"]["name"] == "after"
    assert found["differences"]["h0_mT"]["unit"] == "mT"
    assert [shared["fitted"] for shared in found["shared"]] == [
        [],
        ["offset_mT"],
        ["offset_mT", "scale"],
    ]
    figure = (out / "comparison.svg").read_text()
    assert "before, n = 1200" in figure
    assert "h0, after minus before (mT)" in figure


def test_what_both_curves_were_given_is_no_verdict(files):
    out = files / "out"
    result = invoke(
        *("compare", files / "before.csv", files / "after.csv", "--floor", 0),
        *("--simulations", 9, "--out", out),
    )
    assert "  floor: 0 [0, 0]: given\n" in result.stdout


def test_the_command_warns_where_a_table_scatters_more_than_its_curve_allows(files):
    # 200 trials a field, correlated by 0.1: counts vary 21 times as much as independent ones.
    rng = np.random.default_rng(15)
    p, total = BEFORE.probability(FIELDS_mT), 1 / 0.1 - 1
    n_passed = rng.binomial(200, rng.beta(p * total, (1 - p) * total))
    table = pd.DataFrame({"field_mT": FIELDS_mT, "n_trials": 200, "n_passed": n_passed})
    table.to_csv(files / "alike.csv", index=False)
    out = files / "out"
    result = invoke(
        *("compare", files / "before.csv", files / "alike.csv", "--simulations", 199, "--out", out)
    )
    assert "warning: alike: the counts deviate from the curve by more than chance" in result.stderr
    assert "alike: fit: rejected by deviance" in result.stdout
    found = json.loads((out / "curves.json").read_text())["fits"]
    assert found["A"]["fit_badge"] is None
    assert found["B"]["fit_badge"].startswith("fit: rejected by deviance")
    assert "alike, fit: rejected by deviance" in (out / "comparison.svg").read_text()


def test_the_command_follows_a_config_and_prints_its_constants(files):
    (files / "fitting.yaml").write_text(
        "{form: neel-brown-3/2, dwell_s: 0.02, confidence: 0.9, simulations: 9}"
    )
    tables = files / "before.csv", files / "after.csv"
    result = invoke(
        *("compare", *tables, "--config", files / "fitting.yaml"),
        *("--confidence", 0.8, "--out", files / "out"),
    )
    assert "dwell_s 0.02 (given)" in result.stdout
    found = json.loads((files / "out" / "curves.json").read_text())
    assert found["form"] == "neel-brown-3/2"
    assert found["constants"] == {"attempt_frequency_Hz": 1e9, "dwell_s": 0.02}
    assert found["confidence"] == 0.8
    assert [shared["bootstrap_simulations"] for shared in found["shared"]] == [9] * 3
    assert found["provenance"]["config_sha256"]
    # The same curve, seen for a fiftieth of the time: E0 differs, the fitted rates do not.
    barrier_kT = found["fits"]["A"]["parameters"]["barrier_kT"]["value"]
    hc_mT = found["fits"]["A"]["parameters"]["hc_mT"]["value"]
    problem = FitProblem.of(read_counts(tables[0]), Model(Dwell32.typical()))
    one_second = fit_curve(problem, 0.9, "a").curve
    given = Dwell32(
        found["fits"]["A"]["parameters"]["floor"]["value"], barrier_kT, hc_mT, dwell_s=0.02
    )
    assert given.probability(FIELDS_mT) == pytest.approx(
        one_second.probability(FIELDS_mT), abs=0.01
    )
    assert barrier_kT < one_second.barrier_kT


def test_a_table_that_determines_no_curve_is_named(files):
    bad = files / "after.csv"
    bad.write_text("field_mT,n_trials,n_passed\n2,10,0\n3,10,0\n4,10,0\n")
    with pytest.raises(InputError, match=r"after\.csv: column n_passed: no wall passed"):
        invoke("compare", files / "before.csv", bad, "--out", files / "out")
    assert not (files / "out").exists()


def test_columns_are_named_for_both_tables_or_for_one(files):
    own = pd.read_csv(files / "after.csv").rename(columns={"field_mT": "B, set", "n_trials": "q"})
    own.to_csv(files / "own.csv", index=False)
    tables = files / "before.csv", files / "own.csv"
    options = ("--simulations", 9, "--out", files)
    columns = ("--columns", "B:field_mT=B, set,B:n_trials=q", "--columns", "n_passed=n_passed")
    invoke("compare", *tables, *columns, *options)
    found = json.loads((files / "curves.json").read_text())["fits"]
    invoke("compare", files / "before.csv", files / "after.csv", *options)
    expected = json.loads((files / "curves.json").read_text())["fits"]
    assert found["B"]["parameters"] == expected["B"]["parameters"]
    for wrong in ("A:field_mT=B, set", "field_mT=B, set"):
        with pytest.raises(InputError, match=r"before\.csv: --columns: field_mT=B, set: no col"):
            invoke("compare", *tables, "--columns", wrong, *options)
    with pytest.raises(InputError, match="--columns: 'B:n_trials=q' is not WHAT=NAME, each"):
        invoke("compare", *tables, "--columns", "B:n_trials=q,B:n_trials=q", *options)


@pytest.mark.parametrize(
    ("option", "value"), [("--names", "one"), ("--names", "one,one"), ("--simulations", "1000000")]
)
def test_options_that_make_no_sense_are_refused(files, option, value):
    with pytest.raises(InputError, match=option):
        invoke(
            *("compare", files / "before.csv", files / "after.csv"),
            *(option, value, "--out", files / "out"),
        )


def test_a_given_floor_leaves_a_full_calibration_no_misfit(tmp_path):
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    simulate(BEFORE, np.random.default_rng(1), 40).to_csv(a, index=False)
    simulate(AFTER, np.random.default_rng(2), 40).to_csv(b, index=False)
    command = ["compare", a, b, "--floor", "0.02", "--simulations", "2", "--out", tmp_path]
    result = CliRunner().invoke(app, [str(word) for word in command], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    *_, last = json.loads((tmp_path / "curves.json").read_text())["shared"]
    assert (last["degrees_of_freedom"], last["p_value_chi2"]) == (0, 1.0)
