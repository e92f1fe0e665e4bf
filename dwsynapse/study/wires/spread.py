"""The spread of fabrication of what varies among wires."""

from collections.abc import Sequence

import numpy as np

from dwsynapse.io.errors import InputError
from dwsynapse.study.wires.changed_wire import full_key
from dwsynapse.study.wires.priors import Prior
from dwsynapse.study.wires.varied_wires import KEYS

OPTION = "--spread"


def read_spread(words: Sequence[str], priors: Sequence[Prior]) -> dict[str, float]:
    """Return the standard deviations that ``NAME=SD`` give, by the full names.

    Raises
    ------
    InputError
        If a parameter does not vary or is named twice, or its spread is no positive number within
        its range.
    """
    ranges = {prior.name: (prior.high - prior.low) / 2 for prior in priors}
    found = dict[str, float]()
    for word in words:
        name, _, text = (part.strip() for part in word.partition("="))
        key = full_key(name, KEYS, "real number", OPTION)
        try:
            sd = float(text)
        except ValueError:
            sd = np.nan
        if key not in ranges:
            remedy = f"give its range, too: what is known is how {' and '.join(ranges)} act"
            raise InputError(f"{key} does not vary", where=OPTION, remedy=remedy)
        if not 0 < sd <= ranges[key]:
            remedy = f"give {key}=SD, above 0 and up to half of its range, {ranges[key]:g}"
            raise InputError(f"{word!r} is no standard deviation", where=OPTION, remedy=remedy)
        if key in found:
            remedy = "give each parameter one"
            raise InputError(f"{key} has two spreads", where=OPTION, remedy=remedy)
        found[key] = sd
    return found
