"""Demagnetising field of periodic meshes: sums over images, limits and OOMMF's numbers."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from micromag.engine.fields_and_energies import Fields, energies_J
from micromag.engine.problem import Problem
from micromag.engine.terms.demag.newell_tensor import demagnetisation_tensor
from micromag.engine.terms.demag.periodic_tensor import periodic_tensor

OOMMF = Path(__file__).parents[2] / "data" / "oommf"
CELLS, EDGES = (3, 2, 2), (1.0, 1.5, 0.7)
EVERY_CHOICE = list(itertools.product((False, True), repeat=3))


def sum_over_images(periodic, reach):
    """Return Newell's tensor summed over the images up to `reach` periods away along an axis."""
    beyond = [n * (reach + 1) if p else n for n, p in zip(CELLS, periodic, strict=True)]
    single, total = demagnetisation_tensor(beyond, EDGES), np.zeros((6, *CELLS))
    ranges = [range(-reach, reach + 1) if p else (0,) for p in periodic]
    for image in itertools.product(*ranges):
        offsets = [np.arange(n) + j * n for n, j in zip(CELLS, image, strict=True)]
        x, y, z = np.meshgrid(*(np.where(o < 0, -1, 1) for o in offsets), indexing="ij")
        signs = np.stack([x * x, x * x, x * x, x * y, x * z, y * z])
        total += signs * single[np.ix_(np.arange(6), *(np.abs(o) for o in offsets))]
    return total


@pytest.mark.parametrize("cells", [(5, 4, 3), (40, 3, 2), (7, 1, 1), (1, 1, 1)])
def test_without_images_the_tensor_is_newells(cells):
    for edges in ((1.0, 1.0, 1.0), (5.0, 1.0, 2.5)):
        tensor = periodic_tensor(cells, edges, (False, False, False))
        np.testing.assert_allclose(tensor, demagnetisation_tensor(cells, edges), atol=1e-13)


@pytest.mark.parametrize("periodic", [p for p in EVERY_CHOICE if sum(p) in (1, 2)])
def test_the_tensor_is_the_limit_of_sums_over_images(periodic):
    # What is left out falls as 1/X^2 along one axis and as 1/X along two, X = reach + 1/2, with
    # corrections of higher order: sums that end at two distances give the limit.
    axes, (near, far) = sum(periodic), ((12, 24) if sum(periodic) == 1 else (6, 12))
    power = 3 - axes
    weight = ((far + 0.5) / (near + 0.5)) ** power
    sums = [sum_over_images(periodic, reach) for reach in (near, far)]
    limit = (weight * sums[1] - sums[0]) / (weight - 1)
    tensor = periodic_tensor(CELLS, EDGES, periodic)
    largest = np.abs(sums[1] - tensor).max()
    np.testing.assert_allclose(tensor, limit, atol=0.1 * largest)


@pytest.mark.parametrize("periodic", EVERY_CHOICE[1:])
def test_a_uniform_magnetisation_has_the_field_of_an_endless_body(periodic):
    tensor = periodic_tensor(CELLS, EDGES, periodic)
    if all(periodic):  # no charges anywhere
        expected = (0, 0, 0)
    elif sum(periodic) == 2:  # a film: 1 across
        expected = [0.0 if p else 1.0 for p in periodic]
    else:  # a wire: that of its cross-section, the limit of a long prism's middle
        long = [4001 if p else 1 for p in periodic]
        sizes = [e if p else e * n for e, n, p in zip(EDGES, CELLS, periodic, strict=True)]
        line = demagnetisation_tensor(long, sizes)[:3].reshape(3, -1)
        expected = 2 * line[:, 1:].sum(axis=1) + line[:, 0]
    # Averaged over all pairs of cells, those at a distance of d counting n - |d| times.
    counts = [
        np.ones(n) if p else np.where(np.arange(n) > 0, 2, 1) * (n - np.arange(n)) / n
        for n, p in zip(CELLS, periodic, strict=True)
    ]
    mean = np.einsum("cxyz,x,y,z->c", tensor[:3], *counts)
    np.testing.assert_allclose(mean, expected, atol=1e-6 if sum(periodic) == 1 else 1e-12)


@pytest.mark.parametrize("periodic", EVERY_CHOICE)
def test_fields_are_those_of_the_tensor_and_energies_are_positive(periodic):
    cells, cell_m, Ms = (4, 3, 2), (4e-9, 5e-9, 3e-9), 8e5
    problem = Problem(cells, cell_m, np.full(24, Ms), periodic=periodic)
    fields = Fields(problem)
    matrix = np.empty((72, 72))
    for column, m in enumerate(np.eye(72)):
        matrix[:, column] = -fields.total_A_per_m(m.reshape(3, 24)).reshape(-1) / Ms
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)
    values = np.linalg.eigvalsh(matrix)
    assert values.min() > -1e-12
    assert values.max() < 1 + 1e-12
    # A shift along a periodic axis changes nothing.
    m = np.random.default_rng(3).normal(size=(3, *cells))
    H = (matrix @ m.reshape(-1)).reshape(3, *cells)
    for axis in np.flatnonzero(periodic):
        shifted = matrix @ np.roll(m, 1, axis + 1).reshape(-1)
        np.testing.assert_allclose(shifted.reshape(3, *cells), np.roll(H, 1, axis + 1), atol=1e-12)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_fields_and_energies_of_one_period_are_oommfs(axis):
    data = np.load(OOMMF / "periodic.npz")
    m, expected = (data[f"{key}_{'xyz'[axis]}"].reshape(-1, 3).T for key in ("m", "H"))
    cells, cell_m = (6, 4, 3), (4e-9, 5e-9, 3e-9)
    problem = Problem(cells, cell_m, np.full(72, 8e5), periodic=tuple(i == axis for i in range(3)))
    np.testing.assert_allclose(Fields(problem).total_A_per_m(m), expected, atol=1e-6)
    energy_J = float(data[f"E_{'xyz'[axis]}"])
    assert energies_J(problem, m)["demag"] == pytest.approx(energy_J, rel=1e-11, abs=0)
