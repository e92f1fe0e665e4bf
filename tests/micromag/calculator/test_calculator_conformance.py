"""ubermag's conformance suite for calculators, micromagnetictests, against `micromag.calculator`.

`NOT_OFFERED` lists the tests that need what the embedded engine does not have. They must be refused
by an `InputError` or end at a missing class: one that passes or fails otherwise, or a name that the
suite does not have, fails here.
"""

import inspect

import micromagnetictests
import pytest
from micromagnetictests.calculatortests import *  # noqa: F403

from dwsynapse.io.errors import InputError
from micromag import calculator as embedded

DMI = "no Dzyaloshinskii-Moriya interaction"
SPIN_TORQUE = "no spin torques (Slonczewski, Zhang-Li)"
TCL = "ends with a field given as a Tcl script; the parts before it are in test_calculator.py"

NOT_OFFERED = {
    "TestCompute.test_dmi": DMI,
    "TestDMI.test_scalar": DMI,
    "TestDMI.test_dict": DMI,
    "TestDMI.test_crystalclass": DMI,
    "TestDMI.test_crystalclass_init": DMI,
    "TestEnergy.test_exchange_dmi_zeeman": DMI,
    "TestEnergy.test_exchange_dmi_zeeman_uniaxialanisotropy_demag": DMI,
    "TestRKKY.test_scalar": "no RKKY interaction",
    "TestSlonczewski.test_single_values": SPIN_TORQUE,
    "TestSlonczewski.test_single_values_finite_temperature": SPIN_TORQUE,
    "TestSlonczewski.test_dict_values": SPIN_TORQUE,
    "TestSlonczewski.test_field_values": SPIN_TORQUE,
    "TestZeeman.test_time_vector": TCL,
    "TestZeeman.test_time_field": TCL,
    "TestZhangLi.test_scalar_u": SPIN_TORQUE,
    "TestZhangLi.test_time_func_scalar_u": SPIN_TORQUE,
    "TestZhangLi.test_time_tcl_scalar_u": SPIN_TORQUE,
    "TestZhangLi.test_dict_scalar_u": SPIN_TORQUE,
    "TestZhangLi.test_dict_vector_u": SPIN_TORQUE,
    "TestZhangLi.test_field_scalar_u": SPIN_TORQUE,
    "TestZhangLi.test_field_vector_u": SPIN_TORQUE,
    "TestZhangLi.test_vector_u": SPIN_TORQUE,
    "test_skyrmion": DMI,
    "test_stdprob5": SPIN_TORQUE,
}


def _name(owner, function):
    return f"{owner.__name__}.{function}" if owner else function


@pytest.fixture(scope="module")
def calculator():
    return embedded


@pytest.fixture(autouse=True)
def _scratch_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _expect_what_is_not_offered_to_fail(request):
    reason = NOT_OFFERED.get(_name(request.cls, request.function.__name__))
    if reason:
        refusal = (InputError, AttributeError)
        request.applymarker(pytest.mark.xfail(reason=reason, raises=refusal, strict=True))


def test_every_listed_test_is_in_the_suite():
    names = set()
    for name, found in micromagnetictests.get_tests():
        methods = vars(found) if inspect.isclass(found) else {name: found}
        owner = found if inspect.isclass(found) else None
        names |= {_name(owner, method) for method in methods if method.startswith("test_")}
    assert set(NOT_OFFERED) <= names
