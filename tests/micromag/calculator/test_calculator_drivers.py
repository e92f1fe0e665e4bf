"""Hysteresis loops, relaxation and fixed subregions: OOMMF's numbers, files and bad input."""

import json
import warnings
from pathlib import Path

import discretisedfield as df
import micromagneticdata as md
import micromagneticmodel as mm
import numpy as np
import pandas as pd
import pytest

from dwsynapse.io.errors import InputError
from micromag import calculator
from micromag.calculator.hysteresis import fields_of_loop
from micromag.engine.constants import MU0

OOMMF = Path(__file__).parents[2] / "data" / "oommf"
H_MAX = (1.2e5, 6e3, 0)


@pytest.fixture(autouse=True)
def _scratch_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def platelet(energy, start, n=(20, 8, 1)):
    """Return 100 x 40 x 5 nm of Permalloy, the first quarter of its length being `clamp`."""
    region = df.Region(p1=(0, 0, 0), p2=(100e-9, 40e-9, 5e-9))
    clamp = {"clamp": df.Region(p1=(0, 0, 0), p2=(25e-9, 40e-9, 5e-9))}
    system = mm.System(name="platelet")
    system.energy = energy
    system.dynamics = mm.Precession(gamma0=2.211e5) + mm.Damping(alpha=0.05)
    mesh = df.Mesh(region=region, n=n, subregions=clamp)
    system.m = df.Field(mesh, nvdim=3, value=start, norm=8e5)
    return system


def clamped():
    start = np.load(OOMMF / "clamped.npz")["start"]
    energy = mm.Exchange(A=1.3e-11) + mm.Demag() + mm.Zeeman(H=(-2e5, 1e4, 0))
    return platelet(energy, start), start


def test_a_hysteresis_loop_is_oommfs():
    energy = (
        mm.Exchange(A=1.3e-11)
        + mm.Demag()
        + mm.UniaxialAnisotropy(K=1e4, u=(1, 0.3, 0))
        + mm.Zeeman(H=(0, 2e3, 0))
    )
    system = platelet(energy, (1, 0.2, 0.1))
    calculator.HysteresisDriver().drive(
        system, Hmin=tuple(-h for h in H_MAX), Hmax=H_MAX, n=13, verbose=0
    )
    expected, found = pd.read_csv(OOMMF / "loop.csv"), system.table.data
    assert len(found) == 25
    # The loop is open: it switches between the same two fields as OOMMF's.
    assert np.ptp(found["mx"]) > 1.5
    for name in ("mx", "my", "mz"):
        np.testing.assert_allclose(found[name], expected[name], atol=1e-6)
    for name in ("B_hysteresis", "Bx_hysteresis", "By_hysteresis", "Bz_hysteresis"):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-9, atol=1e-9)
        assert system.table.units[name] == "mT"
    scale = np.abs(expected["E"]).max()
    for name in ("E", "E_demag", "E_zeeman", "E_zeeman_hysteresis", "E_uniaxialanisotropy"):
        np.testing.assert_allclose(found[name], expected[name], atol=1e-6 * scale)


def test_a_loop_is_opened_by_micromagneticdata_field_by_field():
    system = platelet(mm.Exchange(A=1.3e-11) + mm.Zeeman(H=(0, 2e3, 0)), (1, 0, 0), n=(4, 1, 1))
    steps = [[(0, 0, 1e5), (0, 0, 0), 3], [(0, 0, 0), np.array([0, 0, -1e5]), 2]]
    calculator.HysteresisDriver().drive(system, Hsteps=steps, verbose=0)
    drive = md.Data(name="platelet")[0]
    assert (drive.n, drive.x, drive.info["driver"]) == (4, "B_hysteresis", "HysteresisDriver")
    B_mT = 1e3 * MU0 * np.array([1e5, 5e4, 0, -1e5])
    np.testing.assert_allclose(drive.to_xarray()["Bz_hysteresis"], B_mT, atol=1e-12)
    np.testing.assert_array_equal(drive[3].array, system.m.array)
    # Without anisotropy m follows the sum of both fields, up to 1e-4 A/m of torque in 2e3 A/m.
    H = np.array([[0, 2e3, h] for h in (1e5, 5e4, 0, -1e5)])
    expected = H / np.linalg.norm(H, axis=1, keepdims=True)
    np.testing.assert_allclose(system.table.data[["mx", "my", "mz"]], expected, atol=5e-8)


