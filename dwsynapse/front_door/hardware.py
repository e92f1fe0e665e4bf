"""Device programs and the verification of logs, by the hardware room."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from dwsynapse.front_door.same_device import require_same_device, trained_on
from dwsynapse.front_door.temporary_files import called
from dwsynapse.io.errors import InputError
from dwsynapse.io.limits import DEFAULT_SEED
from dwsynapse.learning_rules import ON_DEVICE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from dwsynapse.study import Hardware
    from fitting.device import DeviceModel
    from hardware.manifest import Manifest
    from hardware.program import Program
    from network.images.prepared_images import Images
    from network.trained_model import TrainedModel


def make_program(
    models: "TrainedModel | Sequence[TrainedModel]",
    device: "DeviceModel",
    settings: "Hardware | None" = None,
    *,
    reads_train: int = 1,
    rule: str = ON_DEVICE,
) -> "Program":
    """Make the device program of the network with the lowest validation loss.

    Parameters
    ----------
    models
        One or several trained models.
    device
        The device they were trained on.
    settings
        Grid of the instrument's fields and reads of each synapse; None for the defaults.
    reads_train, rule
        Reads the network was trained with, and the rule by which it learned.

    Returns
    -------
    Program
        Fields on the instrument's grid in mT, reads, biases; `Program.write` makes ``program.csv``
        of it.

    Raises
    ------
    InputError
        If there is no such network, no field of the grid in the range of the device, or a model was
        trained on another device.
    """
    from dwsynapse.study import Hardware
    from hardware.program import make_program

    trained = trained_on(models, device)
    return make_program(trained, reads_train, device, settings or Hardware(), {}, rule)


def verify(
    program: "Program",
    device: "DeviceModel",
    log: "pd.DataFrame",
    images: "Images",
    *,
    manifest: "Manifest | None" = None,
    settings: "Hardware | None" = None,
    seed: int = DEFAULT_SEED,
) -> dict[str, Any]:
    """Test an inference log against the device model.

    Parameters
    ----------
    program
        The program that ran.
    device
        The device model under test.
    log
        Every read: image, out, in, read, field_set_mT, field_measured_mT, outcome, timestamp_s.
    images
        The images; `image` of the log counts the test images.
    manifest
        What the laboratory says. None for a log of `VirtualBench`, or one of a laboratory with
        ``log.attrs["synthetic"] = False``, with its rows in any order.
    settings
        How many images were to be shown, the uncertainty of the fields, and the chance that any
        test fails if the model holds. None: the defaults, and all images up to the last shown.
    seed
        Seed of simulations.

    Returns
    -------
    dict
        Content of ``verification.json``: each of its `tests` with p-value and verdict, and the
        accuracy by reads.

    Raises
    ------
    InputError
        Naming the first row or image of the log that is wrong, or if nothing says whether the log
        was measured or simulated, or the program was made for another device.
    """
    from dwsynapse.study import Hardware
    from hardware.log import read_log, write_log
    from hardware.manifest import Manifest
    from hardware.verification import log_verification

    require_same_device(program, device, "the program was made for")
    synthetic = _is_synthetic(log, manifest)
    named = log.copy(deep=False)
    named.attrs = {"synthetic": synthetic} | log.attrs
    stated = manifest or Manifest(
        laboratory=log.attrs.get("laboratory", "laboratory"),
        synthetic=synthetic,
        program_sha256="",
        log_sha256="",
        order="unordered",
    )
    with TemporaryDirectory() as folder:
        write_log(path := Path(folder) / "log.parquet", named)
        with called("the log", path):
            columns = {what: name for what, name in stated.columns.items() if name in log}
            log_is = stated.log_is | {"columns": columns}
            reads = read_log(path, program, images.test_pixels, **log_is)
    # A log that was read before has no undecided reads any more, but says how many it had.
    notes = [*log.attrs.get("notes", ()), *reads.attrs["notes"]]
    reads.attrs["notes"] = list(dict.fromkeys(notes))
    asked = settings or Hardware(images=int(reads["image"].max()) + 1)
    return log_verification.verify(program, device, reads, stated, images, asked, seed)


def _is_synthetic(log: "pd.DataFrame", manifest: "Manifest | None") -> bool:
    """Return whether a log was simulated, as its manifest or the log itself says."""
    synthetic = manifest.synthetic if manifest else log.attrs.get("synthetic")
    if synthetic is None:
        raise InputError(
            "neither the log nor a manifest says whether it was measured or simulated",
            where="log.attrs['synthetic']",
            remedy="set it to False if a device was measured and to True otherwise",
        )
    return synthetic


def draw_verification(verification: dict[str, Any]) -> "Figure":
    """Draw the laboratory's accuracies over those that the device model predicts.

    Parameters
    ----------
    verification
        From `verify`.
    """
    from hardware.verification.accuracy_figure import plot_accuracy

    return plot_accuracy(None, verification, {})
