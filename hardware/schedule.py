"""How a bench runs a program: at which phase of the field, and in which order."""

from collections.abc import Iterable, Iterator, Sequence
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
COLUMNS = ("out", "in_", "read", "field_mT", "phase_deg", "delay_us")
"""What `Operations` says of each read."""


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

    def places(
        self, shape: tuple[int, int, int], image: int, layer: int = 0
    ) -> tuple[Integers, ...]:
        """Return read, neuron and place among the active inputs of a layer's reads, in their order.

        Parameters
        ----------
        shape
            Reads of a synapse, neurons of the layer, and inputs of it that are 1.
        image
            Number of the image.
        layer
            Number of the layer, from 0.
        """
        reads, n_out, n_active = shape
        if self.order == "sequential":
            out, place, read = (a.ravel() for a in np.indices((n_out, n_active, reads)))
            return read, out, place
        read, out, place = (a.ravel() for a in np.indices(shape))
        if self.order == "randomised":
            key = [self.order_seed, image, *([layer] if layer else [])]
            shuffled = np.random.default_rng(key).permutation(len(read))
            out, place, read = out[shuffled], place[shuffled], read[shuffled]
        return read, out, place

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
        Inputs of the images, 0 or 1, shape (n_images, n_in). With hidden layers also what their
        neurons decide, (n_images, inputs) as `hardware.wiring` numbers them: for a bench, which
        learns that from its reads, see `layer_operations`.
    images
        Numbers of the images; None for all.
    """
    schedule = program.schedule
    trigger = schedule.trigger(program.fields_mT) if schedule.sinusoid else ()
    for image in range(len(pixels)) if images is None else images:
        of_layers = [
            layer_operations(program, image, layer, pixels[image], trigger)
            for layer in range(len(program.layers))
        ]
        yield of_layers[0] if len(of_layers) == 1 else _joined(of_layers)


def layer_operations(
    program: "Program",
    image: int,
    layer: int,
    inputs: NDArray[np.uint8],
    trigger: Sequence[Floats] = (),
) -> Operations:
    """Return the reads of one layer of a program for an image.

    Parameters
    ----------
    program
        The program.
    image
        Number of the image.
    layer
        Number of the layer, from 0.
    inputs
        Inputs of the image as far as they are known, 0 or 1: its pixels, then the decisions of the
        layers before (`Program.fires`), in the numbering of `hardware.wiring`.
    trigger
        Phases and delays of all synapses, where there is a sinusoidal field.
    """
    place = program.layers[layer]
    active = place.in_.start + np.flatnonzero(inputs[place.in_])
    read, out, of_active = program.schedule.places(
        (program.reads, place.n_out, len(active)), image, layer
    )
    synapses = place.out.start + out, active[of_active]
    set_ = (values[synapses] for values in trigger)
    return Operations(image, *synapses, read, program.fields_mT[synapses], *set_)


def _joined(parts: Sequence[Operations]) -> Operations:
    """Return the reads of an image's layers as one."""
    columns: dict[str, Any] = {name: [getattr(part, name) for part in parts] for name in COLUMNS}
    whole: dict[str, Any] = {
        name: None if each[0] is None else np.concatenate(each) for name, each in columns.items()
    }
    return Operations(parts[0].image, **whole)
