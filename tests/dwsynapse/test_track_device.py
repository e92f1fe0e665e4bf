"""Tracks in a study: what is refused, and the numbers that follow from a block."""

import pytest

from dwsynapse.drives import DRIVES
from dwsynapse.io.errors import InputError
from dwsynapse.study import Notches, PerpendicularMaterial, Track, TrackDevice
from dwsynapse.study.presets.liu import LIU_SOT, LIU_STT
from dwsynapse.study.reading import read_block

ONE_WALL = {"kind": "single", "walls": 1}


def test_the_presets_have_the_paper_s_geometry():
    # 32 notches, 30 and 50 nm apart, centred on 1050 and 1750 nm.
    assert LIU_STT.track.notch_positions_nm[0] == 60
    assert LIU_STT.track.notch_positions_nm[-1] == 990
    assert LIU_SOT.track.notch_positions_nm[0] == 100
    assert len(LIU_SOT.track.notch_positions_nm) == 32


def test_the_wall_width_takes_the_demagnetising_field_into_account():
    # K_eff = 5e5 - mu0 (8e5)^2 / 2 = 9.79e4 J/m3, and pi sqrt(1.3e-11 / 9.79e4) = 36.2 nm.
    material = PerpendicularMaterial()
    assert material.effective_anisotropy_J_per_m3 == pytest.approx(9.79e4, rel=1e-3)
    assert material.wall_width_nm == pytest.approx(36.2, abs=0.05)


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ("pulses: {current_uA: [0]}", "pulses.current_uA.0: must be greater than 0 (found 0)"),
        ("pulses: {current_uA: []}", "pulses.current_uA: must have 1 or more entries"),
        ("pulses: {duration_ns: [1, 1]}", "duration_ns names a value twice"),
        ("pulses: {temperature_K: 0}", "20 trials at 0 K are identical"),
        (
            "pulses: {sequence: {kind: single, levels: [3, 8]}}",
            "names 8, and the highest level is 7",
        ),
        ("networks: true", "networks is true, and its pulses make no passing curve"),
        ("mechanism: sot", "there is no heavy_metal"),
        ("heavy_metal: {}", "mechanism is stt, which has no heavy_metal"),
        ("material: {anisotropy_J_per_m3: 4e5}", "the film is magnetised in its plane"),
        ("track: {window_notches: 6}", "set window_notches to an odd number"),
        ("track: {window_notches: 9}", "a window of 9 notches in a track that has 8"),
        ("track: {notches: {spacing_nm: 42}}", "do not tile notches.spacing_nm = 42"),
        ("track: {notches: {opening_nm: 60}}", "overlap at a spacing of 40 nm"),
        ("track: {notches: {number: 12}}", "do not fit between the fixed ends"),
        ("track: {notches: {depth_nm: 22}}", "less than two cells"),
        ("track: {notches: {depth_nm: 2, opening_nm: 4}}", "smaller than a cell"),
        ("track: {width: 50}", "track.width: unknown key"),
    ],
)
def test_a_bad_block_is_refused_in_one_line(tmp_path, block, says):
    track = "" if block.startswith("track") else "track: {}\n"
    (tmp_path / "d.yaml").write_text(f"source: simulation\n{track}{block}\n")
    with pytest.raises(InputError) as error:
        read_block(tmp_path / "d.yaml", TrackDevice)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("pulses", "drive", "fixed"),
    [
        ({"current_uA": [20, 30, 40]}, "current", {"duration_ns": 1}),
        ({"duration_ns": [0.5, 1, 2], "current_uA": [40]}, "duration", {"current_uA": 40}),
        ({"current_uA": [20, 30]}, None, None),
        ({"current_uA": [20, 30, 40], "duration_ns": [1, 2]}, None, None),
        ({"current_uA": [20, 30, 40], "temperature_K": 0, "sequence": ONE_WALL}, None, None),
    ],
)
def test_pulses_that_differ_in_one_quantity_make_a_passing_curve(pulses, drive, fixed):
    track = TrackDevice(source="simulation", track={}, pulses=pulses)
    assert track.drive is (DRIVES[drive] if drive else None)
    pulse = track.read_pulse
    assert (pulse and pulse.model_dump(exclude_none=True)) == (
        fixed and {"resistance_ohm": 1000, **fixed}
    )
    assert track.model_copy(update={"passing_curve": False}).drive is None


def test_a_smooth_track_is_one_with_notches_of_no_depth():
    notches = Notches(depth_nm=0)
    assert Track(notches=notches).notches.half_length_nm(0.5) < 0
