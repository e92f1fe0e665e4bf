"""Run by test_terms.py where `micromag` has the toy term: it is there wherever a term has to be."""

import discretisedfield as df
import micromagneticmodel as mm
import numpy as np
import torch

from micromag.calculator import compute
from micromag.engine.constants import MU0
from micromag.engine.equation_of_motion import equation_of
from micromag.engine.fields_and_energies import Fields
from micromag.engine.gpu.equation_of_motion import coefficients_of
from micromag.engine.local_terms import Terms
from micromag.engine.problem import Problem
from micromag.engine.terms import LOCAL_TERMS
from micromag.engine.timestep import fastest_mode_per_s


class SixthOrder(mm.UniaxialAnisotropy):
    """What `micromagneticmodel` would declare."""


MS, K6 = 8e5, 3e4
mesh = df.Mesh(p1=(0, 0, 0), p2=(20e-9, 10e-9, 5e-9), n=(4, 2, 1))
system = mm.System(name="toy")
system.energy = mm.Exchange(A=1e-11) + SixthOrder(K=K6, u=(0, 0, 1), name="toy")
system.dynamics = mm.Precession(gamma0=mm.consts.gamma0) + mm.Damping(alpha=0.1)
value = np.random.default_rng(1).normal(size=(4, 2, 1, 3))
system.m = df.Field(mesh, nvdim=3, value=value, norm=MS)

# Reader and problem.
problem = Problem.of(system)
m = problem.unit_vectors(system.m)
assert np.all(problem.K6 == K6)

# Kernel and energy, alone and with the other terms.
expected_H = np.zeros_like(m)
expected_H[2] = 6 * K6 / (MU0 * MS) * m[2] ** 5
density = -K6 * m[2] ** 6
fields = Fields(problem)
each = fields.each_A_per_m(m)
np.testing.assert_allclose(each["anisotropy_6"], expected_H, rtol=1e-12)
total = fields.total_A_per_m(m)
np.testing.assert_allclose(total, each["exchange"] + expected_H, rtol=1e-12)
exchange_J_per_m3 = -MU0 / 2 * MS * np.sum(m * each["exchange"])
energy_J = fields.of_states(m[None])[1][0]
expected_J = (density.sum() + exchange_J_per_m3) * problem.cell_volume_m3
np.testing.assert_allclose(energy_J, expected_J, rtol=1e-12)

# Mirror on tensors.
coefficients = coefficients_of(equation_of(problem, 1e-14, np.float32), torch.device("cpu"))
spins = [torch.as_tensor(part[None], dtype=torch.float32) for part in m]
h = [torch.zeros_like(part) for part in spins]
for term in LOCAL_TERMS:
    h = term.mirror()(spins, coefficients.terms, slice(None), *spins, *h)
assert isinstance(coefficients.terms, Terms)
np.testing.assert_allclose(np.concatenate(h), total, rtol=1e-4, atol=1e-5 * np.abs(total).max())

# Bound of the time step.
without = fastest_mode_per_s(problem.changed(K6=0.0))
bound = mm.consts.gamma0 * 30 * K6 / (MU0 * MS)
np.testing.assert_allclose(fastest_mode_per_s(problem) - without, bound, rtol=1e-9)

# What the calculator computes.
found = compute(system.energy.toy.energy, system)
np.testing.assert_allclose(found, density.sum() * problem.cell_volume_m3, rtol=1e-12)
print("the toy term is everywhere")
