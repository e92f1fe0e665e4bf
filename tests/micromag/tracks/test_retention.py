"""How long a wall stays at its notch: barriers against a relaxed saddle, departures, refusals."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson
from typer.testing import CliRunner

from dwsynapse.io.contracts import PULSES
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json, sha256
from dwsynapse.provenance.same_sample import of_sample, require_of_sample
from dwsynapse.study import Ramps, Track
from dwsynapse.study.reading import block_text
from micromag.barriers import track_barriers as track_barriers_module
from micromag.barriers.retention import departures, predicted, require_of_track, seen
from micromag.barriers.track_barriers import track_barriers
from micromag.cli import app
from micromag.engine.constants import BOLTZMANN_J_PER_K
from micromag.engine.fields_and_energies import Fields
from micromag.engine.steepest_descent import descend
from micromag.sample.track import wall_at, window_problem
from micromag.sample.track_window import placed_at
from micromag.trials.pulses.trains import trains_of
from tests.micromag.tracks.tiny_track import TINY_TRACK, with_pulses

EIGHT = TINY_TRACK.model_copy(
    update={
        "track": Track(
            length_nm=400,
            width_nm=30,
            fixed_end_nm=20,
            notches={"spacing_nm": 40, "number": 8},
            window_notches=None,
        )
    }
)
"""Its middle is halfway between the notches 3 and 4: a wall there is on the ridge by symmetry."""


@pytest.fixture(scope="module")
def barriers():
    return track_barriers(EIGHT)


def test_the_barrier_is_that_of_a_wall_relaxed_on_the_ridge(barriers):
    """By symmetry, steepest descent from the middle of the track ends at the saddle."""
    down = barriers[1]
    window = placed_at(EIGHT.track, 4).window
    problem = window_problem(EIGHT, window, 0.0)
    wall = wall_at(EIGHT, window, 200.0).reshape(3, -1) * (problem.Ms > 0)
    for step in descend(Fields(problem), wall):
        if step.torque_A_per_m < 10:
            break
    _, (ridge_J, pinned_J) = Fields(problem).of_states(np.stack([step.m, down.path.m[0]]))
    # Both ends are relaxed to 10 A/m: energies are off by far less than a hundredth of a kT.
    hundredth_J = 0.01 * BOLTZMANN_J_PER_K * 300
    assert down.path.barrier_J == pytest.approx(ridge_J - pinned_J, abs=hundredth_J)
    assert down.positions_nm[down.path.saddle] == pytest.approx(-20, abs=1.5)
    assert down.direction == -1


def test_the_law_of_arrhenius(barriers):
    found = predicted(barriers, 300.0)
    exponents = [b.path.barrier_J / (BOLTZMANN_J_PER_K * 300) for b in barriers]
    assert found["barriers_kT"] == pytest.approx(exponents)
    assert found["rate_Hz"] == pytest.approx(
        [f * np.exp(-np.array(exponents)).sum() for f in (1e9, 1e10)]
    )


def located(levels, outcome=None, current_uA=1e-6):
    """Return pulses of 0.1 ns with 0.9 ns of rest that find walls at levels, one row a wall."""
    rows = []
    for replica, places in enumerate(levels):
        for pulse, (before, after) in enumerate(pairwise(places)):
            state = "settled" if after >= 0 else "between"
            at = before, 40.0 * before, after, 40.0 * after, state
            rows.append((replica, 1, pulse, "stt", 300.0, current_uA, 0.1, 0.9, 1, *at))
    return pd.DataFrame(rows, columns=[c.name for c in PULSES.columns if c.required])


def test_a_wall_has_left_when_it_is_at_another_notch():
    # It goes up by one, back through the place between two, looks out and stays; two at once.
    assert departures(located([[4, 4, 5, -1, 4, -1, 4]])) == (2, pytest.approx(6.0))
    assert departures(located([[4, 4, 6], [4, 4, 4]])) == (1, pytest.approx(4.0))


def test_what_is_seen_has_the_interval_of_a_count(barriers, tmp_path):
    found = seen(barriers, located([[4, 5, 6, 7, 7]] * 2), tmp_path)
    assert found["departures"] == 6
    assert found["rate_Hz"]["value"] == pytest.approx(6 / 8e-9)
    # Garwood: with the ends as means, at most or at least 6 have a probability of 2.5 %.
    assert poisson.sf(5, found["rate_Hz"]["low"] * 8e-9) == pytest.approx(0.025)
    assert poisson.cdf(6, found["rate_Hz"]["high"] * 8e-9) == pytest.approx(0.025)
    shares = predicted(barriers, 300.0)["rate_Hz"][0] / 1e9
    assert found["attempt_frequency_Hz"]["value"] == pytest.approx(6 / 8e-9 / shares)
    none = seen(barriers, located([[4, 4, 4]]), tmp_path)
    assert none["rate_Hz"]["low"] == 0


def test_walls_that_are_driven_are_refused(tmp_path):
    with pytest.raises(InputError, match="pulses of 20 uA drive are not left alone"):
        seen([], located([[4, 5]], current_uA=20.0), tmp_path / "pulses.csv")


@pytest.mark.parametrize(
    ("spacing_nm", "mechanism", "says"),
    [
        (40.0, "stt", None),
        (30.0, "stt", "column position_after_nm: a wall at 260 nm has settled at level 5"),
        (40.0, "sot", "column mechanism: sot, where the track of the config is driven by stt"),
    ],
)
def test_walls_of_another_track_are_refused(tmp_path, spacing_nm, mechanism, says):
    notches_nm = np.array(EIGHT.track.notch_positions_nm)
    pulses = located([[4, 4, 5, -1, 4]])
    at_nm = notches_nm[pulses["level_after"]].clip(200)
    pulses = pulses.assign(position_after_nm=at_nm, mechanism=mechanism)
    notches = EIGHT.track.notches.model_copy(update={"spacing_nm": spacing_nm})
    track = EIGHT.track.model_copy(update={"notches": notches})
    device = EIGHT.model_copy(update={"track": track})
    if says is None:
        return require_of_track(pulses, device, tmp_path / "pulses.csv")
    with pytest.raises(InputError, match=says):
        require_of_track(pulses, device, tmp_path / "pulses.csv")


def deeper(device):
    notches = device.track.notches.model_copy(update={"depth_nm": 6.0})
    return device.model_copy(update={"track": device.track.model_copy(update={"notches": notches})})


@pytest.mark.parametrize("stated", ["sample", "config", "device.yaml", "nothing"])
def test_walls_at_notches_of_another_depth_are_refused(tmp_path, stated, capsys):
    config, other, beside = (tmp_path / f"{name}.yaml" for name in ("my", "other", "device"))
    config.write_text(block_text(EIGHT))
    other.write_text(block_text(deeper(EIGHT)))
    origin = {"code_version": "x"}
    if stated == "device.yaml":
        beside.write_text(block_text(EIGHT) + "# of the pulses\n")
        origin |= {"config_sha256": sha256(beside)}
    origin |= {"config": {"config_sha256": sha256(config)}, "sample": of_sample(EIGHT)}.get(
        stated, {}
    )
    PULSES.write(path := tmp_path / "pulses.csv", located([[4, 4, 5]]), origin)
    require_of_sample(path, EIGHT, config)
    if stated in ("sample", "device.yaml"):
        with pytest.raises(
            InputError, match=r"pulses.csv: walls in another sample.*other.yaml; give"
        ):
            require_of_sample(path, deeper(EIGHT), other)
    else:
        assert ("does not say of which sample" in capsys.readouterr().err) == (stated == "nothing")
        require_of_sample(path, deeper(EIGHT), other)
        assert "does not say of which sample" in capsys.readouterr().err


def test_the_command_goes_on_where_it_was_stopped(tmp_path, monkeypatch, barriers):
    (tmp_path / "d.yaml").write_text(block_text(EIGHT))
    words = ["retention", "--config", tmp_path / "d.yaml", "--out", tmp_path / "out"]
    one_path, ends = track_barriers_module.minimum_energy_path, []

    def stopped_at_second(*args, **options):
        ends.append(args[2])
        if len(ends) == 2:
            raise KeyboardInterrupt
        return one_path(*args, **options)

    monkeypatch.setattr(track_barriers_module, "minimum_energy_path", stopped_at_second)
    CliRunner().invoke(app, [*map(str, words)])
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["retention.done.npz"]
    done = CliRunner().invoke(app, [*map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    # The second path alone is computed again.
    np.testing.assert_array_equal(ends[1], ends[2])
    assert len(ends) == 3
    found = read_json(tmp_path / "out/retention.json", "retention", 1)["barriers_J"]
    assert found == [barrier.path.barrier_J for barrier in barriers]
    assert not (tmp_path / "out/retention.done.npz").exists()
    assert "300 K: barriers of" in done.output
    assert "which is assumed" in done.output
    assert (tmp_path / "out/retention.svg").stat().st_size > 1000


def test_ramps_begin_at_their_level():
    alone = with_pulses(sequence=Ramps(kind="ramps", level=4, up=2, down=0, number=2))
    assert {train.level for train in trains_of(alone)} == {4}
