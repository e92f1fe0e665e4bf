"""All figures, their numbers and the verdicts on the claims, from models of one device."""

from pathlib import Path
from typing import Any

from network.paper import both_rules, deviation, fields, neuron_distributions, reads, weights
from network.paper.claims import all_claims
from network.paper.material import Material
from network.sweep import plot_map, sweep


def make(
    material: Material, laboratories: dict[int, dict[str, Any]], out: Path, threads: int = 1
) -> dict[str, Any]:
    """Draw every figure into a folder and return the content of ``paper.json``.

    Parameters
    ----------
    material
        Device, models and images.
    laboratories
        Points of Fig. 4(a, b), from `network.paper.reads.laboratory_points`.
    out
        Folder for the figures.
    threads
        Processor threads; the numbers do not change.

    Returns
    -------
    dict
        Every number that is drawn, by figure, and the claims.
    """
    figures: dict[str, Any] = {}
    for name, figure in {
        "1d": weights,
        "3abc": fields,
        "3def": neuron_distributions,
        "3g": deviation,
    }.items():
        figures[name] = figure.numbers(material)
        figure.draw(out / f"fig{name}.svg", figures[name], material)
    figures["3h"] = both_rules.numbers(material, threads)
    both_rules.draw(out / "fig3h.svg", figures["3h"], material)
    figures["4ab"] = reads.numbers(material, laboratories)
    reads.draw(out / "fig4ab.svg", figures["4ab"], material)
    rows = sweep(
        *(material.models, material.device, material.images),
        *(("stochastic",), material.reads, threads),
    )
    figures["4c"] = {"n_test_images": len(material.images.test_labels), "rows": rows}
    plot_map(out / "fig4c.svg", material.device, rows, letter="(c)")
    return {
        "device": material.device.name,
        "device_source": material.device.source,
        "claims": all_claims(material, figures["3h"]["rows"], rows),
        "figures": figures,
    }
