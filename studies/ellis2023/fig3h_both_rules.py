"""Fig. 3(h): test accuracy of both learning rules against the reads, with K_test = K_train."""

from pathlib import Path
from typing import Any

import numpy as np

from dwsynapse.io.figure_style import svg_figure
from dwsynapse.io.number_format import counted
from dwsynapse.learning_rules import RULES
from network.accuracy import model_accuracies, summarise
from studies.ellis2023.figure_inputs import Material

MARKERS = {"stochastic": "o-", "mean-field": "s-"}


def numbers(material: Material, threads: int = 1) -> dict[str, Any]:
    """Return the rows of `network.accuracy.summarise` for all networks, tested as trained."""
    device, images = material.device, material.images
    shares = [
        model_accuracies(model, device.curve, images, threads=threads) for model in material.models
    ]
    return {
        "n_test_images": len(images.test_labels),
        "rows": summarise(material.models, shares),
    }


def draw(path: Path, found: dict[str, Any], material: Material) -> None:
    """Draw mean accuracies with a band of 1 sd over the models, and the mean-field limit."""
    with svg_figure(path, size_inches=(5.6, 3.8)) as (_, axes):
        for rule, marker in ((RULES[name], marker) for name, marker in MARKERS.items()):
            mine = sorted(
                (row for row in found["rows"] if row["rule"] == rule.name),
                key=lambda row: row["reads_train"],
            )
            reads = [row["reads_train"] for row in mine]
            mean = 100 * np.array([row["mean"] for row in mine])
            sd = 100 * np.array([row["sd"] or 0.0 for row in mine])
            axes.plot(reads, mean, marker, color=rule.colour, label=rule.label)
            axes.fill_between(reads, mean - sd, mean + sd, color=rule.colour, alpha=0.25, lw=0)
        rule = RULES["mean-field-limit"]
        limit = next(row for row in found["rows"] if row["rule"] == rule.name)
        axes.axhline(
            100 * limit["mean"],
            **{"color": rule.colour, "ls": rule.line},
            label=rule.label,
        )
        axes.set_xscale("log", base=2)
        axes.set_xticks(material.reads, [str(reads) for reads in material.reads])
        axes.set_xlabel("reads per synapse K, in training and test")
        axes.set_ylabel("test accuracy (%)")
        models = counted(limit["n_models"], "model")
        axes.set_title(
            f"(h) {material.label}, {models}, {found['n_test_images']} images", fontsize=10
        )
        axes.legend(loc="lower right")
