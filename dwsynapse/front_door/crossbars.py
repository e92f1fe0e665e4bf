"""Grey images, and networks that learn on crossbars, by the network room."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dwsynapse.front_door.checked import checked
from dwsynapse.io.limits import DEFAULT_SEED

if TYPE_CHECKING:
    from dwsynapse.study.crossbar import Crossbar
    from fitting.response.make_response import Response
    from fitting.response.response_table import ResponseTable
    from network.crossbar.model.trained_crossbar import TrainedCrossbar
    from network.images.grey_images import GreyImages


@checked
def grey_images(settings: "Crossbar | None" = None) -> "GreyImages":
    """Obtain MNIST or Fashion-MNIST with all of its grey pixels, and verify it.

    Parameters
    ----------
    settings
        Which images, and from where; None for MNIST.

    Raises
    ------
    InputError
        If they cannot be obtained.
    """
    from dwsynapse.study.crossbar import Crossbar
    from network.images.downloads import obtain
    from network.images.grey_images import prepare_grey

    chosen = settings or Crossbar()
    return prepare_grey(obtain(chosen.dataset, chosen.images_folder))


@checked
def train_crossbar(
    response: "Response | ResponseTable | str | Path",
    images: "GreyImages",
    settings: "Crossbar | None" = None,
    *,
    model: int = 0,
    seed: int = DEFAULT_SEED,
) -> "TrainedCrossbar":
    """Train a network whose weights are pairs of synapses, by pulses through their response.

    Parameters
    ----------
    response
        What pulses do to a synapse, from `response`, or its ``response.npz``.
    images
        The images to learn from and to test on.
    settings
        Layers, updates and training; None for those of Liu et al. 2021 (minutes).
    model
        Number of the network, which selects its random numbers.
    seed
        Seed of the study.

    Returns
    -------
    TrainedCrossbar
        ``conductances_S(layer)`` of its devices, the ``weights`` they are read as, and the
        ``record`` of its training, with the accuracy on the test images after each epoch.

    Raises
    ------
    InputError
        If the response is not one that networks can be trained through, or no images are left.
    """
    from dwsynapse.io.files import provenance
    from dwsynapse.study.crossbar import Crossbar
    from fitting.response.response_table import ResponseTable
    from network.crossbar.model.crossbar_record import ResponseOrigin
    from network.crossbar.model.export_crossbar import export
    from network.crossbar.probe import lost_updates
    from network.crossbar.train_crossbars import CrossbarRun, CrossbarTraining, train_crossbars

    with TemporaryDirectory() as folder:
        path = Path(folder, "response", "response.npz")
        if isinstance(response, (str, Path)):
            path = Path(response)
        else:
            path.parent.mkdir()
            table = response if isinstance(response, ResponseTable) else response.table
            table.write(path, {})
        read = ResponseTable.read(path)
        through = ResponseOrigin.of(path, read)
    training = CrossbarTraining(CrossbarRun(settings or Crossbar(), read, model, seed), images)
    lost = lost_updates(training)
    train_crossbars([training])
    return export(training, through, provenance("network", seed=seed), lost)
