"""From a training that has ended to the crossbar that is kept of it."""

from statistics import fmean
from typing import Any

import numpy as np

from network.crossbar.crossbar_progress import CrossbarProgress
from network.crossbar.model.crossbar_layers import CrossbarLayer
from network.crossbar.model.crossbar_record import CrossbarRecord, ResponseOrigin
from network.crossbar.model.trained_crossbar import TrainedCrossbar
from network.crossbar.starting_arrays import devices_that_differ
from network.crossbar.train_crossbars import CrossbarTraining


def export(
    training: CrossbarTraining,
    response: ResponseOrigin,
    provenance: dict[str, Any],
    lost_updates: float | None = None,
) -> TrainedCrossbar:
    """Return the network of a training as after its best epoch.

    Parameters
    ----------
    training
        A training in which all epochs are done.
    response
        What the crossbar learned through.
    provenance
        What it was made from.
    lost_updates
        As of `CrossbarRecord`.
    """
    run, progress = training.run, training.progress
    tables = devices_that_differ(run.response, run.config.devices, run.seed)
    ends_S = np.array([table.conductances_S[[0, -1]] for table in tables])
    has_devices = run.config.update != "ideal"
    return TrainedCrossbar(
        response=response,
        model=run.model,
        seed=run.seed,
        config=run.config,
        layers=tuple(_layer(progress, n, has_devices) for n in range(len(progress.layers))),
        low_S=ends_S[:, 0],
        high_S=ends_S[:, 1],
        record=CrossbarRecord(
            learning_rate=run.config.learning_rate,
            best_epoch=progress.best_epoch,
            updates=progress.updates,
            validation_accuracy=_known(progress.validation),
            test_accuracy=tuple(progress.test),
            lost_updates=lost_updates,
            pulses_per_image=_means(progress.pulses),
        ),
        provenance=provenance,
    )


def _layer(progress: CrossbarProgress, n: int, has_devices: bool) -> CrossbarLayer:
    layer, best = progress.layers[n], progress.best
    devices = {"x": best[f"x.{n}"], "device": layer.device} if has_devices else {}
    return CrossbarLayer(best[f"weights.{n}"], float(layer.scale), **devices)


def _means(samples: list[list[float]]) -> tuple[float, ...] | None:
    return tuple(map(fmean, samples)) if samples and all(samples) else None


def _known(shares: list[float]) -> tuple[float, ...] | None:
    return None if np.isnan(shares).any() else tuple(shares)
