"""The accuracy that the grid of the instrument's fields costs, and what a program takes."""

import dataclasses

import numpy as np
import pytest

from hardware.programming import simulated_correct as module
from hardware.programming.bench_estimate import estimate
from hardware.programming.quantisation_loss import quantisation_loss
from network.cost.inference_cost import Cost
from network.trained_model import ExportedNetwork, TrainingRecord
from tests.hardware.small_task import DEVICE, make_task


def task(step_mT):
    """Return a program whose fields are those of its network, rounded."""
    program, pixels, labels = make_task()
    rng = np.random.default_rng(3)
    exact = program.fields_mT + rng.uniform(-0.05, 0.05, program.fields_mT.shape)
    record = TrainingRecord(0.001, 1, True, (1.0,))
    network = ExportedNetwork("stochastic", 1, exact, program.biases, record)
    rounded = np.round(exact / step_mT) * step_mT
    return dataclasses.replace(program, fields_mT=rounded), network, pixels, labels


def test_a_grid_that_changes_no_field_costs_nothing():
    program, network, pixels, labels = task(1e-9)
    found = quantisation_loss(program, network, DEVICE, pixels, labels, seed=1)
    assert found["loss"] == 0
    assert found["accuracy_exact_fields"] == found["accuracy_on_grid"] > 0.5
    # Eighty images without a difference do not show that there is none.
    assert -0.05 < found["low"] < 0 < found["high"] < 0.05


def test_a_grid_of_the_size_of_the_curve_costs_what_a_separate_simulation_finds():
    program, network, pixels, labels = task(8.0)
    found = quantisation_loss(program, network, DEVICE, pixels, labels, seed=1)
    rng = np.random.default_rng(2)
    accuracies = []
    for fields_mT in (network.fields_mT, program.fields_mT):
        p = DEVICE.curve.probability(fields_mT)
        sums = rng.binomial(program.reads, p, (400, len(pixels), *p.shape))
        sums = (sums * pixels[:, None, :]).sum(axis=-1)
        accuracies.append((program.predictions(sums, program.reads) == labels).mean())
    # Shares of 80 images x 20 repetitions have standard errors of at most 0.0125; four of them.
    assert found["accuracy_exact_fields"] == pytest.approx(accuracies[0], abs=0.05)
    assert found["accuracy_on_grid"] == pytest.approx(accuracies[1], abs=0.05)
    assert found["loss"] > 0.1
    assert found["low"] < found["loss"] < found["high"]


def test_a_large_task_is_simulated_on_part_of_the_images(monkeypatch):
    program, network, pixels, labels = task(0.1)
    per_image = pixels.sum() * 5 * 4 / len(pixels)
    monkeypatch.setattr(module, "MAX_DRAWS", int(10 * per_image))
    found = quantisation_loss(program, network, DEVICE, pixels, labels, seed=1)
    assert (found["images"], found["repetitions"]) == (10, 1)


def test_the_estimate_counts_only_active_pixels():
    program, pixels, _ = make_task()
    found = estimate(program, DEVICE, pixels, Cost(50, 3e-7), seed=1)
    reads = int(pixels.sum()) * 5 * 4
    assert found["operations"] == reads
    assert found["hours"] == pytest.approx(reads / 50 / 3600)
    assert found["energy_J"] == pytest.approx(3e-7 * reads)
