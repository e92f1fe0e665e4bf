"""The calculator at the edges: waves without damping, regions without a bath, absurd numbers."""

import warnings
from pathlib import Path

import discretisedfield as df
import micromagneticmodel as mm
import numpy as np
import pytest

from dwsynapse.io.errors import InputError
from micromag import calculator
from micromag.calculator import driven_motion
from micromag.calculator.driven_motion import Motion
from micromag.engine.constants import MU0
from micromag.engine.problem import Problem
from micromag.engine.timestep import LARGEST_GAIN, numerical_gain


@pytest.fixture(autouse=True)
def _scratch_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def chain(alpha=None, T=0.0, start=(1, 0, 0), A=1.3e-11):
    """Return 40 cells of 5 nm in a row, periodic, with a field along them."""
    halves = {
        "left": df.Region(p1=(0, 0, 0), p2=(100e-9, 5e-9, 5e-9)),
        "right": df.Region(p1=(100e-9, 0, 0), p2=(200e-9, 5e-9, 5e-9)),
    }
    region = df.Region(p1=(0, 0, 0), p2=(200e-9, 5e-9, 5e-9))
    mesh = df.Mesh(region=region, n=(40, 1, 1), bc="x", subregions=halves)
    system = mm.System(name="chain")
    system.energy = mm.Exchange(A=A) + mm.Zeeman(H=(1e5, 0, 0))
    system.dynamics = mm.Precession(gamma0=mm.consts.gamma0)
    if alpha is not None:
        system.dynamics += mm.Damping(alpha=alpha)
    system.m = df.Field(mesh, nvdim=3, value=start, norm=8e5)
    system.T = T
    return system


def wave(point):
    return (1, 0.02 * np.cos(2 * np.pi * point[0] / 20e-9), 0)


def wave_energy(system):
    """Return the energy above that of the uniform chain."""
    uniform_J = -MU0 * 8e5 * 1e5 * system.m.mesh.region.volume
    return calculator.compute(system.energy.energy, system) - uniform_J


@pytest.mark.parametrize("corners_nm", [(0, 400), (0, 100), (100, 300)])
@pytest.mark.parametrize("nvdim", [1, 3])
def test_a_field_on_another_region_is_refused_where_oommf_would_stretch_it(corners_nm, nvdim):
    first, last = (1e-9 * x for x in corners_nm)
    region = df.Region(p1=(first, 0, 0), p2=(last, 5e-9, 5e-9))
    mesh = df.Mesh(region=region, cell=(5e-9, 5e-9, 5e-9))
    given = df.Field(mesh, nvdim=nvdim, value=lambda p: 1e12 * p[0] * np.ones(nvdim))
    term = mm.Zeeman(H=given) if nvdim == 3 else mm.UniaxialAnisotropy(K=given, u=(0, 0, 1))
    system = chain()
    system.energy = mm.Exchange(A=1.3e-11) + term
    with pytest.raises(InputError, match="another region than the system's mesh; cut it") as error:
        calculator.MinDriver().drive(system, verbose=0)
    assert "\n" not in str(error.value)
    assert not Path("chain").exists()
    # What the line says to do, where the field is defined on all of the system.
    if corners_nm == (0, 400):
        part = df.Field(system.m.mesh, nvdim=nvdim, value=given)
        assert part.array.max() == pytest.approx(1e12 * 197.5e-9)
        system.energy = mm.Exchange(A=1.3e-11) + type(term)(
            **({"H": part} if nvdim == 3 else {"K": part, "u": (0, 0, 1)})
        )
        calculator.compute(system.energy.energy, system)


