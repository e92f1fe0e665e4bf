"""The calculator beyond ubermag's conformance suite: fields in time, drives on disk, ensembles."""

import json
from pathlib import Path

import discretisedfield as df
import micromagneticdata as md
import micromagneticmodel as mm
import numpy as np
import pytest
import ubermagtable as ut

from dwsynapse.io.errors import InputError
from micromag import calculator
from micromag.engine.constants import MU0


@pytest.fixture(autouse=True)
def _scratch_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def film(energy, *, n=(4, 3, 1), T=0.0, start=(0, 0.1, 1)):
    subregions = {
        "left": df.Region(p1=(0, 0, 0), p2=(10e-9, 15e-9, 5e-9)),
        "right": df.Region(p1=(10e-9, 0, 0), p2=(20e-9, 15e-9, 5e-9)),
    }
    region = df.Region(p1=(0, 0, 0), p2=(20e-9, 15e-9, 5e-9))
    system = mm.System(name="film")
    system.energy = energy
    system.dynamics = mm.Precession(gamma0=mm.consts.gamma0) + mm.Damping(alpha=0.1)
    mesh = df.Mesh(region=region, n=n, subregions=subregions)
    system.m = df.Field(mesh, nvdim=3, value=start, norm=8e5)
    system.T = T
    return system


def test_a_drive_is_opened_by_micromagneticdata_and_has_its_steps():
    system = film(mm.Exchange(A=1e-11) + mm.Zeeman(H=(0, 0, 1e5)) + mm.Demag())
    calculator.TimeDriver().drive(system, t=1e-11, n=5, verbose=0)
    drive = md.Data(name="film")[0]
    assert (drive.n, drive.x, drive.info["adapter"]) == (5, "t", "dwsynapse")
    np.testing.assert_allclose(drive.table.data["t"], np.arange(1, 6) * 2e-12, rtol=1e-15)
    np.testing.assert_array_equal(drive[4].array, system.m.array)
    np.testing.assert_allclose(drive.m0.orientation.mean(), np.array([0, 0.1, 1]) / 1.01**0.5)
    last = system.table.data.iloc[-1]
    terms = [last[f"E_{name}"] for name in ("exchange", "zeeman", "demag")]
    assert last["E"] == pytest.approx(sum(terms), rel=1e-12, abs=0)
    assert calculator.compute(system.energy.energy, system) == pytest.approx(
        last["E"], rel=1e-12, abs=0
    )


def test_a_moment_follows_a_field_that_grows_linearly():
    rate = 1e5 / 1e-10
    system = film(mm.Zeeman(H=(0, 0, rate), func=lambda t: t, dt=1e-12), start=(1, 0, 0))
    system.dynamics = mm.Precession(gamma0=mm.consts.gamma0)
    calculator.TimeDriver().drive(system, t=1e-10, n=4, verbose=0)
    angle = mm.consts.gamma0 * rate * (system.table.data["t"] ** 2) / 2
    np.testing.assert_allclose(system.table.data["mx"], np.cos(angle), atol=1e-6)
    np.testing.assert_allclose(system.table.data["my"], np.sin(angle), atol=1e-6)


@pytest.mark.parametrize("as_field", [False, True])
def test_waves_and_matrices_of_fields_are_those_declared(as_field):
    f, H = 1e10, (1e5, 0, 0)
    quarter = 0.25 / f

    def turned(t):
        c, s = np.cos(2 * np.pi * f * t), np.sin(2 * np.pi * f * t)
        return [c, -s, 0, s, c, 0, 0, 0, 1]

    energy = (
        mm.Zeeman(H=H, func="sin", f=f, t0=quarter / 2, name="sine")
        + mm.Zeeman(H=H, func="sinc", f=f, t0=0, name="pulse")
        + mm.Zeeman(H=H, func=turned, dt=1e-13, name="turning")
    )
    system = film(energy)
    if as_field:
        for term in system.energy:
            term.H = df.Field(system.m.mesh, nvdim=3, value=H)
    calculator.TimeDriver().drive(system, t=quarter, n=1, verbose=0)
    row, moment = system.table.data.iloc[-1], 20e-9 * 15e-9 * 5e-9 * 8e5
    B_T = {
        "sine": (np.sin(np.pi / 4), 0, 0),
        "pulse": (np.sin(np.pi / 2) / (np.pi / 2), 0, 0),
        "turning": (0, 1, 0),
    }
    m = row[["mx", "my", "mz"]].to_numpy(float)
    for name, direction in B_T.items():
        expected = -moment * MU0 * 1e5 * (np.array(direction) @ m)
        assert row[f"E_{name}"] == pytest.approx(expected, rel=1e-9, abs=1e-9 * moment * 0.1)
    assert as_field or row["By_turning"] == pytest.approx(MU0 * 1e5 * 1e3, rel=1e-12)


