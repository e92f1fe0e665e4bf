"""Fig. 3(g): how much a neuron's output fluctuates, against the reads in training."""

from pathlib import Path
from typing import Any

import numpy as np

from dwsynapse.io.figure_style import COLOURS, K_TEST, K_TRAIN, svg_figure
from dwsynapse.io.number_format import counted
from network.model_spread import spread
from network.trained_model import ExportedNetwork
from studies.ellis2023.figure_inputs import Material


def mean_deviation(material: Material, network: ExportedNetwork, reads: int) -> float:
    """Return sigma of Eq. 5 for K = `reads`, averaged over neurons and test images.

    Eq. 5 is the exact variance of the sampled output, so that no sampling is needed.
    """
    f = material.passing(network)
    variance = material.images.test_pixels @ (f * (1 - f)).T / reads
    return float(np.sqrt(variance).mean())


def numbers(material: Material) -> dict[str, Any]:
    """Return the mean standard deviation for K_test = 1 and K_test = K_train.

    Returns
    -------
    dict
        Rows with reads_train, reads_test and those of `network.model_spread.spread`.
    """
    rows = []
    for reads_train in material.reads:
        for reads_test in dict.fromkeys([1, reads_train]):
            networks = [m.network("stochastic", reads_train) for m in material.models]
            per_model = [mean_deviation(material, n, reads_test) for n in networks]
            rows.append({"reads_train": reads_train, "reads_test": reads_test, **spread(per_model)})
    return {"n_test_images": len(material.images.test_labels), "rows": rows}


def draw(path: Path, found: dict[str, Any], material: Material) -> None:
    """Draw both standard deviations over K_train, with a band of 1 sd over the models."""
    rows = found["rows"]
    series = {
        f"{K_TEST} = 1": ("o-", "one read", [r for r in rows if r["reads_test"] == 1]),
        f"{K_TEST} = {K_TRAIN}": (
            *("s-", "many reads"),
            [r for r in rows if r["reads_test"] == r["reads_train"]],
        ),
    }
    with svg_figure(path, size_inches=(5.6, 3.8)) as (_, axes):
        for label, (style, colour, chosen) in series.items():
            reads = np.array([row["reads_train"] for row in chosen])
            mean = np.array([row["mean"] for row in chosen])
            sd = np.array([row["sd"] or 0.0 for row in chosen])
            axes.plot(reads, mean, style, color=COLOURS[colour], label=label)
            axes.fill_between(
                *(reads, mean - sd, mean + sd),
                **{"color": COLOURS[colour], "alpha": 0.25, "lw": 0},
            )
        axes.set_xscale("log", base=2)
        axes.set_xticks(material.reads, [str(reads) for reads in material.reads])
        axes.set_ylim(bottom=0)
        axes.set_xlabel(f"reads in training, {K_TRAIN}")
        axes.set_ylabel("standard deviation of a neuron's output")
        models = counted(rows[0]["n_models"], "model")
        axes.set_title(
            f"(g) {material.label}, {models}, {found['n_test_images']} images",
            fontsize=10,
        )
        axes.legend()
