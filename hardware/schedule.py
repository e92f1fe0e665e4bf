"""How a bench runs a program: at which phase of the field, and in which order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.study.bench import FieldSinusoid, Order

if TYPE_CHECKING:
    from hardware.program import Program

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
ANGLE_DIGITS = 9
"""Digits of a phase, in degrees: far below what a trigger resolves."""


@dataclass(frozen=True)
class Schedule:
    """How a bench runs a program.

    Parameters
    ----------
    field_step_mT
        Grid of the fields; None in older files.
    sinusoid
        The field that repeats, at whose phases walls are injected; None where the instrument sets
        each field itself.
    order
        Order of an image's reads: interleaved, sequential or randomised.
    order_seed
        Seed of a randomised order.
    """

    field_step_mT: float | None = None
    sinusoid: FieldSinusoid | None = None
    order: Order = "interleaved"
    order_seed: int = 0

    def trigger(self, fields_mT: Floats) -> tuple[Floats, Floats]:
        """Return the phases (degrees) and delays (us) at which the field has these values.

        They count from the rising zero of the sine, and lie where the field rises.

        Raises
        ------
        InputError
            If there is no sinusoid, or it does not reach a field: names the first synapse.
        """
        wave = self.sinusoid
        if wave is None:
            raise InputError(
                "no sinusoidal field is given",
                where="hardware.field_sinusoid",
                remedy="give its amplitude_mT and frequency_Hz and make the program again",
            )
        share = (fields_mT - wave.offset_mT) / wave.amplitude_mT
        beyond = np.abs(share) > 1
        if beyond.any():
            place = tuple(map(int, np.argwhere(beyond)[0]))
            low, high = (wave.offset_mT + sign * wave.amplitude_mT for sign in (-1, 1))
            more = f" and {beyond.sum() - 1} more" if beyond.sum() > 1 else ""
            raise InputError(
                f"the field goes from {low:g} to {high:g} mT, but the synapse (out, in) {place} "
                f"needs {fields_mT[place]:g} mT{more}",
                where="hardware.field_sinusoid",
                remedy="give a larger amplitude_mT, or another offset_mT",
            )
        phase_deg = rising_phase_deg(share)
        return phase_deg, phase_deg / 360 / wave.frequency_Hz * 1e6

    def places(self, program: "Program", image: int, active: Integers) -> tuple[Integers, ...]:
        """Return out, place among the active inputs, and read of an image's reads, in their order.

        Parameters
        ----------
        program
            The program.
        image
            Number of the image.
        active
            Inputs that are 1, shape (n_active,).
        """
        n_out, reads = len(program.biases), program.reads
        if self.order == "sequential":
            out, place, read = (a.ravel() for a in np.indices((n_out, len(active), reads)))
            return out, place, read
        read, out, place = (a.ravel() for a in np.indices((reads, n_out, len(active))))
        if self.order == "randomised":
            shuffled = np.random.default_rng([self.order_seed, image]).permutation(len(read))
            out, place, read = out[shuffled], place[shuffled], read[shuffled]
        return out, place, read

    def content(self) -> dict[str, Any]:
        """Return it as stored in ``program.json``."""
        return {
            "field_step_mT": self.field_step_mT,
            "field_sinusoid": self.sinusoid and self.sinusoid.model_dump(),
            "order": self.order,
            "order_seed": self.order_seed,
        }


def rising_phase_deg(share: Floats) -> Floats:
    """Return the phases from 0 to 360 degrees at which a rising sine has values from -1 to 1."""
    degrees = np.round(np.degrees(np.arcsin(share)), ANGLE_DIGITS)
    return np.where(degrees < 0, degrees + 360, degrees)


@dataclass(frozen=True)
class Operations:
    """The reads of one image, in the order in which a bench makes them.

    Parameters
    ----------
    image
        Number of the image.
    out, in_, read
        Synapse and number of each read, shape (n,).
    field_mT
        Field of each, shape (n,).
    phase_deg, delay_us
        Where the trigger comes in the sinusoidal field, shape (n,); None without one.
    """

    image: int
    out: Integers
    in_: Integers
    read: Integers
    field_mT: Floats
    phase_deg: Floats | None = None
    delay_us: Floats | None = None

    def __len__(self) -> int:
        return len(self.out)


def operations(
    program: "Program", pixels: NDArray[np.uint8], images: Iterable[int] | None = None
) -> Iterator[Operations]:
    """Yield the reads of each image: those of active inputs, K of each, in the program's order.

    Parameters
    ----------
    program
        The program.
    pixels
        Inputs of the images, 0 or 1, shape (n_images, n_in).
    images
        Numbers of the images; None for all.
    """
    schedule = program.schedule
    trigger = schedule.trigger(program.fields_mT) if schedule.sinusoid else None
    for image in range(len(pixels)) if images is None else images:
        active = np.flatnonzero(pixels[image])
        out, place, read = schedule.places(program, image, active)
        synapses = out, active[place]
        set_ = () if trigger is None else (values[synapses] for values in trigger)
        yield Operations(image, *synapses, read, program.fields_mT[synapses], *set_)
