"""Is noise a resource? Accuracy with other noise than that of the response."""

from studies.liu2021.learning.conditions import Condition
from studies.liu2021.learning.figure_5 import FASHION, SAME_RATE
from studies.liu2021.learning.synapses import PUBLISHED, of

LEVELS = 8, 32, 64, 128, 256
NOISES: dict[str, dict[str, object]] = {
    "none": {"spread": 0.0},
    "of the table": {},
    "uniform, same variance": {"noise": "uniform"},
    "twice the spread": {"spread": 2.0},
}
"""Settings of a `Crossbar` that replace the spread of a pulse. Uniform deviations, before a wall is
put on the nearest level, are rounding at random."""
SPREADS = 0.0, 1.0, 2.0, 4.0, 8.0
"""Factors of the spread of the STT synapse, for accuracy against spread."""


def kinds_of_noise() -> dict[tuple[str, str, int], Condition]:
    """Return the networks by mechanism, kind of noise and number of levels."""
    return {
        (mechanism, name, levels): Condition(
            FASHION, of(PUBLISHED, mechanism), SAME_RATE, levels, settings=tuple(settings.items())
        )
        for mechanism in ("stt", "sot")
        for name, settings in NOISES.items()
        for levels in LEVELS
    }


def spreads() -> dict[tuple[int, float], Condition]:
    """Return the networks of the STT synapse by number of levels and factor of its spread."""
    return {
        (levels, factor): Condition(
            FASHION,
            of(PUBLISHED, "stt"),
            SAME_RATE,
            levels,
            settings=() if factor == 1 else (("spread", factor),),
        )
        for levels in LEVELS
        for factor in SPREADS
    }
