"""ubermag's conformance suite for calculators, micromagnetictests, against `micromag.calculator`.

`NOT_OFFERED` lists the tests that need what the embedded engine does not have. They must be refused
by an `InputError` or end at a missing class: one that passes or fails otherwise, or a name that the
suite does not have, fails here.
"""

import importlib.util
import inspect
from types import SimpleNamespace

import micromagnetictests
import pytest
from micromagnetictests.calculatortests import *  # noqa: F403

from dwsynapse.io.errors import InputError
from micromag import calculator as embedded

TCL = "ends with a field given as a Tcl script; the parts before it are in test_calculator.py"

NOT_OFFERED = {
    "TestRKKY.test_scalar": "no RKKY interaction",
    "TestZeeman.test_time_vector": TCL,
    "TestZeeman.test_time_field": TCL,
}

# Minutes: problems 4 and 5 are among the engine's own tests, test_equation_of_motion.py and
# test_currents.py; 3 is twelve minimisations of a cube of 16^3 cells.
test_stdprob3 = pytest.mark.slow(test_stdprob3)  # noqa: F405
test_stdprob4 = pytest.mark.slow(test_stdprob4)  # noqa: F405
test_stdprob5 = pytest.mark.slow(test_stdprob5)  # noqa: F405


def _reason(name):
    has_script = name.startswith("TestSlonczewski") or name == "TestZhangLi.test_time_tcl_scalar_u"
    if has_script and importlib.util.find_spec("_tkinter") is None:
        return "a Tcl script needs Python's tkinter"
    return NOT_OFFERED.get(name)


def _name(owner, function):
    return f"{owner.__name__}.{function}" if owner else function


@pytest.fixture
def calculator(request):
    if request.cls is TestDMI:  # noqa: F405
        # To have a RelaxDriver is to be MuMax3 there: no DMI without exchange, few crystal classes.
        others = {name: value for name, value in vars(embedded).items() if name != "RelaxDriver"}
        return SimpleNamespace(**others)
    return embedded


@pytest.fixture(autouse=True)
def _scratch_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _expect_what_is_not_offered_to_fail(request):
    reason = _reason(_name(request.cls, request.function.__name__))
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
