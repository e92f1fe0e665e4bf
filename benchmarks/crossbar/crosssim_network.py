"""Training by CrossSim 2.0 (Sandia National Laboratories), from a checkout of its source.

Nothing of it is changed. It asks ``pkg_resources``, which setuptools no longer has, where its
tables are: a stand-in leads it to those that it is to read.
"""

import contextlib
import io
import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fitting.response.response_table import ResponseTable

POINTS = 501
"""Conductances and probabilities of its tables."""
ONE, MANY = "DWMTJ_STT_300K", "DWMTJ_STT_300K_multi"
"""Its names for the tables that are given: file 0, and files 0 to 19."""


def parameters(
    checkout: Path, tables: Sequence[ResponseTable], folder: Path, vectorize: bool
) -> Any:
    """Return its parameters for one table, or for 20 that are assigned to devices at random.

    Parameters
    ----------
    checkout
        Folder of its source, at tag v2.0.
    tables
        1 or 20 responses.
    folder
        Where its text files of them are written; needed as long as networks are made.
    vectorize
        Whether it updates devices of all tables at once; else one table after the other.
    """
    sys.path[:0] = [str(checkout / name) for name in ("training", "cross_sim", ".")]
    packages: Any = sys.modules.setdefault("pkg_resources", types.ModuleType("pkg_resources"))
    packages.resource_filename = lambda package, name: str(folder / Path(name).name)
    for number, table in enumerate(tables):
        write_table(folder, number, table)
    with quiet():
        from training_net import train_neural_net

        name = ONE if len(tables) == 1 else MANY
        settings = {"a2dmodel": "NONE", "learnbias": (True, True), "vectorize": vectorize}
        return train_neural_net(str(folder)).set_params(lookup_table=name, **settings)


def write_table(folder: Path, number: int, table: ResponseTable) -> None:
    """Write a table as its text files: conductances, probabilities, then changes."""
    conductances_S = np.linspace(*table.conductances_S[[0, -1]], POINTS)
    probabilities = np.linspace(0, 1, POINTS)
    for way, name in ((1, "increasing"), (-1, "decreasing")):
        changes_S = table.sample(conductances_S, probabilities[:, None], way)
        rows = np.vstack([conductances_S, probabilities, changes_S])
        path = folder / f"dG_{name}{number}.txt"
        np.savetxt(path, rows, fmt="%.9e", delimiter=",", header="conductances, probabilities, dG")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what it prints to itself."""
    with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        yield


class CrossSimNetwork:
    """One network on its balanced pairs of arrays."""

    def __init__(
        self,
        given: Any,
        widths: Sequence[int],
        limits: Sequence[float],
        batch: int,
        rate: float,
        seed: int,
    ):
        from cross_sim import Backprop

        self.batch = batch
        rng = np.random.default_rng(seed)
        with quiet():
            self.network = Backprop([(1, 1, n) for n in widths], seed=seed)
            self.network.set_activations(layer=0, style="SIGMOID", leakyslope=0, shift=0)
            self.network.set_activate_output(style="SOFTMAX", shift=0)
            self.network.set_learning_rate(rate, False, None)
            self.network.layerTypes = ["dense"] * len(limits)
            self.network.init_GPU(False, 0)
            for n, limit in enumerate(limits):
                shape = widths[n + 1], widths[n] + 1
                layer = given.copy()
                layer.numeric_params.dG_lookup.matsize = np.array(shape)
                layer.algorithm_params.weights.maximum = limit
                layer.algorithm_params.weights.minimum = -limit
                # On a processor it scales the inputs from this range to 1 in place, and the first
                # layer learns from them thereafter: at its 100, a hundredth as fast as it should.
                layer.algorithm_params.col_input.maximum = 1
                layer.algorithm_params.col_input.minimum = -1
                self.network.ncore(which=n + 1, style="new_bias", params=layer)
                reach = np.sqrt(6 / sum(shape))
                first = rng.uniform(-reach, reach, shape)
                self.network.ncores[n].set_matrix(first, applyErrors=False)

    def train(self, pixels: NDArray[np.float32], labels: NDArray[np.int64]) -> None:
        """Learn from images in mini-batches; one at a time by outer products."""
        self._show(pixels, labels)
        with quiet():
            if self.batch == 1:
                self.network.train()
            else:
                self.network.train_batch_digital(batchsize=self.batch)

    def share_correct(self, pixels: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
        """Return the share of images that it classifies correctly."""
        self._show(pixels, labels)
        with quiet():
            return float(self.network.classify()[1])

    def _show(self, pixels: NDArray[np.float32], labels: NDArray[np.int64]) -> None:
        self.network.ndata, self.network.indata = len(labels), pixels
        self.network.answers = labels
