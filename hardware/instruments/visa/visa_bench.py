"""A bench of VISA instruments: pulse generator, electromagnet and digitiser."""

import math
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256
from dwsynapse.io.notes import note_once
from dwsynapse.study.reading import read_block
from hardware.instruments.bench import Bench
from hardware.instruments.visa.coil import Coil
from hardware.instruments.visa.connection import Connection, Open, failures, opener
from hardware.instruments.visa.fields import Fields, FieldsByPhase, FieldsByVoltage, Instruments
from hardware.instruments.visa.visa_settings import Instrument, VisaSettings
from hardware.kerr_loops.loop_outcomes import loop_outcomes
from hardware.kerr_loops.loops import Loops
from hardware.kerr_loops.outcomes import Rules
from hardware.program import Program
from hardware.schedule import Operations, operations

LOOPS_AT_ONCE = 1000
FAR_SHARE, FAR_SDS = 0.2, 10.0
"""How far off fields measured may be: of the highest field, or in uncertainties of calibration."""
FIELDS_STATED = ("field_step_mT", "field_noise_sd_mT", "field_offset_sd_mT", "field_scale_sd")
STATED = (*FIELDS_STATED, "false_pass", "false_pin")


@dataclass
class VisaBench(Bench):
    """Instruments that are spoken to by VISA.

    For each read the field is brought to that of the synapse, the digitiser is armed, the pulse is
    fired, the field is measured where that is possible, and the outcome is asked for, or the loop
    from which it is decided.

    Parameters
    ----------
    settings
        Commands of the instruments.
    path
        Their file; the table of the coil is next to it.
    open_resource
        Opens an instrument; None: by PyVISA, with the library of the settings.
    clock, sleep
        Time in seconds since 1970, and a pause in seconds.
    """

    settings: VisaSettings
    path: Path
    open_resource: Open | None = None
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    laboratory: str = field(init=False)
    synthetic: bool = field(init=False)
    names: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.laboratory = self.settings.laboratory
        self.synthetic = self.settings.library.endswith("@sim")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file with the commands of a laboratory.

        Raises
        ------
        InputError
            Naming the key that is wrong or missing.
        """
        remedy = "correct that key (docs/hardware.md explains each)"
        return cls(read_block(path, VisaSettings, remedy), path)

    def instrument(self) -> dict[str, Any]:
        """Return what the file says of the bench, and what the instruments call themselves."""
        stated = self.settings.model_dump(include=set(STATED), exclude_none=True)
        if self._coil_file:
            stated["coil_sha256"] = sha256(self._coil_file)
        return stated | {"instruments": self.names}

    @property
    def _coil_file(self) -> Path | None:
        coil = self.settings.magnet.coil
        return None if coil is None else self.path.parent / coil

    def image_logs(
        self, program: Program, pixels: NDArray[np.uint8], images: Iterable[int]
    ) -> Generator[pd.DataFrame, None, None]:
        """Show images to the device and yield the reads of each.

        Raises
        ------
        InputError
            If the instruments cannot run the program, before any is touched; if one fails; or if
            the fields measured of the first image are far from those set.
        """
        magnet = self.settings.magnet
        coil = Coil.read(self._coil_file) if self._coil_file else None
        by = FieldsByPhase if program.schedule.sinusoid else FieldsByVoltage
        fields: Fields = by(program, self.settings, coil, self.path)
        if magnet.read_field is None and self.settings.field_noise_sd_mT is None:
            raise InputError(
                "no field is measured, and nothing says how it spreads from read to read",
                path=self.path,
                where="field_noise_sd_mT",
                remedy="state its standard deviation, or give magnet.read_field",
            )
        with self._connected() as instruments:
            fields.start(instruments)
            self._check(instruments)
            to_check = magnet.read_field is not None
            for one in operations(program, pixels, images):
                log = self._image_log(instruments, fields, one)
                self._check(instruments)
                if to_check and len(log):
                    self._require_fields(log, float(program.fields_mT.max()))
                    to_check = False
                yield log

    def _require_fields(self, log: pd.DataFrame, highest_mT: float) -> None:
        """Refuse fields measured that are far from those set: the probe's calibration is wrong."""
        found_mT, set_mT = log["field_measured_mT"], log["field_set_mT"]
        stated = self.settings
        uncertainty_mT = math.hypot(
            stated.field_offset_sd_mT or 0, (stated.field_scale_sd or 0) * highest_mT
        )
        away_mT = float((found_mT - set_mT).abs().median())
        if away_mT <= max(FAR_SHARE * highest_mT, FAR_SDS * uncertainty_mT):
            return
        raise InputError(
            f"image {log['image'].iloc[0]}: {found_mT.median():.4g} mT measured where "
            f"{set_mT.median():.4g} mT are set (medians); nothing of it is stored",
            path=self.path,
            where="magnet.mT_per_unit, magnet.mT_offset",
            remedy="correct them, or the setting of the field; the same command line then goes on",
        )

    def _image_log(self, instruments: Instruments, fields: Fields, one: Operations) -> pd.DataFrame:
        times_s: list[float] = []
        measured_mT: list[float] = []
        reads = self._reads(instruments, fields, one, times_s, measured_mT)
        if self.settings.digitiser.read_signal:
            outcome = loop_outcomes(self._loops(instruments, one, reads), self._rules())
        else:
            asked = (self._outcome(instruments) for _ in reads)
            outcome = np.fromiter(asked, np.float32, len(one))
        columns: dict[str, Any] = {
            "image": np.full(len(one), one.image, dtype=np.uint16),
            "out": one.out.astype(np.uint8),
            "in": one.in_.astype(np.uint16),
            "read": one.read.astype(np.uint32),
            "field_set_mT": one.field_mT.astype(np.float32),
        }
        if self.settings.magnet.read_field:
            columns["field_measured_mT"] = np.array(measured_mT, dtype=np.float32)
        return pd.DataFrame(columns | {"outcome": outcome, "timestamp_s": times_s})

    def _check(self, instruments: Instruments) -> None:
        """Ask the instruments for errors."""
        for connection, given in (
            (instruments.pulse_generator, self.settings.pulse_generator),
            (instruments.magnet, self.settings.magnet),
            (instruments.digitiser, self.settings.digitiser),
        ):
            if given.check:
                answer = connection.ask("check", given.check)
                if answer.partition(",")[0].strip() not in given.no_error:
                    connection.refuse("check", given.check, answer, "an error")

    def _reads(
        self,
        instruments: Instruments,
        fields: Fields,
        one: Operations,
        times_s: list[float],
        measured_mT: list[float],
    ) -> Iterator[int]:
        """Make the reads up to the pulse, and yield the place of each, whose answer then waits."""
        commands, magnet = self.settings, self.settings.magnet
        for place, (out, in_, read) in enumerate(zip(one.out, one.in_, one.read, strict=True)):
            instruments.say(f"image {one.image}, synapse (out, in) ({out}, {in_}), read {read}")
            fields.bring(instruments, out, in_)
            instruments.digitiser.send("arm", commands.digitiser.arm)
            times_s.append(self.clock())
            instruments.pulse_generator.send("fire", commands.pulse_generator.fire)
            if magnet.read_field:
                answer = instruments.magnet.ask_number("read_field", magnet.read_field)
                measured_mT.append(magnet.mT_per_unit * answer + magnet.mT_offset)
            yield place

    def _outcome(self, instruments: Instruments) -> float:
        digitiser = self.settings.digitiser
        query = digitiser.read_outcome or ""
        answer = instruments.digitiser.ask("read_outcome", query)
        known = {digitiser.passed: 1.0, digitiser.pinned: 0.0}
        known |= dict.fromkeys(digitiser.undecided, np.nan)
        if answer not in known:
            instruments.digitiser.refuse(
                "read_outcome", query, answer, f"not one of {', '.join(map(repr, known))}"
            )
        return known[answer]

    def _loops(
        self, instruments: Instruments, one: Operations, reads: Iterable[int]
    ) -> Iterator[Loops]:
        """Read the loops of the reads, and yield some of them at once."""
        names: list[str] = []
        points: list[NDArray[np.float64]] = []
        for place in reads:
            names.append(f"{self.path}: digitiser.read_signal, {instruments.digitiser.doing}")
            points.append(self._loop(instruments, points[0].shape[1] if points else None))
            if len(points) == LOOPS_AT_ONCE or place == len(one) - 1:
                both = np.stack(points, axis=1)
                set_mT = one.field_mT[place + 1 - len(points) : place + 1]
                yield Loops(tuple(names), both[0], both[1], set_mT)
                names, points = [], []

    def _loop(self, instruments: Instruments, n_points: int | None) -> NDArray[np.float64]:
        """Return field and signal of a loop, shape (2, n_points)."""
        digitiser = self.settings.digitiser
        found = [
            instruments.digitiser.ask_values(
                key, query or "", digitiser.values, digitiser.big_endian
            )
            for key, query in (
                ("read_field", digitiser.read_field),
                ("read_signal", digitiser.read_signal),
            )
        ]
        lengths = {len(values) for values in found} | ({n_points} if n_points else set())
        if len(lengths) > 1:
            instruments.digitiser.refuse(
                "read_signal",
                digitiser.read_signal or "",
                f"{len(found[1])} points",
                f"the field has {len(found[0])}, other loops {n_points or 'none yet'}",
            )
        return np.array([digitiser.mT_per_unit * found[0], found[1]])

    def _rules(self) -> Rules:
        digitiser = self.settings.digitiser
        return Rules(
            digitiser.detector,
            digitiser.branch,
            digitiser.min_confidence,
            digitiser.resolution_mT,
            digitiser.tolerance_mT,
        )

    @contextmanager
    def _connected(self) -> Iterator[Instruments]:
        """Connect the instruments and set them up; leave them as their `close` says."""
        open_ = self.open_resource or opener(self.settings.library, self.path)
        with ExitStack() as stack:

            def connected(name: str, given: Instrument) -> Connection:
                try:
                    resource = open_(given)
                except failures() as error:
                    raise InputError(
                        f"{given.resource!r} cannot be opened ({error})",
                        path=self.path,
                        where=f"{name}.resource",
                        remedy="check that it is on and connected; `pyvisa-shell` lists addresses",
                    ) from error
                connection = Connection(name, resource, self.path)
                stack.callback(self._leave, connection, given.close)
                if given.identify:
                    self.names[name] = connection.ask("identify", given.identify)
                connection.send("setup", given.setup)
                return connection

            yield Instruments(
                connected("pulse_generator", self.settings.pulse_generator),
                connected("magnet", self.settings.magnet),
                connected("digitiser", self.settings.digitiser),
                self.sleep,
            )

    def _leave(self, connection: Connection, commands: tuple[str, ...]) -> None:
        connection.doing = "close"
        try:
            connection.send("close", commands)
        except InputError as error:
            note_once(self.path, f"{connection.name} may not be in a safe state: {error}")
        finally:
            connection.resource.close()
