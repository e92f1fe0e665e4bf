"""Trials of tracks: what a pulse depends on, where walls are, and that stopped runs go on."""

import numpy as np
import pytest
from typer.testing import CliRunner

from dwsynapse.io.contracts import PULSES
from dwsynapse.io.errors import InputError
from dwsynapse.study import Notches, Ramps, SinglePulses
from dwsynapse.study.presets.liu import LIU_STT
from micromag.cli import app
from micromag.sample.track_window import placed_at
from micromag.track_figure import draw_track
from micromag.trials.pulses.held_wall import require_held, warn_of_close_notches
from micromag.trials.pulses.moved_wall import moved_wall
from micromag.trials.pulses.prepared_window import PreparedWindows
from micromag.trials.pulses.simulate_pulses import simulate_pulses
from micromag.trials.pulses.trains import pulse_key, track_words, trains_of
from micromag.trials.pulses.wall_place import place_of, positions_nm
from tests.micromag.tracks.tiny_track import TINY_TRACK, rows_of, with_pulses

ORIGIN = {"code_version": "1", "code": "c", "config_sha256": "x", "seed": 1, "inputs": {}}


def simulated(out, device, **options):
    return simulate_pulses(device, out, seed=1, provenance=ORIGIN, **options)


def ramps(number, **changes):
    """Return ramps across windows, of pulses that are too short to be anything but quick."""
    sequence = Ramps(kind="ramps", up=2, down=1, number=number)
    short = {"rest_ns": 0.2, "duration_ns": (0.8,), "settle_ns": 0.05, "sequence": sequence}
    return with_pulses(**{**short, **changes})


@pytest.fixture(scope="module")
def of_three(tmp_path_factory):
    """Return the pulses of three ramps, simulated in one go, as bytes."""
    out = tmp_path_factory.mktemp("three") / "pulses.csv"
    simulated(out, ramps(3))
    return out.read_bytes()


def test_pulses_do_not_depend_on_others_in_the_group():
    """17 walls are in two groups, one of which is a single wall; both repeat those of a few."""
    levels = {"levels": (4,), "directions": "up"}
    short = {"rest_ns": 0.05, "duration_ns": (0.2,), "settle_ns": 0.05}
    many = rows_of(with_pulses(**short, sequence=SinglePulses(walls=17, **levels)))
    few = rows_of(with_pulses(**short, sequence=SinglePulses(walls=2, **levels)))
    assert len(many) == 17
    assert len({row["position_after_nm"] for row in many.values()}) > 10  # noise differs
    for key, row in few.items():
        assert many[key] == row


def test_pulses_depend_on_the_seed():
    short = {"rest_ns": 0.05, "duration_ns": (0.1,), "settle_ns": 0.05}
    first, second = (rows_of(with_pulses(**short), seed=seed) for seed in (1, 2))
    assert {k: r["position_after_nm"] for k, r in first.items()} != {
        k: r["position_after_nm"] for k, r in second.items()
    }


def test_a_stopped_run_goes_on_where_it_was(tmp_path, monkeypatch, of_three):
    """Every pulse is saved; the run ends after five of nine, in the middle of trains."""
    out = tmp_path / "pulses.csv"
    monkeypatch.setattr("micromag.trials.pulses.pulse_ledger.SAVE_EVERY_S", -1)
    given = []

    class StoppedError(Exception):
        pass

    add = "micromag.trials.pulses.pulse_ledger.PulseLedger.add"
    from micromag.trials.pulses.pulse_ledger import PulseLedger

    whole_add = PulseLedger.add

    def add_five(self, wall, row):
        if len(given) == 5:
            raise StoppedError
        given.append(row)
        whole_add(self, wall, row)

    monkeypatch.setattr(add, add_five)
    with pytest.raises(StoppedError):
        simulated(out, ramps(3))
    assert not out.exists()
    again = []
    monkeypatch.setattr(
        add, lambda self, wall, row: (again.append(row), whole_add(self, wall, row))
    )
    simulated(out, ramps(3))
    assert len(again) == 4
    assert out.read_bytes() == of_three
    assert not out.with_suffix(".walls.npz").exists()


