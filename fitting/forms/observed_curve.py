"""The passing curve that a detector with errors sees.

Of walls that pass with f = d + (1 - d - l) s(h), a share p + (1 - p - q) f is seen to pass, with p
the rate of pinned walls taken for passed and q that of passed ones taken for pinned. It is a curve
of the same form, with the floor p + (1 - p - q) d and the lapse q + (1 - p - q) l.
"""

from collections.abc import Mapping
from typing import Any

from dwsynapse.io.detection_errors import NAMES
from fitting.forms.passing_curve import PassingCurve


def observed_curve(curve: PassingCurve, nuisances: Mapping[str, Any]) -> PassingCurve:
    """Return the curve of the outcomes detected, for the rates among the nuisances, if there are.

    Parameters
    ----------
    curve
        The curve of the wire.
    nuisances
        Values by name: false_pass and false_pin, of shapes that broadcast with the parameters of
        the curve; others are ignored.
    """
    if NAMES[0] not in nuisances:
        return curve
    false_pass, false_pin = (nuisances[name] for name in NAMES)
    right = 1 - false_pass - false_pin
    return curve.with_values(
        {"floor": false_pass + right * curve.floor, "lapse": false_pin + right * curve.lapse}
    )