@pytest.mark.parametrize("alpha", [None, 1e-3])
def test_a_wave_of_four_cells_keeps_its_energy_for_a_nanosecond(alpha):
    system = chain(alpha, start=wave)
    start_J = wave_energy(system)
    calculator.TimeDriver().drive(system, t=1e-9, n=1, verbose=0)
    # Of small circular waves the energy falls as exp(-2 alpha omega t / (1 + alpha^2)).
    stiffness = 2 * 1.3e-11 / (MU0 * 8e5) * 2 / 5e-9**2
    omega = mm.consts.gamma0 * (stiffness + 1e5)
    left = np.exp(-2 * (alpha or 0) * omega * 1e-9 / (1 + (alpha or 0) ** 2))
    # 1e-3 of the scheme; the wave of 0.02 is not quite small: 0.02^2 / 2 in its frequency.
    assert wave_energy(system) / start_J == pytest.approx(left, abs=1.2e-3)


def test_a_step_that_takes_energy_from_waves_is_reported_with_numbers():
    evolver = calculator.RungeKuttaEvolver(max_timestep=2e-12)
    with pytest.warns(
        UserWarning, match=r"2000 fs take 1 of the energy of waves of 4 cells in 1 ns"
    ):
        calculator.TimeDriver(evolver=evolver).drive(chain(), t=1e-11, n=1, verbose=0)
    evolver = calculator.RungeKuttaEvolver(max_timestep=1e-13)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        calculator.TimeDriver(evolver=evolver).drive(chain(), t=1e-12, n=1, verbose=0)


def thermal_driver():
    return calculator.TimeDriver(evolver=calculator.Xf_ThermHeunEvolver(uniform_seed=5))


def test_a_region_without_damping_has_no_separate_bath():
    alpha, A = {"left": 0.1, "right": 0.0}, {"left": 1.3e-11, "right": 1.3e-11}
    start = (0, 0.6, 0.8)
    system = chain(alpha, T=300.0, start=start, A=A)
    thermal_driver().drive(system, t=2e-11, n=1, verbose=0)
    left, right = np.split(system.m.orientation.array[:, 0, 0], 2)
    # The right half is coupled to nothing but the field, and turns about it.
    angle = mm.consts.gamma0 * 1e5 * 2e-11 + np.arctan2(0.8, 0.6)
    np.testing.assert_allclose(right, [(0, np.cos(angle), np.sin(angle))] * 20, atol=1e-5)
    assert left.std(axis=0).min() > 1e-3

    coupled = chain(alpha, T=300.0, start=start)
    thermal_driver().drive(coupled, t=2e-11, n=1, verbose=0)
    assert coupled.m.orientation.array[20:].std(axis=0).min() > 1e-3


def test_damping_by_region_needs_an_evolver_whose_script_takes_it():
    driver = calculator.TimeDriver(evolver=calculator.UHH_ThetaEvolver())
    with pytest.raises(InputError, match=r"UHH_ThetaEvolver .* give Xf_ThermHeunEvolver"):
        driver.drive(chain({"left": 0.1, "right": 0.2}, T=300.0), t=1e-12, n=1, verbose=0)


@pytest.mark.parametrize("alpha", [None, 0.0])
def test_a_temperature_without_damping_is_refused(alpha):
    with pytest.raises(InputError, match=r"300 K without damping: there is no thermal field; add"):
        thermal_driver().drive(chain(alpha, T=300.0), t=1e-12, n=1, verbose=0)


@pytest.mark.parametrize("alpha", [1e-2, 1e-3, 1e-5, 1e-8])
def test_the_automatic_step_passes_its_own_check(alpha):
    motion = Motion(chain(alpha, T=300.0), 1e-12, 1, np.float64)
    gain = numerical_gain(motion.problem, 1e-12 / motion.steps, shared_demag=False)
    assert abs(gain) < LARGEST_GAIN


NAN, INF = float("nan"), float("inf")


def with_nan(nvdim):
    field = df.Field(chain().m.mesh, nvdim=nvdim, value=(1.0,) * nvdim if nvdim > 1 else 1.0)
    field.array[3] = NAN
    return field


