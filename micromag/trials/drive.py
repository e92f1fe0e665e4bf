"""What drives the wall: its name, unit and column in tables, and how it acts after release."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import micromagneticmodel as mm
import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.study import SimulatedDevice
from dwsynapse.study.devices.protocol import AppliedField
from micromag.engine.constants import MU0

MT_PER_A_PER_M = 1e3 * MU0
OOMMF_STEP_S = 1e-12


@dataclass(frozen=True)
class FieldDrive:
    """A magnetic field along the wire, +x, whose value at release is that of the trial.

    Parameters
    ----------
    schedule
        The field after release.
    """

    schedule: AppliedField

    name: ClassVar[str] = "field"
    unit: ClassVar[str] = "mT"
    column: ClassVar[str] = "field_mT"

    @property
    def is_constant(self) -> bool:
        """Whether the field stays constant after release."""
        return self.schedule.shape == "constant"

    def values(self, at_release: Any, time_ns: Any) -> NDArray[np.float64]:
        """Return the fields in mT at times after release."""
        return np.asarray(self.schedule.at_mT(at_release, time_ns), np.float64)

    def applied_A_per_m(self, value: Any) -> Any:
        """Return the field along x of a value."""
        return value / MT_PER_A_PER_M

    def term(self, at_release: float, start_ns: float) -> mm.Zeeman:
        """Return the field declared for OOMMF, from a time after release."""
        if self.is_constant:
            return mm.Zeeman(H=(self.applied_A_per_m(at_release), 0, 0), name="applied")

        def value(time_s: float) -> float:
            return float(self.schedule.at_mT(at_release, start_ns + time_s * 1e9))

        unit_A_per_m = (self.applied_A_per_m(1.0), 0, 0)
        return mm.Zeeman(H=unit_A_per_m, func=value, dt=OOMMF_STEP_S, name="applied")

    def require_reached(self, value: float, **place: Any) -> None:
        """Raise `InputError` if the field never reaches a value at which walls are released.

        Parameters
        ----------
        value
            The highest of these fields, in mT.
        **place
            `path` and `where` of the error.
        """
        amplitude_mT = getattr(self.schedule, "amplitude_mT", math.inf)
        if value > amplitude_mT:
            raise InputError(
                f"a field of {value:g} mT, where the sinusoid reaches {amplitude_mT:g} mT",
                remedy="raise protocol.field.amplitude_mT or leave that field out",
                **place,
            )


def drive_of(device: SimulatedDevice) -> FieldDrive:
    """Return what drives the walls of a device."""
    return FieldDrive(device.protocol.field)
