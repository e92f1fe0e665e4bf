"""The chain from a wire to verdicts as functions: the public API of ``import dwsynapse as dw``.

Each does the same as the command of its name, with the same functions of the rooms, but with
arrays, tables and models instead of files. Where a command passes on a file, a temporary one is
passed on here: so the numbers are the same. Every function imports its room when it is called.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from dwsynapse.learning_rules import ON_DEVICE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from dwsynapse.study import Fitting as Fitting
    from dwsynapse.study import Hardware as Hardware
    from dwsynapse.study import Network as Network
    from dwsynapse.study import PublishedDevice, Study
    from dwsynapse.study import SimulatedDevice as SimulatedDevice
    from fitting.device import DeviceModel as DeviceModel
    from hardware.instruments.virtual_laboratory import VirtualBench as VirtualBench
    from hardware.manifest import Manifest
    from hardware.program import Program
    from micromag import calculator as calculator
    from network.images.prepared_images import Images as Images
    from network.synapses.layer import StochasticSynapses as StochasticSynapses
    from network.trained_model import TrainedModel
else:
    _FROM_ROOMS = {
        "DeviceModel": "fitting.device",
        "Fitting": "dwsynapse.study",
        "Hardware": "dwsynapse.study",
        "Images": "network.images.prepared_images",
        "Network": "dwsynapse.study",
        "SimulatedDevice": "dwsynapse.study",
        "StochasticSynapses": "network.synapses.layer",
        "VirtualBench": "hardware.instruments.virtual_laboratory",
        "calculator": "micromag.calculator",
    }

    def __getattr__(name: str) -> Any:
        if name not in _FROM_ROOMS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(_FROM_ROOMS[name])
        return module if name == "calculator" else getattr(module, name)


FittedSource = Literal["simulation", "measurement"]
SEED = 2023
"""That of the default study."""


def read_study(path: "str | Path | None" = None) -> "Study":
    """Read and check a study, as the workflow does.

    Parameters
    ----------
    path
        A YAML file, which overrides the default study one key by key (``config/default.yaml``); a
        device that is null is left out. None for the default study.

    Returns
    -------
    Study
        With its parts `devices` (by name), `fitting`, `network` and `hardware`.

    Raises
    ------
    InputError
        Naming the file and key of the first error.
    """
    from dwsynapse.study import read_study
    from dwsynapse.study.reading import over_defaults, read_keys

    if path is None:
        return read_study(over_defaults({}), "the default study")
    return read_study(over_defaults(read_keys(path)), path)


def simulate(
    device: "SimulatedDevice",
    plan: "pd.DataFrame | None" = None,
    *,
    seed: int = SEED,
    threads: int = 1,
) -> "pd.DataFrame":
    """Simulate walls that reach the notch of a wire.

    Parameters
    ----------
    device
        The wire, its wall, material, temperature and protocol.
    plan
        Rows of field_mT, n_trials, first_replica; None for the first round of `device.sampling`.
    seed
        With the number of the replica it is the key of the thermal noise.
    threads
        Processor threads; the numbers do not change.

    Returns
    -------
    DataFrame
        One trial per row: field_mT, replica, seed, outcome (passed, pinned, undecided, failed),
        decided_at_ns, wall_position_nm, engine. Trials that are shipped with the device
        (`device.shipped`) are returned unchanged, without `plan`.

    Raises
    ------
    InputError
        If the wall cannot be relaxed in this wire, the plan is wrong, memory is short, or shipped
        trials are of another device.
    """
    from dwsynapse.io.contracts import PLAN, TRIALS
    from dwsynapse.io.files import provenance
    from dwsynapse.study.project_files import shipped_folder
    from dwsynapse.study.reading import block_text
    from micromag.trials.relaxed_walls import relaxed_walls, write_walls
    from micromag.trials.shipped_trials import take_over
    from micromag.trials.simulate import first_plan
    from micromag.trials.simulate import simulate as simulate_trials

    with TemporaryDirectory() as name:
        (folder := Path(name) / "simulated").mkdir()  # a bar of progress names it
        trials, planned, wall = folder / "trials.csv", folder / "plan.csv", folder / "wall.omf"
        if device.shipped and plan is None:
            config = folder / "device.yaml"
            config.write_text(block_text(device))
            with _called("the device", config):
                take_over(config, Path(shipped_folder(device.shipped)), {"trials.csv": trials})
            return TRIALS.read(trials)
        (first_plan(device.sampling) if plan is None else plan).to_csv(planned, index=False)
        with _called("the plan", planned):
            PLAN.read(planned)  # refused before the wall is relaxed, which takes long
            walls, _ = relaxed_walls(device)
            write_walls(wall, device, walls)
            simulate_trials(
                device,
                wall,
                planned,
                trials,
                batch=1,
                batches=1,
                seed=seed,
                threads=threads,
                provenance=provenance(seed=seed, inputs=[wall, planned]),
            )
        return TRIALS.read(trials)


def count(trials: "pd.DataFrame") -> "pd.DataFrame":
    """Count the walls that passed.

    Parameters
    ----------
    trials
        Table of trials, as `simulate` returns it.

    Returns
    -------
    DataFrame
        Rows of field_mT, n_trials, n_passed, n_undecided, in the order of the fields.

    Raises
    ------
    InputError
        If a replica occurs twice, or too many trials at a field are undecided.
    """
    from fitting.counts.trial_counts import count_trials

    with _as_file(trials, "trials.csv") as path:
        return count_trials([path])


def fit(
    counts: "pd.DataFrame | str | Path",
    settings: "Fitting | None" = None,
    *,
    name: str = "wire",
    source: "FittedSource" = "measurement",
    nucleation_field_mT: float | None = None,
    columns: dict[str, str] | None = None,
    seed: int = SEED,
) -> "DeviceModel":
    """Fit a passing curve to counts, simulated or measured.

    Parameters
    ----------
    counts
        A table or its file (CSV or Excel), with field_mT, n_trials, n_passed; or one trial per row
        with field_mT, outcome; and all other tables that ``dwsynapse fitting fit`` reads.
    settings
        Form of the curve and how it is fitted; None for the defaults. `Study.fitting_of` gives
        those of a device in a study, with the dwell of its protocol where it is simulated.
    name
        Name of the device.
    source
        Whether the counts were measured or simulated.
    nucleation_field_mT
        Field at which a wall appears without injection, if known.
    columns
        Names of columns that are not recognised, as in ``{"field_mT": "B_set"}``.
    seed
        Seed of draws and of the simulated tables for tests of the fit.

    Returns
    -------
    DeviceModel
        The curve with intervals, posterior draws, tests of the fit and a comparison of forms;
        `DeviceModel.write` makes a ``device.json`` of it.

    Raises
    ------
    InputError
        Naming the row and column that is wrong, or if the counts do not determine a curve.
    """
    from dwsynapse.study import Fitting
    from fitting.counts.laboratory_tables import read_counts
    from fitting.make_device import device_from_counts

    with _as_file(counts, "counts.csv") as path:
        table = read_counts(path, columns)
        return device_from_counts(
            table,
            settings or Fitting(),
            name=name,
            source=source,
            seed=seed,
            path=path,
            nucleation_field_mT=nucleation_field_mT,
        )


def publish(device: "PublishedDevice", name: str) -> "DeviceModel":
    """Return the model of a published curve.

    Parameters
    ----------
    device
        A published device of a study.
    name
        Its name.

    Raises
    ------
    InputError
        If walls nucleate within the rise of the curve.
    """
    from fitting.make_device import device_from_publication

    return device_from_publication(device, name, {})


def draw_curve(device: "DeviceModel", counts: "pd.DataFrame | None" = None) -> "Figure":
    """Draw a passing curve with its band, and the counts that it was fitted to.

    Parameters
    ----------
    device
        The device.
    counts
        Rows of field_mT, n_trials, n_passed; None draws only the curve.
    """
    from fitting.curve_figure import plot_curve

    return plot_curve(None, device, counts)


def images(settings: "Network | None" = None) -> "Images":
    """Obtain MNIST or Fashion-MNIST, verify it, and make its pixels 0 or 1.

    Parameters
    ----------
    settings
        Which images, from where, and of which size; None for MNIST at 14 x 14 pixels.

    Raises
    ------
    InputError
        If they cannot be obtained.
    """
    from dwsynapse.study import Network
    from network.images.downloads import obtain
    from network.images.prepared_images import prepare

    chosen = settings or Network()
    return prepare(obtain(chosen.dataset, chosen.images_folder), chosen.image_side_px)


def train(
    device: "DeviceModel",
    images: "Images",
    settings: "Network | None" = None,
    *,
    model: int = 0,
    seed: int = SEED,
    threads: int = 1,
) -> "TrainedModel":
    """Train every kind of network in the settings on a device.

    Parameters
    ----------
    device
        The device whose passing curve the synapses follow.
    images
        The images to learn from.
    settings
        Rules, reads and training; None for the defaults.
    model
        Number of the model, which selects its random numbers.
    seed
        Seed of the study.
    threads
        Processor threads; the numbers do not change.

    Returns
    -------
    TrainedModel
        Its `networks` hold propagation fields in mT and biases.

    Raises
    ------
    InputError
        If the device cannot serve as a synapse, or no images are left to train on.
    """
    from dwsynapse.io.files import provenance
    from dwsynapse.study import Network
    from network.trained_model import TrainedModel
    from network.training.train_model import train_networks

    chosen = settings or Network()
    networks = train_networks(chosen, device, images, model=model, seed=seed, threads=threads)
    origin = provenance(seed=seed)
    return TrainedModel(device.name, _device_sha256(device), model, seed, tuple(networks), origin)


def evaluate(
    models: "TrainedModel | Sequence[TrainedModel]",
    device: "DeviceModel",
    images: "Images",
    *,
    threads: int = 1,
) -> "pd.DataFrame":
    """Test trained models on all test images, with the reads they were trained with.

    Parameters
    ----------
    models
        One, or several that were trained independently with the same settings.
    device
        The device they were trained on.
    images
        Images and labels.
    threads
        Processor threads; the numbers do not change.

    Returns
    -------
    DataFrame
        A row for each kind of network: rule, reads_train, reads_test, mean accuracy with its
        interval over the models (low, high), and more.

    Raises
    ------
    InputError
        If the models have different kinds of network, or were trained on another device.
    """
    import pandas as pd

    from network.accuracy import model_accuracies, summarise

    trained = _trained_on(models, device)
    shares = [model_accuracies(each, device.curve, images, threads=threads) for each in trained]
    return pd.DataFrame(summarise(trained, shares))


def draw_accuracies(device: "DeviceModel", accuracies: "pd.DataFrame") -> "Figure":
    """Draw test accuracies against reads, with the limits as lines.

    Parameters
    ----------
    device
        The device that the networks were trained on.
    accuracies
        From `evaluate`.
    """
    from network.network_figures import plot_accuracy

    known = accuracies.astype(object).where(accuracies.notna(), None)
    rows = [dict(zip(accuracies.columns, row, strict=True)) for row in known.to_numpy()]
    return plot_accuracy(None, device, rows)


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

    trained = _trained_on(models, device)
    return make_program(trained, reads_train, device, settings or Hardware(), {}, rule)


def verify(
    program: "Program",
    device: "DeviceModel",
    log: "pd.DataFrame",
    images: "Images",
    *,
    manifest: "Manifest | None" = None,
    significance: float | None = None,
    seed: int = SEED,
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
        ``log.attrs["synthetic"] = False``; its accuracies are then those of the log itself.
    significance
        Chance that any test fails if the model holds; None for the default.
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
    from dwsynapse.io.errors import InputError
    from dwsynapse.study import Hardware
    from hardware.instruments.virtual_laboratory import accuracy_by_reads
    from hardware.log import read_log, write_log
    from hardware.manifest import Manifest
    from hardware.verification import log_verification

    _require_same_device(program.device_sha256, device, "the program was made for")
    labels = images.test_labels
    synthetic = manifest.synthetic if manifest else log.attrs.get("synthetic")
    if synthetic is None:
        raise InputError(
            "neither the log nor a manifest says whether it was measured or simulated",
            where="log.attrs['synthetic']",
            remedy="set it to False if a device was measured and to True otherwise",
        )
    named = log.copy(deep=False)
    named.attrs = {"synthetic": synthetic} | log.attrs
    with TemporaryDirectory() as folder:
        write_log(path := Path(folder) / "log.parquet", named)
        with _called("the log", path):
            reads = read_log(path, program, images.test_pixels, synthetic)
    told = manifest or Manifest(
        laboratory=log.attrs.get("laboratory", "laboratory"),
        synthetic=synthetic,
        program_sha256="",
        log_sha256="",
        accuracy=tuple(map(float, accuracy_by_reads(program, reads, labels))),
    )
    chance = Hardware().significance if significance is None else significance
    return log_verification.verify(program, device, reads, told, labels, chance, seed)


def draw_verification(verification: dict[str, Any]) -> "Figure":
    """Draw the laboratory's accuracies over those that the device model predicts.

    Parameters
    ----------
    verification
        From `verify`.
    """
    from hardware.verification.accuracy_figure import plot_accuracy

    return plot_accuracy(None, verification, {})


def _trained_on(
    models: "TrainedModel | Sequence[TrainedModel]", device: "DeviceModel"
) -> "list[TrainedModel]":
    """Return one or several models as a list, and refuse those of another device."""
    several = list(models) if isinstance(models, Sequence) else [models]
    for model in several:
        _require_same_device(model.device_sha256, device, "the networks were trained on")
    return several


def _require_same_device(sha256: str, device: "DeviceModel", what: str) -> None:
    from dwsynapse.io.errors import InputError

    if sha256 != _device_sha256(device):
        raise InputError(
            f"{what} another state of the device than {device.name!r} as given",
            where="device",
            remedy="give the same device: fitted, published or read from the same device.json",
        )


def _device_sha256(device: "DeviceModel") -> str:
    """Return the hash of the ``device.json`` that a device writes, by which models know it."""
    from dwsynapse.io.files import sha256

    with TemporaryDirectory() as folder:
        device.write(path := Path(folder) / "device.json")
        return sha256(path)


@contextmanager
def _as_file(table: "pd.DataFrame | str | Path", name: str) -> Iterator[Path]:
    """Yield the file of a table, a temporary one if it has none; errors then name no file."""
    if isinstance(table, str | Path):
        yield Path(table)
        return
    with TemporaryDirectory() as folder:
        table.to_csv(path := Path(folder) / name, index=False)
        with _called("the table", path):
            yield path


@contextmanager
def _called(words: str, path: Path) -> Iterator[None]:
    """Let errors call a temporary file by these words."""
    from dwsynapse.io.errors import InputError

    try:
        yield
    except InputError as error:
        raise InputError(str(error).replace(str(path), words)) from None
