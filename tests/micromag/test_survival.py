"""Walls that are pinned, followed until they depin."""

import signal

import numpy as np
import pytest
from typer.testing import CliRunner

from dwsynapse.io.contracts import FOLLOWED, SURVIVAL
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance
from dwsynapse.io.signals import Stopped
from dwsynapse.study import Numerics
from dwsynapse.study.devices.protocol import RampedField
from dwsynapse.study.reading import block_text
from micromag.cli import app
from micromag.engine.problem import Problem
from micromag.sample.wire import declare
from micromag.trials.locator import Locator
from micromag.trials.pinned_walls import Follower, Sitter, pinned_walls
from micromag.trials.referee import Referee, Trial
from micromag.trials.relaxed_walls import relaxed_walls, write_walls
from micromag.trials.survival import FollowedLedger, followable, survive, trials_at
from tests.micromag.tiny_wire import TINY, run

RAMPED = TINY.protocol.model_copy(update={"field": RampedField(shape="ramp", rate_mT_per_ns=1.0)})
CENTRE_NM = TINY.wire.notch.centre_nm
# No wall stays at the tiny wire's notch from 24 mT up (`depinning`).
BELOW_DEPINNING_MT = 22.0


def verdict_of(referee, seen):
    """Return the verdict on one lane seen at pairs of time in ns and nm ahead of the notch."""
    referee.start(0)
    for time_ns, ahead_nm in seen:
        watched = (np.array([v]) for v in (0, time_ns, CENTRE_NM + ahead_nm, 5.0))
        if found := referee.decide(*watched):
            return found[0]
    return None


