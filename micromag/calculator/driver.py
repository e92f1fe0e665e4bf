"""What the drivers share: oommfc's interface to the embedded engine."""

import json
from datetime import datetime
from functools import wraps
from numbers import Integral
from pathlib import Path
from typing import Any

import micromagneticmodel as mm
import numpy as np
import oommfc

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import code_version
from dwsynapse.kernels import say_when_compiling
from micromag.calculator.arguments import require_folder, require_system
from micromag.calculator.quantities import Quantities

PACKAGE = "dwsynapse"
OF_EVERY_DRIVE = (
    "dirname",
    "append",
    "runner",
    "ovf_format",
    "verbose",
    "fixed_subregions",
    "output_step",
    "n_threads",
)
"""Arguments that `drive` takes for every driver."""
OF_OTHERS = ("compute", "save", "overwrite")
"""Further arguments that scripts give: of OOMMF alone (refused), and, ignored, of old ubermag."""


class EmbeddedDriver(oommfc.Driver):
    """A driver of oommfc that runs the embedded engine instead of OOMMF.

    oommfc checks arguments, makes the drive's folder, writes the same problem for OOMMF (a .mif
    file and m0.omf) and reads the results; the engine writes those.
    """

    _kind: str
    """The driver's name in info.json; micromagneticdata chooses the table's x by it."""

    _drive_arguments: tuple[str, ...] = ()
    """Arguments that `drive` takes for this driver, besides those of every drive."""

    _fixed_subregions: list[str] | None = None

    @wraps(oommfc.Driver.drive, assigned=["__doc__"])
    def drive(self, system: mm.System, /, *given: Any, **options: Any) -> None:
        """Drive the system; micromagneticmodel fails in the place of KeyboardInterrupt."""
        require_system(system)
        require_folder(given[0] if given else options.get("dirname", "."))
        try:
            super().drive(system, *given, **options)
        except UnboundLocalError as error:
            stop = error.__context__
            if stop is None or isinstance(stop, Exception):
                raise
            raise stop from None

    def drive_kwargs_setup(self, drive_kwargs: dict[str, Any]) -> None:
        """Check and complete the arguments of `drive`.

        Raises
        ------
        InputError
            If an argument is unknown or of a wrong type, or compute is given, which only OOMMF
            supports.
        """
        known = [*self._drive_arguments, *OF_EVERY_DRIVE]
        if unknown := [name for name in drive_kwargs if name not in (*known, *OF_OTHERS)]:
            raise InputError(
                "unknown argument of drive",
                where=unknown[0],
                remedy=f"known ones of {type(self).__name__} are {', '.join(known)}",
            )
        super().drive_kwargs_setup(drive_kwargs)
        threads = drive_kwargs["n_threads"]
        if threads is not None and (not isinstance(threads, Integral) or threads < 1):
            raise InputError(
                f"must be a whole number above 0 (found {threads!r})", where="n_threads"
            )
        if drive_kwargs["compute"] is not None:
            raise InputError(
                "not supported by the embedded engine", where="compute", remedy="leave it out"
            )
        self._fixed_subregions = drive_kwargs["fixed_subregions"]

    def _check_system(self, system: mm.System) -> None:
        """Refuse what the engine does not compute before a folder is made for the drive."""
        super()._check_system(system)
        Quantities(system, self._fixed_subregions)

    def _write_input_files(self, system: mm.System, **kwargs: Any) -> None:
        self._ovf_format = kwargs["ovf_format"]
        if needs_script(system):
            super()._write_input_files(system, **kwargs)
        else:
            system.m.to_file("m0.omf", representation=self._ovf_format)

    def _write_info_json(self, system: mm.System, start_time: datetime, **kwargs: Any) -> None:
        info = {
            "drive_number": system.drive_number,
            "date": start_time.strftime("%Y-%m-%d"),
            "time": start_time.strftime("%H:%M:%S"),
            "start_time": start_time.isoformat(timespec="seconds"),
            "adapter": PACKAGE,
            "adapter_version": code_version(),
            "driver": self._kind,
            "calculator_class": type(self).__name__,
        }
        Path("info.json").write_text(json.dumps(info | kwargs, default=_plain))

    def _schedule_commands(self, system: mm.System, runner: Any) -> list[str]:
        raise RuntimeError("the embedded engine runs in Python: schedule a script that calls drive")

    def _announce(self, verbose: int) -> None:
        if verbose:
            say_when_compiling()
            print(f"Running dwsynapse ({type(self).__name__})...")


def needs_script(system: mm.System) -> bool:
    """Return whether oommfc writes the problem of a drive for OOMMF.

    It cannot where the demagnetising field is periodic along several axes: that of OOMMF is along
    one at most.
    """
    bc = system.m.mesh.bc
    return not (len(bc) > 1 and set(bc) <= set("xyz") and mm.Demag() in system.energy)


def _plain(value: Any) -> Any:
    """Return a numpy array or number as JSON needs it."""
    return np.asarray(value).tolist()
