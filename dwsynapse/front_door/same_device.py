"""Models and programs belong to the device that they were made with."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dwsynapse.io.errors import InputError

if TYPE_CHECKING:
    from fitting.device import DeviceModel
    from hardware.program import Program
    from network.trained_model import TrainedModel


def trained_on(
    models: "TrainedModel | Sequence[TrainedModel]", device: "DeviceModel"
) -> "list[TrainedModel]":
    """Return one or several models as a list, and refuse none, one twice, or another device's."""
    several = list(models) if isinstance(models, Sequence) else [models]
    if not several or len({(model.seed, model.model) for model in several}) < len(several):
        raise InputError(
            "the same model is given twice" if several else "there are none",
            where="models",
            remedy="give each model once: dw.train(..., model=1) trains another",
        )
    for model in several:
        require_same_device(model, device, "the networks were trained on")
    return several


def require_same_device(made: "TrainedModel | Program", device: "DeviceModel", what: str) -> None:
    """Refuse a device that a model or program was not made with."""
    from fitting.device.content_hash import is_same_device

    with as_device_file(device) as path:
        if not is_same_device(path, made.device_sha256, made.device_content_sha256):
            raise InputError(
                f"{what} another state of the device than {device.name!r} as given",
                where="device",
                remedy="give the same device: fitted, published or read from the same device.json",
            )


@contextmanager
def as_device_file(device: "DeviceModel") -> Iterator[Path]:
    """Yield a temporary ``device.json`` of a device, by whose hashes models know it."""
    with TemporaryDirectory() as folder:
        device.write(path := Path(folder) / "device.json")
        yield path
