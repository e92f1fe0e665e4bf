"""What every rule with a trainer of its own has: a function ``train``."""

from functools import partial
from importlib import import_module
from typing import Protocol

from dwsynapse.learning_rules import RULES
from dwsynapse.study.network import Network
from fitting.device import DeviceModel
from network.images.prepared_images import Images
from network.kinds import Kind
from network.trained_model import ExportedNetwork
from network.training.checkpoint import Checkpoint


class RuleTrainer(Protocol):
    """The function ``train`` of a rule; the network depends on its arguments alone.

    That of a rule for any number of reads has one more keyword, ``reads``: the reads K per synapse
    that it trains for.
    """

    def __call__(
        self,
        config: Network,
        device: DeviceModel,
        images: Images,
        *,
        model: int,
        seed: int,
        checkpoint: Checkpoint | None = None,
    ) -> ExportedNetwork:
        """Train one network.

        Parameters
        ----------
        config
            Gives the number of validation images, which are left out; the rule may have a schedule
            of its own for the rest.
        device
            The device whose curve the synapses follow.
        images
            The images to learn from; labels run from 0.
        model, seed
            Number of the model among the independent ones, and the seed of the study.
        checkpoint
            Keeps the progress, from which an interrupted training continues.

        Returns
        -------
        ExportedNetwork
            Its fields are in mT, shape (n_out, n_in), within what the device allows.

        Raises
        ------
        InputError
            If the device cannot serve as a synapse, or no images are left to train on.
        """


def trainer_of(kind: Kind) -> RuleTrainer:
    """Return what trains a kind of network whose rule has a trainer of its own."""
    rule = RULES[kind.rule]
    train = import_module(f"network.training.rules.{rule.trainer}").train
    trainer: RuleTrainer = train if rule.one_read else partial(train, reads=kind.reads)
    return trainer
