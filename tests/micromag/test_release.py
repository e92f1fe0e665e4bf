"""Distances of release that are drawn for every trial."""

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

from dwsynapse.io.contracts import SURVIVAL, TRIALS
from dwsynapse.io.errors import InputError
from dwsynapse.study import Wall
from dwsynapse.study.reading import block_text
from fitting.counts.trial_counts import count_trials
from micromag.cli import app
from micromag.engine.problem import Problem
from micromag.engine.thermal_noise import trial_key, wire_words
from micromag.sample.wall import variant_of
from micromag.sample.wire import declare
from micromag.trials.lockstep.scheduler import run_trials
from micromag.trials.referee import Trial
from micromag.trials.relaxed_walls import relaxed_walls
from micromag.trials.release import release_of
from micromag.trials.survival import followable, survive, trials_at
from tests.micromag.tiny_wire import TINY, assert_refused_in_one_line


def drawn(device=TINY, **protocol):
    """Return a device whose walls are released 60 to 90 nm before the notch, in 5 nm cells."""
    update = {"release_distance_nm": (60.0, 90.0), **protocol}
    return device.model_copy(update={"protocol": device.protocol.model_copy(update=update)})


def test_distances_are_drawn_evenly_and_apart_from_wall_and_noise():
    """4000 draws: chi-squared of counts; a false alarm in 1000 for another seed, each."""
    device = drawn(TINY.model_copy(update={"wall": Wall(chirality="drawn")}))
    assert device.release_distances_nm == (60, 65, 70, 75, 80, 85, 90)
    releases = [release_of(device, 5, replica) for replica in range(4000)]
    numbers = np.array([release.number for release in releases])
    assert stats.chisquare(np.bincount(numbers, minlength=14)).pvalue > 1e-3
    words = np.array([trial_key(5, replica)[0] % 4 for replica in range(4000)])
    assert stats.chi2_contingency(np.histogram2d(numbers // 2, words, (7, 4))[0]).pvalue > 1e-3
    for replica in range(20):
        number, distance_nm = releases[replica]
        assert number % 2 == variant_of(device.wall, 5, replica)
        assert distance_nm == 60 + 5 * (number // 2)


def test_one_distance_draws_nothing():
    assert release_of(TINY, 5, 7) == (variant_of(TINY.wall, 5, 7), None)


def test_a_wall_that_relaxing_moves_to_the_notch_is_refused():
    near = drawn(release_distance_nm=(85.0, 90.0), notch_zone_nm=84.5)
    with pytest.raises(InputError, match=r"release_distance_nm: released 85 nm .* at the notch"):
        relaxed_walls(
            near.model_copy(update={"wire": near.wire.model_copy(update={"ends": "continued"})})
        )


def test_a_wall_is_relaxed_at_every_distance_and_trials_start_there():
    device = drawn(window_ns=0.004)
    walls, positions_nm = relaxed_walls(device)
    # While they relax, the free ends move walls by a few nm.
    assert positions_nm == pytest.approx(160 - np.array(device.release_distances_nm), abs=8)
    results = []
    trials = [Trial(0.0, replica) for replica in range(20)]
    problem = Problem.of(declare(device))
    run_trials(device, problem, walls, trials, seed=1, on_result=results.append)
    for result in results:
        release = release_of(device, 1, result.trial.replica, *wire_words(device))
        assert result.release_distance_nm == release.distance_nm
        # 4 ps of noise move a wall by less than half a cell.
        assert result.wall_position_nm == pytest.approx(positions_nm[release.number], abs=2.5)


def test_walls_that_start_at_the_notch_have_no_distance(tmp_path):
    device = followable(drawn(), 0.2)
    out = tmp_path / "survival.csv"
    survive(device, None, trials_at([15.0], 3), out, provenance={"seed": 1, "code_version": "1"})
    assert SURVIVAL.read(out)["depinned"].tolist() == [0, 0, 0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with trials at a field that drives every wall past the notch."""
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "device.yaml").write_text(block_text(drawn()))
    (folder / "plan.csv").write_text("field_mT,n_trials,first_replica\n100,12,0\n")
    _command(folder, "relax", "--out", folder / "wall.omf")
    for batches, threads in ((1, 1), (3, 2)):
        for batch in range(1, batches + 1):
            out = folder / str(batches) / f"trials-{batch}.csv"
            words = f"--batch {batch} --batches {batches} --threads {threads}".split()
            paths = ["--wall", folder / "wall.omf", "--plan", folder / "plan.csv", "--out", out]
            _command(folder, "simulate", *paths, *words)
    return folder


def _command(folder, name, *words):
    words = [name, "--config", folder / "device.yaml", *words]
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output


def test_the_table_has_distance_and_arrival_of_each_trial(folder):
    trials = TRIALS.read(folder / "1" / "trials-1.csv")
    assert trials["release_distance_nm"].between(60, 90).all()
    assert trials["release_distance_nm"].nunique() > 3
    arrived = trials["arrived_ns"] <= trials["decided_at_ns"]
    assert arrived.all()
    assert (trials["outcome"] == "passed").all()
    # Walls from farther away arrive later: 12 walls, and noise that shifts them little.
    assert stats.spearmanr(trials["release_distance_nm"], trials["arrived_ns"])[0] > 0.8
    assert count_trials([folder / "1" / "trials-1.csv"])["n_passed"].tolist() == [12]


def test_a_trial_is_the_same_in_any_batch(folder):
    whole = TRIALS.read(folder / "1" / "trials-1.csv")
    for batch in (1, 2, 3):
        part = TRIALS.read(folder / "3" / f"trials-{batch}.csv")
        same = whole[whole["replica"] % 3 == batch - 1].reset_index(drop=True)
        assert part.equals(same)


@pytest.mark.parametrize(
    ("distance", "key", "says"),
    [
        ("[200, 120]", "protocol.release_distance_nm", "give [120, 200], or one number"),
        ("[120, 120]", "protocol.release_distance_nm", "give 120 alone, or a range such as"),
        ("[120, 163]", "", "43 nm, which is no whole number of cells of 5 nm; let it end at 165"),
        ("[120, 400]", "", "less than one wire width from the left end"),
        ("[50, 200]", "protocol", "notch_zone_nm must be less than release_distance_nm"),
        ("[120]", "protocol.release_distance_nm", "must be a distance or a range"),
        ("far", "protocol.release_distance_nm", "must be a distance or a range"),
        ("0", "protocol.release_distance_nm", "must be within 1 and 1e+06"),
        ("[120, .nan]", "protocol.release_distance_nm", "must be within 1 and 1e+06"),
    ],
)
def test_distances_that_cannot_be_are_refused_in_one_line(tmp_path, distance, key, says):
    block = f"protocol: {{release_distance_nm: {distance}}}"
    assert_refused_in_one_line(tmp_path, block, key, says)