@pytest.mark.parametrize(
    ("energy", "message"),
    [
        (mm.Exchange(A=NAN), "Exchange.A: not finite"),
        (mm.Exchange(A=INF), "Exchange.A: not finite"),
        (mm.Exchange(A={"left": NAN, "right": 1e-11}), "Exchange.A: not finite"),
        (mm.Exchange(A={"left:right": INF}), "Exchange.A: not finite"),
        (mm.Exchange(A=with_nan(1)), "Exchange.A: not finite in 1 cells"),
        (mm.Exchange(A=-1e-11), "A: -1e-11 J/m is beyond any material"),
        (mm.Exchange(A=1e-3), "A: 0.001 J/m is beyond any material"),
        (mm.Exchange(A={"left:right": 1.0}), "A_between: 1 J/m is beyond"),
        (mm.UniaxialAnisotropy(K=NAN, u=(0, 0, 1)), "UniaxialAnisotropy.K: not finite"),
        (mm.UniaxialAnisotropy(K=1e30, u=(0, 0, 1)), "K: 1e[+]30 J/m3 is beyond"),
        (mm.UniaxialAnisotropy(K=1, u=(0, 0, NAN)), "UniaxialAnisotropy.u: not finite"),
        (mm.UniaxialAnisotropy(K=1, u=(0, 0, 0)), "axis: no direction"),
        (mm.CubicAnisotropy(K=NAN, u1=(1, 0, 0), u2=(0, 1, 0)), "CubicAnisotropy.K: not finite"),
        (mm.Zeeman(H=(0, NAN, 0)), "Zeeman.H: not finite"),
        (mm.Zeeman(H=with_nan(3)), "Zeeman.H: not finite in 1 cells"),
        (mm.Zeeman(H=with_nan(1)), "Zeeman.H: a field with 1 components; give 3"),
    ],
)
@pytest.mark.parametrize("driver", [calculator.MinDriver, calculator.TimeDriver])
def test_what_is_not_finite_or_absurd_is_refused_at_once(driver, energy, message):
    system = chain(0.1)
    system.energy = energy
    arguments = {"t": 1e-12, "n": 1} if driver is calculator.TimeDriver else {}
    with pytest.raises(InputError, match=message):
        driver().drive(system, verbose=0, **arguments)


def labelled(axes="xyz", components="xyz", **given):
    mesh = chain().m.mesh
    region = df.Region(p1=mesh.region.pmin, p2=mesh.region.pmax, dims=list(axes))
    return df.Field(
        df.Mesh(region=region, n=mesh.n),
        nvdim=3,
        value=(1e5, 0, 2e4),
        vdims=list(components),
        **given,
    )


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (labelled("zyx"), "the axes are z, y, x; put them as x, y, z"),
        (labelled("uvw"), "the axes are u, v, w; call them x, y, z"),
        (labelled(components="zyx"), "the components are z, y, x"),
        (labelled(dtype=complex), "the field is complex; give its real part"),
    ],
)
def test_a_field_that_would_be_read_otherwise_than_labelled_is_refused(field, message):
    system = chain(0.1)
    system.energy = mm.Zeeman(H=field)
    with pytest.raises(InputError, match=f"Zeeman.H: {message}"):
        calculator.compute(system.energy.energy, system)


@pytest.mark.parametrize("labels", [("zyx", "xyz"), ("xyz", "yxz")])
def test_a_magnetisation_with_axes_in_another_order_is_refused(labels):
    system = chain(0.1)
    system.m = labelled(*labels)
    with pytest.raises(InputError, match=r"^m: the (axes|components) are"):
        calculator.compute(system.energy.energy, system)


def test_axes_and_components_with_names_of_their_own_are_read_in_their_order():
    system = chain(0.1)
    system.m = labelled("uvw", "abc")
    system.energy = mm.Zeeman(H=labelled("uvw", "def"))
    energy_J = calculator.compute(system.energy.energy, system)
    volume_m3 = system.m.mesh.region.volume
    assert energy_J == pytest.approx(-MU0 * (1e5**2 + 2e4**2) * volume_m3)


def test_two_terms_of_one_name_are_refused_where_one_would_be_lost():
    system = chain(0.1)
    system.energy = mm.Zeeman(H=(1e5, 0, 0), name="one") + mm.UniaxialAnisotropy(
        K=1e5, u=(0, 0, 1), name="one"
    )
    with pytest.raises(InputError, match="energy: two terms are called one; rename"):
        calculator.compute(system.energy.energy, system)


