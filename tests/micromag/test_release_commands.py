"""Over which distance a wall's motion repeats, and whether walls forget where they started."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dwsynapse.io.contracts import TRIALS
from dwsynapse.io.errors import InputError
from dwsynapse.study.reading import block_text
from micromag.cli import app
from micromag.distance_figure import decided, memory_p_value
from micromag.trials.precession import Motion, periods, straight
from tests.micromag.tiny_wire import TINY


def command(*words):
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def test_the_period_of_a_wall_is_where_its_moment_repeats():
    """A moment that turns every 1.5 ns at 100 m/s, one that stays, and one that turns once."""
    times_ns = np.arange(0, 6, 0.01)
    positions = np.stack([100 + 100 * times_ns + 5 * np.sin(8 * times_ns)] * 3, axis=1)
    across = np.stack(
        [np.cos(2 * np.pi * times_ns / 1.5), 40 + 0 * times_ns, np.tanh(times_ns - 3)], axis=1
    )
    turning, steady, once = periods(Motion(times_ns, positions, across), straight(TINY, 5000))
    assert turning.period_ns == pytest.approx(1.5)
    # The mean over the record of the sine that is added does not quite vanish.
    assert turning.distance_nm == pytest.approx(150, abs=2)
    assert turning.speed_m_per_s == pytest.approx(100, rel=0.02)
    assert turning.correlation == pytest.approx(1)
    assert steady.period_ns is None
    assert once.period_ns is None


def test_the_command_follows_a_wall_along_the_field(tmp_path):
    (tmp_path / "device.yaml").write_text(block_text(TINY))
    words = ["--field-mT", "0,30", "--window-ns", "0.15", "--length-nm", "500"]
    result = command("period", "--config", tmp_path / "device.yaml", *words)
    still, driven = (json.loads(line) for line in result.stdout.splitlines())
    assert abs(still["speed_m_per_s"]) < 1
    assert driven["speed_m_per_s"] > 50
    assert driven["wall"] == "up none"


def test_a_wall_that_stands_has_no_period():
    """It rings by a fraction of a cell, as at fields of 0."""
    times_ns = np.arange(0, 1, 0.01)
    ringing = np.cos(2 * np.pi * times_ns / 0.11)[:, None]
    (found,) = periods(Motion(times_ns, 100 + 0.1 * ringing, ringing), straight(TINY, 5000))
    assert (found.period_ns, found.distance_nm) == (None, None)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--window-ns", "0"), "--window-ns: a motion of fewer than 3 observations"),
        (("--window-ns", "0.02"), "--window-ns: a motion of fewer than 3 observations"),
        (("--window-ns", "0.05", "--length-nm", "100"), "--length-nm: a wall is at the end of 100"),
    ],
)
def test_a_motion_too_short_to_be_told_is_refused(tmp_path, words, says):
    (tmp_path / "device.yaml").write_text(block_text(TINY))
    with pytest.raises(InputError, match=says):
        command("period", "--config", tmp_path / "device.yaml", "--field-mT", "20", *words)


def trials_of(passing):
    """Return 300 trials at each of two fields, from 11 distances; `passing` of a distance."""
    rng = np.random.default_rng(1)
    distance_nm = rng.integers(60, 71, 600).astype(float)
    passed = rng.random(600) < passing(distance_nm)
    return pd.DataFrame(
        {
            "field_mT": np.repeat([7.0, 8.0], 300),
            "replica": np.arange(600),
            "seed": 1,
            "outcome": np.where(passed, "passed", "pinned"),
            "decided_at_ns": 1.0,
            "wall_position_nm": 100.0,
            "engine": "embedded",
            "release_distance_nm": distance_nm,
            "arrived_ns": 0.5,
        }
    )


def test_a_memory_of_the_distance_is_found_and_none_is_not():
    """Seeds are fixed; with other ones, no memory is called one in 1 of 100."""
    assert memory_p_value(decided(trials_of(lambda nm: 0.5 + 0 * nm))) > 0.01
    assert memory_p_value(decided(trials_of(lambda nm: np.where(nm > 65, 0.6, 0.3)))) == 1 / 2000


def test_the_figure_of_distances(tmp_path):
    table = trials_of(lambda nm: 0.5 + 0 * nm)
    TRIALS.write(tmp_path / "trials.csv", table, {"code_version": "1"})
    result = command("distances", tmp_path / "trials.csv", "--out", tmp_path / "d.svg")
    assert result.stdout.startswith("Passing from all distances alike, field by field (600 trials)")
    with pytest.raises(InputError, match=r"replica 0 of seed \d+ occurs twice"):
        command("distances", *2 * [tmp_path / "trials.csv"], "--out", tmp_path / "d.svg")
    assert "7 mT" in (tmp_path / "d.svg").read_text()
    with pytest.raises(InputError, match=r"no column release_distance_nm; give .* a range"):
        decided(table.drop(columns="release_distance_nm"))
