"""Energies and fields of every form of parameter, against what OOMMF makes of it through oommfc."""

from pathlib import Path

import micromagneticmodel as mm
import numpy as np
import pytest

from micromag import calculator
from micromag.calculator.quantities import Quantities
from tests.micromag.calculator.declared_forms import FORMS, NORMS, half_valid, scalar, system_of

OOMMF = np.load(Path(__file__).parents[2] / "data" / "oommf" / "forms.npz")


@pytest.fixture(autouse=True)
def _scratch_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def assert_as_in_oommf(name, system):
    quantities = Quantities(system)
    fields, densities = quantities.of(quantities.problem.unit_vectors(system.m))
    ((H,), (density,)) = fields.values(), densities.values()
    expected = np.moveaxis(OOMMF[f"H_{name}"], -1, 0).reshape(3, -1)
    # OOMMF writes fields with 16 digits and energies with 12.
    np.testing.assert_allclose(H, expected, rtol=0, atol=1e-13 * np.abs(expected).max())
    energy_J = density.sum() * quantities.problem.cell_volume_m3
    assert energy_J == pytest.approx(float(OOMMF[f"E_{name}"]), rel=1e-11, abs=0)


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_a_parameter_means_what_it_means_in_oommf(name):
    assert_as_in_oommf(name, system_of(FORMS[name]))


@pytest.mark.parametrize("norm", NORMS)
def test_every_form_of_the_saturation_means_what_it_means_in_oommf(norm):
    assert_as_in_oommf(f"norm_{norm}", system_of(mm.Demag(), norm))


def test_a_mask_of_valid_cells_takes_no_material_away():
    assert_as_in_oommf("norm_valid", system_of(mm.Demag(), "number", valid=half_valid()))


def test_two_regions_are_coupled_by_their_pair_only():
    apart = system_of(mm.Exchange(A={"a": 1e-11, "b": 1e-11}), "number")
    apart.m.array[:2], apart.m.array[2:] = (8e5, 0, 0), (0, 8e5, 0)
    assert calculator.compute(apart.energy.energy, apart) == 0
    apart.energy.exchange.A = {"a": 1e-11, "b": 1e-11, "a:b": 3e-12}
    # Six pairs of cells at right angles: A / d^2 times the volume, twice (each has the other).
    expected = 6 * 2 * 3e-12 / 5e-9**2 * 5e-9 * 4e-9 * 3e-9
    assert calculator.compute(apart.energy.energy, apart) == pytest.approx(
        expected, rel=1e-9, abs=0
    )


def test_a_field_of_negative_constants_keeps_its_sign():
    # oommfc's script loses it: OOMMF reads such a field as the length of a vector.
    by_field = system_of(mm.UniaxialAnisotropy(K=scalar(-1e3), u=(0, 0, 1)))
    energy_J = calculator.compute(by_field.energy.energy, by_field)
    m, Ms = by_field.m.orientation.array, by_field.m.norm.array
    volume = by_field.m.mesh.dV
    expected = np.sum(-scalar(-1e3).array * m[..., 2:] ** 2 * (Ms > 0)) * volume
    assert energy_J == pytest.approx(expected, rel=1e-12, abs=0)
