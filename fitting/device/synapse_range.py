"""Whether a curve rises enough over its fields to serve as a synapse."""

import numpy as np

from fitting.forms import PassingCurve

LOW, HIGH = 0.05, 0.95


def too_flat(curve: PassingCurve, field_range_mT: tuple[float, float]) -> str | None:
    """Return why no network trains on a curve over these fields, in words; None: it does."""
    low, high = field_range_mT
    f_low, f_high = curve.probability(np.array(field_range_mT))
    found = f"between {low:g} and {high:g} mT it goes from {f_low:.3f} to {f_high:.3f}"
    if not f_low < 0.5 < f_high:
        return f"the passing probability never crosses 1/2: {found}"
    if f_low >= LOW and f_high <= HIGH:
        return f"the passing probability never leaves {LOW:g} to {HIGH:g}: {found}"
    return None
