"""The energy of the pulses that read synapses driven by a current: Joule heat of the track."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.drives import Drive
from dwsynapse.io.errors import InputError
from fitting.device import PassingCurve
from network.cost.looks import looks
from network.trained_model import ExportedNetwork, TrainedModel

Floats = NDArray[np.float64]

FORMULA = "I^2 R t, the Joule heat of a current pulse in the track"
NOT_INCLUDED = (
    "the pulse that brings the wall back to its notch, the readout and the computer that adds up "
    "the reads"
)
"""What the energy of a read leaves out."""


@dataclass(frozen=True)
class Pulse:
    """What a pulse has besides the current or the duration that a network was trained for.

    Parameters
    ----------
    resistance_ohm
        Resistance of the track.
    current_uA, duration_ns
        The one of the two that is the same for all synapses; the other is None.
    """

    resistance_ohm: float
    current_uA: float | None = None
    duration_ns: float | None = None

    @classmethod
    def of_drive(
        cls,
        drive: Drive,
        resistance_ohm: float | None,
        current_uA: float | None,
        duration_ns: float | None,
    ) -> "Pulse | None":
        """Return the pulse that reads a device; None where a field does, whose reads cost the same.

        Raises
        ------
        InputError
            If what is given is not what a read of that drive needs.
        """
        needed = drive.pulse_keys
        sizes = {"current_uA": current_uA, "duration_ns": duration_ns}
        given = {"resistance_ohm": resistance_ohm, **sizes}
        if tuple(name for name, value in given.items() if value is not None) != needed:
            options = " and ".join(f"--pulse-{name.replace('_', '-')}" for name in needed)
            raise InputError(
                f"a read of a device against a {drive.name} takes the energy {FORMULA}"
                if needed
                else "the device is driven by a field, and no pulse of current reads it",
                where="--pulse-... (read_pulse of the device)",
                remedy=f"give {options}, and no other" if needed else "leave it out",
            )
        return None if resistance_ohm is None else cls(resistance_ohm, **sizes)

    def energies_J(self, values: Floats) -> Floats:
        """Return the energies of one read at currents in uA, or at durations in ns."""
        if self.current_uA is None:
            assert self.duration_ns is not None
            return self.resistance_ohm * (values * 1e-6) ** 2 * (self.duration_ns * 1e-9)
        return self.resistance_ohm * (self.current_uA * 1e-6) ** 2 * (values * 1e-9)

    def content(self) -> dict[str, Any]:
        """Return what ``plan.json`` says of the pulse."""
        given = {"current_uA": self.current_uA, "duration_ns": self.duration_ns}
        return {
            "resistance_ohm": self.resistance_ohm,
            **{name: value for name, value in given.items() if value is not None},
            "energy": FORMULA,
        }


def with_energies(
    rows: Sequence[dict[str, Any]],
    models: Sequence[TrainedModel],
    pulse: Pulse | None,
    pixels: NDArray[np.uint8],
    curve: PassingCurve,
) -> list[dict[str, Any]]:
    """Return accuracies with energy_J, the mean energy of the pulses of one inference.

    Parameters
    ----------
    rows
        From `network.accuracy.summarise`.
    models
        The models they are of; the energy is their mean.
    pulse
        What a pulse has besides its current or duration; None leaves the rows as they are.
    pixels
        Binary images, shape (n_images, n_in).
    curve
        Passing curve of the device, which says how often hidden neurons fire.
    """
    if pulse is None:
        return list(rows)
    found, shown = [], pixels.mean(axis=0)

    def one_read_J(model: TrainedModel, network: ExportedNetwork, reads: int) -> float:
        energies_J = [pulse.energies_J(each) for each in network.layer_fields_mT]
        if not network.hidden:
            return float((energies_J[0] @ shown).sum())
        f = [np.asarray(curve.probability(each)) for each in network.layer_fields_mT]
        seen = looks(model, network, f, pixels, [reads])
        return float(seen.mean_over_reads(pixels, energies_J)[0])

    for row in rows:
        energy_J = None
        if row["reads_test"]:
            each_J = [
                one_read_J(m, m.network(row["rule"], row["reads_train"]), row["reads_test"])
                for m in models
            ]
            energy_J = float(np.mean(each_J)) * row["reads_test"]
        found.append(row | {"energy_J": energy_J})
    return found
