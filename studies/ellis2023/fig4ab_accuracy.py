"""Fig. 4(a, b): accuracy on the first 600 test images against the reads in the test.

As in section 4.6 the network of each K_train is the one of the models with the lowest validation
loss. The paper's points are its hardware; here they come from an inference log, where one was
verified (`python -m hardware verify`), with the rounding and the noise of its laboratory's fields.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

from dwsynapse.io.errors import InputError
from dwsynapse.io.figure_style import COLOURS, K_TEST, K_TRAIN, svg_figure
from dwsynapse.io.files import read_json, sha256
from dwsynapse.io.number_format import percent
from dwsynapse.io.result_shapes import VerificationShape
from dwsynapse.learning_rules import RULES
from network.accuracy import model_accuracies
from network.images.prepared_images import Images
from network.model_spread import CONFIDENCE, spread
from network.trained_model import ExportedNetwork, TrainedModel
from studies.ellis2023.figure_inputs import FEW, IMAGES, MANY, Material, sampled_outputs

TESTS = 128
LABORATORY_READS = 8  # the largest number of reads on the paper's hardware
LIMITS = ("mean-field-limit", "perceptron")


def numbers(material: Material, laboratories: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """Return accuracies over K_test of the best networks of few and of many reads in training.

    Parameters
    ----------
    material
        Device, models and images.
    laboratories
        From `laboratory_points`.

    Returns
    -------
    dict
        For each K_train the model, and rows with reads_test, mean, sd of a single test (over tests
        that differ only in their reads), low and high (the central 95 % of the tests); points of
        the laboratory; accuracies without sampling, with their spread over the models.
    """
    images = replace(
        material.images,
        test_pixels=material.images.test_pixels[:IMAGES],
        test_labels=material.images.test_labels[:IMAGES],
    )
    tested = sorted({*material.reads, *range(1, LABORATORY_READS + 1)})
    panels = {}
    for reads_train in (FEW, MANY):
        model, network = material.best(reads_train)
        panels[str(reads_train)] = {
            "model": model.model,
            "rows": [_row(material, images, model, network, reads) for reads in tested],
            "laboratory": laboratories.get(reads_train),
        }
    return {
        "n_test_images": len(images.test_labels),
        "n_tests": TESTS,
        "reads_train": panels,
        "unsampled": {rule: _unsampled(material, images, rule) for rule in LIMITS},
    }


def _unsampled(material: Material, images: Images, rule: str) -> dict[str, Any]:
    alone = [replace(m, networks=(m.network(rule),)) for m in material.models]
    shares = [model_accuracies(m, material.device.curve, images)[0] for m in alone]
    return spread(shares, shares=True)


def _row(
    material: Material, images: Images, model: TrainedModel, network: ExportedNetwork, reads: int
) -> dict[str, Any]:
    f = material.passing(network)
    purpose = f"figure 4, {network.name}"
    shares = []
    for number in range(TESTS):
        outputs = sampled_outputs(f, images.test_pixels, reads, model, purpose, number)
        shares.append((network.predictions(outputs) == images.test_labels).mean())
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(shares, [tail, 1 - tail])
    return {
        "reads_test": reads,
        "mean": float(np.mean(shares)),
        "sd": float(np.std(shares, ddof=1)),
        "low": float(low),
        "high": float(high),
    }


def laboratory_points(
    paths: Sequence[Path], device: Path, models: Sequence[Path]
) -> dict[int, dict[str, Any]]:
    """Return what laboratories found with programs of these models, by K_train.

    Parameters
    ----------
    paths
        Files verification.json.
    device, models
        The device and models that the programs must have been made from.

    Returns
    -------
    dict
        Name of the laboratory, whether it is synthetic, number of images, and rows with
        reads_test, accuracy, low and high (95 % Wilson interval over the images).

    Raises
    ------
    InputError
        If a file is missing or is not a verification, or was made from other files.
    """
    found = {}
    for path in paths:
        content = read_json(path, "verification", 1, VerificationShape, "verify the log again")
        made_from = set(content["provenance"]["inputs"].values())
        for file in (device, *models):
            if sha256(file) not in made_from:
                raise InputError(
                    f"was not made with {file}",
                    path=path,
                    where="provenance.inputs",
                    remedy="run and verify a program of these models on this device",
                )
        n_images = next(test["n"] for test in content["tests"] if test["test"] == "accuracy")
        found[int(content["network"]["reads_train"])] = {
            "laboratory": content["laboratory"],
            "synthetic": content["synthetic"],
            "n_images": n_images,
            "rows": [_point(row, n_images) for row in content["accuracy"]],
        }
    return found


def _point(row: dict[str, Any], n_images: int) -> dict[str, Any]:
    share = row["accuracy"]
    interval = binomtest(round(share * n_images), n_images).proportion_ci(method="wilson")
    return {
        "reads_test": row["reads_test"],
        "accuracy": share,
        "low": float(interval.low),
        "high": float(interval.high),
    }


def draw(path: Path, found: dict[str, Any], material: Material) -> None:
    """Draw the model as a line with a band of 1 sd, laboratories as points."""
    with svg_figure(path, size_inches=(10.0, 4.0), ncols=2, sharey=True) as (figure, axes):
        panels = found["reads_train"].items()
        for ax, letter, (reads_train, panel) in zip(axes, "ab", panels, strict=True):
            reads = np.array([row["reads_test"] for row in panel["rows"]])
            mean = 100 * np.array([row["mean"] for row in panel["rows"]])
            sd = 100 * np.array([row["sd"] for row in panel["rows"]])
            colour = COLOURS["model"]
            band = mean - sd, mean + sd
            ax.fill_between(reads, *band, color=colour, alpha=0.25, lw=0, label="1 sd of a test")
            ax.plot(
                reads, mean, color=colour, label=f"simulation, mean of {found['n_tests']} tests"
            )
            if panel["laboratory"]:
                _draw_points(ax, panel["laboratory"])
            for rule in (RULES[name] for name in LIMITS):
                level = 100 * found["unsampled"][rule.name]["mean"]
                ax.axhline(level, ls=rule.line, color=rule.colour, label=rule.label)
            ax.set_xscale("log", base=2)
            ax.set_xticks(material.reads, [str(k) for k in material.reads])
            ax.set_xlabel(f"reads per synapse in the test, {K_TEST}")
            ax.set_title(f"({letter}) {K_TRAIN} = {reads_train}, model {panel['model']}")
        axes[0].set_ylabel(f"accuracy on {found['n_test_images']} test images (%)")
        axes[1].legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=8)
        figure.suptitle(f"{material.label}: the best of {len(material.models)} by validation loss")


def _draw_points(ax: Any, laboratory: dict[str, Any]) -> None:
    rows = laboratory["rows"]
    share, low, high = (
        100 * np.array([row[key] for row in rows]) for key in ("accuracy", "low", "high")
    )
    synthetic = " (synthetic)" if laboratory["synthetic"] else ""
    count = f"{laboratory['n_images']} images, {percent(0.95)} Wilson"
    ax.errorbar(
        [row["reads_test"] for row in rows],
        share,
        yerr=[share - low, high - share],
        **{"fmt": "o", "ms": 4, "lw": 1, "color": COLOURS["hardware"]},
        label=f"{laboratory['laboratory']}{synthetic},\n{count}",
    )