def test_parts_of_a_loop_share_the_field_where_they_meet_and_no_other():
    one, two = (0, 0, 1e5), (1e5, 0, 0)
    assert len(fields_of_loop([[one, two, 3], [two, one, 5]])) == 7
    assert len(fields_of_loop([[one, two, 3], [one, two, 5]])) == 8


def test_a_fixed_subregion_keeps_its_moments_and_the_rest_relaxes_as_in_oommf():
    expected = np.load(OOMMF / "clamped.npz")
    for driver in (calculator.MinDriver, calculator.RelaxDriver):
        system, start = clamped()
        driver().drive(system, fixed_subregions=["clamp"], verbose=0)
        m = system.m.orientation.array
        np.testing.assert_allclose(m[:5], start[:5], atol=1e-14)
        np.testing.assert_allclose(m, expected["relaxed"], atol=1e-6)
        last = system.table.data.iloc[-1]
        assert last["E"] == pytest.approx(float(expected["E"]), rel=1e-9)
        assert last["max_mxHxm"] < 1e-4
    info = md.Data(name="platelet")[1].info
    assert (info["calculator_class"], info["fixed_subregions"]) == ("RelaxDriver", ["clamp"])
    assert md.Data(name="platelet")[1].x == "iteration"


def test_a_fixed_subregion_has_no_torque_in_time_as_in_oommf():
    expected = np.load(OOMMF / "clamped.npz")["after_200_ps"]
    system, start = clamped()
    calculator.TimeDriver().drive(system, t=2e-10, n=10, fixed_subregions=["clamp"], verbose=0)
    m = system.m.orientation.array
    np.testing.assert_allclose(m[:5], start[:5], atol=1e-14)
    # OOMMF's own steps are good to about 1e-4.
    np.testing.assert_allclose(m, expected, atol=1e-3)


def test_a_fixed_subregion_has_no_noise_and_the_rest_its_own():
    moved = []
    for fixed in (None, ["clamp"]):
        system = platelet(mm.Zeeman(H=(0, 0, 1e5)), (1, 0, 0.2))
        system.T = 300.0
        calculator.EnsembleDriver().drive(
            system, t=1e-11, n=1, replicas=2, seed=4, fixed_subregions=fixed, verbose=0
        )
        moved.append(md.Drive("platelet", len(moved), x="replica")[1].array / 8e5)
    start = np.array([1, 0, 0.2]) / np.sqrt(1.04)
    np.testing.assert_allclose(moved[1][:5], np.broadcast_to(start, (5, 8, 1, 3)), atol=2e-7)
    assert np.abs(moved[0][:5] - start).max() > 0.01
    # Nothing couples the cells: those outside do not notice.
    np.testing.assert_array_equal(moved[1][5:], moved[0][5:])


UP, DOWN = (0, 0, 1e5), (0, 0, -1e5)


@pytest.mark.parametrize("name", ["MinDriver", "RelaxDriver", "HysteresisDriver"])
def test_drivers_without_temperature_warn_and_end_as_at_0_K(name):
    ends = []
    for T in (0.0, 300.0):
        system = platelet(mm.Zeeman(H=(0, 0, 1e5)), (1, 0, 0.2), n=(4, 1, 1))
        system.T = T
        loop = {"Hsteps": [[(0, 0, 1e3), UP, 2]]} if name == "HysteresisDriver" else {}
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            getattr(calculator, name)().drive(system, verbose=0, **loop)
        said = [str(w.message) for w in warned if f"{name} ignores the temp" in str(w.message)]
        assert bool(said) == (T > 0)
        ends.append(system.m.array)
    assert "of 300 K, as OOMMF does, and ends in a minimum" in said[0]
    np.testing.assert_array_equal(*ends)


