"""What an inference costs: reads, and the time and energy they take."""

from dataclasses import dataclass

NOT_INCLUDED = "the field, the readout and the computer that adds up the reads"
"""What the energy of a read leaves out."""


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
    """

    reads_per_s: float
    energy_per_read_J: float
    wires: int = 1

    def time_s(self, reads: float) -> float:
        """Return the time of a number of reads, shared evenly among the wires."""
        return reads / (self.reads_per_s * self.wires)

    def energy_J(self, reads: float) -> float:
        """Return the energy of a number of reads."""
        return reads * self.energy_per_read_J

    def of(self, reads: float) -> dict[str, float]:
        """Return reads, time_s and energy_J by name."""
        return {"reads": reads, "time_s": self.time_s(reads), "energy_J": self.energy_J(reads)}