def test_dirichlet_boundaries_are_refused_where_they_would_be_free():
    system = chain(0.1)
    mesh = df.Mesh(region=system.m.mesh.region, n=(40, 1, 1), bc="dirichlet")
    system.m = df.Field(mesh, nvdim=3, value=(1, 0, 0), norm=8e5)
    with pytest.raises(InputError, match="bc: Dirichlet boundaries are not computed"):
        calculator.compute(system.energy.energy, system)


def test_a_norm_that_was_forgotten_is_said():
    system = chain()
    system.m = df.Field(system.m.mesh, nvdim=3, value=(1, 0, 0))
    with pytest.warns(UserWarning, match=r"m is 1 A/m at most, .* give its norm, as in df\.Field"):
        calculator.compute(system.energy.energy, system)


def test_fields_in_tesla_are_doubted():
    system = chain()
    system.energy = mm.Zeeman(H=(0, 0, 0.1))
    with pytest.warns(UserWarning, match=r"the field zeeman is 0.1 A/m at most, .* give A/m"):
        calculator.compute(system.energy.energy, system)
    loop = {"Hmin": (0, 0, -0.1), "Hmax": (0, 0, 0.1), "n": 2}
    system.energy = mm.UniaxialAnisotropy(K=1e4, u=(0, 0, 1))
    with pytest.warns(UserWarning, match=r"the field of the loop is 0.1 A/m at most"):
        calculator.HysteresisDriver()._checkargs(loop)


@pytest.mark.parametrize("unit", ["T", "mT", "Oe", "kA/m", "A / m", "A/m", None])
@pytest.mark.parametrize("of_m", [False, True])
def test_fields_that_say_another_unit_are_refused(unit, of_m):
    system = chain()
    given = df.Field(system.m.mesh, nvdim=3, value=(1, 0, 0), norm=8e5, unit=unit)
    if of_m:
        system.m = given
    else:
        system.energy = mm.Zeeman(H=given)
    if unit in ("T", "mT", "Oe", "kA/m"):
        with pytest.raises(InputError, match=f"(m|Zeeman.H): the field is in {unit}; give it in"):
            calculator.compute(system.energy.energy, system)
    else:
        energy_J = calculator.compute(system.energy.zeeman.energy, system)
        expected = -MU0 * 8e5 * (1e5 if of_m else 8e5) * system.m.mesh.region.volume
        assert energy_J == pytest.approx(expected)


@pytest.mark.parametrize("norm", [NAN, INF, 1e30])
def test_a_magnetisation_that_is_none_is_refused(norm):
    system = chain(0.1)
    system.m = df.Field(system.m.mesh, nvdim=3, value=(1, 0, 0), norm=1.0)
    system.m.array *= norm
    with pytest.raises(InputError, match=r"m: not finite in 40|Ms: 1e[+]30 A/m is beyond"):
        calculator.MinDriver().drive(system, verbose=0)


def test_dynamics_and_times_that_are_not_finite_are_refused():
    driver = calculator.TimeDriver()
    for t in (NAN, INF):
        with pytest.raises(InputError, match=r"t: (nan|inf) is not a time"):
            driver.drive(chain(0.1), t=t, n=1, verbose=0)
    with pytest.raises(InputError, match=r"t: 1e[+]20 s would take more than 1e[+]10 steps"):
        driver.drive(chain(0.1), t=1e20, n=1, verbose=0)
    with pytest.raises(InputError, match=r"Damping.alpha: not finite"):
        driver.drive(chain(NAN), t=1e-12, n=1, verbose=0)
    system = chain(0.1)
    system.dynamics = mm.Precession(gamma0=NAN)
    with pytest.raises(InputError, match=r"Precession.gamma0: not finite"):
        driver.drive(system, t=1e-12, n=1, verbose=0)
    with pytest.raises(InputError, match=r"temperature_K: nan K is beyond"):
        thermal_driver().drive(chain(0.1, T=NAN), t=1e-12, n=1, verbose=0)
    system = chain(0.1)
    system.energy = mm.Zeeman(H=(1, 0, 0), func=lambda t: NAN, dt=1e-13)
    with pytest.raises(InputError, match=r"Zeeman zeeman: func gives nan at"):
        driver.drive(system, t=1e-12, n=1, verbose=0)


