"""One trained network: its layers of synapses, how it decides, and how it was trained."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.learning_rules import RULES

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TrainingRecord:
    """How a network was trained.

    Parameters
    ----------
    learning_rate
        Adam's learning rate: in mT per step, for the perceptron in weight per step.
    best_epoch
        Epoch (the first is 1) whose parameters were kept.
    converged
        Whether training ended by patience rather than at the limit of epochs.
    validation_loss
        Mean cross-entropy (nats) over the validation images after every epoch; with the rule
        ``win-probability`` the mean of -log P instead. Rules for one read start with more, and
        their losses are those of the reads assumed at that epoch.
    wire_place_sd_mT, wire_steepness_sd
        How much wires differed in training.
    """

    learning_rate: float
    best_epoch: int
    converged: bool
    validation_loss: tuple[float, ...]
    wire_place_sd_mT: float = 0.0
    wire_steepness_sd: float = 0.0

    @property
    def kept_loss(self) -> float:
        """Validation loss after the epoch that was kept, to compare models of a rule.

        For networks for one read, before fields were rounded to the grid or to two levels.
        """
        return self.validation_loss[self.best_epoch - 1]


@dataclass(frozen=True)
class Layer:
    """One layer of a trained network.

    Parameters
    ----------
    weights
        Parameters of its synapses, shape (n_out, n_in), as of an `ExportedNetwork`.
    biases
        Biases of its neurons, shape (n_out,).
    """

    weights: Floats
    biases: Floats

    def fires(self, outputs: NDArray[Any]) -> NDArray[np.uint8]:
        """Return which neurons of a hidden layer inject walls into the next: 1 where y + b > 0.

        Parameters
        ----------
        outputs
            Outputs y_i before the bias, shape (..., n_out).
        """
        return (outputs + self.biases > 0).astype(np.uint8)


@dataclass(frozen=True)
class ExportedNetwork:
    """One trained network: a stack of layers, of which the last decides and most have no other.

    Parameters
    ----------
    rule
        Name of the rule it learned by, in `dwsynapse.learning_rules`.
    reads_train
        Reads K per synapse while training; None in the mean-field limit and the perceptron.
    weights
        Parameters of the synapses of the last layer, shape (n_out, n_in): propagation fields in mT,
        or the plain weights of the perceptron. For a device, use `fields_mT`.
    biases
        Its real biases b_i, shape (n_out,), in units of the neuron's output.
    training
        How it was trained.
    mixing
        Real matrix M by which the computer mixes the outputs, shape (n_out, n_out), row by class;
        None where it does not, as in the paper.
    hidden
        The layers before the last, from the inputs on; none in the paper.
    """

    rule: str
    reads_train: int | None
    weights: Floats
    biases: Floats
    training: TrainingRecord
    mixing: Floats | None = None
    hidden: tuple[Layer, ...] = ()

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers, from the inputs on."""
        return (*self.hidden, Layer(self.weights, self.biases))

    @property
    def n_in(self) -> int:
        """Inputs of the network."""
        return self.layers[0].weights.shape[1]

    @property
    def name(self) -> str:
        """Rule and reads, such as ``stochastic-128``: the name of the arrays."""
        return self.rule if self.reads_train is None else f"{self.rule}-{self.reads_train}"

    @property
    def plain(self) -> bool:
        """Whether it has plain weights instead of a device's synapses."""
        return RULES[self.rule].plain

    @property
    def fields_mT(self) -> Floats:
        """Propagation fields h_ij of the last layer in mT, shape (n_out, n_in)."""
        return self.layer_fields_mT[-1]

    @property
    def layer_fields_mT(self) -> tuple[Floats, ...]:
        """Propagation fields of each layer in mT."""
        if self.plain:
            raise InputError(
                f"the {self.rule} has weights and no fields", remedy="choose another rule"
            )
        return tuple(layer.weights for layer in self.layers)

    @property
    def arrays(self) -> dict[str, Floats]:
        """What is stored of the network, by the names in the file of arrays."""
        found = {"weights": self.weights, "biases": self.biases}
        if self.mixing is not None:
            found["mixing"] = self.mixing
        for number, layer in enumerate(self.hidden):
            found |= {f"hidden{number}.weights": layer.weights}
            found |= {f"hidden{number}.biases": layer.biases}
        return {f"{self.name}.{key}": np.ascontiguousarray(found[key]) for key in found}

    def predictions(self, outputs: NDArray[Any]) -> NDArray[np.int64]:
        """Return the class of each image from the outputs before the bias.

        Parameters
        ----------
        outputs
            y_i = sum_j wbar_ij x_j (Eq. 3): neuron sums divided by the reads, shape (..., n_out).
        """
        return decide(outputs, self.biases, self.mixing)


def decide(outputs: NDArray[Any], biases: Floats, mixing: Floats | None) -> NDArray[np.int64]:
    """Return the class of each image, as the computer decides it.

    Parameters
    ----------
    outputs
        Outputs y_i, shape (..., n_out).
    biases, mixing
        As in `ExportedNetwork`.

    Returns
    -------
    ndarray
        The class i with the largest score, shape (...).
    """
    return np.argmax(scores(outputs, biases, mixing), axis=-1)


def scores(outputs: NDArray[Any], biases: Floats, mixing: Floats | None) -> Floats:
    """Return the scores y_i + b_i, or (M y)_i + b_i, of outputs y_i, shape (..., n_out)."""
    mixed = np.asarray(outputs) if mixing is None else outputs @ mixing.T
    return np.asarray(mixed + biases)
