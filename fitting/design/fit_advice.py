"""Advice after a fit: which bounds the counts leave open, and where trials would set them."""

import numpy as np
import pandas as pd

from dwsynapse.study import Fitting
from fitting.design.proposal import Proposal, propose
from fitting.design.proposal_lapse import design_of
from fitting.device import DeviceModel
from fitting.device.synapse_range import too_flat
from fitting.inference.count_model import Model
from fitting.inference.fit_problem import FitProblem

TRIALS = 100


def advice(device: DeviceModel, counts: pd.DataFrame, settings: Fitting) -> list[str]:
    """Return notes on open bounds, on a curve too flat for networks, and on where to measure next.

    None if there is nothing to note; fields to measure are those of ``next``.

    Parameters
    ----------
    device
        The fitted device model.
    counts
        The counts it was fitted to.
    settings
        How it was fitted.
    """
    sides = ("lower", "upper")
    missing = [
        f"{name} without {side} bound"
        for name, bounds in device.intervals.items()
        for side, bound in zip(sides, bounds, strict=True)
        if bound is None
    ]
    low_mT, high_mT = device.field_range_mT
    centre_mT = float(device.curve.rise_field_mT(0.5))
    notes = []
    if missing:
        notes.append(f"the counts leave {', '.join(missing)} at {device.confidence:.0%} confidence")
    if not low_mT < centre_mT < high_mT:
        notes.append(
            f"half of the rise, at {centre_mT:.4g} mT, is outside the fields measured "
            f"({low_mT:g} to {high_mT:g} mT)"
        )
    elif flat := too_flat(device.curve, device.field_range_mT):
        notes.append(f"{flat}; no network trains on such a device")
    if not notes:
        return []
    step_mT = 10.0 ** np.floor(np.log10((high_mT - low_mT) / 20))
    design = design_of(FitProblem.of(counts, Model.of(settings)))
    return [*notes, _where_next(propose(design, TRIALS, step_mT))]


def _where_next(proposal: Proposal) -> str:
    used = proposal.n_trials > 0
    fields = ", ".join(
        f"{field_mT:.4g} mT ({n})"
        for field_mT, n in zip(proposal.field_mT[used], proposal.n_trials[used], strict=True)
    )
    text = f"measure next at (trials of {TRIALS}): {fields}; see python -m fitting next"
    if proposal.beyond_mT is not None:
        text += (
            f"; better still, if a wall arrives and none nucleates there, at "
            f"{proposal.beyond_mT:.3g} mT, outside the fields measured"
        )
    return text