def test_cells_as_large_as_planets_are_refused():
    with pytest.raises(InputError, match=r"cell_m: 1e[+]15 m is beyond"):
        Problem((1, 1, 1), (1e15, 5e-9, 5e-9), np.array([8e5]))


def test_a_magnet_that_is_periodic_along_all_axes_needs_no_evolver_either():
    system = chain(0.1)
    cell = df.Mesh(p1=(0, 0, 0), p2=(5e-9, 5e-9, 5e-9), n=(1, 1, 1), bc="xyz")
    system.energy += mm.Demag()
    system.m = df.Field(cell, nvdim=3, value=(0, 1, 0), norm=8e5)
    calculator.TimeDriver().drive(system, t=1e-10, n=1, verbose=0)
    precessed = system.m.array[0, 0, 0] / 8e5
    # A tenth of a nanosecond about a field of 1e5 A/m, at 2.2e10 1/s, with little damping.
    assert precessed[2] != 0
    assert 0 < precessed[0] < 0.5


def test_the_field_and_the_energy_of_no_term_are_zero():
    system = chain(0.1)
    system.energy = mm.Energy()
    assert calculator.compute(system.energy.energy, system) == 0
    for quantity, nvdim in ((system.energy.effective_field, 3), (system.energy.density, 1)):
        field = calculator.compute(quantity, system)
        assert field.array.shape == (40, 1, 1, nvdim)
        assert not field.array.any()


def test_a_temperature_without_a_thermal_evolver_is_refused_in_one_line():
    with pytest.raises(InputError, match=r"^TimeDriver: at 300 K it needs a thermal evolver") as e:
        calculator.TimeDriver().drive(chain(0.1, T=300.0), t=1e-12, n=1, verbose=0)
    assert "\n" not in str(e.value)
    assert not Path("chain").exists()


