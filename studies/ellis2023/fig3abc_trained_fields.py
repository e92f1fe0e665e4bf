"""Fig. 3(a-c): where training puts the propagation fields, for one read and for many."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.figure_style import COLOURS, K_TRAIN, svg_figure
from dwsynapse.io.number_format import counted
from dwsynapse.learning_rules import RULES
from network.images.prepared_images import Images
from studies.ellis2023.figure_inputs import FEW, MANY, Material

BINS = 50
TITLES = {
    "untrained": "(a) before training",
    str(FEW): f"(b) {K_TRAIN} = {FEW}",
    str(MANY): f"(c) {K_TRAIN} = {MANY}",
}


def ever_on(images: Images) -> NDArray[np.bool_]:
    """Return which pixels are on in any image of the training set, shape (n_in,).

    The whole set counts, including the images that each model sets aside for validation: which
    these are depends on their number, which a model's file does not contain. So this is an upper
    bound of the pixels whose synapses a model trains. The synapses of all other pixels have no
    gradient and stay at their start, f = 1/2; so do those of a pixel that is on only in a model's
    validation images, but they are counted here.
    """
    return np.asarray(images.train_pixels.any(axis=0))


def numbers(material: Material) -> dict[str, Any]:
    """Return histograms of the fields of the stochastic rule over all models.

    Returns
    -------
    dict
        Edges of the bins (mT), and for each state densities (1/mT) of the synapses whose pixel is
        ever on and of the others. Both add up to 1, as one histogram of all synapses does.
    """
    used = ever_on(material.images)
    start_mT = np.full_like(material.best(FEW)[1].fields_mT, material.device.curve.field_mT(0.5))
    states = {"untrained": [start_mT] * len(material.models)}
    for reads in (FEW, MANY):
        states[str(reads)] = [m.network("stochastic", reads).fields_mT for m in material.models]
    edges = np.linspace(*material.device.field_range_mT, BINS + 1)
    histograms = {}
    for state, per_model in states.items():
        fields_mT = np.stack(per_model)
        scale = 1 / fields_mT.size / np.diff(edges)
        histograms[state] = {
            name: (np.histogram(fields_mT[:, :, chosen], edges)[0] * scale).tolist()
            for name, chosen in (("used", used), ("unused", ~used))
        }
    n_out = start_mT.shape[0]
    return {
        "n_models": len(material.models),
        "n_synapses_per_model": start_mT.size,
        "n_unused_per_model": int(n_out * (~used).sum()),
        "edges_mT": edges.tolist(),
        "density_per_mT": histograms,
    }


def draw(path: Path, found: dict[str, Any], material: Material) -> None:
    """Draw the histograms, with the passing curve on the right axis."""
    edges, device = np.array(found["edges_mT"]), material.device
    grid_mT = np.linspace(edges[0], edges[-1], 401)
    with svg_figure(path, size_inches=(11.5, 4.0), ncols=3) as (figure, axes):
        for ax, (state, density) in zip(axes, found["density_per_mT"].items(), strict=True):
            used, unused = np.array(density["used"]), np.array(density["unused"])
            bars = {"fill": True, "lw": 0}
            ax.stairs(
                *(used + unused, edges),
                **{**bars, "baseline": unused, "color": RULES["stochastic"].colour},
                label="synapses of pixels that are on in the training set",
            )
            ax.stairs(
                *(unused, edges),
                **{**bars, "color": COLOURS["incorrect"]},
                label="synapses of the other pixels",
            )
            ax.set(xlabel="propagation field h (mT)", xlim=(edges[0], edges[-1]))
            ax.set_title(TITLES[state])
            curve = ax.twinx()
            f = device.curve.probability(grid_mT)
            curve.plot(grid_mT, f, color=COLOURS["fit"], lw=1.5, label="passing probability f(h)")
            curve.set_ylim(0, 1.05)
            curve.tick_params(axis="y", colors=COLOURS["fit"])
            curve.spines["right"].set(visible=True, color=COLOURS["fit"])
        axes[0].set_ylabel("density of synapses (1/mT)")
        curve.set_ylabel("passing probability f(h)", color=COLOURS["fit"])
        handles = [*ax.get_legend_handles_labels()[0], *curve.get_legend_handles_labels()[0]]
        figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=9)
        figure.suptitle(
            f"{material.label}: {counted(found['n_models'], 'model')} of "
            f"{found['n_synapses_per_model']} synapses each, stochastic rule"
        )
