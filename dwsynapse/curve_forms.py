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
    """

    name: str
    curve: str
    has_dwell: bool = False


_REGISTERED = (
    CurveForm("logistic", "logistic.Logistic"),
    CurveForm("probit", "probit.Probit"),
    CurveForm("cloglog", "cloglog.ComplementaryLogLog"),
    CurveForm("neel-brown-3/2", "depinning.Dwell32", has_dwell=True),
    CurveForm("neel-brown-2", "depinning.Dwell2", has_dwell=True),
    CurveForm("neel-brown-3/2-sweep", "depinning.Sweep32"),
    CurveForm("neel-brown-2-sweep", "depinning.Sweep2"),
)
CURVE_FORMS = {form.name: form for form in _REGISTERED}
