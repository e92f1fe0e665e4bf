"""All figures, their numbers and the verdicts on the claims, from models of one device."""

from pathlib import Path
from typing import Any

from network.reads_sweep import plot_map, sweep
from studies.ellis2023 import (
    fig1d_mean_weights,
    fig3abc_trained_fields,
    fig3def_neuron_outputs,
    fig3g_output_deviation,
    fig3h_both_rules,
    fig4ab_accuracy,
)
from studies.ellis2023.claims import all_claims
from studies.ellis2023.figure_inputs import Material


def make(
    material: Material, laboratories: dict[int, dict[str, Any]], out: Path, threads: int = 1
) -> dict[str, Any]:
    """Draw every figure into a folder and return the content of ``paper.json``.

    Parameters
    ----------
    material
        Device, models and images.
    laboratories
        Points of Fig. 4(a, b), from `studies.ellis2023.fig4ab_accuracy.laboratory_points`.
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
        "1d": fig1d_mean_weights,
        "3abc": fig3abc_trained_fields,
        "3def": fig3def_neuron_outputs,
        "3g": fig3g_output_deviation,
    }.items():
        figures[name] = figure.numbers(material)
        figure.draw(out / f"fig{name}.svg", figures[name], material)
    figures["3h"] = fig3h_both_rules.numbers(material, threads)
    fig3h_both_rules.draw(out / "fig3h.svg", figures["3h"], material)
    figures["4ab"] = fig4ab_accuracy.numbers(material, laboratories)
    fig4ab_accuracy.draw(out / "fig4ab.svg", figures["4ab"], material)
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