def test_a_drive_of_hours_says_so_before_it_starts():
    """Cells of a tenth of an angstrom make exchange stiff: steps are shorter than an attosecond."""
    system = chain(0.1)
    fine = df.Mesh(p1=(0, 0, 0), p2=(4e-10, 1e-11, 1e-11), n=(40, 1, 1))
    system.m = df.Field(fine, nvdim=3, value=(1, 0, 0), norm=8e5)
    with pytest.warns(
        UserWarning, match=r"^2.2e\+08 steps of .* fs for 40 cells: .* 33 minutes or"
    ):
        Motion(system, 1e-9, 1, np.float64)
    with pytest.raises(InputError, match=r"more than 1e\+10 steps"):
        Motion(system, 1e-6, 1, np.float64)
    # Each output is a file, and no array has a number for each.
    with pytest.warns(UserWarning, match=r"^1e\+09 outputs: this takes 5.6e\+02 hours or more"):
        Motion(chain(0.1), 1e-9, 10**9, np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        Motion(chain(0.1), 1e-9, 1, np.float64)


def test_a_field_of_optical_frequency_is_announced_or_refused_before_anything_is_computed(
    monkeypatch,
):
    """Each hundredth of a period is a block of its own; a slow field has few."""
    system = chain(0.1)
    system.energy += mm.Zeeman(H=(0, 0, 1e4), func="sin", f=1e15, t0=0, name="light")
    monkeypatch.setattr(Motion, "_time_step_s", lambda *_: pytest.fail("computed"))
    with pytest.raises(InputError, match=r"^t: 1e\+09 blocks of 1e-17 s, in which .*; check t"):
        Motion(system, 1e-8, 1, np.float64)
    with pytest.warns(UserWarning, match=r"^1e\+08 blocks .*: this takes 50 minutes"):  # noqa: SIM117
        with pytest.raises(pytest.fail.Exception):
            Motion(system, 1e-9, 1, np.float64)


def test_a_drive_is_interrupted_between_short_pieces_that_change_nothing(monkeypatch):
    """Python acts on Ctrl-C only between calls of the compiled kernel."""
    system, key = chain(0.1, start=(1, 0.1, 0)), np.zeros((2, 1), np.uint32)

    def state_after(stopped):
        motion = Motion(system, 1e-11, 1, np.float64)
        state = motion.start(motion.problem.unit_vectors(system.m), key)
        motion.advance(state, 0, stopped)
        return motion.steps, state

    steps, whole = state_after(lambda: False)
    assert whole.step[0, 0] == steps > 3
    monkeypatch.setattr(driven_motion, "CALL_S", 0)
    asked = []
    _, pieces = state_after(lambda: asked.append(None))
    assert len(asked) == steps
    np.testing.assert_array_equal(pieces.m, whole.m)
    answers = iter([False, False, True])
    assert state_after(lambda: next(answers))[1].step[0, 0] == 2


@pytest.mark.parametrize("step_s", [0.0, -1e-15, np.nan, np.inf])
def test_a_time_step_that_is_none_is_refused(step_s):
    driver = calculator.TimeDriver(evolver=calculator.RungeKuttaEvolver(max_timestep=step_s))
    with pytest.raises(InputError, match=r"^evolver: .* is not a time step; give a number above 0"):
        driver.drive(chain(0.1), t=1e-12, n=1, verbose=0)


def test_more_steps_than_end_are_refused():
    with pytest.raises(InputError, match=r"^t: 1e-09 s would take more than 1e\+10 steps"):
        Motion(chain(0.1), 1e-9, 1, np.float64, 1e-20)


@pytest.mark.parametrize("seed", [-1, 1.5, np.nan, "a"])
def test_a_seed_that_is_none_is_refused(seed):
    driver = calculator.TimeDriver(evolver=calculator.Xf_ThermHeunEvolver(uniform_seed=seed))
    with pytest.raises(InputError, match=r"^uniform_seed: .* is not a seed; give a whole number"):
        driver.drive(chain(0.1, T=300.0), t=1e-12, n=1, verbose=0)


def test_replicas_beyond_memory_are_refused():
    driver = calculator.EnsembleDriver()
    with pytest.raises(
        InputError, match=r"^replicas: .* GB of memory, and .* are free; give fewer"
    ):
        driver.drive(chain(0.1, T=300.0), t=1e-12, n=2, replicas=10**12, seed=1, verbose=0)


def test_a_set_of_fixed_subregions_and_an_unknown_quantity_are_refused_by_name():
    with pytest.raises(InputError, match=r"^fixed_subregions: expected a list of names"):
        calculator.MinDriver().drive(chain(0.1), fixed_subregions={"r1"}, verbose=0)
    with pytest.raises(ValueError, match=r"^Cannot compute 'torque'"):
        calculator.compute("torque", chain(0.1))


def test_an_interrupted_drive_is_an_interruption_and_the_next_one_runs():
    """Where micromagneticmodel fails in its place: a script that expects Ctrl-C misses it."""
    system = chain(alpha=0.1)

    def interrupt(time_s):
        raise KeyboardInterrupt

    system.energy = mm.Zeeman(H=(1e5, 0, 0), func=interrupt, dt=1e-12)
    with pytest.raises(KeyboardInterrupt):
        calculator.TimeDriver().drive(system, ".", t=1e-12, n=1, verbose=0)
    system.energy = mm.Zeeman(H=(1e5, 0, 0))
    calculator.TimeDriver().drive(system, t=1e-12, n=1, verbose=0)
    assert [path.name for path in Path("chain").iterdir() if path.is_dir()]


def spins(mp, J=1e12):
    return mm.Slonczewski(J=J, mp=mp, P=0.4, Lambda=1)


def test_spins_without_a_direction_are_refused_where_a_current_is():
    """They would be no torque, without a word; where nothing flows none is needed."""
    for mp in ((0, 0, 0), {"left": (0, 0, 1)}):
        system = chain(0.1)
        system.dynamics += spins(mp)
        with pytest.raises(InputError, match=r"^Slonczewski.mp: no direction where one is needed"):
            calculator.TimeDriver().drive(system, t=1e-12, n=1, verbose=0)
        assert not Path("chain").exists()
    for term in (spins((0, 0, 0), J=0), spins({"left": (0, 0, 1)}, J={"left": 1e12})):
        system = chain(0.1)
        system.dynamics += term
        Problem.of(system, energy=())


@pytest.mark.parametrize("driver", [calculator.TimeDriver, calculator.MinDriver])
@pytest.mark.parametrize(
    ("nvdim", "value", "message"),
    [
        (1, 1.0, r"^m: the magnetisation has 1 component; give df.Field\(mesh, nvdim=3"),
        (2, (1.0, 0.0), r"^m: the magnetisation has 2 components; give"),
        (4, (1.0, 0.0, 0.0, 0.0), r"^m: the magnetisation has 4 components; give"),
        (3, (1.0, 0.0, 1j), r"^m: the magnetisation is complex; give system.m.real"),
    ],
)
def test_a_magnetisation_of_another_shape_is_refused_in_one_line(driver, nvdim, value, message):
    system = chain(0.1)
    dtype = complex if message.endswith("real") else None
    system.m = df.Field(system.m.mesh, nvdim=nvdim, value=value, dtype=dtype)
    options = {"t": 1e-12, "n": 1} if driver is calculator.TimeDriver else {}
    with pytest.raises(InputError, match=message):
        driver().drive(system, verbose=0, **options)
    with pytest.raises(InputError, match=message):
        calculator.compute(system.energy.energy, system)
    assert not Path("chain").exists()


def test_a_magnetisation_of_whole_numbers_is_taken():
    system = chain(0.1)
    system.m = df.Field(system.m.mesh, nvdim=3, value=(1, 2, 2), dtype=int)
    whole = calculator.compute(system.energy.energy, system)
    system.m = df.Field(system.m.mesh, nvdim=3, value=(1.0, 2.0, 2.0))
    assert calculator.compute(system.energy.energy, system) == whole


@pytest.mark.parametrize("given", ["a", None, [[1], [2, 3]], [[1.0]], [1, 2, 3], np.inf])
def test_a_field_whose_function_gives_no_number_is_refused_in_one_line(given):
    system = chain(0.1)
    system.energy += mm.Zeeman(H=(0, 0, 1e4), func=lambda t: given, dt=1e-12, name="pulse")
    with pytest.raises(InputError, match=r"^Zeeman pulse: func gives .* at 0 s; return a finite"):
        calculator.TimeDriver().drive(system, t=1e-12, n=1, verbose=0)
    assert not Path("chain").exists()


def test_a_field_of_minutes_is_announced(monkeypatch):
    system = chain(0.1)
    system.energy += mm.Zeeman(H=(0, 0, 1e4), func="sin", f=1e15, t0=0, name="light")
    monkeypatch.setattr(Motion, "_time_step_s", lambda *_: pytest.fail("computed"))
    with pytest.warns(UserWarning, match=r"^1e\+07 blocks .*: this takes 5 minutes"):  # noqa: SIM117
        with pytest.raises(pytest.fail.Exception):
            Motion(system, 1e-10, 1, np.float64)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"n": 1}, "t: None is not a number; give seconds"),
        ({"t": 1e-12}, "n: None is not a number; give a number of steps"),
        ({"t": "1 ns", "n": 1}, "t: '1 ns' is not a number; give seconds"),
    ],
)
def test_a_drive_without_a_time_or_steps_is_refused_in_one_line(given, says):
    with pytest.raises(InputError, match=f"^{says}$"):
        calculator.TimeDriver().drive(chain(0.1), verbose=0, **given)
    assert not Path("chain").exists()