def test_a_pinned_wall_is_followed_until_it_depins_or_its_window_ends():
    # At the notch (40 nm) from 0.1 ns, pinned at 0.25 ns, passed (50 nm) at 0.4 ns.
    seen = [(0.1, -30), (0.25, -10), (0.3, 0), (0.4, 60)]
    depinned = verdict_of(Follower(TINY, 1), seen)
    assert (depinned.outcome, depinned.depinned()) == ("pinned", True)
    assert depinned.survived_ns() == pytest.approx(0.15)
    stayed = verdict_of(Follower(TINY, 1), [*seen[:3], (0.6, 0)])
    assert (stayed.outcome, stayed.depinned()) == ("pinned", False)
    assert stayed.survived_ns() == pytest.approx(0.35)
    # On arrival: never pinned.
    assert verdict_of(Follower(TINY, 1), [(0.1, -30), (0.2, 60)]).outcome == "passed"
    # The referee of ordinary trials lets go of a pinned wall, as before.
    assert verdict_of(Referee(TINY, 1), seen[:2]).outcome == "pinned"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with config and relaxed wall of the tiny wire."""
    folder = tmp_path_factory.mktemp("tiny")
    write_walls(folder / "wall.omf", TINY, relaxed_walls(TINY)[0])
    (folder / "device.yaml").write_text(block_text(TINY))
    return folder


def survive_args(folder, *arguments):
    files = ("--config", "device.yaml"), ("--wall", "wall.omf"), ("--out", "survival.csv")
    options = [part for option, file in files for part in (option, str(folder / file))]
    return ["survive", *options, "--seed", "1", "--replicas", "6", *arguments]


def test_a_wall_that_starts_at_the_notch_is_at_rest_there():
    drawn = TINY.model_copy(update={"wall": TINY.wall.model_copy(update={"chirality": "drawn"})})
    walls, problem = pinned_walls(drawn, BELOW_DEPINNING_MT), Problem.of(declare(TINY))
    up_nm, down_nm = Locator(problem).position_nm(np.moveaxis(walls, 0, -1))
    assert CENTRE_NM < up_nm < CENTRE_NM + TINY.wire.notch.opening_nm
    # The two chiralities mirror each other.
    assert down_nm == pytest.approx(up_nm, abs=0.05)
    assert walls[0, 1].sum() > 0 > walls[1, 1].sum()
    # At 0 K it stays for 0.6 ns, in which a wall that is free goes 100 nm.
    cold = TINY.model_copy(
        update={"protocol": TINY.protocol.model_copy(update={"temperature_K": 0.0})}
    )
    trials = [Trial(BELOW_DEPINNING_MT, 0)]
    seen = run(Problem.of(declare(cold)), walls[:1], trials, cold, seed=1, referee=Sitter)
    verdict, last_nm = seen[0]
    assert (verdict.outcome, verdict.last_seen_ns) == ("pinned", pytest.approx(0.6))
    assert last_nm == pytest.approx(up_nm, abs=0.1)
    with pytest.raises(InputError, match="--field-mT: no wall stays at the notch at 30 mT"):
        pinned_walls(TINY, 30.0)


@pytest.fixture
def sat_at_the_notch(tmp_path):
    """Return what follows walls at rest at the notch and reads their table."""

    def followed(fields_mT=(BELOW_DEPINNING_MT,), replicas=17, seed=1, settle_ns=None, **options):
        trials = trials_at(fields_mT, replicas, options.pop("first_replica", 0))
        device, out = followable(TINY, 0.8, settle_ns), tmp_path / "survival.csv"
        # Each call is its own study: nothing is taken over.
        out.with_suffix(".done.csv").unlink(missing_ok=True)
        survive(device, None, trials, out, provenance=provenance("micromag", seed=seed), **options)
        table = SURVIVAL.read(out)
        assert set(table["start"]) == {"pinned"}
        return table.set_index("replica")

    return followed


def test_walls_at_the_notch_survive_equally_however_the_work_is_split(sat_at_the_notch):
    whole = sat_at_the_notch(threads=2)
    assert set(whole["depinned"]) == {0, 1}
    # Other fields with it, fewer walls, one thread: replicas 6 to 8 are at the same field.
    split = sat_at_the_notch((20.0, BELOW_DEPINNING_MT), replicas=3, first_replica=3)
    same = split.index[split["field_mT"] == BELOW_DEPINNING_MT]
    assert same.tolist() == [6, 7, 8]
    assert split.loc[same].equals(whole.loc[same])
    assert not sat_at_the_notch(replicas=9, seed=2)["survived_ns"].equals(
        whole.loc[:8, "survived_ns"]
    )
    # A clock that starts later leaves out the walls that are gone by then, and 0.3 ns of the rest.
    later = sat_at_the_notch(settle_ns=0.45)
    stayed = whole[whole["survived_ns"] > 0.3]
    assert len(stayed) < len(whole)
    assert later["depinned"].equals(stayed["depinned"])
    np.testing.assert_allclose(later["survived_ns"], stayed["survived_ns"] - 0.3, atol=1e-5)


def test_a_signal_keeps_the_walls_that_are_finished_and_the_run_continues(tmp_path, monkeypatch):
    (tmp_path / "device.yaml").write_text(block_text(TINY))
    words = f"survive --config {tmp_path}/device.yaml --out {tmp_path}/survival.csv --seed 1"
    words += " --replicas 3 --window-ns 0.8 --field-mT 20 --field-mT 22"
    assert CliRunner().invoke(app, words, catch_exceptions=False).exit_code == 0
    whole = (tmp_path / "survival.csv").read_text()
    assert set(SURVIVAL.read(tmp_path / "survival.csv")["depinned"]) == {0, 1}
    for name in ("survival.csv", "survival.done.csv"):
        (tmp_path / name).unlink()
    add, followed = FollowedLedger.add, []

    def stopped_at_the_fifth(ledger, result):
        if len(followed) == 4:
            raise Stopped(signal.SIGINT)
        followed.append(result.trial.replica)
        add(ledger, result)

    with monkeypatch.context() as patched:
        patched.setattr(FollowedLedger, "add", stopped_at_the_fifth)
        with pytest.raises(Stopped):
            CliRunner().invoke(app, words)
    assert sorted(FOLLOWED.read(tmp_path / "survival.done.csv")["replica"]) == sorted(followed)
    assert not (tmp_path / "survival.csv").exists()

    def noted(ledger, result):
        followed.append(result.trial.replica)
        add(ledger, result)

    monkeypatch.setattr(FollowedLedger, "add", noted)
    for _ in range(2):  # the second time, nothing is left to do
        assert CliRunner().invoke(app, words, catch_exceptions=False).exit_code == 0
        assert (tmp_path / "survival.csv").read_text() == whole
    assert sorted(followed) == list(range(6))
    # Another window is another study: all walls are followed again.
    assert CliRunner().invoke(app, words.replace("0.8", "0.7")).exit_code == 0
    assert len(followed) == 12


def test_the_start_and_the_wall_must_agree(folder):
    arguments = survive_args(folder, "--field-mT", "5", "--window-ns", "1", "--start", "pinned")
    with pytest.raises(InputError, match="--wall: released walls need"):
        CliRunner().invoke(app, arguments, catch_exceptions=False)


def table_of(folder, window_ns):
    fields = ("--field-mT", "4", "--field-mT", "6")
    arguments = survive_args(folder, *fields, "--start", "released", "--window-ns", str(window_ns))
    assert CliRunner().invoke(app, arguments, catch_exceptions=False).exit_code == 0
    return SURVIVAL.read(folder / "survival.csv").set_index("replica")


def test_a_longer_window_only_adds_to_what_a_shorter_one_saw(folder):
    short, long = table_of(folder, 0.7), table_of(folder, 1.2)
    assert set(short["start"]) == {"released"}
    assert set(short["field_mT"]) == {4, 6}
    assert set(short.index) <= set(range(12))
    left = short[short["depinned"] == 1]
    stayed = short[short["depinned"] == 0]
    assert len(left)
    assert len(stayed)
    # The noise is keyed by seed and replica: the same trajectories, followed for longer.
    np.testing.assert_array_equal(long.loc[left.index, "survived_ns"], left["survived_ns"])
    assert (long.loc[stayed.index, "survived_ns"] > stayed["survived_ns"]).all()
    still = long.loc[stayed.index].query("depinned == 0")["survived_ns"]
    np.testing.assert_allclose(still - stayed.loc[still.index, "survived_ns"], 0.5, atol=1e-6)


@pytest.mark.parametrize(
    ("update", "window_ns", "says"),
    [
        ({}, 0.1, "--window-ns: 0.1 ns end before a wall counts as pinned"),
        ({"protocol": RAMPED}, 1.0, "protocol.field.shape: survival times are those under a const"),
        ({"numerics": Numerics(engine="oommf")}, 1.0, "numerics.engine: only the embedded engine"),
    ],
)
def test_what_cannot_be_followed_is_refused(update, window_ns, says):
    with pytest.raises(InputError, match=says):
        followable(TINY.model_copy(update=update), window_ns)
