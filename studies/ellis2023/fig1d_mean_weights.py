"""Fig. 1(d): a synapse's mean weight has K + 1 levels (Eq. 2)."""

from pathlib import Path
from typing import Any

import numpy as np

from dwsynapse.io.figure_style import COLOURS, svg_figure
from network.reads.random_streams import generator
from studies.ellis2023.figure_inputs import Material, sampled_outputs

READS = (1, 4, 128)
SYNAPSES = 60
LOOK = {1: ("s", "one read"), 4: ("D", "few reads"), 128: ("o", "many reads")}


def numbers(material: Material) -> dict[str, Any]:
    """Return mean weights of synapses at random fields, each sampled exactly with K reads.

    Returns
    -------
    dict
        For each K the fields, uniform over the device's range (mT), and the mean weights.
    """
    model, device = material.models[0], material.device
    rng = generator(model.seed, 0, "figure 1d")
    drawn = {}
    for reads in READS:
        fields_mT = np.sort(rng.uniform(*device.field_range_mT, SYNAPSES))
        f = np.asarray(device.curve.probability(fields_mT))[:, None]
        means = sampled_outputs(f, np.ones((1, 1), np.uint8), reads, model, "figure 1d")[0]
        drawn[str(reads)] = {"field_mT": fields_mT.tolist(), "mean_weight": means.tolist()}
    return {"n_synapses": SYNAPSES, "reads": drawn}


def draw(path: Path, found: dict[str, Any], material: Material) -> None:
    """Draw the mean weights over the passing curve that they approach for many reads."""
    device = material.device
    grid_mT = np.linspace(*device.field_range_mT, 401)
    with svg_figure(path, size_inches=(5.6, 3.8)) as (_, axes):
        curve = device.curve.probability(grid_mT)
        axes.plot(grid_mT, curve, color=COLOURS["fit"], lw=1, zorder=1, label="f(h), K → ∞")
        for reads, points in found["reads"].items():
            marker, colour = LOOK[int(reads)]
            axes.plot(
                *(points["field_mT"], points["mean_weight"], marker),
                **{"ms": 5, "mec": "white", "mew": 0.5, "color": COLOURS[colour]},
                label=f"K = {reads}",
            )
        axes.set_xlabel("propagation field h (mT)")
        axes.set_ylabel("mean weight of K reads")
        axes.set_title(f"(d) {material.label}, {found['n_synapses']} synapses for each K")
        axes.legend(loc="upper left")
