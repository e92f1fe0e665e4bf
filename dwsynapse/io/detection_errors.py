"""``detection.json``: how often outcomes of known walls are detected wrongly."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json
from dwsynapse.io.json_shapes import Shape

KIND, VERSION = "detection", 1
NAMES = ("false_pass", "false_pin")
MAX_RATE = 0.49
"""Greatest rate of wrong outcomes: two of them together leave a curve that rises."""
MIN_SD = 1e-5
"""Least standard deviation of a rate; below it no table of counts can tell the difference."""
REMEDY = "make it again by `python -m hardware loops --calibration`"


class RateShape(Shape):
    """Wrong ones, k, of n decided outcomes of one kind."""

    k: int = Field(ge=0)
    n: int = Field(ge=0)


class StatedRateShape(Shape):
    """A rate and its standard deviation."""

    rate: float = Field(ge=0, le=MAX_RATE)
    sd: float = Field(ge=0, le=MAX_RATE)


class DetectionShape(Shape):
    """What is read of ``detection.json``."""

    false_pass: RateShape
    false_pin: RateShape


@dataclass(frozen=True)
class Rate:
    """A rate of wrong outcomes, known from k wrong ones of n (or from as much, not integers).

    Parameters
    ----------
    k, n
        Wrong outcomes, and all of that kind that were decided.
    """

    k: float
    n: float

    @property
    def value(self) -> float:
        """The likeliest rate."""
        return self.k / self.n

    @classmethod
    def of_sd(cls, rate: float, sd: float) -> Self:
        """Return the outcomes that would show a rate with a standard deviation.

        Parameters
        ----------
        rate
            The rate; 0 for one of about the standard deviation or less.
        sd
            Its standard deviation.
        """
        sd = max(sd, MIN_SD)
        likely = max(rate, sd)
        n = likely * (1 - likely) / sd**2
        return cls(rate * n, n)


@dataclass(frozen=True)
class DetectionErrors:
    """Both rates of wrong outcomes.

    Parameters
    ----------
    false_pass
        Pinned walls taken for passed.
    false_pin
        Passed walls taken for pinned.
    """

    false_pass: Rate
    false_pin: Rate

    @property
    def values(self) -> dict[str, float]:
        """The likeliest rates, by name."""
        return {name: getattr(self, name).value for name in NAMES}

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read ``detection.json``.

        Raises
        ------
        InputError
            If it is missing or wrong, one kind of outcome was never decided, or half of them were
            decided wrongly.
        """
        return cls.of(read_json(path, KIND, VERSION, DetectionShape, REMEDY), path)

    @classmethod
    def of(cls, content: Mapping[str, Any], path: str | Path) -> Self:
        """Return the rates of the content of ``detection.json``; errors name `path`.

        Raises
        ------
        InputError
            As of `read`.
        """
        return cls(**{name: _rate(content[name], name, path) for name in NAMES})


StatedRate = Annotated[float, Field(ge=0, le=MAX_RATE)] | RateShape | StatedRateShape
"""A rate as a manifest states it: a number, {k, n}, or {rate, sd}."""


def stated_errors(instrument: Mapping[str, Any]) -> DetectionErrors | None:
    """Return the detection errors that a manifest states of its instrument, or None.

    Parameters
    ----------
    instrument
        Keys false_pass and false_pin, each a rate that is known exactly, k wrong ones of n known
        walls, or a rate with its standard deviation (`StatedRate`). One that is not there is 0.
    """
    if not any(instrument.get(name) for name in NAMES):
        return None
    return DetectionErrors(**{name: _stated(instrument.get(name) or 0.0) for name in NAMES})


def _stated(value: Any) -> Rate:
    if isinstance(value, Mapping):
        return Rate(value["k"], value["n"]) if "n" in value else Rate.of_sd(**value)
    return Rate.of_sd(value, 0.0)


def _rate(stored: dict[str, Any], name: str, path: str | Path) -> Rate:
    k, n = stored["k"], stored["n"]
    true = {"false_pass": "pinned", "false_pin": "passed"}[name]
    if n == 0:
        raise InputError(
            f"no loop of a wall known to be {true} was decided, so that the rate is unknown",
            path=path,
            where=name,
            remedy=f"add such loops to the calibration, from fields where walls are {true}",
        )
    if k > MAX_RATE * n:
        raise InputError(
            f"{k} of {n} {true} walls were detected wrongly: such outcomes show no curve",
            path=path,
            where=name,
            remedy="check the known outcomes, or improve the detection",
        )
    return Rate(k, n)
