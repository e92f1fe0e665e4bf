"""The declared wire, the referee, and trials whose results depend on nothing but their own key."""

import signal
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dwsynapse.io.contracts import PLAN, TRIALS
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance
from dwsynapse.io.signals import Stopped
from dwsynapse.study import Material, Numerics, Protocol, SimulatedDevice
from dwsynapse.study.reading import block_text
from micromag import cli
from micromag.cli import app
from micromag.engine.lanes import LANES
from micromag.engine.problem import Problem
from micromag.sample.wire import cell_centres_nm, declare, in_notch
from micromag.trials import failed_steps
from micromag.trials import simulate as simulate_module
from micromag.trials.first_round import first_plan
from micromag.trials.ledger import Ledger
from micromag.trials.locator import Locator
from micromag.trials.lockstep import scheduler
from micromag.trials.lockstep.scheduler import run_trials
from micromag.trials.oommf import check_available
from micromag.trials.referee import Referee, Trial
from micromag.trials.relaxed_walls import relaxed_walls, write_walls
from micromag.trials.simulate import planned_trials
from tests.micromag.tiny_wire import TINY, assert_refused_in_one_line, run

DATA = Path(__file__).parents[1] / "data" / "oommf"


@pytest.fixture(scope="module")
def tiny():
    """Return the tiny wire as numbers, and its relaxed wall."""
    return Problem.of(declare(TINY)), relaxed_walls(TINY)[0]


