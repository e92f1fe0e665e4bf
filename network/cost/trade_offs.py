"""Accuracy against reads: every network with fixed reads, and with early exit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from scipy.stats import t as student

from dwsynapse.study.plan import Plan
from fitting.device import PassingCurve
from network.cost.early_exit import KNOWS, EarlyExit
from network.cost.inference_cost import Cost
from network.cost.looks import looks
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


class _Tried(NamedTuple):
    """What one network did.

    Parameters
    ----------
    right
        Which images are classified correctly after each test, shape (n_looks, n_images).
    early
        With early exit, by knowledge and risk: the same, stacked with its reads, whether it is
        open, whether it is closed with another class than that of unlimited reads, and the energy
        of its pulses. Networks whose sums the computer mixes have no early exit, since every sum is
        needed until the end; nor have those with hidden layers.
    later_reads
        Mean reads of an image in one pass over all layers but the first, shape (n_looks,).
    pulses_J
        Mean energy of one pass over all layers, shape (n_looks,); None where every read has the
        same energy.
    """

    right: Floats
    early: dict[tuple[str, float], Floats]
    later_reads: Floats
    pulses_J: Floats | None


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
        kind = {"rule": network.rule, "reads_train": network.reads_train}
        first_width = len(network.layers[0].biases)
        fixed += [kind | row for row in _fixed_rows(found, first_width, trial)]
        early += [kind | row for row in _early_rows([each.early for each in found], trial)]
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


def _try(model: TrainedModel, network: ExportedNetwork, trial: Trial) -> _Tried:
    f = [np.asarray(trial.curve.probability(each)) for each in network.layer_fields_mT]
    reads = trial.settings.reads_test
    seen = looks(model, network, f, trial.pixels, reads)
    right = network.predictions(seen.sums / np.array(reads)[:, None, None]) == trial.labels
    energies_J = None
    if trial.cost.pulse is not None:
        energies_J = [trial.cost.pulse.energies_J(each) for each in network.layer_fields_mT]
    early = {}
    if network.mixing is None and not network.hidden:
        of_classes_J = None if energies_J is None else trial.pixels @ energies_J[0].T
        early = _early(network, f[0], seen.sums, trial, of_classes_J)
    return _Tried(
        right.astype(float),
        early,
        seen.later_reads(network),
        None if energies_J is None else seen.mean_over_reads(trial.pixels, energies_J),
    )


def _early(
    network: ExportedNetwork, f: Floats, sums: Floats, trial: Trial, pulses_J: Floats | None
) -> dict[tuple[str, float], Floats]:
    """Return what early exit makes of the sums of a network of one layer, see `_Tried`.

    `pulses_J` is the energy of one read of all active synapses of each class, (n_images, n_out).
    """
    reads, early = trial.settings.reads_test, {}
    unlimited = network.predictions(trial.pixels @ f.T)
    for knows in KNOWS:
        test = EarlyExit(f, network.biases, trial.pixels, knows)
        for risk in trial.settings.risks:
            found = test.decide(sums, reads, risk)
            wrong_exit = ~found.open & (found.classes != unlimited)
            spent_J = _energies_J(pulses_J, found.made, reads)
            stack = found.classes == trial.labels, found.reads, found.open, wrong_exit, spent_J
            early[knows, risk] = np.array(stack, dtype=float)
    return early


def _energies_J(pulses_J: Floats | None, made: NDArray[np.int64], reads: Sequence[int]) -> Floats:
    """Return the energy of the pulses of each image by each test, shape (n_looks, n_images).

    Parameters
    ----------
    pulses_J
        As for `_early`; None gives 0.
    made
        Reads of each class by the last test, shape (n_images, n_out).
    reads
        Reads at each test.
    """
    if pulses_J is None:
        return np.zeros((len(reads), len(made)))
    # A class is read until it is dropped, after `made` reads.
    return np.array([(np.minimum(k, made) * pulses_J).sum(axis=1) for k in reads])


def _fixed_rows(found: Sequence[_Tried], first_width: int, trial: Trial) -> list[Row]:
    first = first_width * float(trial.pixels.sum(axis=1).mean())
    later = np.mean([each.later_reads for each in found], axis=0)
    energies = [each.pulses_J for each in found if each.pulses_J is not None]
    rows, right = [], _by_look([each.right for each in found])
    for look, reads in enumerate(trial.settings.reads_test):
        pulses_J = float(np.mean([each[look] for each in energies])) * reads if energies else None
        cost = trial.cost.of((first + float(later[look])) * reads, pulses_J)
        rows.append({"reads_test": reads, **_accuracy(right[look]), **cost})
    return rows


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
