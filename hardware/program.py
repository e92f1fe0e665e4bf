"""The device program: the field of each synapse, and how sums become classes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import atomic_path, read_json, require_file, sha256, write_json
from dwsynapse.io.limits import DEFAULT_SEED
from dwsynapse.learning_rules import ON_DEVICE, RULES
from dwsynapse.study import Hardware
from dwsynapse.study.bench import EarlyExit, FieldSinusoid, Order
from fitting.device import DeviceModel
from fitting.device.content_hash import is_same_device
from hardware.program_table import KIND, PROGRAM, VERSION, ProgramShape, synapses
from hardware.same_file import require_same
from hardware.schedule import Schedule
from hardware.wiring import Layer, wiring
from network.trained_model import TrainedModel, best_network, decide


@dataclass(frozen=True)
class Program:
    """A trained network as the instrument runs it.

    Parameters
    ----------
    fields_mT
        Fields on the instrument's grid, shape (n_out, n_in); with hidden layers those of all
        layers, (neurons, inputs) as `hardware.wiring` numbers them, and NaN where no synapse is.
    reads
        Reads per synapse with an input.
    biases
        Biases b_i that the computer adds to the outputs of the last layer, shape (n_classes,).
    reads_train
        Reads K the network was trained with.
    model
        Number of the model among the study's.
    device_sha256
        SHA-256 of the device model the network was trained on.
    rule
        Learning rule of the network.
    mixing
        Matrix by which the computer mixes the outputs, shape (n_out, n_out); None for most rules.
    provenance
        What the program was made from.
    device_content_sha256
        The same without its provenance (`fitting.device.content_hash`); None in older files. A
        device is the one of the program if either is the same.
    schedule
        How a bench runs it: the sinusoidal field, and the order of reads.
    estimate
        Operations, hours and energy on the images that were given
        (`hardware.programming.bench_estimate`);
        None where none were.
    quantisation
        Accuracy lost to the grid on them (`hardware.programming.quantisation_loss`).
    early_exit
        The test by which classes are dropped while an image is read (`hardware.early_reading`);
        None: every read is made.
    hidden_biases
        Biases of the neurons of each hidden layer, each of shape (n_hidden,); none in the paper.
    """

    fields_mT: NDArray[np.float64]
    reads: int
    biases: NDArray[np.float64]
    reads_train: int
    model: int
    device_sha256: str
    rule: str = ON_DEVICE
    mixing: NDArray[np.float64] | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
    device_content_sha256: str | None = None
    schedule: Schedule = field(default_factory=Schedule)
    estimate: dict[str, Any] | None = None
    quantisation: dict[str, Any] | None = None
    early_exit: EarlyExit | None = None
    hidden_biases: tuple[NDArray[np.float64], ...] = ()

    @property
    def n_in(self) -> int:
        """Pixels of an image."""
        return self.fields_mT.shape[1] - sum(map(len, self.hidden_biases))

    @property
    def n_classes(self) -> int:
        """Classes that the network tells apart."""
        return len(self.biases)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Numbers of the neurons and inputs of each layer."""
        return wiring(self.n_in, [len(biases) for biases in (*self.hidden_biases, self.biases)])

    def fires(self, layer: int, sums: NDArray[Any]) -> NDArray[np.uint8]:
        """Return which neurons of a hidden layer inject walls into the next, 0 or 1.

        Parameters
        ----------
        layer
            Number of the hidden layer, from 0.
        sums
            Passes of its neurons in all reads of all synapses with an input, (..., n_hidden).
        """
        return (sums / self.reads + self.hidden_biases[layer] > 0).astype(np.uint8)

    def reads_at_most(self, pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Return the reads of each image if all hidden neurons fire, shape (n_images,)."""
        first, *later = self.layers
        of_first = pixels.sum(axis=1, dtype=np.int64) * first.n_out
        return (of_first + sum(layer.n_out * layer.n_in for layer in later)) * self.reads

    @property
    def fingerprint(self) -> int:
        """A number from what is read of a synapse: part of the key of random numbers."""
        return int.from_bytes(hashlib.sha256(self._content).digest()[:8], "big")

    @property
    def content_sha256(self) -> str:
        """SHA-256 of what runs: fields, reads, biases, mixing, early exit; not the provenance."""
        early = b"" if self.early_exit is None else self.early_exit.model_dump_json().encode()
        return hashlib.sha256(self._content + early).hexdigest()

    @property
    def _content(self) -> bytes:
        content = self.fields_mT.tobytes() + self.biases.tobytes() + bytes(str(self.reads), "ascii")
        if self.mixing is not None:
            content += self.mixing.tobytes()
        return content + b"".join(biases.tobytes() for biases in self.hidden_biases)

    def predictions(self, sums: NDArray[Any], reads: Any) -> NDArray[np.int64]:
        """Return classes from sums S_i of K reads, shape (..., n_out)."""
        return decide(sums / reads, self.biases, self.mixing)

    def write(self, path: str | Path) -> None:
        """Write ``program.csv`` for the instrument, and ``program.json`` with the biases."""
        out, in_ = np.nonzero(~np.isnan(self.fields_mT))
        fields_mT = self.fields_mT[out, in_]
        frame = pd.DataFrame({"out": out, "in": in_, "field_mT": fields_mT, "reads": self.reads})
        if self.schedule.sinusoid:
            triggers = self.schedule.trigger(self.fields_mT)
            phase_deg, delay_us = (values[out, in_] for values in triggers)
            frame = frame.assign(phase_deg=phase_deg, delay_us=delay_us)
        if self.hidden_biases:
            ends = [layer.out.stop for layer in self.layers]
            frame = frame.assign(layer=np.searchsorted(ends, out, side="right"))
        # The header comes first, so that no error of it leaves a table without one.
        with atomic_path(path) as temporary:
            PROGRAM.write(temporary, frame, self.provenance)
            content = {
                "program_sha256": sha256(temporary),
                "device_sha256": self.device_sha256,
                "device_content_sha256": self.device_content_sha256,
                "rule": self.rule,
                "reads_train": self.reads_train,
                "model": self.model,
                "biases": self.biases.tolist(),
                **_hidden(self.hidden_biases),
                "mixing": None if self.mixing is None else self.mixing.tolist(),
                "bench": self.schedule.content(),
                "estimate": self.estimate,
                "quantisation": self.quantisation,
                "early_exit": None if self.early_exit is None else self.early_exit.model_dump(),
                "provenance": self.provenance,
            }
            write_json(Path(path).with_suffix(".json"), KIND, VERSION, content)

    @classmethod
    def read(cls, path: str | Path, device: str | Path | None = None) -> "Program":
        """Read ``program.csv`` and its ``program.json``.

        Parameters
        ----------
        path
            The CSV.
        device
            The ``device.json`` it is to be used with; None accepts any.

        Raises
        ------
        InputError
            If a file is missing or damaged, if they do not belong together, or if the device model
            is not valid at a field.
        """
        known = None if device is None else DeviceModel.read(device)
        frame = PROGRAM.read(path)
        fields_mT, layers = synapses(frame, path)
        header = Path(path).with_suffix(".json")
        remedy = "make the program again"
        require_file(header, remedy=f"keep it next to {path}, or {remedy}")
        content = read_json(header, KIND, VERSION, ProgramShape, remedy)
        require_same(
            path,
            content["program_sha256"],
            f"{path} is not the program that {header.name} was written with, or changed since",
            path=header,
            where="program_sha256",
            remedy=f"keep both files of one program together, or {remedy}",
        )
        of_device = content["device_sha256"], content.get("device_content_sha256")
        if device is not None and known is not None:
            if not is_same_device(device, *of_device):
                require_same(
                    device,
                    of_device[0],
                    f"device {known.name!r} is not the one that {path} was made for, or changed "
                    "since",
                    provenance=content["provenance"],
                    remedy=f"give the device.json that was used, or {remedy}",
                )
            for layer in layers:
                known.require_fields(fields_mT[layer], path, "field_mT of (out, in)")
        try:
            n_out = layers[-1].n_out
            biases = _numbers(content["biases"], "biases", (n_out,))
            hidden = content.get("hidden_biases") or []
            if len(hidden) != len(layers) - 1:
                raise ValueError(f"biases of {len(hidden)} hidden layers for {len(layers) - 1}")
            hidden_biases = tuple(
                _numbers(given, "hidden_biases", (layer.n_out,))
                for given, layer in zip(hidden, layers, strict=False)
            )
            rule, mixing = content.get("rule", ON_DEVICE), content.get("mixing")
            if rule not in RULES:
                raise ValueError(f"unknown rule {rule!r}")
            if (mixing is not None) != RULES[rule].mixes_sums:
                raise ValueError(f"rule {rule!r} {'without' if mixing is None else 'with'} mixing")
            if mixing is not None:
                mixing = _numbers(mixing, "mixing", (n_out, n_out))
            return cls(
                fields_mT=fields_mT,
                reads=int(frame["reads"].iloc[0]),
                biases=biases,
                reads_train=content["reads_train"],
                model=content["model"],
                device_sha256=of_device[0],
                rule=rule,
                mixing=mixing,
                provenance=content["provenance"],
                device_content_sha256=of_device[1],
                schedule=_schedule(content.get("bench")),
                estimate=content.get("estimate"),
                quantisation=content.get("quantisation"),
                early_exit=_early_exit(content.get("early_exit")),
                hidden_biases=hidden_biases,
            )
        except ValueError as error:
            raise InputError(f"wrong value ({error})", path=header, remedy=remedy) from error


def make_program(
    models: Sequence[TrainedModel],
    reads_train: int,
    device: DeviceModel,
    settings: Hardware,
    provenance: dict[str, Any],
    rule: str = ON_DEVICE,
    seed: int = DEFAULT_SEED,
) -> Program:
    """Make the program of the best network trained with the given reads and rule.

    Fields are rounded to the instrument's grid, inside the range of the device model and below the
    field at which walls nucleate without injection. `seed` is that of a randomised order.

    Raises
    ------
    InputError
        If the device is not driven by a field, there is no such network, no field of the grid
        within the range, the sinusoidal field does not reach one of the program's, or early exit is
        wanted of a network that mixes sums.
    """
    device.require_field("programs, logs and their verification are")
    model, network = best_network(models, reads_train, rule)
    if settings.early_exit and (network.mixing is not None or network.hidden):
        why = "mixes sums, of which none can be dropped before the others"
        if network.hidden:
            why = "has hidden layers, whose neurons are not dropped"
        raise InputError(
            f"rule {rule!r} {why}",
            where="hardware.early_exit",
            remedy="set it to null, or give another rule",
        )
    grid, layers = device.field_grid(settings.field_step_mT), network.layers
    places = wiring(network.n_in, [len(layer.biases) for layer in layers])
    fields_mT = np.full((places[-1].out.stop, places[-1].in_.stop), np.nan)
    for place, of_layer in zip(places, network.layer_fields_mT, strict=True):
        fields_mT[place] = grid.nearest_mT(of_layer)
    schedule = Schedule(settings.field_step_mT, settings.field_sinusoid, settings.order, seed)
    if schedule.sinusoid:
        schedule.trigger(fields_mT)
    return Program(
        fields_mT=fields_mT,
        reads=settings.reads,
        biases=network.biases,
        reads_train=reads_train,
        model=model.model,
        device_sha256=model.device_sha256,
        rule=rule,
        mixing=network.mixing,
        provenance=provenance,
        device_content_sha256=model.device_content_sha256,
        schedule=schedule,
        early_exit=settings.early_exit,
        hidden_biases=tuple(layer.biases for layer in network.hidden),
    )


def _hidden(biases: Sequence[NDArray[np.float64]]) -> dict[str, Any]:
    """Return what the header says of hidden layers; nothing where there are none."""
    return {"hidden_biases": [each.tolist() for each in biases]} if biases else {}


def require_one_layer(program: Program, what: str) -> None:
    """Refuse a program with hidden layers for what does not know of them."""
    if program.hidden_biases:
        raise InputError(
            f"the program has hidden layers, and {what}",
            where="--program",
            remedy="give a program of a network of one layer",
        )


def _schedule(content: dict[str, Any] | None) -> Schedule:
    """Return the schedule of a ``program.json``; an older one has none."""
    if content is None:
        return Schedule()
    wave, order = content["field_sinusoid"], content["order"]
    if order not in get_args(Order):
        raise ValueError(f"unknown order {order!r}")
    sinusoid = None if wave is None else FieldSinusoid(**wave)
    return Schedule(content["field_step_mT"], sinusoid, order, content["order_seed"])


def _early_exit(content: dict[str, Any] | None) -> EarlyExit | None:
    return None if content is None else EarlyExit(**content)


def _numbers(values: Any, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    array = np.array(values, dtype=float)
    if array.shape != shape:
        raise ValueError(f"{name} of shape {array.shape} for {shape[0]} neurons")
    return array
