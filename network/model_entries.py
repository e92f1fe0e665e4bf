"""The networks of a trained model, from the entries of its JSON and the arrays next to it."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from dwsynapse.learning_rules import RULES
from network.trained_network import ExportedNetwork, Floats, Layer, TrainingRecord


def network_of(entry: Mapping[str, Any], arrays: Mapping[str, Floats]) -> ExportedNetwork:
    """Return the network of an entry.

    Parameters
    ----------
    entry
        What the JSON says of it (`network.trained_model_shape.NetworkShape`), about a field.
    arrays
        Arrays of all networks of the model, by name.

    Raises
    ------
    KeyError
        If an array is missing.
    ValueError
        If the rule is unknown, or shapes do not match.
    """
    rule, reads = entry["rule"], entry["reads_train"]
    if rule not in RULES:
        raise ValueError(f"unknown rule {rule!r}")
    name = rule if reads is None else f"{rule}-{reads}"
    hidden = tuple(
        _layer(f"{name}.hidden{number}", arrays) for number in range(entry.get("hidden_layers", 0))
    )
    last = _layer(name, arrays)
    if bool(hidden) != RULES[rule].hidden:
        raise ValueError(f"{name}: {len(hidden)} hidden layers")
    for first, second in pairwise((*hidden, last)):
        if len(first.biases) != second.weights.shape[1]:
            raise ValueError(
                f"{name}: {len(first.biases)} neurons before {second.weights.shape[1]} inputs"
            )
    biases = last.biases
    mixing = arrays[f"{name}.mixing"] if RULES[rule].mixes_sums else None
    if mixing is not None and mixing.shape != (len(biases), len(biases)):
        raise ValueError(f"{name}: matrix {mixing.shape} does not mix {len(biases)} outputs")
    training = dict(entry["training"])
    training["validation_loss"] = tuple(training["validation_loss"])
    if training["best_epoch"] > len(training["validation_loss"]):
        raise ValueError(f"{name}: best_epoch is after the last of the validation_loss")
    record = TrainingRecord(**training)
    return ExportedNetwork(rule, reads, last.weights, biases, record, mixing, hidden)


def _layer(name: str, arrays: Mapping[str, Floats]) -> Layer:
    weights, biases = arrays[f"{name}.weights"], arrays[f"{name}.biases"]
    if weights.ndim != 2 or biases.shape != weights.shape[:1]:
        raise ValueError(f"{name}: weights {weights.shape} and biases {biases.shape} do not match")
    return Layer(weights, biases)
