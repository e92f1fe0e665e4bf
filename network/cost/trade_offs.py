"""Accuracy against reads: every network with fixed reads, and with early exit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from scipy.stats import t as student

from dwsynapse.study.plan import Plan
from fitting.device import PassingCurve
from network.cost.early_exit import KNOWS, EarlyExit
from network.cost.growing_sums import growing_sums
from network.cost.inference_cost import Cost
from network.model_spread import CONFIDENCE
from network.trained_model import ExportedNetwork, TrainedModel

Floats = NDArray[np.float64]
Row = dict[str, Any]


@dataclass(frozen=True)
class Trial:
    """The conditions for all networks.

    Parameters
    ----------
    curve
        Passing curve of the device.
    pixels
        Binary images, shape (n_images, n_in).
    labels
        Their classes, shape (n_images,).
    settings
        Reads and risks to try.
    cost
        What a read costs.
    """

    curve: PassingCurve
    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    settings: Plan
    cost: Cost


def trade_offs(models: Sequence[TrainedModel], trial: Trial) -> tuple[list[Row], list[Row]]:
    """Try every kind of network that the models share.

    Parameters
    ----------
    models
        Independently trained models with the same kinds of network.
    trial
        The conditions.

    Returns
    -------
    fixed : list of dict
        For each kind and number of reads: rule, reads_train, reads_test; accuracy, its bounds low
        and high (see `interval`); mean reads, time_s and energy_J per inference.
    early : list of dict
        The same with early exit after `reads_test` reads per synapse at the latest, for each
        knowledge and risk: also knows, risk; reads_low, reads_high (95 % interval of the mean);
        open (share of images that were undecided at the end) and wrong_exit (share of images that
        ended early on another class than unlimited reads give).
    """
    fixed, early = [], []
    for network in models[0].networks:
        if network.plain:
            continue  # it has no reads
        found = [_try(m, m.network(network.rule, network.reads_train), trial) for m in models]
        rights, exits, pulses = zip(*found, strict=True)
        kind = {"rule": network.rule, "reads_train": network.reads_train}
        fixed += [kind | row for row in _fixed_rows(rights, pulses, len(network.biases), trial)]
        early += [kind | row for row in _early_rows(exits, trial)]
    return fixed, early


def interval(values: Floats) -> tuple[float, float, float]:
    """Return the mean over models and images, with a 95 % interval for the choice of both.

    The images' part is normal, the models' part Student's; they add in quadrature. With one model
    only the images' part is known.

    Parameters
    ----------
    values
        Shape (n_models, n_images).
    """
    n_models, n_images = values.shape
    tail = 0.5 + CONFIDENCE / 2
    half = norm.ppf(tail) * values.mean(axis=0).std(ddof=1) / np.sqrt(n_images)
    if n_models > 1:
        spread = values.mean(axis=1).std(ddof=1) / np.sqrt(n_models)
        half = np.hypot(half, student.ppf(tail, n_models - 1) * spread)
    mean = float(values.mean())
    return mean, mean - float(half), mean + float(half)


def _try(
    model: TrainedModel, network: ExportedNetwork, trial: Trial
) -> tuple[Floats, dict[tuple[str, float], Floats], Floats | None]:
    """Return which images are classified correctly after each test, shape (n_looks, n_images).

    With fixed reads; and with early exit, by knowledge and risk, stacked with its reads, whether it
    is open, whether it is closed with another class than that of unlimited reads, and the energy of
    its pulses. Networks whose sums the computer mixes have no early exit: every sum is needed until
    the end. Last the energy of one read of all active synapses of each class, shape
    (n_images, n_out); None where every read has the same energy.
    """
    f = np.asarray(trial.curve.probability(network.fields_mT))
    reads = trial.settings.reads_test
    sums = growing_sums(model, network, f, trial.pixels, reads)
    right = network.predictions(sums / np.array(reads)[:, None, None]) == trial.labels
    unlimited = network.predictions(trial.pixels @ f.T)
    pulses_J = None
    if trial.cost.pulse is not None:
        pulses_J = trial.pixels @ trial.cost.pulse.energies_J(network.fields_mT).T
    early = {}
    for knows in KNOWS if network.mixing is None else ():
        test = EarlyExit(f, network.biases, trial.pixels, knows)
        for risk in trial.settings.risks:
            found = test.decide(sums, reads, risk)
            wrong_exit = ~found.open & (found.classes != unlimited)
            spent_J = _energies_J(pulses_J, found.made, reads)
            stack = found.classes == trial.labels, found.reads, found.open, wrong_exit, spent_J
            early[knows, risk] = np.array(stack, dtype=float)
    return right.astype(float), early, pulses_J


def _energies_J(pulses_J: Floats | None, made: NDArray[np.int64], reads: Sequence[int]) -> Floats:
    """Return the energy of the pulses of each image by each test, shape (n_looks, n_images).

    Parameters
    ----------
    pulses_J
        As `_try` returns it; None gives 0.
    made
        Reads of each class by the last test, shape (n_images, n_out).
    reads
        Reads at each test.
    """
    if pulses_J is None:
        return np.zeros((len(reads), len(made)))
    # A class is read until it is dropped, after `made` reads.
    return np.array([(np.minimum(k, made) * pulses_J).sum(axis=1) for k in reads])


def _fixed_rows(
    right: Sequence[Floats], pulses: Sequence[Floats | None], n_out: int, trial: Trial
) -> list[Row]:
    active = n_out * float(trial.pixels.sum(axis=1).mean())
    of_models = [float(each.sum(axis=1).mean()) for each in pulses if each is not None]
    pulses_J = float(np.mean(of_models)) if of_models else None
    return [
        {
            "reads_test": reads,
            **_accuracy(each),
            **trial.cost.of(active * reads, None if pulses_J is None else pulses_J * reads),
        }
        for reads, each in zip(trial.settings.reads_test, _by_look(right), strict=True)
    ]


def _early_rows(early: Sequence[dict[tuple[str, float], Floats]], trial: Trial) -> list[Row]:
    rows = []
    for knows, risk in early[0]:
        stacks = zip(*(each[knows, risk] for each in early), strict=True)
        columns = [_by_look(stack) for stack in stacks]
        for look, reads in enumerate(trial.settings.reads_test):
            right, spent, left_open, wrong_exit, spent_J = (column[look] for column in columns)
            mean, low, high = interval(spent)
            pulses_J = None if trial.cost.pulse is None else float(spent_J.mean())
            rows.append(
                {
                    **{"knows": knows, "risk": risk, "reads_test": reads},
                    **_accuracy(right),
                    **trial.cost.of(mean, pulses_J),
                    **{"reads_low": low, "reads_high": high},
                    **{"open": float(left_open.mean()), "wrong_exit": float(wrong_exit.mean())},
                }
            )
    return rows


def _by_look(per_model: Sequence[Floats]) -> Floats:
    """Return the results of the models, shape (n_looks, n_models, n_images)."""
    return np.array(per_model).swapaxes(0, 1)


def _accuracy(right: Floats) -> Row:
    """Return the accuracy with its interval, which four more images keep from being too narrow.

    Two of these are correct and two are wrong (Agresti & Coull 1998): otherwise it has no width
    where every image is classified correctly.
    """
    more = np.tile([0.0, 0.0, 1.0, 1.0], (len(right), 1))
    _, low, high = interval(np.hstack([right, more]))
    return {"accuracy": float(right.mean()), "low": max(low, 0.0), "high": min(high, 1.0)}