@pytest.mark.parametrize(
    ("driver", "arguments", "message"),
    [
        ("HysteresisDriver", {}, "the fields are not given once"),
        ("HysteresisDriver", {"Hmin": UP, "Hmax": DOWN}, "the fields are not given once"),
        ("HysteresisDriver", {"Hmin": DOWN, "Hmax": UP, "n": 0}, "n: 0 is not a number of fields"),
        ("HysteresisDriver", {"Hmin": DOWN, "Hmax": UP, "n": 2.5}, "n: 2.5 is not a number"),
        ("HysteresisDriver", {"Hmin": UP, "Hmax": UP, "n": 3}, "to the same field"),
        ("HysteresisDriver", {"Hmin": 1e5, "Hmax": UP, "n": 3}, "100000.0 is not a field"),
        ("HysteresisDriver", {"Hmin": (0, 1e5), "Hmax": UP, "n": 3}, "is not a field"),
        ("HysteresisDriver", {"Hmin": (0, 0, np.nan), "Hmax": UP, "n": 3}, "is not a field"),
        ("HysteresisDriver", {"Hmin": "up!", "Hmax": UP, "n": 3}, "up! is not a field"),
        ("HysteresisDriver", {"Hsteps": []}, "Hsteps: not a list of parts"),
        ("HysteresisDriver", {"Hsteps": [[UP, DOWN]]}, "is not a part of a loop"),
        ("HysteresisDriver", {"Hsteps": [[UP, DOWN, 2]], "n": 3}, "not given once"),
        ("MinDriver", {"fixed_subregions": ["lid"]}, "no subregion 'lid' in the mesh; use clamp"),
        ("RelaxDriver", {"fixed_subregions": "clamp"}, "fixed_subregions: expected a list"),
        ("TimeDriver", {"t": 1e-12, "n": 1, "fixed_subregions": ["default"]}, "'default' is no"),
        ("TimeDriver", {"t": 1e-12, "n": 1, "compute": "Schedule"}, "compute: not supported"),
    ],
)
def test_what_a_driver_cannot_do_is_refused_in_one_line_before_anything_is_written(
    driver, arguments, message
):
    system = platelet(mm.Zeeman(H=(0, 0, 1e5)), (1, 0, 0.2), n=(4, 1, 1))
    with pytest.raises(InputError, match=message) as error:
        getattr(calculator, driver)().drive(system, verbose=0, **arguments)
    assert "\n" not in str(error.value)
    assert not Path("platelet").exists()


@pytest.mark.parametrize("driver", ["MinDriver", "HysteresisDriver", "RelaxDriver"])
def test_a_torque_that_is_no_number_and_a_search_without_end_are_refused(driver):
    system = platelet(mm.Exchange(A=1e-11) + mm.Demag(), lambda p: (1, p[0] * 1e8, 0.3))
    loop = {"Hmin": UP, "Hmax": DOWN, "n": 2} if driver == "HysteresisDriver" else {}
    make = getattr(calculator, driver)
    with pytest.raises(InputError, match="stopping_mxHxm: not above 0"):
        make(stopping_mxHxm=float("nan")).drive(system, verbose=0, **loop)
    limit = "stage_iteration_limit" if loop else "total_iteration_limit"
    with pytest.raises(InputError, match=f"A/m remains after 2 steps; raise .* or {limit}"):
        make(**{limit: 2}).drive(system, verbose=0, **loop)
    assert json.loads(Path("platelet/drive-0/info.json").read_text())["success"] is False


def test_all_cells_fixed_leaves_nothing_to_drive():
    system = platelet(mm.Zeeman(H=(0, 0, 1e5)), (1, 0, 0.2), n=(4, 1, 1))
    system.m.mesh.subregions = {"all": system.m.mesh.region}
    with pytest.raises(InputError, match="fixed_subregions: no cell is left to move"):
        calculator.MinDriver().drive(system, fixed_subregions=["all"], verbose=0)


def test_several_uniaxial_terms_are_oommfs():
    data = np.load(OOMMF / "uniaxial.npz")
    region = df.Region(p1=(0, 0, 0), p2=(24e-9, 20e-9, 9e-9))
    system = mm.System(name="axes")
    system.energy = (
        mm.UniaxialAnisotropy(K=3e4, u=(1, 0, 0), name="first")
        + mm.UniaxialAnisotropy(K=-5e4, u=(1, 1, 1), name="second")
        + mm.UniaxialAnisotropy(K1=1e4, K2=2e4, u=(0, 0.6, 0.8), name="third")
    )
    mesh = df.Mesh(region=region, n=(6, 4, 3))
    system.m = df.Field(mesh, nvdim=3, value=data["m"], norm=8e5)
    H = calculator.compute(system.energy.effective_field, system).array
    np.testing.assert_allclose(H, data["H"], atol=1e-12 * np.abs(data["H"]).max())
    energy_J = calculator.compute(system.energy.energy, system)
    assert energy_J == pytest.approx(float(data["E"]), rel=1e-11, abs=0)
    # All of them drive: the engine's own sum of fields, at rest along the easiest direction.
    calculator.MinDriver().drive(system, verbose=0)
    assert system.table.data["max_mxHxm"].iloc[-1] < 1e-4
    assert {"E_first", "E_second", "E_third"} <= set(system.table.data.columns)
