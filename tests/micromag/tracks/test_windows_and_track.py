"""A window stands in for the whole track: at 0 K pulses move the wall alike."""

import pytest

from dwsynapse.study import Ramps, SinglePulses
from tests.micromag.tracks.tiny_track import rows_of, with_pulses

POSITIONS_AGREE_NM = 1.0
"""The window leaves out the tails of the wall and the bend of m at the notches outside: on this
track they move the resting wall by up to half a nanometre, and the spacing is 40 nm."""


@pytest.fixture(scope="module")
def singles():
    """Return pulses from several levels at several currents, in windows and on the whole track."""
    sequence = SinglePulses(levels=(0, 2, 4, 5, 7), directions="both", walls=1)
    changes = {"temperature_K": 0.0, "current_uA": (8.0, 35.0), "sequence": sequence}
    return [rows_of(with_pulses(window=window, **changes)) for window in (5, None)]


def test_the_window_gives_the_advances_of_the_whole_track(singles):
    in_windows, on_track = singles
    assert in_windows.keys() == on_track.keys()
    for key, row in in_windows.items():
        assert row["level_after"] == on_track[key]["level_after"], key
        ahead_nm = row["position_after_nm"] - on_track[key]["position_after_nm"]
        assert abs(ahead_nm) < POSITIONS_AGREE_NM, key


def test_walls_stay_at_a_low_current_and_advance_at_a_high_one(singles):
    for rows in singles:
        for (_, current_uA, _), row in rows.items():
            if row["level_before"] == 0:  # where it cannot go down
                continue
            moved = row["level_after"] - row["level_before"]
            assert moved == (0 if abs(current_uA) < 10 else row["direction"]), row


@pytest.mark.slow
def test_a_ramp_in_windows_is_the_ramp_on_the_whole_track():
    ramp = {"temperature_K": 0.0, "sequence": Ramps(kind="ramps", up=5, down=2, number=1)}
    in_windows, on_track = (rows_of(with_pulses(window=window, **ramp)) for window in (5, None))
    levels = [row["level_after"] for row in in_windows.values()]
    assert levels == [row["level_after"] for row in on_track.values()]
    assert levels == [1, 2, 3, 4, 5, 4, 3]