def test_more_ramps_keep_those_that_there_are_and_threads_change_nothing(
    tmp_path, monkeypatch, of_three
):
    out = tmp_path / "pulses.csv"
    simulated(out, ramps(2))
    before = PULSES.read(out)
    simulated(out, ramps(3), threads=2)
    assert out.read_bytes() == of_three
    assert PULSES.read(out).head(len(before)).equals(before)
    # Nor does a second call simulate anything again.
    monkeypatch.setattr("micromag.trials.pulses.simulate_pulses.run_group", pytest.fail)
    simulated(out, ramps(3))
    assert out.read_bytes() == of_three


def test_another_device_starts_again(tmp_path, capsys):
    out = tmp_path / "pulses.csv"
    simulated(out, ramps(1, temperature_K=0.0))
    finished = out.with_suffix(".done.csv").read_bytes()
    simulated(out, ramps(1, temperature_K=10.0))
    assert "pulses of another config, seed or code; simulated again" in capsys.readouterr().err
    assert set(PULSES.read(out)["temperature_K"]) == {10.0}
    assert (tmp_path / "pulses.done.csv.other").read_bytes() == finished


def test_replicas_and_keys_of_single_pulses_are_apart():
    sequence = SinglePulses(walls=3)
    device = with_pulses(current_uA=(10, 20), duration_ns=(1, 2), sequence=sequence)
    trains = trains_of(device)
    assert len(trains) == 2 * 2 * 2 * 3 * 9
    assert len({train.name for train in trains}) == len(trains)
    words = track_words(device)
    assert len({tuple(pulse_key(1, train, 0, words)) for train in trains}) == len(trains)
    fewer = trains_of(with_pulses(sequence=SinglePulses(walls=2)))
    more = trains_of(with_pulses(sequence=SinglePulses(walls=5)))
    assert {(t.name, t.level) for t in fewer} <= {(t.name, t.level) for t in more}


def test_walls_are_located_at_their_notches():
    windows = PreparedWindows(TINY_TRACK)
    for level in (0, 4, 8):
        placed = placed_at(TINY_TRACK.track, level)
        prepared = windows.of(placed.window)
        wall = prepared.walls[placed.notch]
        position_nm = positions_nm(prepared.problem, wall[..., None])[0]
        place = place_of(TINY_TRACK, placed, position_nm)
        assert (place.outcome, place.level) == ("settled", level)
        # At the outer notches the end of the track attracts the wall a little.
        assert abs(place.position_nm - TINY_TRACK.track.notch_positions_nm[level]) < 0.2


def test_thermal_waves_do_not_shift_the_wall():
    """Both domains shortened to 0.9, away from the middle: the wall is where it was."""
    windows = PreparedWindows(TINY_TRACK)
    placed = placed_at(TINY_TRACK.track, 0)
    prepared = windows.of(placed.window)
    wall = prepared.walls[placed.notch][..., None]
    free = ~prepared.problem.fixed[:, None]
    warm = wall * np.where(free, 0.9, 1)
    found = [positions_nm(prepared.problem, m)[0] for m in (wall, warm)]
    assert found[1] == pytest.approx(found[0], abs=1e-9)


@pytest.mark.parametrize(
    ("from_window_nm", "outcome", "level"),
    [(135, "settled", 16), (144, "settled", 16), (150, "between", -1), (165, "settled", 17),
     (34, "left", -1), (236, "left", -1), (float("nan"), "left", -1)],
)  # fmt: skip
def test_walls_settle_are_between_or_leave_the_window(from_window_nm, outcome, level):
    # A window of nine notches every 30 nm in the middle of the track, here for level 16: its middle
    # notch is at 15 + 4 x 30 = 135 nm.
    place = place_of(LIU_STT, placed_at(LIU_STT.track, 16), from_window_nm)
    assert (place.outcome, place.level) == (outcome, level)
    assert place.position_nm == pytest.approx(540 + from_window_nm - 135, nan_ok=True)


