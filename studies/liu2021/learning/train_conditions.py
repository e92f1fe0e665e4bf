"""The training of all networks of the figures; what is finished is kept, and not trained again."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import read_json, write_json
from dwsynapse.io.progress_bars import progress_bar
from fitting.response.response_table import ResponseTable
from network.crossbar.train_crossbars import CrossbarRun, CrossbarTraining
from network.images.grey_images import GreyImages
from studies.liu2021.learning.conditions import SEED, Condition, Length

KIND, VERSION = "crossbar-curves", 1


@dataclass(frozen=True)
class Trainer:
    """Trains networks of conditions, and keeps their accuracies in a folder.

    Parameters
    ----------
    folder
        One file for each network.
    images
        Images by dataset.
    tables
        Responses by name.
    length
        How long to train.
    code
        Fingerprint of the code: networks that other code has trained are trained again.
    """

    folder: Path
    images: Mapping[str, GreyImages]
    tables: Mapping[str, ResponseTable]
    length: Length
    code: str

    def train(self, conditions: Sequence[Condition], threads: int = 1) -> None:
        """Train what is not there yet, each network on one thread."""
        wanted = [
            (condition, model)
            for condition in dict.fromkeys(conditions)
            for model in range(self.length.models)
            if self._kept(condition, model) is None
        ]
        with (
            progress_bar(total=len(wanted), desc="crossbars", unit="network") as bar,
            ThreadPoolExecutor(threads) as pool,
        ):
            for _ in pool.map(lambda pair: self._train_one(*pair), wanted):
                bar.update()

    def accuracies(self, condition: Condition) -> NDArray[np.float64]:
        """Return the share of test images classified correctly, shape (models, epochs).

        Raises
        ------
        InputError
            If a network of it has not been trained.
        """
        kept = [self._kept(condition, model) for model in range(self.length.models)]
        for model, content in enumerate(kept):
            if content is None:
                path = self._path(condition, model)
                raise InputError("not trained yet", path=path, remedy="run the training first")
        return np.array([content["test"] for content in kept if content is not None])

    def _train_one(self, condition: Condition, model: int) -> None:
        run = CrossbarRun(condition.crossbar(self.length), self._table(condition), model, SEED)
        training = CrossbarTraining(run, self.images[condition.dataset])
        while not training.is_done:
            training.train_epoch()
        progress = training.progress
        content: dict[str, Any] = {
            "made_from": self._made_from(condition, model),
            "validation": progress.validation,
            "test": progress.test,
        }
        write_json(self._path(condition, model), KIND, VERSION, content)

    def _kept(self, condition: Condition, model: int) -> dict[str, Any] | None:
        """Return what is kept of a network; None if it is to be trained."""
        path = self._path(condition, model)
        if not path.is_file():
            return None
        content = read_json(path, KIND, VERSION)
        return content if content.get("made_from") == self._made_from(condition, model) else None

    def _made_from(self, condition: Condition, model: int) -> str:
        settings = condition.crossbar(self.length).model_dump_json()
        digest = hashlib.sha256(json.dumps([settings, model, SEED, self.code]).encode())
        digest.update(self._table(condition).content_sha256.encode())
        digest.update(self._images_sha256[condition.dataset].encode())
        return digest.hexdigest()

    @cached_property
    def _images_sha256(self) -> dict[str, str]:
        return {name: images.content_sha256() for name, images in self.images.items()}

    def _table(self, condition: Condition) -> ResponseTable:
        return (
            self.tables[condition.synapse]
            if condition.synapse
            else next(iter(self.tables.values()))
        )

    def _path(self, condition: Condition, model: int) -> Path:
        return self.folder / f"{condition.name}_{model}.json"
