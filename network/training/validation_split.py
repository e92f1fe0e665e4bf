"""The split of the images to learn from into those for training and those for validation."""

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.study.network import Network
from network.images.active_inputs import LabelledInputs, active_inputs
from network.images.prepared_images import Images
from network.reads.random_streams import generator


def split(
    config: Network, images: Images, *, model: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers of a model's training and validation images (section 4.5).

    Parameters
    ----------
    config
        Gives the number of validation images.
    images
        The images.
    model, seed
        These determine the split.

    Raises
    ------
    InputError
        If no images are left to train on.
    """
    n_images = len(images.train_labels)
    if config.validation_images >= n_images:
        raise InputError(
            f"{config.validation_images} validation images leave none of the {n_images}",
            where="validation_images",
            remedy="set aside fewer",
        )
    order = generator(seed, model, "split").permutation(n_images)
    validation, training = np.split(order, [config.validation_images])
    return training, validation


def split_inputs(
    config: Network, images: Images, *, model: int, seed: int
) -> tuple[LabelledInputs, LabelledInputs]:
    """Return a model's training and validation images themselves, as `split` divides them."""
    every_image = LabelledInputs(active_inputs(images.train_pixels), images.train_labels)
    training, validation = split(config, images, model=model, seed=seed)
    return every_image.take(training), every_image.take(validation)
