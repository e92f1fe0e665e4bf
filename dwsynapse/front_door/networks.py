"""Images, trained networks and their accuracy, by the network room."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dwsynapse.front_door.checked import checked
from dwsynapse.front_door.same_device import as_device_file, trained_on
from dwsynapse.io.limits import DEFAULT_SEED

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from dwsynapse.study import Network
    from fitting.device import DeviceModel
    from network.images.prepared_images import Images
    from network.trained_model import TrainedModel


@checked
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


@checked
def train(
    device: "DeviceModel",
    images: "Images",
    settings: "Network | None" = None,
    *,
    model: int = 0,
    seed: int = DEFAULT_SEED,
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
        Its `networks` hold propagation fields in mT (or values of another drive of the device in
        its unit) and biases.

    Raises
    ------
    InputError
        If the device cannot serve as a synapse, or no images are left to train on.
    """
    from dwsynapse.io.files import provenance, sha256
    from dwsynapse.study import Network
    from fitting.device.content_hash import content_sha256
    from network.trained_model import TrainedModel
    from network.training.train_model import train_networks

    chosen = settings or Network()
    networks = train_networks(chosen, device, images, model=model, seed=seed, threads=threads)
    origin = provenance("network", seed=seed)
    with as_device_file(device) as path:
        hashes = sha256(path), content_sha256(path)
    return TrainedModel(
        device.name,
        hashes[0],
        model,
        seed,
        tuple(networks),
        origin,
        device_content_sha256=hashes[1],
        drive=device.drive,
    )


@checked
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
        If the models have different kinds of network, were trained on another device, or the images
        are not those of the networks.
    """
    import pandas as pd

    from network.accuracy import model_accuracies, summarise

    trained = trained_on(models, device)
    images.require_for(trained[0].n_in, trained[0].n_classes)
    shares = [model_accuracies(each, device.curve, images, threads=threads) for each in trained]
    return pd.DataFrame(summarise(trained, shares))


@checked
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
