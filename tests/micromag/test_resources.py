"""Memory and time: enough is asked for, too little is refused before anything starts."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dwsynapse.io.contracts import PLAN, TRIALS
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import provenance
from dwsynapse.study import Notch, Numerics, SimulatedDevice, Wire
from dwsynapse.study.reading import block_text
from micromag.barriers.minimum_energy_path import minimum_energy_path
from micromag.cli import app
from micromag.engine import resources
from micromag.engine.problem import Problem
from micromag.sample.wire import declare
from micromag.trials.lockstep import scheduler
from micromag.trials.lockstep.group_on_lanes import LaneGroup
from micromag.trials.lockstep.scheduler import ensemble_of
from micromag.trials.referee import Trial
from micromag.trials.relaxed_walls import relaxed_walls, write_walls
from tests.micromag.tiny_wire import TINY, run


def wire_of(**sizes):
    wire = Wire(**TINY.wire.model_dump() | sizes)
    return TINY.model_copy(update={"wire": wire, "numerics": Numerics(time_step_fs=300)})


def prepared(device, groups):
    problem = Problem.of(declare(device))
    m = np.zeros((1, 3, problem.Ms.size))
    m[:, 0] = problem.Ms > 0
    shared = ensemble_of(device, problem, m, 1)
    return problem, shared, [LaneGroup(shared) for _ in range(groups)]


@pytest.fixture
def peak_bytes():
    """Return the most memory that was held at once since the test began."""
    prepared(TINY, 1)  # compiles, which takes memory of its own
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()


@pytest.mark.parametrize("thickness_nm", [5, 20])
def test_the_engine_takes_at_most_the_memory_asked_for_and_at_least_half(thickness_nm, peak_bytes):
    device = wire_of(length_nm=1280, width_nm=120, thickness_nm=thickness_nm)
    _held = prepared(device, groups=2)
    assert 0.5 < peak_bytes() / resources.engine_bytes(device, groups=2) < 1


def test_a_path_takes_at_most_the_memory_asked_for_and_at_least_half(peak_bytes):
    device = wire_of(length_nm=640, width_nm=80)
    problem = Problem.of(declare(device))
    angles = np.linspace(0.1, 3, 3)[:, None] * np.ones(problem.Ms.size)
    walls = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1) * (problem.Ms > 0)
    with pytest.raises(InputError, match="did not converge"):
        minimum_energy_path(problem, walls[0], walls[2], 32, via=walls[1:2], most_steps=2)
    assert 0.5 < peak_bytes() / resources.engine_bytes(device, images=32) < 1


@pytest.mark.parametrize(
    "words",
    [
        "relax --out w.omf",
        "simulate --wall wall.omf --plan plan.csv --out t.csv --seed 1",
        "draw --wall wall.omf --out wire.svg trials.csv",
        "barriers --field-mT 2 --out b.csv",
        "depinning",
        "bench",
        "survive --field-mT 2 --replicas 1 --window-ns 1 --out s.csv --seed 1",
    ],
    ids=lambda words: words.split()[0],
)
def test_every_command_refuses_what_does_not_fit_into_memory(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(resources, "available_bytes", lambda: 1000)
    (tmp_path / "device.yaml").write_text(block_text(TINY))
    problem = Problem.of(declare(TINY))
    write_walls(tmp_path / "wall.omf", TINY, problem.unit_vectors(declare(TINY).m)[None])
    rows = {"field_mT": [90.0], "n_trials": [1], "first_replica": [0]}
    PLAN.write("plan.csv", pd.DataFrame(rows), provenance("micromag"))
    trial = {"field_mT": 90.0, "replica": 0, "seed": 1, "outcome": "passed", "decided_at_ns": 0.2}
    trial |= {"wall_position_nm": 210.0, "engine": "embedded"}
    TRIALS.write("trials.csv", pd.DataFrame([trial]), provenance("micromag"))
    before = set(tmp_path.iterdir())
    with pytest.raises(
        InputError, match=r"wire: 512 cells need about . MB of memory, and 0 MB are free; take"
    ):
        CliRunner().invoke(app, f"{words} --config device.yaml", catch_exceptions=False)
    assert set(tmp_path.iterdir()) == before


def test_a_large_wire_is_refused_at_once(monkeypatch):
    monkeypatch.setattr(resources, "available_bytes", lambda: 16e9)
    notch = Notch(centre_nm=1e4, opening_nm=1000)
    wire = Wire(length_nm=2e4, width_nm=2000, thickness_nm=20, notch=notch)
    with pytest.raises(InputError, match=r"6.4e\+06 cells need about 28 GB of memory, and 16 GB"):
        relaxed_walls(SimulatedDevice(wire=wire))


@pytest.mark.parametrize("names", [("max", "current"), ("limit_in_bytes", "usage_in_bytes")])
def test_a_control_group_limits_the_memory(tmp_path, names):
    assert resources._left(tmp_path) > 1e18
    for name, text in zip(names, ("1000", "600"), strict=True):
        (tmp_path / f"memory.{name}").write_text(f"{text}\n")
    (tmp_path / "memory.stat").write_text("anon 500\ninactive_file 100\n")
    assert resources._left(tmp_path) == 500
    assert 0 < resources.available_bytes() < 1e15


def test_long_computations_are_announced_and_short_ones_are_not(capsys):
    resources.announce("9 trials", 59.0, 10)
    assert capsys.readouterr().err == ""
    resources.announce("9 trials", 7200.1, 2_000_000_000)
    assert capsys.readouterr().err == (
        "9 trials: 2 h at most at the speed of the first steps, about 2.0 GB of memory\n"
    )


def test_the_time_is_that_of_trials_which_all_last_to_the_end(monkeypatch):
    now_s = [0.0]

    def advance():
        now_s[0] += 0.25

    monkeypatch.setattr(scheduler, "time", SimpleNamespace(perf_counter=lambda: now_s[0]))
    groups = [SimpleNamespace(lanes=16, interval_ns=0.5, advance=advance)] * 2
    # 33 trials take two turns of 6 intervals each on 32 lanes.
    assert scheduler._longest_s(groups, 33, window_ns=3.0) == pytest.approx(2 * 6 * 0.25)


def test_measuring_the_speed_changes_no_trial():
    problem, released = Problem.of(declare(TINY)), relaxed_walls(TINY)[0]
    trials, times_s = [Trial(60.0, replica) for replica in range(3)], []
    plain = run(problem, released, trials, seed=1)
    assert run(problem, released, trials, seed=1, on_longest_s=times_s.append) == plain
    assert len(times_s) == 1
