"""The declared track: its cells, its torques, and windows with the field of the rest."""

import micromagneticmodel as mm
import numpy as np
import pytest

from dwsynapse.study import HeavyMetal, Notches, Track, TrackDevice
from dwsynapse.study.presets.liu import LIU_SOT, LIU_STT
from micromag.engine.fields_and_energies import energies_J, fields_A_per_m
from micromag.engine.problem import Problem
from micromag.sample.track import current_densities_A_per_m2, declare, rest_of_track_A_per_m
from micromag.sample.track_cells import material_shares
from micromag.sample.track_window import placed_at

SMALL = TrackDevice(source="simulation", track=Track(window_notches=5))


def of_class(terms, name):
    return next(term for term in terms if type(term).__name__ == name)


def test_steps_and_smooth_edges_have_about_the_material_that_is_there():
    area_nm2 = np.pi * 5**2 * 32  # two half-circles at each of 32 notches
    removed = {}
    for smooth in (False, True):
        track = LIU_STT.track.model_copy(update={"smooth_edges": smooth})
        shares = material_shares(track)
        removed[smooth] = (1 - shares).sum() * 2.5**2
        notch = shares[18:30]  # from half a spacing before the first notch, at 60 nm, to after it
        np.testing.assert_array_equal(notch, notch[::-1])
        np.testing.assert_array_equal(notch, notch[:, ::-1])
    # Smooth edges: cells with less than a tenth of material are left out, of which a notch has
    # four; steps: cells are a quarter of a notch.
    assert removed[True] == pytest.approx(area_nm2, rel=0.07)
    assert removed[False] == pytest.approx(area_nm2, rel=0.25)


def test_currents_are_those_of_the_paper():
    # 50 uA through 50 nm x 1.5 nm: 6.7e11 A/m2 and u = 33.8 m/s; half of 27 uA: 1.8e11 in each.
    in_track, in_metal = current_densities_A_per_m2(LIU_STT, 50)
    assert (in_track, in_metal) == (pytest.approx(6.667e11, rel=1e-3), 0)
    assert current_densities_A_per_m2(LIU_SOT, 27) == pytest.approx((1.8e11, 1.8e11))
    window = placed_at(LIU_STT.track, 16).window
    zhang_li = of_class(declare(LIU_STT, window, 50, 525).dynamics, "ZhangLi")
    assert zhang_li.u == pytest.approx(33.8, abs=0.05)


def test_a_wall_that_feels_dmi_is_a_neel_wall_of_its_handedness():
    window = placed_at(LIU_SOT.track, 16).window
    for D, direction in ((-5e-4, 1), (5e-4, -1)):
        device = LIU_SOT.model_copy(update={"heavy_metal": HeavyMetal(D_J_per_m2=D)})
        system = declare(device, window, 0, 875)
        problem = Problem.of(system)
        wall, other = (problem.unit_vectors(system.m) * [[s], [s], [1]] for s in (1, -1))
        assert energies_J(problem, wall)["dmi"] < 0 < energies_J(problem, other)["dmi"]
        m = system.m.orientation.array[:, 10, 0]
        middle = np.abs(m[:, 2]).argmin()
        assert m[middle, 0] == pytest.approx(direction, abs=0.01)
        assert m[0, 2] == pytest.approx(1, abs=1e-3)
        assert m[-1, 2] == pytest.approx(-1, abs=1e-3)


def test_windows_in_the_middle_are_one_and_those_at_ends_have_the_end():
    track = LIU_STT.track
    places = [placed_at(track, level) for level in range(32)]
    assert len({place.window for place in places}) == 3
    assert [place.notch for place in places] == [0, 1, 2, 3, *[4] * 24, 5, 6, 7, 8]
    for level, place in enumerate(places):
        # The notch of the wall is where the window has it.
        notch = place.window.first_notch + place.notch
        x_nm = track.notch_positions_nm[notch] + place.shift * track.cell_nm[0]
        assert x_nm == track.notch_positions_nm[level]
    shares = material_shares(track)
    middle = places[10].window
    for place in places[5:27]:
        there = slice(middle.start + place.shift, middle.stop + place.shift)
        np.testing.assert_array_equal(shares[there], shares[middle.start : middle.stop])


def test_the_whole_track_is_one_window():
    track = LIU_STT.track.model_copy(update={"window_notches": None})
    assert {placed_at(track, level).window for level in range(32)} == {placed_at(track, 0).window}
    assert placed_at(track, 7).notch == 7


def test_the_rest_of_the_track_completes_the_field_of_a_window():
    """Window plus rest: the demagnetising field of the whole track, wherever m is +-z outside."""
    whole = placed_at(SMALL.track.model_copy(update={"window_notches": None}), 4).window
    window = placed_at(SMALL.track, 4).window
    of_whole, of_window = (declare(SMALL, w, 0, 220) for w in (whole, window))
    ny = SMALL.track.cells[1]
    m = Problem.of(of_whole).unit_vectors(of_whole.m).reshape(3, -1, ny)
    up = np.array([0, 0, 1.0])[:, None, None]
    m[:, : window.start], m[:, window.stop :] = up, -up
    expected = fields_A_per_m(Problem.of(of_whole), m.reshape(3, -1))["demag"].reshape(m.shape)
    inside = slice(window.start, window.stop)
    cut = np.ascontiguousarray(m[:, inside]).reshape(3, -1)
    found = fields_A_per_m(Problem.of(of_window), cut)["demag"].reshape(3, -1, ny)
    rest = np.moveaxis(rest_of_track_A_per_m(SMALL, window)[:, :, 0], -1, 0)
    free = slice(2, -2)  # fixed columns do not feel it
    # Rounding of fields of 1e5 A/m, and empty cells of the whole track keep their m there.
    material = material_shares(SMALL.track)[inside][free] > 0
    found, expected = (found + rest)[:, free], expected[:, inside][:, free]
    np.testing.assert_allclose(found[:, material], expected[:, material], atol=1e-3)


def test_smooth_edges_scale_every_constant_alike():
    track = SMALL.track.model_copy(update={"smooth_edges": True})
    device = LIU_SOT.model_copy(update={"track": track})
    system = declare(device, placed_at(track, 4).window, 27, 220)
    shares = system.m.norm.array / 8e5
    assert np.sum((shares > 0) & (shares < 1)) > 0
    exchange, anisotropy, dmi = (
        of_class(system.energy, name) for name in ("Exchange", "UniaxialAnisotropy", "DMI")
    )
    torque = of_class(system.dynamics, "Slonczewski")
    for value, whole in ((exchange.A, 1.3e-11), (anisotropy.K, 5e5), (dmi.D, 5e-4)):
        np.testing.assert_allclose(value.array, whole * shares, rtol=1e-12)
    np.testing.assert_allclose(torque.J.array / (1.8e11 * shares).clip(1), shares > 0, rtol=1e-9)


def test_notches_of_no_depth_leave_all_material():
    assert material_shares(Track(notches=Notches(depth_nm=0))).all()


def test_the_energy_terms_of_a_track_without_current_have_no_torque():
    window = placed_at(LIU_STT.track, 16).window
    assert [type(t) for t in declare(LIU_STT, window, 0, 525).dynamics] == [
        mm.Precession,
        mm.Damping,
    ]
