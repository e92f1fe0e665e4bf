"""What a drift costs, and what shifted fields and a network trained again would regain."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.number_format import counted
from fitting.device import DeviceModel
from hardware.program import Program
from hardware.programming.simulated_correct import simulated_correct
from hardware.recalibration.moved_program import matched_probabilities

CASES = ("before", "drifted", "shifted", "matched")
MEANINGS = {
    "before": "the program on the device before",
    "drifted": "the program on the device as it is now",
    "shifted": "the shifted program on it",
    "matched": "each synapse with the passing probability it had, where the device still has it: "
    "what training again at least reaches",
}
NOTHING, SHIFT, RETRAIN, MORE_READS, MORE_IMAGES = (
    "nothing to do",
    "shift the fields",
    "train again",
    "measure more reads",
    "simulate more images",
)
DRAWS = 8
"""Draws of the refitted device on which programs are simulated as well."""
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
    *,
    away_mT: float = 0.0,
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
    away_mT
        Fields over which the device as it is now was fitted, minus those that programs set.

    Returns
    -------
    dict
        For each case its accuracy and the loss against the device before, with its standard error
        over images and what is left open of the device; ``advice`` and the images and repetitions
        behind it.
    """
    before, now = devices
    step_mT = moved.schedule.field_step_mT or 0.0
    some = np.linspace(0, len(now.draws) - 1, DRAWS).round().astype(int)
    drawn = [
        now.curve.with_values(dict(zip(now.intervals, now.draws[i], strict=True))) for i in some
    ]
    old_mT, new_mT = program.fields_mT + away_mT, moved.fields_mT + away_mT
    p = np.stack(
        [
            before.curve.probability(program.fields_mT),
            now.curve.probability(old_mT),
            now.curve.probability(new_mT),
            matched_probabilities(program, before, now, step_mT),
            *(curve.probability(old_mT) for curve in drawn),
            *(curve.probability(new_mT) for curve in drawn),
        ]
    ).astype(np.float32)
    correct, repetitions = simulated_correct(program, before, p, pixels, labels, seed)
    n, n_cases = correct.shape[1], len(CASES)
    of_draws = (correct[0] - correct[n_cases:]).mean(axis=1).reshape(2, DRAWS)
    flips = (correct[n_cases + DRAWS :] - correct[2]).var(axis=1).mean() / n
    correct = correct[:n_cases]
    lost = correct[0] - correct
    losses, of_images = lost.mean(axis=1), lost.std(axis=1) / np.sqrt(n)
    # About the likeliest device, whose loss may be the least of all.
    left_open = np.sqrt(((of_draws - losses[1:3, None]) ** 2).mean(axis=1))
    sds = np.hypot(of_images, [0.0, *left_open, 0.0])
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
    if advice == RETRAIN and losses[2] < tolerance:
        # Draws of the device differ also by which of few images flip: no less than by one is known.
        of_flips = min(max(flips, 1 / n**2), left_open[1] ** 2)
        of_reads = left_open[1] ** 2 - of_flips
        advice = MORE_READS if of_reads > of_images[2] ** 2 + of_flips else MORE_IMAGES
    return {
        **found,
        "tolerance": tolerance,
        "advice": advice,
        "why": _why(found, advice, tolerance, n),
        "images": n,
        "repetitions": repetitions,
    }


def _why(found: dict[str, Any], advice: str, tolerance: float, n: int) -> str:
    drifted, shifted, matched = (found[name]["loss"] for name in CASES[1:])
    loses = f"the program {_points(drifted)} of accuracy on the device as it is now"
    if advice == NOTHING:
        return f"{loses}, within the tolerance of {100 * tolerance:.1f}"
    after = f"{loses}, and {_points(shifted)} after its fields are shifted"
    if advice == SHIFT:
        return f"{after}, within the tolerance of {100 * tolerance:.1f}"
    left = f"{100 * SURE * found['shifted']['sd']:.1f}"
    if advice == MORE_READS:
        return f"{after}, but the reads leave that open by {left}"
    if advice == MORE_IMAGES:
        return f"{after}, but {counted(n, 'image')} (hardware.images) leave that open by {left}"
    least = max(min(matched, shifted), 0.0)
    return f"{after}; a network trained again would lose about {100 * least:.1f} or less"


def _points(loss: float) -> str:
    points = f"{abs(100 * loss):.1f} points"
    return f"gains {points}" if loss < 0 and points != "0.0 points" else f"loses {points}"
