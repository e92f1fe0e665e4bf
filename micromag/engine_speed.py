"""How fast the embedded engine is."""

import time
from typing import Any

import numpy as np

from dwsynapse.study import SimulatedDevice
from micromag.engine.lanes import LANES
from micromag.engine.problem import Problem
from micromag.engine.resources import engine_bytes, require_memory
from micromag.sample.wire import declare
from micromag.trials.drive import drive_of
from micromag.trials.lockstep.scheduler import backend_of, groups_for, run_trials
from micromag.trials.referee import Result, Trial, require_outcomes
from micromag.trials.relaxed_walls import relaxed_walls


def measure(
    device: SimulatedDevice, *, replicas: int, threads: int, field_mT: float
) -> dict[str, Any]:
    """Run replicas of a device and return the speed, and the conditions of the measurement.

    Parameters
    ----------
    device
        The wire, its protocol and numerics.
    replicas
        Number of trials.
    threads
        Processor threads; a GPU runs one large group instead.
    field_mT
        Field of all trials.

    Returns
    -------
    dict
        `ns_per_s`, nanoseconds of trajectory per second of wall time, the `backend` (embedded or
        torch-cuda) and further information, all of which can be written as JSON.

    Raises
    ------
    InputError
        If a sinusoidal field does not reach `field_mT`, or every trial failed.
    """
    drive_of(device).require_reached(field_mT, where="--field-mT")
    require_memory(engine_bytes(device, groups_for(replicas, threads)), device)
    problem, released = Problem.of(declare(device)), relaxed_walls(device)[0]
    backend = backend_of(device.numerics)

    def run(device: SimulatedDevice) -> tuple[float, float]:
        trials = [Trial(field_mT, replica) for replica in range(replicas)]
        results: list[Result] = []
        start_s = time.perf_counter()
        ns = run_trials(
            device, problem, released, trials, seed=0, threads=threads, on_result=results.append
        )
        require_outcomes([result.verdict.failure for result in results])
        return ns, time.perf_counter() - start_s

    # A window that ends at the first observation, to compile for the number of lanes measured.
    protocol = device.protocol.model_copy(update={"window_ns": 0.0})
    _, compile_s = run(device.model_copy(update={"protocol": protocol}))
    simulated_ns, wall_s = run(device)
    processor = {"threads": threads, "lanes": LANES} if backend == "embedded" else {}
    return {
        "ns_per_s": simulated_ns / wall_s,
        "field_mT": field_mT,
        "replicas": replicas,
        "cells": int(np.prod(problem.cells)),
        "dt_s": device.numerics.time_step_fs * 1e-15,
        "backend": backend,
        **processor,
        "simulated_ns": simulated_ns,
        "wall_s": wall_s,
        "compile_s": compile_s,
    }