def test_notches_cover_the_share_of_the_width_they_should():
    wire = SimulatedDevice().wire
    empty = in_notch(*cell_centres_nm(wire), wire.notch, wire.width_nm)
    assert empty.sum(axis=1).max() == 8  # a cell is cut out where its centre is
    np.testing.assert_array_equal(empty, empty[::-1])
    np.testing.assert_array_equal(empty, empty[:, ::-1])
    assert not empty[: (320 - 24) // 5].any()


def test_relaxed_wall_is_a_transverse_wall_where_it_was_released():
    (wall,), (position_nm,) = relaxed_walls(SimulatedDevice())
    assert position_nm == pytest.approx(160, abs=3)
    m = wall.reshape(3, 128, 16)
    assert m[0, 5, 8] > 0.99
    assert m[0, -10, 8] < -0.99
    assert m[1, 32].mean() > 0.9


@pytest.mark.parametrize("position_nm", [60.0, 152.5, 271.0])
@pytest.mark.parametrize("component", ["x", "z"])
def test_locator_finds_an_abrupt_wall(tiny, position_nm, component):
    # Head-to-head in the plane, or up and down in a perpendicular track.
    problem, _ = tiny
    x = np.repeat((np.arange(problem.cells[0]) + 0.5) * 5, problem.cells[1])
    m = np.zeros((3, problem.Ms.size, 1))
    m["xyz".index(component), :, 0] = np.where(x < position_nm, 1, -1) * (problem.Ms > 0)
    assert Locator(problem, component).position_nm(m)[0] == pytest.approx(position_nm, abs=2.5)


@pytest.mark.parametrize(
    ("field", "positions_nm", "expected"),
    [
        ("constant", [100, 150, 200, 220], ("passed", 0.3, None)),
        ("constant", [100, 150, 155, 150, 150], ("pinned", 0.3, None)),
        ("constant", [100, 150, 100, 150, 150, 150], ("pinned", 0.5, None)),
        ("constant", [80, 80, 80, 85, 90, 95, 100], ("undecided", 0.6, None)),
        ("constant", [80, 40, 9], ("failed", 0.2, None)),
        ("ramp", [100, 150, 200, 220], ("passed", 0.3, None)),
        ("ramp", [100, 150, 155, 150, 180, 230], ("pinned", 0.3, 9.0)),
        ("ramp", [100, 150, 155, 150, 150, 150, 150], ("pinned", 0.3, None)),
    ],
)
def test_referee(field, positions_nm, expected):
    shape = {"shape": "ramp", "rate_mT_per_ns": 10.0} if field == "ramp" else {"shape": field}
    protocol = TINY.protocol.model_dump() | {"pinned_after_ns": 0.2, "field": shape}
    referee = Referee(TINY.model_copy(update={"protocol": Protocol(**protocol)}), lanes=1)
    for step, position_nm in enumerate(positions_nm):
        seen = (np.array([value]) for value in (0, 0.1 * step, position_nm, 5.0 + step))
        if verdicts := referee.decide(*seen):
            break
    verdict = verdicts[0]
    assert verdict.outcome == expected[0]
    assert verdict.decided_at_ns == pytest.approx(expected[1])
    assert verdict.depinning_field_mT == expected[2]
    assert (verdict.failure is not None) == (verdict.outcome == "failed")


def test_results_depend_on_neither_batch_nor_order_nor_threads(tiny):
    trials = [Trial(field_mT, 10 * i + j) for i, field_mT in enumerate((2, 40)) for j in range(10)]
    together = run(*tiny, trials, seed=3)
    assert len(together) == 20
    backwards = run(*tiny, trials[::-1], seed=3, threads=2)
    alone = run(*tiny, trials[7:8], seed=3)
    assert backwards == together
    assert alone[7] == together[7]
    other = run(*tiny, trials[:10], seed=4)
    assert all(other[replica] != together[replica] for replica in other)


def test_an_error_in_any_group_ends_the_run_at_once(tiny, monkeypatch):
    """The first group would never end; it is stopped when the second one fails."""
    problem, released = tiny
    first, reported = threading.Lock(), threading.Event()

    def work_off(group, queue, referee, report, stopped):
        if not first.acquire(blocking=False):
            raise InputError("the second group failed")
        for _ in range(10_000):
            time.sleep(1e-3)
            if stopped():
                reported.set()
                break
        return 0.0

    monkeypatch.setattr(scheduler, "work_off", work_off)
    trials = [Trial(5.0, replica) for replica in range(LANES + 1)]
    with pytest.raises(InputError, match="the second group failed"):
        run(problem, released, trials, seed=1, threads=2)
    assert reported.wait(timeout=5)


def test_a_strong_field_drives_every_wall_past_the_notch(tiny):
    results = run(*tiny, [Trial(90, i) for i in range(4)], seed=0)
    assert {verdict.outcome for verdict, _ in results.values()} == {"passed"}


def common_odds_statistic(passed, trials):
    """Return the Mantel-Haenszel statistic of two engines' counts, shape (2, fields).

    Standard normal, nearly, if at every field both pass with the same probability.
    """
    total, n_passed = trials.sum(axis=0), passed.sum(axis=0)
    expected = trials[0] * n_passed / total
    variance = trials[0] * trials[1] * n_passed * (total - n_passed) / (total**2 * (total - 1))
    return (passed[0] - expected).sum() / np.sqrt(variance.sum())


@pytest.mark.slow
def test_quick_wire_agrees_with_oommf():
    """Passing counts at five fields against OOMMF's (120 trials), by the Mantel-Haenszel test.

    The bound of 3.29 is a false-alarm rate of 1 in 1000. Simulated with the steepness of these
    curves, the test finds a shift of our curve by 0.5 mT with a power of 0.74 (downwards: 0.79),
    by 0.75 mT with 0.99.
    """
    device = SimulatedDevice()
    problem = Problem.of(declare(device))
    oommf = TRIALS.read(DATA / "quick_wire_trials.csv")
    assert set(oommf["engine"]) == {"oommf"}
    theirs = (oommf["outcome"] == "passed").groupby(oommf["field_mT"]).agg(["sum", "size"])
    results = []
    trials = [Trial(b, 100 * i + j) for i, b in enumerate(theirs.index) for j in range(48)]
    released = relaxed_walls(device)[0]
    run_trials(device, problem, released, trials, seed=1, threads=2, on_result=results.append)
    ours = [
        sum(r.verdict.outcome == "passed" for r in results if r.trial.field_mT == field_mT)
        for field_mT in theirs.index
    ]
    passed = np.array([ours, theirs["sum"]])
    sizes = np.array([[48] * len(ours), theirs["size"]])
    assert abs(common_odds_statistic(passed, sizes)) < 3.29


def test_plan_shares_trials_and_batches_share_the_plan():
    plan = first_plan(SimulatedDevice().sampling)
    assert plan["n_trials"].sum() == 112
    batches = [planned_trials(plan, b, 3) for b in (1, 2, 3)]
    replicas = sorted(trial.replica for batch in batches for trial in batch)
    assert replicas == list(range(112))


@pytest.mark.parametrize(
    "block",
    [
        "{first_fields_mT: [4, 8], trials_per_round: 6}",
        "sampling: {first_fields_mT: [4, 8], trials_per_round: 6}",
        "{source: simulation, wire: {width_nm: 60}, sampling: {first_fields_mT: [4, 8], "
        "trials_per_round: 6}}",
    ],
)
def test_the_plan_is_made_from_sampling_alone_or_from_the_device(tmp_path, block):
    (tmp_path / "block.yaml").write_text(block)
    words = f"plan --config {tmp_path}/block.yaml --out {tmp_path}/plan.csv"
    assert CliRunner().invoke(app, words, catch_exceptions=False).exit_code == 0
    plan = PLAN.read(tmp_path / "plan.csv")
    assert plan.to_numpy().tolist() == [[4, 3, 0], [8, 3, 3]]


def test_a_device_without_sampling_is_planned_by_the_default_which_is_said(tmp_path):
    """The workflow's device.yaml has none: its first fields are in sampling.yaml."""
    (tmp_path / "device.yaml").write_text("{source: simulation, wire: {width_nm: 60}}")
    words = f"plan --config {tmp_path}/device.yaml --out {tmp_path}/plan.csv"
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert "device.yaml: has no sampling: the plan is that of the default" in result.stderr


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ("devices: {a: {source: simulation}}", r"what is below the name of one device \(`sour"),
        ("{source: measurement, counts: c.csv}", "block.yaml: source: "),
        ("{trials_per_rond: 6}", "block.yaml: trials_per_rond: unknown key"),
        ("{source: simulation, sampling: {rounds: 0}}", "block.yaml: sampling.rounds: must be at"),
    ],
)
def test_a_block_that_has_no_plan_is_reported_in_one_line(tmp_path, block, says):
    (tmp_path / "block.yaml").write_text(block)
    words = f"plan --config {tmp_path}/block.yaml --out {tmp_path}/plan.csv"
    with pytest.raises(InputError, match=says) as error:
        CliRunner().invoke(app, words, catch_exceptions=False)
    assert "\n" not in str(error.value)


