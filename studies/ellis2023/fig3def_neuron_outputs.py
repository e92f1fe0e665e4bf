"""Fig. 3(d-f): outputs of the neurons while the same image is shown again and again."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.figure_style import COLOURS, K_TEST, K_TRAIN, svg_figure
from dwsynapse.io.number_format import percent
from network.trained_model import TrainedModel
from studies.ellis2023.figure_inputs import FEW, MANY, Material, sampled_outputs

LABEL = 0  # the class of the image: in MNIST, a zero
SHOWS = 10_000
# Outputs are on a grid of 1/K shifted by each neuron's bias: bins of a whole number of grid steps
# have equally many grid points for any start.
BIN_WIDTH = {FEW: 1.0, MANY: 1 / 8}
TITLES = {
    "untrained": "(d) untrained",
    str(FEW): f"(e) {K_TRAIN} = {FEW}",
    str(MANY): f"(f) {K_TRAIN} = {MANY}",
}


def numbers(material: Material) -> dict[str, Any]:
    """Return distributions of y + b of the neuron of the image's class and of the others.

    The image is the first of its class in the test set, the networks are the best by validation
    loss, and every show draws its own reads.

    Returns
    -------
    dict
        For each state and K_test edges of the bins, densities of the correct neuron and of the
        incorrect ones together, the sd of the correct one, and the share of shows classified
        correctly.
    """
    image = int(np.argmax(material.images.test_labels == LABEL))
    shown = np.tile(material.images.test_pixels[image], (SHOWS, 1))
    best = {reads: material.best(reads) for reads in (FEW, MANY)}
    start = np.full_like(best[FEW][1].weights, 0.5)  # where all fields begin
    networks: dict[str, tuple[TrainedModel, NDArray[np.float64], NDArray[np.float64]]] = {
        "untrained": (material.models[0], start, np.zeros(len(start)))
    }
    for reads, (model, network) in best.items():
        networks[str(reads)] = model, material.passing(network), network.biases
    states: dict[str, Any] = {}
    for state, (model, f, biases) in networks.items():
        states[state] = {"model": model.model, "reads_test": {}}
        for reads in (FEW, MANY):
            purpose = f"figure 3d-f, {state}"
            outputs = sampled_outputs(f, shown, reads, model, purpose) + biases
            states[state]["reads_test"][str(reads)] = _distributions(outputs, BIN_WIDTH[reads])
    return {"label": LABEL, "test_image": image, "shows": SHOWS, "states": states}


def _distributions(outputs: NDArray[np.float64], width: float) -> dict[str, Any]:
    low, high = np.floor(outputs.min() / width), np.floor(outputs.max() / width) + 1
    edges = width * np.arange(low, high + 1)
    correct, incorrect = outputs[:, LABEL], np.delete(outputs, LABEL, axis=1).ravel()
    return {
        "edges": edges.tolist(),
        "correct": np.histogram(correct, edges, density=True)[0].tolist(),
        "incorrect": np.histogram(incorrect, edges, density=True)[0].tolist(),
        "correct_sd": float(correct.std(ddof=1)),
        "classified_correctly": float((outputs.argmax(axis=1) == LABEL).mean()),
    }


def draw(path: Path, found: dict[str, Any], material: Material) -> None:
    """Draw the distributions: K_test = 1 above, 128 below."""
    with svg_figure(
        path, size_inches=(12.0, 5.6), nrows=2, ncols=3, sharex="col", squeeze=False
    ) as (figure, axes):
        for column, (state, content) in enumerate(found["states"].items()):
            for row, (reads, one) in enumerate(content["reads_test"].items()):
                ax = axes[row, column]
                for which in ("incorrect", "correct"):
                    colour = COLOURS[which]
                    label = f"{which} neuron{'s' if which == 'incorrect' else ''}"
                    ax.stairs(one[which], one["edges"], fill=True, color=colour, alpha=0.55)
                    ax.stairs(one[which], one["edges"], color=colour, label=label)
                ax.set_title(
                    f"{K_TEST} = {reads}: {percent(one['classified_correctly'], 1)} correct",
                    **{"fontsize": 9, "loc": "right"},
                )
            axes[0, column].set_title(TITLES[state], loc="left")
            axes[1, column].set_xlabel("neuron output y + b")
        for ax in axes[:, 0]:
            ax.set_ylabel("density")
        axes[0, 0].legend(fontsize=8)
        figure.suptitle(
            f"{material.label}: test image {found['test_image']}, of class {found['label']}, "
            f"shown {found['shows']:,} times to the neuron of its class and to the others"
        )