def test_a_moved_wall_keeps_what_both_windows_show():
    windows = PreparedWindows(TINY_TRACK)
    track, ny = TINY_TRACK.track, TINY_TRACK.track.cells[1]
    before, after = placed_at(track, 4), placed_at(track, 5)
    assert after.shift - before.shift == 8
    prepared = windows.of(before.window)
    m = prepared.walls[before.notch]
    moved = moved_wall(m, before, after, prepared.walls[after.notch], prepared.problem.fixed, ny)
    old, new = m.reshape(3, -1, ny), moved.reshape(3, -1, ny)
    np.testing.assert_array_equal(new[:, 2:30], old[:, 10:38])
    # The wall, one notch before the middle of the new window.
    there = positions_nm(prepared.problem, moved[..., None])[0]
    assert there == pytest.approx(positions_nm(prepared.problem, m[..., None])[0] - 40, abs=0.5)
    same = moved_wall(m, before, before, m, prepared.problem.fixed, ny)
    assert same is m


def test_a_track_that_does_not_hold_its_wall_is_refused():
    """Notches of one cell at one edge, far apart: a wall next to one does not come back."""
    notches = Notches(shape="rectangle", edges="top", depth_nm=3, opening_nm=5, spacing_nm=100,
                      number=3)  # fmt: skip
    track = TINY_TRACK.track.model_copy(update={"notches": notches, "window_notches": None})
    device = TINY_TRACK.model_copy(update={"track": track})
    with pytest.raises(InputError, match="does not hold its wall without a current: put ") as error:
        require_held(PreparedWindows(device).in_the_middle())
    assert "nm from it after 1 ns at 0 K" in str(error.value)


def test_notches_closer_than_the_wall_is_wide_are_said(capsys):
    warn_of_close_notches(LIU_STT)
    assert (
        "30 nm apart and the wall is pi sqrt(A / K_eff) = 36.2 nm wide" in capsys.readouterr().err
    )
    warn_of_close_notches(TINY_TRACK)
    assert capsys.readouterr().err == ""


def test_walls_that_all_leave_the_window_are_an_error(tmp_path):
    strong = ramps(1, temperature_K=0.0, current_uA=(300,), duration_ns=(2.0,))
    sequence = SinglePulses(walls=1, levels=(4,), directions="up")
    strong = strong.model_copy(
        update={"pulses": strong.pulses.model_copy(update={"sequence": sequence})}
    )
    with pytest.raises(InputError, match="all of 1 walls were lost at their first pulse"):
        simulated(tmp_path / "pulses.csv", strong)


@pytest.mark.parametrize(
    ("command", "block", "says"),
    [
        ("pulse", "wire: {width_nm: 80}", "a wire, whose walls a field drives; use `relax` and"),
        ("track", "protocol: {temperature_K: 0}", "a wire, whose walls a field drives"),
        ("relax", "track: {}", "a track, whose wall a current drives; use `track` and `pulse`"),
        ("pulse", "material: {}", "track: Field required"),
    ],
)
def test_a_device_of_the_other_kind_is_refused_in_one_line(tmp_path, command, block, says):
    (config := tmp_path / "d.yaml").write_text(f"source: simulation\n{block}\n")
    out = tmp_path / {"pulse": "p.csv", "track": "t", "relax": "w.omf"}[command]
    run = CliRunner().invoke(app, [command, "--config", str(config), "--out", str(out)])
    assert isinstance(run.exception, InputError)
    assert says in str(run.exception)


def test_the_figure_shows_track_window_and_wall(tmp_path):
    for window in (5, None):
        prepared = PreparedWindows(with_pulses(window=window)).in_the_middle()
        draw_track(out := tmp_path / f"{window}.svg", prepared)
        text = out.read_text()
        assert "9 notches every 40 nm, wall 36 nm wide" in text
        assert ("around the wall" in text) == (window is None)
