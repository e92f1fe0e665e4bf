"""Trials that were simulated before and are shipped with the project, in their own folder."""

import shutil
from pathlib import Path

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import atomic_path, require_file
from dwsynapse.study import SimulatedDevice, TrackDevice, read_block
from dwsynapse.study.devices.sources import ELSEWHERE
from dwsynapse.study.devices.track_device import ELSEWHERE_OF_TRACK
from dwsynapse.study.reading import flat


def take_over(
    config: Path,
    folder: Path,
    copies: dict[str, Path],
    kind: type[SimulatedDevice | TrackDevice] = SimulatedDevice,
) -> None:
    """Copy files of a folder of shipped trials, if they are of exactly this device.

    Parameters
    ----------
    config
        The device, as the study declares it.
    folder
        The shipped folder: device.yaml, the device that was simulated, and the files.
    copies
        Where each file goes, by its name in the folder.
    kind
        What the device is.

    Raises
    ------
    InputError
        If a file is missing, or the device differs from the one that was simulated.
    """
    declared, simulated = (
        flat(read_block(path, kind).model_dump(exclude=ELSEWHERE | ELSEWHERE_OF_TRACK))
        for path in (config, folder / "device.yaml")
    )
    for key, value in declared.items():
        if simulated.get(key) != value:
            raise InputError(
                f"the trials in {folder} were simulated with {simulated.get(key)}, not {value}",
                path=config,
                where=key,
                remedy="leave the key as it was, or set shipped to null to simulate again",
            )
    for name in copies:
        remedy = "put the file back, or set shipped to null to simulate again"
        require_file(folder / name, remedy=remedy)
    for name, out in copies.items():
        with atomic_path(out) as temporary:
            shutil.copyfile(folder / name, temporary)
