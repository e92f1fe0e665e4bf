"""The pulse that reads a device against current or duration."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from dwsynapse.drives import Drive
from dwsynapse.io.errors import InputError
from dwsynapse.study.block import Block


class ReadPulse(Block):
    """What a pulse has besides the current, or the duration, that the curve is against."""

    resistance_ohm: Annotated[float, Field(gt=0, le=1e12)]
    """Resistance of the track, from end to end."""
    duration_ns: Annotated[float, Field(gt=0, le=1e9)] | None = None
    """Duration of a pulse, for a curve against current."""
    current_uA: Annotated[float, Field(gt=0, le=1e6)] | None = None
    """Current of a pulse, for a curve against duration."""

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if (self.duration_ns is None) == (self.current_uA is None):
            raise ValueError(
                "give either duration_ns, for a curve against current, or current_uA, for one "
                "against duration"
            )
        return self


def require_read_pulse(name: str, drive: Drive, pulse: ReadPulse | None) -> None:
    """Refuse a device of a study whose table and pulse do not belong together.

    Parameters
    ----------
    name
        Name of the device.
    drive
        What its table of counts is against.
    pulse
        What the study says of its pulses.

    Raises
    ------
    InputError
        If a curve against current or duration has no such pulse, or one against a field has one.
    """
    given = [] if pulse is None else [key for key, value in pulse if value is not None]
    if sorted(given) == sorted(drive.pulse_keys):
        return
    raise InputError(
        f"the table is against a {drive.name}"
        + (f", and has read_pulse with {', '.join(given)}" if given else ""),
        where=f"devices.{name}.read_pulse",
        remedy=f"give {' and '.join(drive.pulse_keys)}, for the energy I^2 R t of a read"
        if drive.pulse_keys
        else "remove it",
    )
