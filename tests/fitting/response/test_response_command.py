"""`dwsynapse fitting response`: each kind of input, what is written, and what is refused."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dwsynapse.io.contracts import PULSES
from dwsynapse.io.errors import InputError, checked
from fitting.cli import app
from fitting.response.inputs.crosssim_tables import read_crosssim
from fitting.response.response_content import steps_of_no_direction
from fitting.response.response_table import ResponseTable
from tests.fitting.response.small_trains import TRACK, track_pulses
from tests.fitting.response.test_measured_trains import numbered, train

DATA = Path(__file__).parents[2] / "data/response"
JUNCTION = ("--rp-ohm", "6000", "--tmr", "1.5")
QUICK = ("--draws", "50")


def run(*words):
    done = CliRunner().invoke(
        app, ["response", *map(str, (*words, *QUICK))], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return done


def content(folder):
    return json.loads((folder / "response.json").read_text())


@pytest.fixture
def pulses(tmp_path):
    PULSES.write(tmp_path / "pulses.csv", track_pulses(0), {})
    TRACK.write(tmp_path / "track.json", {})
    return tmp_path / "pulses.csv"


def test_simulated_pulses(pulses, tmp_path):
    out = tmp_path / "out"
    done = run(pulses, *JUNCTION, "--out", out, "--crosssim", tmp_path / "xs")
    table, found = ResponseTable.read(out / "response.npz"), content(out)
    # From the first to the last of nine notches: 240 of 300 nm between the fixed ends.
    assert table.range_S == pytest.approx(0.8 * 0.6 / 6000)
    assert np.array_equal(table.levels_S, table.conductances_S)
    # Nine of ten pulses move the wall by an eighth of the range; three standard errors of 96.
    for name in ("up", "down"):
        assert found[name]["mean_step"]["value"] == pytest.approx(0.9 / 8, abs=0.012)
        assert found[name]["mean_step"]["low"] < 0.9 / 8 < found[name]["mean_step"]["high"]
        assert len(found["bins"][name]["mean_S"]) == 9
    assert found["pulses"]["outcomes"] == {"settled": 240}
    for name in ("up", "down"):
        moved = found["pulses"]["levels_moved"][name]
        assert set(moved) == {"0", "1"}
        assert sum(moved.values()) == found[name]["n_pulses"]
        assert moved["1"] == pytest.approx(0.9 * found[name]["n_pulses"], abs=9)
    for name, way in (("up", 1), ("down", -1)):
        moved = found["displacement"][name]
        # Three standard errors of 27 nm by 96 pulses of 0 or 30 nm.
        assert moved["mean_nm"] == [pytest.approx(27 * way, abs=3)]
        assert moved["slope_nm_per_ns"] is None
    assert {"linearity up", "symmetry"} <= {test["test"] for test in found["tests"]}
    assert found["verdict"] in done.output
    assert "warning: fewer than 20 pulses at 8 of 8 levels up" in done.output
    assert "from the last notch towards the end left out" in done.output
    again, _ = read_crosssim(tmp_path / "xs")
    # Nine digits.
    assert again.dG_up_S == pytest.approx(table.dG_up_S, rel=1e-8)
    for figure in ("ramp.svg", "response.svg", "displacement.svg"):
        assert (out / figure).stat().st_size > 1000


def test_durations_give_a_line_and_one_is_chosen(pulses, tmp_path):
    frame = track_pulses(0)
    longer = frame[frame["replica"] < 6].assign(duration_ns=2.0)
    longer["position_after_nm"] += 10 * longer["direction"]
    PULSES.write(pulses, pd.concat([frame, longer]), {})
    done = run(pulses, *JUNCTION, "--out", tmp_path / "out")
    assert "note: the response is of pulses of 1 ns, the most frequent duration" in done.output
    found = content(tmp_path / "out")["displacement"]
    # About 27 nm and, for 2 ns, 10 more; three standard errors of the mean of 48 steps.
    assert found["up"]["slope_nm_per_ns"]["value"] == pytest.approx(10, abs=5)
    assert found["down"]["mean_nm"][0] == pytest.approx(-27, abs=3)
    assert (tmp_path / "out/displacement.svg").exists()
    run(pulses, *JUNCTION, "--duration-ns", 2, "--out", tmp_path / "two")
    assert content(tmp_path / "two")["pulses"]["duration_ns"] == 2


def test_tables_of_crosssim(tmp_path):
    done = run(DATA / "DWMTJ_SOT_300K_dG_increasing0.txt", "--out", tmp_path)
    found = content(tmp_path)
    assert found["up"]["mean_step"] == {
        "value": pytest.approx(0.046, abs=0.002),
        "low": None,
        "high": None,
    }
    assert found["tests"] == []
    assert "no pulses, no tests" in done.output
    assert ResponseTable.read(tmp_path / "response.npz").levels_S.size == 0


def test_a_measured_train(tmp_path):
    rng, g, rows = np.random.default_rng(1), 1.0, [1.0]
    for way in (1, -1) * 10:
        for _ in range(30):
            g += way * (0.2 + 0.05 * rng.standard_normal())
            rows.append(g)
    pd.Series(rows, name="conductance_uS").rename_axis("pulse").to_csv(tmp_path / "train.csv")
    run(tmp_path / "train.csv", "--out", tmp_path / "out", "--bins", 10)
    found = content(tmp_path / "out")
    assert found["source"] == "measured pulses"
    assert found["up"]["nonlinearity_of"] == "mean ramp"
    assert found["up"]["nonlinearity"]["value"] == pytest.approx(0, abs=0.2)
    assert len(found["bins"]["conductance_S"]) == 10


def test_the_same_seed_gives_the_same_files(pulses, tmp_path):
    for name in ("a", "b"):
        run(pulses, *JUNCTION, "--out", tmp_path / name)
    for file in ("response.npz", "response.json", "response.svg", "ramp.svg"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


BACKWARDS = {
    f"{what}_{when}{unit}": f"{what}_{then}{unit}"
    for what, unit in (("position", "_nm"), ("level", ""))
    for when, then in (("before", "after"), ("after", "before"))
}


def changed(column, value):
    return lambda frame: frame.assign(**{column: value})


@pytest.mark.parametrize(
    ("damage", "words", "line"),
    [
        (None, (), "positions of a wall are no conductances yet; give the junction"),
        (None, ("--rp-ohm", 1e3), "--rp-ohm, --tmr: needs both"),
        (None, ("--rp-ohm", 1e3, "--tmr", 150), "--tmr: 150 is 15000 %, more than any"),
        (None, (*JUNCTION, "--duration-ns", 3), r"no pulses of 3 ns; choose 1"),
        (None, (*JUNCTION, "--track", "no.json"), "no.json: no such file; give the track"),
        (changed("temperature_K", np.arange(240) % 2), JUNCTION, "several temperature_K: 0.0, 1.0"),
        (lambda f: f[f["direction"] == 1], JUNCTION, "in one direction only"),
        (changed("level_before", 12), JUNCTION, "level 12 of a track whose last level is 8"),
        (changed("position_after_nm", 500.0), JUNCTION, r"column position_after_nm: a wall at"),
        (
            lambda f: f.rename(columns=BACKWARDS),
            JUNCTION,
            "the conductance does not rise by pulses up",
        ),
    ],
)
def test_names_what_is_wrong(pulses, tmp_path, damage, words, line):
    if damage:
        PULSES.write(pulses, damage(track_pulses(0)), {})
    with pytest.raises(InputError, match=line):
        run(pulses, *words, "--out", tmp_path / "out")
    assert not (tmp_path / "out" / "response.npz").exists()


@pytest.mark.parametrize(
    ("kind", "words", "option"),
    [
        ("train", JUNCTION, "--rp-ohm, --tmr"),
        ("train", ("--duration-ns", 1), "--duration-ns"),
        ("tables", ("--bins", 8), "--bins"),
        ("pulses", (*JUNCTION, "--columns", "pulse=n"), "--columns"),
    ],
)
def test_options_that_an_input_has_no_use_for_are_refused(pulses, tmp_path, kind, words, option):
    numbered(train()).to_csv(tmp_path / "train.csv", index=False)
    tables = DATA / "DWMTJ_STT_300K_dG_increasing0.txt"
    path = {"train": tmp_path / "train.csv", "tables": tables, "pulses": pulses}[kind]
    with pytest.raises(InputError, match=f"{option}: not of"):
        run(path, *words, "--out", tmp_path / "out")


def test_no_figure_of_an_earlier_run_stays(pulses, tmp_path):
    tables = DATA / "DWMTJ_STT_300K_dG_increasing0.txt"
    for words, drawn in (((pulses, *JUNCTION), True), ((tables,), False)):
        checked(partial(run, *words, "--out", tmp_path / "out"))
        assert (tmp_path / "out/displacement.svg").exists() == drawn


def test_no_input_is_overwritten(tmp_path):
    for way in ("increasing", "decreasing"):
        text = (DATA / f"DWMTJ_STT_300K_dG_{way}0.txt").read_text()
        (tmp_path / f"dG_{way}.txt").write_text(text)
    with pytest.raises(InputError, match=r"dG_increasing\.txt: is also an input"):
        run(tmp_path, "--out", tmp_path / "out", "--crosssim", tmp_path)


def test_a_wall_that_its_window_moved_a_little_goes_on_with_its_ramp(pulses, tmp_path):
    frame = track_pulses(0)
    frame["position_before_nm"] += 2.0  # of 30 nm
    PULSES.write(pulses, frame, {})
    run(pulses, *JUNCTION, "--out", tmp_path / "out")
    tests = {test["test"] for test in content(tmp_path / "out")["tests"]}
    assert "Markov: last step" in tests
    frame["position_before_nm"] += 10.0
    PULSES.write(pulses, frame, {})
    run(pulses, *JUNCTION, "--out", tmp_path / "out")
    tests = {test["test"] for test in content(tmp_path / "out")["tests"]}
    assert "Markov: last step" not in tests


def test_pulses_of_the_wrong_sign_are_refused(tmp_path):
    rng = np.random.default_rng(2)
    signs = rng.choice([-1, 1], 300)
    conductances_uS = 5 + np.cumsum(-0.1 * signs) + 0.05 * rng.standard_normal(300)
    train = pd.DataFrame({"sign": signs, "conductance_uS": conductances_uS})
    train.to_csv(tmp_path / "train.csv", index=False)
    with pytest.raises(InputError, match=r"train\.csv: the conductance does not rise by pulses up"):
        run(tmp_path / "train.csv", "--out", tmp_path / "out")


def test_mean_steps_that_may_be_none_are_warned_of():
    sure = {"mean_step": {"value": 0.03, "low": 0.02, "high": 0.04}}
    unsure = {"mean_step": {"value": 0.03, "low": -0.01, "high": 0.07}}
    (line,) = steps_of_no_direction({"up": sure, "down": unsure})
    assert line.startswith("pulses down do not change the conductance with certainty")
    assert "3 [−1, 7]" in line


def test_pulses_too_few_to_tell_how_steps_change_give_no_nonlinearity(pulses, tmp_path):
    """All levels take all of them, so that their mean steps are equal whatever the synapse does."""
    every = track_pulses(0)
    PULSES.write(pulses, every[every["replica"] < every["replica"].min() + 2], {})
    done = run(pulses, *JUNCTION, "--out", tmp_path / "out")
    assert "nonlinearity unknown" in done.output
    assert "pulses up are too few to tell how steps change" in done.output
    assert "nonlinearity unknown: too few pulses" in (tmp_path / "out" / "ramp.svg").read_text()
    found = content(tmp_path / "out")
    assert found["down"]["nonlinearity"] == {"value": None, "low": None, "high": None}
    assert found["asymmetry"]["value"] is None
