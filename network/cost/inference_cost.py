"""What an inference costs: reads, and the time and energy they take."""

from dataclasses import dataclass
from typing import Any

from network.cost.pulse_energy import Pulse

NOT_INCLUDED = "the field, the readout and the computer that adds up the reads"
"""What the energy of a read leaves out."""


def energy_unit(plan: dict[str, Any]) -> tuple[str, float]:
    """Return the unit in which a plan's energies are written, and its size: units per joule."""
    return ("pJ", 1e12) if "pulse" in plan else ("mJ", 1e3)


@dataclass(frozen=True)
class Cost:
    """What a read costs.

    Parameters
    ----------
    reads_per_s
        Reads per second of one wire.
    energy_per_read_J
        Energy of one read.
    wires
        Wires that are read at once.
    pulse
        The current pulse of a read, whose energy depends on the synapse; None where a field drives
        the walls and every read has the same energy.
    """

    reads_per_s: float
    energy_per_read_J: float
    wires: int = 1
    pulse: Pulse | None = None

    def time_s(self, reads: float) -> float:
        """Return the time of a number of reads, shared evenly among the wires."""
        return reads / (self.reads_per_s * self.wires)

    def energy_J(self, reads: float) -> float:
        """Return the energy of a number of reads."""
        return reads * self.energy_per_read_J

    def of(self, reads: float, pulses_J: float | None = None) -> dict[str, float]:
        """Return reads, time_s and energy_J by name; the energy is that of pulses, if given."""
        energy_J = self.energy_J(reads) if pulses_J is None else pulses_J
        return {"reads": reads, "time_s": self.time_s(reads), "energy_J": energy_J}
