"""Forms of the passing-probability curve, for numpy arrays and torch tensors."""

from fitting.forms.cloglog import ComplementaryLogLog
from fitting.forms.depinning import Dwell2, Dwell32, Sweep2, Sweep32
from fitting.forms.logistic import Logistic
from fitting.forms.passing_curve import PassingCurve
from fitting.forms.probit import Probit

__all__ = [
    "FORMS",
    "ComplementaryLogLog",
    "Dwell2",
    "Dwell32",
    "Logistic",
    "PassingCurve",
    "Probit",
    "Sweep2",
    "Sweep32",
]

FORMS: dict[str, type[PassingCurve]] = {
    form.form: form
    for form in (Logistic, Probit, ComplementaryLogLog, Dwell32, Dwell2, Sweep32, Sweep2)
}
"""The forms by the names that a config, a command and device.json use."""
