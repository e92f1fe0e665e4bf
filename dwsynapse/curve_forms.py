"""The forms of the passing curve, each registered once in `CURVE_FORMS` for all rooms.

The study and the command line name a form by its name; `fitting.forms` takes its class from here.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class CurveForm:
    """Where a form of the passing curve is, and what it reads of the study.

    Parameters
    ----------
    name
        In files, the study and the command line, as the class has it in `form`.
    curve
        Module in `fitting/forms` and class in it, as ``module.Class``.
    has_dwell
        Whether its field stays for a time, ``fitting.dwell_s``.
    field_only
        Whether it describes a barrier that a field lowers, with an exponent that does not hold for
        another drive (`dwsynapse.drives`): a current lowers the barrier of a wall linearly (Kim &
        Burrowes 2009), which gives the form cloglog.
    """

    name: str
    curve: str
    has_dwell: bool = False
    field_only: bool = False


_REGISTERED = (
    CurveForm("logistic", "logistic.Logistic"),
    CurveForm("probit", "probit.Probit"),
    CurveForm("cloglog", "cloglog.ComplementaryLogLog"),
    CurveForm("neel-brown-3/2", "depinning.Dwell32", has_dwell=True, field_only=True),
    CurveForm("neel-brown-2", "depinning.Dwell2", has_dwell=True, field_only=True),
    CurveForm("neel-brown-3/2-sweep", "depinning.Sweep32", field_only=True),
    CurveForm("neel-brown-2-sweep", "depinning.Sweep2", field_only=True),
)
CURVE_FORMS = {form.name: form for form in _REGISTERED}
