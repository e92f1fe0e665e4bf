"""Drives, `compute` and `delete` without a system, or with other arguments that are none."""

import micromagneticmodel as mm
import pytest

from dwsynapse.io.errors import InputError
from micromag import calculator

DRIVES = {
    calculator.TimeDriver: {"t": 1e-12, "n": 1},
    calculator.EnsembleDriver: {"t": 1e-12, "n": 1, "replicas": 2, "seed": 1},
    calculator.HysteresisDriver: {"Hmin": (0, 0, -1e5), "Hmax": (0, 0, 1e5), "n": 3},
    calculator.MinDriver: {},
    calculator.RelaxDriver: {},
}
NO_SYSTEMS = (None, "macrospin", 5, mm.System, [], mm.examples.macrospin().m)


def one_line(says, run, *args, **options):
    with pytest.raises(InputError, match=says) as error:
        run(*args, **options)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("driver", DRIVES)
@pytest.mark.parametrize("other", NO_SYSTEMS, ids=lambda other: type(other).__name__)
def test_a_drive_of_no_system_is_one_line(driver, other):
    says = r"^system: must be of type System \(found .*; give a micromagneticmodel.System"
    one_line(says, driver().drive, other, **DRIVES[driver])


@pytest.mark.parametrize("other", NO_SYSTEMS, ids=lambda other: type(other).__name__)
def test_no_system_is_computed_or_deleted(other):
    energy = mm.examples.macrospin().energy.energy
    one_line("^system: must be of type System", calculator.compute, energy, other)
    one_line("^system: must be of type System", calculator.delete, other)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"dirname": None}, r"^dirname: must be a path \(found None\)"),
        ({"dirname": 5}, r"^dirname: must be a path \(found 5\)"),
        ({"fixed_subregions": 5}, "^fixed_subregions: expected a list of names"),
        ({"n_threads": "two"}, r"^n_threads: must be a whole number above 0 \(found 'two'\)"),
    ],
)
def test_other_arguments_of_a_drive_are_one_line(tmp_path, monkeypatch, options, says):
    monkeypatch.chdir(tmp_path)
    system = mm.examples.macrospin()
    one_line(says, calculator.TimeDriver().drive, system, t=1e-12, n=1, **options)
    assert not [*tmp_path.iterdir()]


def test_an_unknown_format_is_refused_before_anything_is_computed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    system = mm.examples.macrospin()
    field = system.energy.effective_field
    one_line("^ovf_format: must be one of", calculator.compute, field, system, ovf_format="bin2")
    assert not [*tmp_path.iterdir()]