def test_noise_follows_the_seed_and_an_unset_seed_is_reported():
    final = {}
    for run, seed in enumerate((5, 5, 6, None)):
        system = film(mm.Zeeman(H=(0, 0, 1e5)), T=300.0)
        attributes = {"fixed_timestep": 2e-13} | ({"uniform_seed": seed} if seed else {})
        driver = calculator.TimeDriver(evolver=calculator.UHH_ThetaEvolver(**attributes))
        driver.drive(system, t=2e-12, n=1, verbose=0)
        final[run] = system.m.array
        info = json.loads(Path(f"film/drive-{run}/info.json").read_text())
        assert info["uniform_seed"] == (seed or info["uniform_seed"])
    np.testing.assert_array_equal(final[0], final[1])
    assert np.abs(final[0] - final[2]).max() > 1e-3 * 8e5


def test_replicas_depend_on_seed_and_number_and_on_nothing_else():
    def drive(replicas, n_threads=None):
        system = film(mm.Exchange(A=1e-11) + mm.Demag(), T=300.0)
        driver = calculator.EnsembleDriver()
        driver.drive(
            system, t=2e-11, n=2, replicas=replicas, seed=3, n_threads=n_threads, verbose=0
        )
        return system

    few, many = drive(2), drive(18, n_threads=2)
    small, large = (md.Drive(name="film", number=i, x="replica") for i in (0, 1))
    assert (small.n, large.n) == (2, 18)
    for replica in range(2):
        np.testing.assert_array_equal(small[replica].array, large[replica].array)
    assert len({step.array.tobytes() for step in large}) == 18
    columns = ["mx", "my", "mz", "E", "replica"]
    assert few.table.data[columns].equals(many.table.data.iloc[:2][columns])
    means = ut.Table.fromfile("film/drive-1/film-mean.odt", x="t").data
    assert len(means) == 36
    last = means[means["t"] == 2e-11]
    np.testing.assert_allclose(last["mz"], many.table.data["mz"], atol=1e-6)
    np.testing.assert_array_equal(many.m.array, film(mm.Demag()).m.array)


def test_minimising_reaches_the_torque_asked_for_or_says_so():
    system = film(mm.Exchange(A=1e-11) + mm.Demag(), start=lambda p: (1, p[0] * 1e8, 0.3))
    calculator.MinDriver(stopping_mxHxm=1.0).drive(system, verbose=0)
    assert system.table.data["max_mxHxm"].iloc[-1] < 1.0
    system = film(mm.Exchange(A=1e-11) + mm.Demag(), start=lambda p: (1, p[0] * 1e8, 0.3))
    with pytest.raises(InputError, match="A/m remains after 2 steps; raise stopping_mxHxm"):
        calculator.MinDriver(total_iteration_limit=2).drive(system, verbose=0)


def test_what_only_oommf_offers_is_refused():
    system = film(mm.Zeeman(H=(0, 0, 1e5)))
    with pytest.raises(InputError, match="compute: not supported"):
        calculator.TimeDriver().drive(system, t=1e-12, n=1, compute="Schedule")
    with pytest.raises(InputError, match="replicas: expected a number of replicas"):
        calculator.EnsembleDriver().drive(system, t=1e-12, n=1, seed=1)


@pytest.mark.parametrize(
    ("driver", "arguments"),
    [
        ("TimeDriver", {"t": 1e-12, "n": 1, "fixed_subregion": ["left"]}),
        ("EnsembleDriver", {"t": 1e-12, "n": 1, "replicas": 1, "seed": 1, "treads": 2}),
        ("MinDriver", {"stopping_mxHxm": 1e6}),
        ("RelaxDriver", {"t": 1e-12}),
        ("HysteresisDriver", {"Hmin": (0, 0, 0), "Hmax": (0, 0, 1), "n": 2, "H": 1}),
    ],
)
def test_an_unknown_argument_of_a_drive_is_refused(driver, arguments):
    system, unknown = film(mm.Zeeman(H=(0, 0, 1e5))), list(arguments)[-1]
    says = f"{unknown}: unknown argument of drive; known ones of {driver} are .*fixed_subregions"
    with pytest.raises(InputError, match=says):
        getattr(calculator, driver)().drive(system, **arguments)
    assert not Path("film").exists()


def test_a_term_that_is_not_one_of_the_system_is_not_computed():
    system = film(mm.Zeeman(H=(0, 0, 1e5)))
    with pytest.raises(InputError, match="the system's energy has no term exchange; add it"):
        calculator.compute(mm.Exchange(A=1e-11).density, system)
    with pytest.raises(InputError, match="does not compute RKKY; leave it out"):
        calculator.compute(
            mm.RKKY(sigma=-1e-4, subregions=["left", "right"]).effective_field, system
        )
