"""The device program: the field of each synapse, and how sums become classes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import atomic_path, read_json, require_file, sha256, write_json
from dwsynapse.io.json_shapes import Shape
from dwsynapse.io.limits import DEFAULT_SEED, MAX_READS, MAX_SEED
from dwsynapse.io.tables.declared_table import Column, Table
from dwsynapse.learning_rules import ON_DEVICE, RULES
from dwsynapse.study import Hardware
from dwsynapse.study.bench import EarlyExit, FieldSinusoid, Order
from fitting.device import DeviceModel
from fitting.device.content_hash import is_same_device
from hardware.same_file import require_same
from hardware.schedule import Schedule
from network.trained_model import TrainedModel, best_network, decide

KIND, VERSION = "program-biases", 1
PROGRAM = Table(
    kind="program",
    version=1,
    columns=(
        Column("out", "integer", low=0),
        Column("in", "integer", low=0),
        Column("field_mT", "float", low=0),
        Column("reads", "integer", low=1, high=MAX_READS),
        Column("phase_deg", "float", low=0, high=360, required=False),
        Column("delay_us", "float", low=0, required=False),
    ),
    checks=((lambda p: ~p.duplicated(["out", "in"]), "the synapse (out, in) occurs twice"),),
)


class ScheduleShape(Shape):
    """Contents of ``bench`` in ``program.json``: `hardware.schedule.Schedule`."""

    field_step_mT: float | None
    field_sinusoid: dict[str, float] | None
    order: str
    order_seed: Annotated[int, Field(ge=0, le=MAX_SEED)]


class ProgramShape(Shape):
    """Contents of the ``program.json`` of a ``program.csv``."""

    program_sha256: str
    device_sha256: str
    device_content_sha256: str | None = None
    rule: str = ON_DEVICE
    reads_train: Annotated[int, Field(ge=1)]
    model: Annotated[int, Field(ge=0)]
    biases: list[float]
    mixing: list[list[float]] | None = None
    bench: ScheduleShape | None = None
    estimate: dict[str, Any] | None = None
    quantisation: dict[str, Any] | None = None
    early_exit: dict[str, Any] | None = None
    provenance: dict[str, Any]


@dataclass(frozen=True)
class Program:
    """A trained network as the instrument runs it.

    Parameters
    ----------
    fields_mT
        Fields on the instrument's grid, shape (n_out, n_in).
    reads
        Reads per synapse with an input.
    biases
        Biases b_i that the computer adds to the neurons' outputs, shape (n_out,).
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
        return content

    def predictions(self, sums: NDArray[Any], reads: Any) -> NDArray[np.int64]:
        """Return classes from sums S_i of K reads, shape (..., n_out)."""
        return decide(sums / reads, self.biases, self.mixing)

    def write(self, path: str | Path) -> None:
        """Write ``program.csv`` for the instrument, and ``program.json`` with the biases."""
        n_out, n_in = self.fields_mT.shape
        out, in_ = np.divmod(np.arange(n_out * n_in), n_in)
        frame = pd.DataFrame(
            {"out": out, "in": in_, "field_mT": self.fields_mT.ravel(), "reads": self.reads}
        )
        if self.schedule.sinusoid:
            phase_deg, delay_us = self.schedule.trigger(self.fields_mT)
            frame = frame.assign(phase_deg=phase_deg.ravel(), delay_us=delay_us.ravel())
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
        frame = PROGRAM.read(path).sort_values(["out", "in"])
        n_out, n_in = int(frame["out"].max()) + 1, int(frame["in"].max()) + 1
        if len(frame) != n_out * n_in or frame["reads"].nunique() > 1:
            raise InputError(
                f"{len(frame)} rows do not give each of {n_out} x {n_in} synapses once with the "
                "same reads",
                path=path,
                remedy="make the program again",
            )
        fields_mT = frame["field_mT"].to_numpy(float).reshape(n_out, n_in)
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
            known.require_fields(fields_mT, path, "field_mT of (out, in)")
        try:
            biases = _numbers(content["biases"], "biases", (n_out,))
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
    if network.hidden:
        raise InputError(
            "programs of networks with hidden layers are not made yet",
            where="--rule",
            remedy="give another rule",
        )
    if settings.early_exit and network.mixing is not None:
        raise InputError(
            f"rule {rule!r} mixes sums, of which none can be dropped before the others",
            where="hardware.early_exit",
            remedy="set it to null, or give another rule",
        )
    fields_mT = device.field_grid(settings.field_step_mT).nearest_mT(network.fields_mT)
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
