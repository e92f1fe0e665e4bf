"""Local fields and energies that vary from cell to cell, against plain sums in numpy."""

import discretisedfield as df
import micromagneticmodel as mm
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from dwsynapse.io.errors import InputError
from micromag.engine.constants import MU0
from micromag.engine.fields_and_energies import energies_J, fields_A_per_m
from micromag.engine.problem import Problem

CELLS, CELL_M = (4, 3, 2), (5e-9, 4e-9, 3e-9)


def random_problem(rng, **changes):
    n = int(np.prod(CELLS))
    axis = rng.normal(size=(3, n))
    numbers = {
        "cells": CELLS,
        "cell_m": CELL_M,
        "Ms": rng.uniform(4e5, 8e5, n),
        "A": rng.uniform(0.5e-11, 1.5e-11, n),
        "K": rng.uniform(-1e5, 1e5, n),
        "K2": rng.uniform(-1e4, 1e4, n),
        "axis": axis / np.linalg.norm(axis, axis=0),
        "cubic_K": rng.uniform(-1e4, 1e4, n),
        "H": rng.normal(scale=1e5, size=(3, n)),
        "demag": False,
    }
    problem = Problem(**numbers | changes)
    m = rng.normal(size=(3, n))
    return problem, m / np.linalg.norm(m, axis=0)


def pairs(periodic=(False, False, False)):
    """Yield neighbours i < j, or across the ends, with the axis along which they are."""
    index = np.arange(np.prod(CELLS)).reshape(CELLS)
    for axis in range(3):
        ahead = np.moveaxis(np.roll(index, -1, axis), axis, 0)
        here = np.moveaxis(index, axis, 0)
        last = None if periodic[axis] else -1
        for i, j in zip(here[:last].ravel(), ahead[:last].ravel(), strict=True):
            yield i, j, axis


def expected_energies(problem, m, stiffness, periodic=(False, False, False)):
    volume = np.prod(CELL_M)
    along = np.sum(m * problem.axis, axis=0)
    a = m**2
    return {
        "exchange": sum(
            2 * stiffness(i, j) / CELL_M[axis] ** 2 * volume * (1 - m[:, i] @ m[:, j])
            for i, j, axis in pairs(periodic)
        ),
        "anisotropy": -volume * np.sum(problem.K * along**2),
        "anisotropy_4": -volume * np.sum(problem.K2 * along**4),
        "cubic": volume * np.sum(problem.cubic_K * (a[0] * a[1] + a[1] * a[2] + a[2] * a[0])),
        "zeeman": -MU0 * volume * np.sum(problem.Ms * problem.H * m),
    }


def harmonic(A):
    return lambda i, j: 2 * A[i] * A[j] / (A[i] + A[j])


@pytest.mark.parametrize("periodic", [(False, False, False), (True, False, True)])
def test_energies_with_everything_varying_are_plain_sums(periodic):
    problem, m = random_problem(np.random.default_rng(1), periodic=periodic)
    found = energies_J(problem, m)
    for name, expected in expected_energies(problem, m, harmonic(problem.A), periodic).items():
        assert found[name] == pytest.approx(expected, rel=1e-12, abs=0), name


@pytest.mark.parametrize("name", ["exchange", "anisotropy", "anisotropy_4", "cubic", "zeeman"])
def test_torques_are_what_energies_change_by_when_a_moment_turns(name):
    problem, m = random_problem(np.random.default_rng(2))
    H, angle = fields_A_per_m(problem, m)[name], 1e-4
    moment = MU0 * problem.Ms * problem.cell_volume_m3
    for cell, axis in ((1, (1, 0, 0)), (11, (0, 1, 0)), (20, (0, 0, 1))):
        energies = []
        for sign in (1, -1):
            turned = m.copy()
            turned[:, cell] = Rotation.from_rotvec(sign * angle * np.array(axis)).apply(m[:, cell])
            energies.append(expected_energies(problem, turned, harmonic(problem.A))[name])
        slope = (energies[0] - energies[1]) / (2 * angle)
        expected = -moment[cell] * np.cross(axis, m[:, cell]) @ H[:, cell]
        # Central differences err by angle^2 / 6 times the third derivative.
        assert slope == pytest.approx(expected, abs=1e-7 * moment[cell] * np.abs(H).max())


def declared(energy, *, bc=""):
    subregions = {
        "left": df.Region(p1=(0, 0, 0), p2=(10e-9, 12e-9, 6e-9)),
        "right": df.Region(p1=(10e-9, 0, 0), p2=(20e-9, 12e-9, 6e-9)),
    }
    region = df.Region(p1=(0, 0, 0), p2=(20e-9, 12e-9, 6e-9))
    mesh = df.Mesh(region=region, n=CELLS, bc=bc, subregions=subregions)
    system = mm.System(name="declared")
    system.energy = energy
    rng = np.random.default_rng(4)
    system.m = df.Field(mesh, nvdim=3, value=rng.normal(size=(*CELLS, 3)), norm=8e5)
    return system


def test_a_pair_of_regions_has_the_stiffness_of_its_name():
    A = {"left": 1e-11, "right": 4e-12, "left:right": -2e-12}
    problem = Problem.of(declared(mm.Exchange(A=A)))
    m = problem.unit_vectors(declared(mm.Exchange(A=A)).m)
    left = np.arange(24) < 12

    def stiffness(i, j):
        return -2e-12 if left[i] != left[j] else (1e-11 if left[i] else 4e-12)

    expected = expected_energies(problem, m, stiffness)["exchange"]
    assert energies_J(problem, m)["exchange"] == pytest.approx(expected, rel=1e-12, abs=0)


def test_cubic_axes_are_those_declared():
    problem = Problem.of(declared(mm.CubicAnisotropy(K=1e4, u1=(1, 1, 0), u2=(1, -1, 0))))
    m = np.zeros((3, 24))
    m[0] = 1  # halfway between two easy axes: a1 = a2 = 1 / sqrt(2)
    expected = 1e4 / 4 * problem.cell_volume_m3 * 24
    assert energies_J(problem, m)["cubic"] == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("energy", "bc", "message"),
    [
        (mm.RKKY(sigma=-1e-4, subregions=["a", "b"]), "", "does not compute RKKY; leave it out"),
        (mm.Exchange(A={"middle": 1e-11}), "", "Exchange.A: no subregion 'middle'"),
        (mm.Exchange(A={"left:right:left": 1e-11}), "", "'left:right:left' is no pair"),
        (mm.Exchange(A={"left:default": 1e-11}), "", "'left:default' is no pair"),
        (mm.UniaxialAnisotropy(K={"left:right": 1}, u=(1, 0, 0)), "", "no subregion 'left:right'"),
        (mm.UniaxialAnisotropy(K=1, K1=1, u=(1, 0, 0)), "", "K and K1 are the same constant"),
        (mm.UniaxialAnisotropy(K=1, u={"left": (1, 0, 0)}), "", "axis: no direction where"),
        (mm.CubicAnisotropy(K=1, u1=(1, 0, 0), u2=(1, 1, 0)), "", "u1 and u2 are not perpend"),
        (mm.Zeeman(H=(0, 0, 1), func="sin", f=1e9, t0=0), "", "depends on time; drive"),
    ],
)
def test_what_is_not_computed_is_refused_in_one_line(energy, bc, message):
    with pytest.raises(InputError, match=message):
        Problem.of(declared(energy, bc=bc))