@pytest.fixture
def folder(tmp_path, tiny):
    """Return a folder with the files of a tiny round: config, wall, plan."""
    write_walls(tmp_path / "wall.omf", TINY, tiny[1])
    (tmp_path / "device.yaml").write_text(block_text(TINY))
    rows = {"field_mT": [2.0, 90.0], "n_trials": [3, 3], "first_replica": [0, 3]}
    PLAN.write(tmp_path / "plan.csv", pd.DataFrame(rows), provenance("micromag"))
    return tmp_path


def simulate_args(folder, **changes):
    options = {"config": "device.yaml", "wall": "wall.omf", "plan": "plan.csv", "out": "trials.csv"}
    options |= changes
    paths = [word for name, file in options.items() for word in (f"--{name}", str(folder / file))]
    return ["simulate", *paths, "--seed", "1"]


def test_simulate_command_writes_a_table_of_trials(folder):
    assert CliRunner().invoke(app, simulate_args(folder)).exit_code == 0
    trials = TRIALS.read(folder / "trials.csv")
    assert list(trials["replica"]) == list(range(6))
    assert set(trials.loc[trials["field_mT"] == 90, "outcome"]) == {"passed"}


@pytest.fixture
def simulated(monkeypatch):
    """Return a list that takes in the replicas that the engine is given."""
    replicas = []

    def spy(*args, **kwargs):
        replicas.extend(trial.replica for trial in args[3])
        return run_trials(*args, **kwargs)

    monkeypatch.setitem(simulate_module.ENGINES, "embedded", spy)
    return replicas


def test_a_stopped_run_continues_where_it_was(folder, simulated):
    CliRunner().invoke(app, simulate_args(folder))
    whole, done = (folder / "trials.csv").read_text(), folder / "trials.done.csv"
    (folder / "trials.csv").unlink()
    lines = done.read_text().replace("6 rows", "3 rows").splitlines(keepends=True)
    done.write_text("".join(lines[:6]))  # three are done
    simulated.clear()
    CliRunner().invoke(app, simulate_args(folder))
    assert simulated == [3, 4, 5]
    assert (folder / "trials.csv").read_text() == whole


