"""Training a whole model: every kind of network that the settings ask for, on one device."""

from dwsynapse.drives import FIELD
from dwsynapse.study.network import Network
from fitting.device import DeviceModel
from network.images.prepared_images import Images
from network.kinds import Kind, kinds, kinds_apart, usable_fields_mT
from network.trained_model import ExportedNetwork
from network.training.checkpoint import Checkpoint
from network.training.rules.rule_trainer import trainer_of
from network.training.trainer import Trainer
from network.training.training_scale import as_a_field, in_its_unit


def train_networks(
    settings: Network,
    device: DeviceModel,
    images: Images,
    *,
    model: int,
    seed: int,
    threads: int = 1,
    checkpoint: Checkpoint | None = None,
) -> list[ExportedNetwork]:
    """Train every kind of network on a device from one seed.

    Parameters
    ----------
    settings
        What is trained and how.
    device
        The device whose curve the synapses follow.
    images
        The images to learn from.
    model, seed
        Number of the model among the independent ones, and the seed of the study.
    threads
        Processor threads; the numbers do not change.
    checkpoint
        Keeps the progress after every epoch, until `forget`; an interrupted training continues from
        there.

    Returns
    -------
    list of ExportedNetwork
        The networks of the paper's rules and the two limits, then those of other rules. For a
        device of another drive than a field, their fields are in its unit, and settings in mT are
        scaled (`network.training.training_scale`).

    Raises
    ------
    InputError
        If the device cannot serve as a synapse, or no images are left to train on.
    """
    with device.drive.errors():
        usable_fields_mT(device)
    task = settings, device if device.drive is FIELD else as_a_field(device), images
    trainer = Trainer(*task, kinds(settings), model=model, seed=seed, threads=threads)
    networks = trainer.train(checkpoint)
    for kind in kinds_apart(settings):
        own = _checkpoint_of(checkpoint, kind) if checkpoint else None
        networks.append(trainer_of(kind)(*task, model=model, seed=seed, checkpoint=own))
    return networks if device.drive is FIELD else in_its_unit(networks, device)


def forget(settings: Network, checkpoint: Checkpoint) -> None:
    """Delete what a training that has ended kept of its progress."""
    for each in (checkpoint, *(_checkpoint_of(checkpoint, kind) for kind in kinds_apart(settings))):
        each.path.unlink(missing_ok=True)


def _checkpoint_of(checkpoint: Checkpoint, kind: Kind) -> Checkpoint:
    """Return the checkpoint of a network that is trained apart."""
    return checkpoint.for_part(f"{kind.rule}-{kind.reads}")
