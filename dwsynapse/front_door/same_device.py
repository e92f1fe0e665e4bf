"""Models and programs belong to the device that they were made with."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256

if TYPE_CHECKING:
    from fitting.device import DeviceModel
    from network.trained_model import TrainedModel


def trained_on(
    models: "TrainedModel | Sequence[TrainedModel]", device: "DeviceModel"
) -> "list[TrainedModel]":
    """Return one or several models as a list, and refuse those of another device."""
    several = list(models) if isinstance(models, Sequence) else [models]
    for model in several:
        require_same_device(model.device_sha256, device, "the networks were trained on")
    return several


def require_same_device(recorded: str, device: "DeviceModel", what: str) -> None:
    """Refuse a device with another hash than was recorded for `what`."""
    if recorded != device_sha256(device):
        raise InputError(
            f"{what} another state of the device than {device.name!r} as given",
            where="device",
            remedy="give the same device: fitted, published or read from the same device.json",
        )


def device_sha256(device: "DeviceModel") -> str:
    """Return the hash of the ``device.json`` that a device writes, by which models know it."""
    with TemporaryDirectory() as folder:
        device.write(path := Path(folder) / "device.json")
        return sha256(path)