def test_another_split_and_a_longer_plan_take_over_what_is_done(folder, simulated):
    def batches(n):
        for i in range(1, n + 1):
            words = ["--batch", str(i), "--batches", str(n)]
            CliRunner().invoke(app, simulate_args(folder, out=f"trials-{i}.csv") + words)
        tables = [TRIALS.read(folder / f"trials-{i}.csv") for i in range(1, n + 1)]
        return pd.concat(tables).sort_values("replica", ignore_index=True)

    two, three = batches(2), batches(3)
    assert sorted(simulated) == list(range(6))
    pd.testing.assert_frame_equal(three, two)
    longer = {"field_mT": [2.0, 90.0], "n_trials": [2, 5], "first_replica": [0, 3]}
    PLAN.write(folder / "plan.csv", pd.DataFrame(longer), provenance("micromag"))
    simulated.clear()
    batches(1)
    assert simulated == [6, 7]
    other_field = {"field_mT": [90.0], "n_trials": [2], "first_replica": [0]}
    PLAN.write(folder / "plan.csv", pd.DataFrame(other_field), provenance("micromag"))
    simulated.clear()
    batches(1)
    assert simulated == [0, 1]


@pytest.mark.parametrize(
    ("changed", "again"), [({"code_version": "a later commit"}, False), ({"code": "other"}, True)]
)
def test_trials_go_on_after_a_commit_and_not_after_a_change_of_code(
    folder, simulated, monkeypatch, changed, again
):
    CliRunner().invoke(app, simulate_args(folder))
    simulated.clear()
    finished = (folder / "trials.done.csv").read_bytes()
    origin = provenance("micromag")
    monkeypatch.setattr(cli, "provenance", lambda *a, **k: provenance(*a, **k) | changed)
    assert provenance("micromag") == origin
    ran = CliRunner().invoke(app, simulate_args(folder))
    assert simulated == (list(range(6)) if again else [])
    says = "trials.done.csv: trials of another config, wall, seed or code; simulated again"
    assert (says in ran.stderr) == again
    # Hours of simulation are not lost by a change that was not meant.
    kept = folder / "trials.done.csv.other"
    assert (kept.read_bytes() == finished) if again else not kept.exists()


def test_a_signal_keeps_the_trials_that_are_finished(folder, monkeypatch):
    CliRunner().invoke(app, simulate_args(folder))
    whole = (folder / "trials.csv").read_text()
    for name in ("trials.csv", "trials.done.csv"):
        (folder / name).unlink()
    add = Ledger.add

    def stopped_at_the_fourth(ledger, result):
        if len(ledger.replicas) == 3:
            raise Stopped(signal.SIGINT)
        add(ledger, result)

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "add", stopped_at_the_fourth)
        with pytest.raises(Stopped):
            CliRunner().invoke(app, simulate_args(folder))
    assert len(TRIALS.read(folder / "trials.done.csv")) == 3
    assert CliRunner().invoke(app, simulate_args(folder)).exit_code == 0
    assert (folder / "trials.csv").read_text() == whole


def test_a_run_that_was_stopped_before_its_last_file_ends_well(folder, simulated):
    CliRunner().invoke(app, simulate_args(folder))
    whole = (folder / "trials.csv").read_text()
    (folder / "trials.csv").unlink()
    simulated.clear()
    assert CliRunner().invoke(app, simulate_args(folder)).exit_code == 0
    assert not simulated
    assert (folder / "trials.csv").read_text() == whole


def test_a_batch_whose_trials_all_fail_is_an_error_and_keeps_them(folder, monkeypatch):
    monkeypatch.setattr(failed_steps, "LARGEST_STRETCH", -1.0)
    says = r"trials.done.csv: all of 6 trials failed, the first one because \|m\|\^2 deviates"
    for _ in range(2):  # the second time from what is kept
        with pytest.raises(InputError, match=says):
            CliRunner().invoke(app, simulate_args(folder), catch_exceptions=False)
    assert set(TRIALS.read(folder / "trials.done.csv")["outcome"]) == {"failed"}
    assert not (folder / "trials.csv").exists()


