"""Forms of the passing-probability curve, for numpy arrays and torch tensors."""

from importlib import import_module

from dwsynapse.curve_forms import CURVE_FORMS
from fitting.forms.logistic import Logistic
from fitting.forms.passing_curve import PassingCurve

__all__ = ["FORMS", "Logistic", "PassingCurve"]


def _class_of(curve: str) -> type[PassingCurve]:
    module, _, name = curve.partition(".")
    form: type[PassingCurve] = getattr(import_module(f"fitting.forms.{module}"), name)
    return form


FORMS = {name: _class_of(form.curve) for name, form in CURVE_FORMS.items()}
"""The classes of the registered forms by the names that a config, a command and device.json use."""
