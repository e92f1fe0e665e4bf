"""Limits of what an extrapolation may claim."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Where an extrapolation stops being credible.

    Parameters
    ----------
    decades
        Most decades between the rate at a field and the nearest rate observed.
    band
        Widest band of the probability.
    """

    decades: float = 3.0
    band: float = 0.3
