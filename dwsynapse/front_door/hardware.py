"""Device programs and the verification of logs, by the hardware room."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from dwsynapse.front_door.checked import checked
from dwsynapse.front_door.same_device import as_device_file, require_same_device, trained_on
from dwsynapse.front_door.temporary_files import as_file, called
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


@checked
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


@checked
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
    from hardware.verification import log_verification

    require_same_device(program, device, "the program was made for")
    reads, stated = _read(log, program, images, manifest)
    asked = settings or Hardware(images=int(reads["image"].max()) + 1)
    return log_verification.verify(program, device, reads, stated, images, asked, seed)


class Recalibration(NamedTuple):
    """What `recalibrate` finds.

    Parameters
    ----------
    device
        The device as it is now.
    program
        The program with its fields shifted; None where more has changed than the fields.
    content
        Content of ``recalibration.json``: by how much the curve moved, how many reads show that,
        and, with images, the accuracies and what to do.
    """

    device: "DeviceModel"
    program: "Program | None"
    content: dict[str, Any]


@checked
def recalibrate(
    program: "Program",
    device: "DeviceModel",
    *,
    log: "pd.DataFrame | None" = None,
    new_counts: "pd.DataFrame | str | Path | None" = None,
    images: "Images | None" = None,
    manifest: "Manifest | None" = None,
    settings: "Hardware | None" = None,
    drift_sd_mT: float = 1.0,
    name: str | None = None,
    confidence: float = 0.95,
    seed: int = DEFAULT_SEED,
) -> Recalibration:
    """Refit a device to a log of its program, or to new counts, and shift the program's fields.

    Parameters
    ----------
    program
        The program that ran.
    device
        The device that it was made for.
    log
        Every read, as `verify` takes it; it needs the images.
    new_counts
        New counts instead of a log, as `fit` takes them.
    images
        The images; with them accuracies are predicted.
    manifest
        What the laboratory says of the log, as `verify` takes it.
    settings
        Grid of the fields, their uncertainty, images; None for the defaults.
    drift_sd_mT
        How far the fields may have drifted, one standard deviation.
    name
        Name of the device as it is now; None: that of the device with ``-recalibrated``.
    confidence
        Confidence of intervals.
    seed
        Seed of draws and simulations.

    Raises
    ------
    InputError
        If not one of log and new counts is given, a table is wrong, or the program was made for
        another device.
    """
    from dwsynapse.study import Hardware
    from fitting.counts.laboratory_tables import read_counts
    from hardware.recalibration.moved_program import of_device
    from hardware.recalibration.recalibrated import OF_NEW_COUNTS, Recalibrated, counts_of_log

    require_same_device(program, device, "the program was made for")
    if (log is None) == (new_counts is None) or (log is not None and images is None):
        raise InputError(
            "counts come from a log and its images, or from new counts",
            where="log",
            remedy="give either log and images, or new_counts",
        )
    asked = settings or Hardware()
    known: dict[str, Any] = OF_NEW_COUNTS
    if log is not None and images is not None:
        reads, stated = _read(log, program, images, manifest)
        table, known = counts_of_log(reads, stated, program, asked)
    elif new_counts is not None:
        with as_file(new_counts, "counts.csv") as path:
            table = read_counts(path)
    n = asked.images
    found = Recalibrated.of(
        device,
        program,
        table,
        asked,
        known,
        (images.test_pixels[:n], images.test_labels[:n]) if images else None,
        drift_sd_mT=drift_sd_mT,
        name=name,
        confidence=confidence,
        seed=seed,
        provenance={},
    )
    moved = found.program
    if moved is not None:
        with as_device_file(found.device) as path:
            moved = of_device(moved, path, {})
    return Recalibration(found.device, moved, found.content)


def _read(
    log: "pd.DataFrame", program: "Program", images: "Images", manifest: "Manifest | None"
) -> "tuple[pd.DataFrame, Manifest]":
    """Return a log as it is read from a file, and its manifest, a plain one where it has none."""
    from hardware.log import read_log, write_log
    from hardware.manifest import Manifest

    images.require_for(program.n_in, program.n_classes)
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
    return reads, stated


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


@checked
def draw_verification(verification: dict[str, Any]) -> "Figure":
    """Draw the laboratory's accuracies over those that the device model predicts.

    Parameters
    ----------
    verification
        From `verify`.
    """
    from dwsynapse.io.json_shapes import require_shape
    from dwsynapse.io.result_shapes import DrawnVerification
    from hardware.verification.accuracy_figure import plot_accuracy

    require_shape(verification, DrawnVerification, None, "give what dw.verify has returned")
    return plot_accuracy(None, verification, {})
