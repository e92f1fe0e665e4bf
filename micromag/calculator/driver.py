"""What the drivers share: oommfc's interface with the embedded engine behind it."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import micromagneticmodel as mm
import oommfc

from micromag.calculator.quantities import Quantities
from workflow.errors import InputError
from workflow.files import code_version

PACKAGE = "dwsynapse"


class EmbeddedDriver(oommfc.Driver):
    """A driver of oommfc that runs the embedded engine instead of OOMMF.

    oommfc checks arguments, makes the drive's folder, writes the same problem for OOMMF (a .mif
    file and m0.omf) and reads the results; the engine writes those.
    """

    _kind: str
    """The driver that micromagneticdata is told of; it chooses the table's x by it."""

    def drive_kwargs_setup(self, drive_kwargs: dict[str, Any]) -> None:
        """Check and complete the arguments of `drive`.

        Raises
        ------
        InputError
            If one is given that only OOMMF has: fixed_subregions or compute.
        """
        super().drive_kwargs_setup(drive_kwargs)
        for name in ("fixed_subregions", "compute"):
            if drive_kwargs[name] is not None:
                raise InputError(
                    "not offered by the embedded engine", where=name, remedy="leave it out"
                )

    def _write_input_files(self, system: mm.System, **kwargs: Any) -> None:
        Quantities(system)  # refuses what the engine does not compute
        self._ovf_format = kwargs["ovf_format"]
        super()._write_input_files(system, **kwargs)

    def _write_info_json(self, system: mm.System, start_time: datetime, **kwargs: Any) -> None:
        info = {
            "drive_number": system.drive_number,
            "date": start_time.strftime("%Y-%m-%d"),
            "time": start_time.strftime("%H:%M:%S"),
            "start_time": start_time.isoformat(timespec="seconds"),
            "adapter": PACKAGE,
            "adapter_version": code_version(),
            "driver": self._kind,
        }
        Path("info.json").write_text(json.dumps(info | kwargs))

    def _schedule_commands(self, system: mm.System, runner: Any) -> list[str]:
        raise RuntimeError("the embedded engine runs in Python: schedule a script that calls drive")

    def _announce(self, verbose: int) -> None:
        if verbose:
            print(f"Running dwsynapse ({type(self).__name__})...")