def test_a_plan_that_repeats_trials_without_noise_is_refused(folder):
    cold = TINY.protocol.model_copy(update={"temperature_K": 0.0})
    (folder / "device.yaml").write_text(block_text(TINY.model_copy(update={"protocol": cold})))
    with pytest.raises(InputError, match="3 trials at 2 mT and 0 K are identical"):
        CliRunner().invoke(app, simulate_args(folder), catch_exceptions=False)
    rows = {"field_mT": [90.0], "n_trials": [1], "first_replica": [0]}
    PLAN.write(folder / "plan.csv", pd.DataFrame(rows), provenance("micromag"))
    CliRunner().invoke(app, simulate_args(folder), catch_exceptions=False)
    assert list(TRIALS.read(folder / "trials.csv")["outcome"]) == ["passed"]


def test_missing_and_foreign_walls_are_reported_in_one_line(folder):
    with pytest.raises(InputError, match=r"none.omf: no such file"):
        CliRunner().invoke(app, simulate_args(folder, wall="none.omf"), catch_exceptions=False)
    (folder / "wall.png").write_bytes(b"\x89PNG\r\n")
    with pytest.raises(InputError, match=r"wall.png: a PNG image, where a relaxed wall \(OVF\) is"):
        CliRunner().invoke(app, simulate_args(folder, wall="wall.png"), catch_exceptions=False)
    (folder / "device.yaml").write_text(block_text(SimulatedDevice()))
    with pytest.raises(InputError, match=r"wall.omf: \(64, 8, 1\) cells where the config has"):
        CliRunner().invoke(app, simulate_args(folder), catch_exceptions=False)


@pytest.mark.parametrize(
    ("block", "key", "says"),
    [
        ("wire: {notch: {covered_fraction: 0.95}}", "wire", "as wide as the wire"),
        ("wire: {notch: {covered_fraction: 1.0}}", "wire.notch.covered_fraction", "less than 1"),
        ("wire: {notch: {opening_nm: 3}}", "wire", "smaller than a cell"),
        ("wire: {width_nm: 82}", "wire", "do not tile width_nm = 82"),
        ("protocol: {temperature_K: -1}", "protocol.temperature_K", "at least 0"),
        ("protocol: {release_distance_nm: 300}", "", "lower protocol.release_distance_nm"),
        ("sampling: {first_fields_mT: [-1, 2]}", "sampling", "must not be negative"),
        ("sampling: {first_fields_mT: [.nan, 2]}", "sampling.first_fields_mT.0", "finite"),
        ("colour: blue", "colour", "unknown key"),
    ],
)
def test_bad_configs_are_reported_in_one_line_with_their_key(tmp_path, block, key, says):
    assert_refused_in_one_line(tmp_path, block, key, says)


def test_a_wall_that_relaxing_moves_away_is_reported():
    weak = Material(gilbert_damping=0.02, saturation_magnetisation_A_per_m=8e5)
    near = TINY.model_copy(
        update={
            "material": weak,
            "protocol": TINY.protocol.model_copy(
                update={"release_distance_nm": 20.0, "notch_zone_nm": 10.0}
            ),
        }
    )
    with pytest.raises(InputError, match=r"the wall moved .* while it relaxed"):
        relaxed_walls(near)


def oommf_is_missing():
    try:
        check_available()
    except InputError as error:
        return str(error)
    return ""


@pytest.mark.oommf
def test_oommf_runs_the_same_trials(folder):
    if missing := oommf_is_missing():
        pytest.skip(missing)
    block = TINY.model_copy(update={"numerics": Numerics(engine="oommf")})
    (folder / "device.yaml").write_text(block_text(block))
    rows = {"field_mT": [90.0], "n_trials": [1], "first_replica": [0]}
    PLAN.write(folder / "plan.csv", pd.DataFrame(rows), provenance("micromag"))
    CliRunner().invoke(app, simulate_args(folder), catch_exceptions=False)
    trials = TRIALS.read(folder / "trials.csv")
    assert list(trials["outcome"]) == ["passed"]
    assert list(trials["engine"]) == ["oommf"]


def test_without_oommf_the_error_says_how_to_get_it():
    missing = oommf_is_missing()
    if not missing:
        pytest.skip("OOMMF is installed")
    assert "conda-forge" in missing
    assert "embedded" in missing
