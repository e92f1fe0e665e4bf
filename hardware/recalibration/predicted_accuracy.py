"""What a drift costs, and what shifted fields and a network trained again would regain."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fitting.device import DeviceModel
from hardware.program import Program
from hardware.recalibration.moved_program import matched_probabilities
from hardware.simulated_correct import simulated_correct

CASES = ("before", "drifted", "shifted", "matched")
MEANINGS = {
    "before": "the program on the device before",
    "drifted": "the program on the device as it is now",
    "shifted": "the shifted program on it",
    "matched": "each synapse with the passing probability it had, where the device still has it: "
    "what training again at least reaches",
}
NOTHING, SHIFT, RETRAIN = "nothing to do", "shift the fields", "train again"
# Standard errors of a difference of accuracies in a decision.
SURE = 2.0


def predicted_accuracies(
    program: Program,
    moved: Program,
    devices: tuple[DeviceModel, DeviceModel],
    pixels: NDArray[np.uint8],
    labels: NDArray[np.int64],
    tolerance: float,
    seed: int,
) -> dict[str, Any]:
    """Simulate a program before and after a drift, and what it needs.

    Parameters
    ----------
    program, moved
        The program, and the one with shifted fields.
    devices
        The device before, and as it is now.
    pixels, labels
        Inputs and classes of the images.
    tolerance
        Loss of accuracy that does not matter.
    seed
        Seed of the simulation.

    Returns
    -------
    dict
        For each case its accuracy and the loss against the device before with its standard error
        over images; ``advice`` and the images and repetitions behind it.
    """
    before, now = devices
    step_mT = moved.schedule.field_step_mT or 0.0
    p = np.stack(
        [
            before.curve.probability(program.fields_mT),
            now.curve.probability(program.fields_mT),
            now.curve.probability(moved.fields_mT),
            matched_probabilities(program, before, now, step_mT),
        ]
    ).astype(np.float32)
    correct, repetitions = simulated_correct(program, p, pixels, labels, seed)
    lost = correct[0] - correct
    n = correct.shape[1]
    losses, sds = lost.mean(axis=1), lost.std(axis=1) / np.sqrt(n)
    found: dict[str, Any] = {
        name: {
            "accuracy": float(correct[i].mean()),
            "loss": float(losses[i]),
            "sd": float(sds[i]),
            "meaning": MEANINGS[name],
        }
        for i, name in enumerate(CASES)
    }
    enough = losses + SURE * sds < tolerance
    advice = NOTHING if enough[1] else SHIFT if enough[2] else RETRAIN
    return {
        **found,
        "tolerance": tolerance,
        "advice": advice,
        "why": _why(found, advice, tolerance),
        "images": n,
        "repetitions": repetitions,
    }


def _why(found: dict[str, Any], advice: str, tolerance: float) -> str:
    drifted, shifted, matched = (found[name]["loss"] for name in CASES[1:])
    loses = f"the program loses {100 * drifted:.1f} points of accuracy on the device as it is now"
    if advice == NOTHING:
        return f"{loses}, within the tolerance of {100 * tolerance:.1f}"
    after = f"{loses}, and {100 * shifted:.1f} after its fields are shifted"
    if advice == SHIFT:
        return f"{after}, within the tolerance of {100 * tolerance:.1f}"
    return (
        f"{after}; a network trained again would lose about {100 * max(matched, 0.0):.1f} or less"
    )
