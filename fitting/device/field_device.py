"""Devices that an option names, where the curve is set beside others against the field."""

from pathlib import Path

from dwsynapse.io.errors import InputError
from fitting.device.device_model import DeviceModel


def read_field_device(path: Path, option: str, *, with_draws: bool = False) -> DeviceModel:
    """Read the model of a device that is driven by a field.

    Parameters
    ----------
    path
        Its ``device.json``.
    option
        The option that names it.
    with_draws
        Whether draws of its curve are needed, which a published curve may lack.

    Raises
    ------
    InputError
        If it is no such device.
    """
    device = DeviceModel.read(path)
    device.require_field(f"{option} is")
    if with_draws and not len(device.draws):
        raise InputError(
            f"device {device.name!r} has no draws of its curve",
            path=path,
            remedy="give one that was fitted to trials",
        )
    return device
