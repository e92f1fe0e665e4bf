"""Fields and energies of the embedded engine against OOMMF, in one layer and in four."""

from pathlib import Path

import numpy as np
import pytest

from micromag.engine.fields_and_energies import energies_J, fields_A_per_m
from micromag.engine.problem import Problem
from micromag.engine.terms.demag.newell_tensor import demagnetisation_tensor

DATA = Path(__file__).parents[2] / "data" / "oommf"
NAMES = {
    "exchange": "exchange",
    "demag": "demag",
    "anisotropy": "uniaxialanisotropy",
    "zeeman": "zeeman",
}


def reference_problem(reference):
    return Problem(
        cells=reference["m"].shape[:3],
        cell_m=tuple(reference["cell"]),
        Ms=reference["Ms"].reshape(-1),
        A=1.3e-11,
        K=5e4,
        axis=(0, 0, 1),
        H=(1e4, 2e4, -3e4),
    )


@pytest.mark.parametrize("file", ["layer.npz", "three_d.npz"])
def test_fields_and_energies_are_those_of_oommf(file):
    reference = np.load(DATA / file)
    problem = reference_problem(reference)
    m = np.moveaxis(reference["m"], -1, 0).reshape(3, -1)
    fields, energies = fields_A_per_m(problem, m), energies_J(problem, m)
    material = problem.Ms > 0
    for name, oommf in NAMES.items():
        expected = np.moveaxis(reference[f"H_{oommf}"], -1, 0).reshape(3, -1)
        # OOMMF stores 16 digits but its constants differ in the tenth.
        largest = np.abs(expected[:, material]).max()
        np.testing.assert_allclose(
            fields[name][:, material], expected[:, material], rtol=0, atol=1e-9 * largest
        )
        if name == "anisotropy":  # OOMMF counts it from the easy axis on
            energies[name] += np.sum(problem.K * material) * problem.cell_volume_m3
        assert energies[name] == pytest.approx(float(reference[f"E_{oommf}"]), rel=1e-9, abs=0)


@pytest.mark.parametrize("cell_m", [(5e-9, 5e-9, 5e-9), (5e-9, 5e-9, 3e-9), (1e-9, 7e-9, 20e-9)])
def test_self_demagnetisation_has_trace_one(cell_m):
    tensor = demagnetisation_tensor((4, 3, 2), cell_m)
    assert tensor[:3, 0, 0, 0].sum() == pytest.approx(1, abs=1e-12)
    # Outside the source the trace vanishes.
    assert np.abs(tensor[:3].sum(axis=0)).reshape(-1)[1:].max() < 1e-12


def test_far_cells_interact_like_dipoles():
    tensor = demagnetisation_tensor((200, 1, 1), (5e-9, 5e-9, 5e-9))
    # N_xx of two dipoles on the x axis is -V / (2 pi r^3); for cubes corrections are O(r^-4).
    assert tensor[0, 199, 0, 0] == pytest.approx(-1 / (2 * np.pi * 199**3), rel=1e-3)
