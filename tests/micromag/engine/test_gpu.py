"""The engine on tensors against the lane engine: on the processor, and on a GPU if there is one."""

from collections import deque

import numpy as np
import pytest
import torch

from dwsynapse.io.errors import InputError
from dwsynapse.study import Numerics, Protocol
from dwsynapse.study.devices.protocol import RampedField
from micromag.engine.equation_of_motion import advance, equation_of, state_of
from micromag.engine.gpu.equation_of_motion import (
    Integrator,
    Surroundings,
    TorchState,
    coefficients_of,
    last_stage,
    stage,
)
from micromag.engine.gpu.thermal_noise import normal_field, philox
from micromag.engine.lanes import LANES, aligned_zeros
from micromag.engine.problem import Problem
from micromag.engine.thermal_noise import add_normal_field, trial_key
from micromag.sample.wire import declare
from micromag.trials.lockstep import group_on_gpu
from micromag.trials.lockstep import scheduler as ensemble_module
from micromag.trials.lockstep.group_on_gpu import TorchGroup, lanes_for
from micromag.trials.lockstep.group_on_lanes import LaneGroup
from micromag.trials.lockstep.scheduler import backend_of, ensemble_of, run_trials, work_off
from micromag.trials.referee import Referee, Trial
from tests.micromag.tiny_wire import TINY

CPU = torch.device("cpu")
RAMPED = TINY.model_copy(
    update={
        "protocol": Protocol(
            field=RampedField(shape="ramp", rate_mT_per_ns=100),
            release_distance_nm=80,
            passed_beyond_nm=50,
            notch_zone_nm=40,
            window_ns=0.05,
            pinned_after_ns=0.04,
        )
    }
)


@pytest.fixture(autouse=True)
def one_thread():
    """Keep torch to one thread: several that share a busy processor wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([2**32 - 1] * 4, [2**32 - 1] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_philox_gives_the_known_answers_of_random123(counter, key, expected):
    words = philox(tuple(map(torch.tensor, counter)), tuple(map(torch.tensor, key)))
    assert [int(word) for word in words] == expected


def keys_of(seed):
    return np.array([trial_key(seed, replica) for replica in range(LANES)]).T


def test_noise_is_that_of_the_lane_engine():
    key, step = aligned_zeros((2,), np.uint32), aligned_zeros((1,), np.uint32)
    key[:], step[:] = keys_of(3), np.arange(LANES) + 2**32 - LANES
    scale = np.linspace(0, 2, 512, dtype=np.float32)
    expected = aligned_zeros((3, 512), np.float32)
    add_normal_field(key, step, scale, expected)
    keys, steps = (torch.as_tensor(part.astype(np.int64)) for part in (key, step[0]))
    field = np.array([part.T.numpy() for part in normal_field(keys, steps, torch.as_tensor(scale))])
    # Rounding of numbers up to 10; a wrong bit in a random word moves its number by far more.
    np.testing.assert_allclose(field, expected, atol=5e-6)


def rough_film(cells):
    """Return a film in which every term differs from cell to cell, with holes, at 300 K."""
    rng = np.random.default_rng(5)
    n = int(np.prod(cells))
    Ms = rng.uniform(6e5, 1e6, n)
    Ms[2::7] = 0
    axes = np.linalg.qr(rng.normal(size=(n, 3, 3)))[0].transpose(1, 2, 0)
    m = rng.normal(size=(3, n)) + np.array([[4.0], [0.0], [0.0]])
    problem = Problem(
        cells=cells,
        cell_m=(5e-9, 4e-9, 3e-9),
        Ms=Ms,
        A=rng.uniform(1e-11, 1.5e-11, n),
        region=(np.arange(n) > n // 2).astype(int),
        A_between={(0, 1): 5e-12},
        K=rng.uniform(1e4, 1e5, n),
        K2=3e4,
        axis=axes[0],
        cubic_K=4e4,
        cubic_axes=axes,
        H=(0, 3e4, 1e4),
        D=rng.uniform(1e-4, 3e-4, n),
        u=rng.uniform(10, 30, (3, n)),
        nonadiabaticity=0.1,
        J=rng.uniform(1e12, 3e12, n),
        polarisation=0.4,
        asymmetry=1.5,
        field_like=0.3,
        spin=axes[1],
        alpha=rng.uniform(0.1, 0.2, n),
        temperature_K=300.0,
    )
    return problem, m / np.linalg.norm(m, axis=0) * (Ms > 0)


def on_lanes(problem, m, equation, steps):
    """Return m, shape (3, cells, LANES), in fields that differ from lane to lane and grow."""
    state = state_of(problem, np.float32)
    state.m[:], state.key[:] = m[..., None], keys_of(7)
    state.applied[0], state.applied_rate[0] = np.linspace(0, 5e4, LANES), 300
    state.current[0] = np.linspace(-1, 1, LANES)
    advance(state, equation, steps)
    return state.m


def torch_state(m, device):
    def vector(values):
        columns = (torch.as_tensor(part, dtype=torch.float32, device=device) for part in values)
        return tuple(part.repeat(LANES, 1) for part in columns)

    applied = torch.linspace(0, 5e4, LANES, device=device)[:, None]
    return TorchState(
        m=vector(m),
        demag=(vector(0 * m), vector(0 * m)),
        applied=applied,
        applied_rate=torch.full_like(applied, 300),
        current=torch.linspace(-1, 1, LANES, device=device)[:, None],
        key=torch.as_tensor(keys_of(7).astype(np.int64), device=device),
        step=torch.zeros(LANES, dtype=torch.int64, device=device),
        stretch=torch.zeros(LANES, device=device),
    )


def on_tensors(problem, m, equation, steps, device=CPU):
    state = torch_state(m, device)
    Integrator(equation, problem, device, at_once=LANES // 2).advance(state, steps)
    return np.array([part.T.cpu().numpy() for part in state.m]), state


@pytest.mark.parametrize("shared_demag", [True, False])
@pytest.mark.parametrize("cells", [(16, 6, 1), (6, 5, 3), (1, 5, 1)])
def test_trajectories_follow_the_lane_engine(cells, shared_demag):
    problem, m = rough_film(cells)
    equation = equation_of(problem, 1.5e-13, np.float32, shared_demag=shared_demag)
    expected = on_lanes(problem, m, equation, 54)
    found, state = on_tensors(problem, m, equation, 54)
    # Rounding: 2e-7 was seen after 54 steps, 8 ps, in which m moves by 0.1 to 1. Without the
    # weakest of the terms it would come out wrong by 1e-3 or more.
    np.testing.assert_allclose(found, expected, atol=2e-6)
    assert np.abs(expected - m[..., None]).max() > 0.1
    assert 0 < state.stretch.max() < 1e-3


@pytest.mark.parametrize(
    "term", ["A", "D", "K", "K2", "cubic_K", "H", "u", "J", "alpha", "temperature_K"]
)
def test_every_term_matters_to_that_comparison(term):
    problem, m = rough_film((16, 6, 1))
    expected = on_lanes(problem, m, equation_of(problem, 1.5e-13, np.float32), 54)
    # At a temperature something damps: the damping is not left out but a tenth.
    none = np.zeros((3, 1))
    other = {"H": none, "u": none, "alpha": problem.alpha / 10}.get(term, 0.0)
    without = Problem(**{**vars(problem), term: other})
    found, _ = on_tensors(without, m, equation_of(without, 1.5e-13, np.float32), 54)
    assert np.abs(found - expected).max() > 1e-3


def test_a_film_without_demagnetising_field_and_noise_follows_too():
    _, m = rough_film((16, 6, 1))
    problem = Problem((16, 6, 1), (5e-9,) * 3, np.full(96, 8e5), A=1.3e-11, alpha=0.1, demag=False)
    m = np.where(np.any(m != 0, axis=0), m, np.array([[0.0], [0.0], [1.0]]))
    equation = equation_of(problem, 1.5e-13, np.float32)
    found, _ = on_tensors(problem, m, equation, 54)
    np.testing.assert_allclose(found, on_lanes(problem, m, equation, 54), atol=2e-6)


@pytest.fixture(scope="module")
def tiny():
    """Return what trials of the tiny wire share; its wall is not relaxed, which takes a while."""
    system = declare(RAMPED)
    problem = Problem.of(system)
    return ensemble_of(RAMPED, problem, problem.unit_vectors(system.m)[None], seed=3)


def worked_off(group, trials):
    results = []
    simulated_ns = work_off(
        group, deque(trials), Referee(RAMPED, group.lanes), results.append, lambda: False
    )
    return {r.trial.replica: (r.verdict, r.wall_position_nm) for r in results}, simulated_ns


def test_trials_end_as_on_lanes_and_independently_of_their_batch(tiny):
    trials = [Trial(field_mT, replica) for replica, field_mT in enumerate((2, 40, 90, 5, 20, 60))]
    lanes, ns_on_lanes = worked_off(LaneGroup(tiny), trials)
    few, ns_in_few = worked_off(TorchGroup(tiny, 4, CPU, at_once=2), trials)
    many, _ = worked_off(TorchGroup(tiny, 8, CPU, at_once=2), trials[::-1])
    alone, _ = worked_off(TorchGroup(tiny, 2, CPU, at_once=2), trials[2:3])
    assert few == many
    assert alone[2] == many[2]
    assert ns_in_few == pytest.approx(ns_on_lanes)
    for replica, (verdict, position_nm) in lanes.items():
        assert few[replica][0] == verdict
        # 100 steps of a chaotic system that differ by rounding; the walls move by many nm.
        assert few[replica][1] == pytest.approx(position_nm, abs=1e-3)
    assert np.ptp([position_nm for _, position_nm in lanes.values()]) > 3


def test_a_trial_that_fails_is_marked_and_the_others_continue(tiny):
    group = TorchGroup(tiny, 2, CPU, at_once=1)
    group.start(0, Trial(1e8, 0))
    group.start(1, Trial(2.0, 1))
    group.advance()
    assert list(group.failures()) == [0]
    assert "shorten numerics.time_step_fs" in group.failures()[0]
    group.stop(0)
    group.advance()
    assert not group.failures()


def test_the_group_is_as_large_as_trials_and_memory_allow():
    quick, at_once = (128, 16, 1), 512
    assert lanes_for(quick, 5, 10**11) == (at_once, at_once)
    assert lanes_for(quick, 1000, 10**11) == (1024, at_once)
    assert lanes_for(quick, 10**6, 10**11) == (4096, at_once)
    assert lanes_for(quick, 1000, 5 * 10**8) == (at_once, at_once)
    lanes, at_once = lanes_for((400, 80, 6), 1000, 140 * 10**9)
    assert lanes % at_once == 0
    assert 1000 <= lanes < 1000 + at_once


def test_the_device_is_chosen_by_the_config(tiny, monkeypatch):
    assert backend_of(Numerics(device="cpu")) == "embedded"
    monkeypatch.setattr(ensemble_module, "_cuda_is_available", lambda: False)
    assert backend_of(Numerics(device="auto")) == "embedded"
    with pytest.raises(InputError, match=r"numerics.device: no CUDA device.*set it to auto or cpu"):
        backend_of(Numerics(device="cuda"))
    monkeypatch.setattr(ensemble_module, "_cuda_is_available", lambda: True)
    assert backend_of(Numerics(device="auto")) == backend_of(Numerics(device="cuda"))
    monkeypatch.setattr(
        group_on_gpu, "cuda_group", lambda ensemble, n: TorchGroup(ensemble, n, CPU, at_once=1)
    )
    results = []
    run_trials(
        RAMPED, tiny.problem, tiny.released, [Trial(90, 2)], seed=3, on_result=results.append
    )
    expected, _ = worked_off(TorchGroup(tiny, 1, CPU, at_once=1), [Trial(90, 2)])
    assert {2: (results[0].verdict, results[0].wall_position_nm)} == expected


def test_what_a_gpu_fuses_is_one_graph_each():
    problem, m = rough_film((6, 5, 3))
    coefficients = coefficients_of(equation_of(problem, 1.5e-13, np.float32), CPU)
    state = torch_state(m, CPU)
    around = Surroundings(state.demag, state.m, state.applied, state.applied_rate, state.current)
    for function, arguments in (
        (normal_field, (state.key, state.step, coefficients.gamma_dt)),
        (stage, (1, state.m, state.m, state.m, around, coefficients)),
        (last_stage, (state.m, state.m, state.m, around, coefficients)),
    ):
        compiled = torch.compile(function, backend="eager", dynamic=False, fullgraph=True)
        expected, found = (
            torch.utils._pytree.tree_leaves(f(*arguments)) for f in (function, compiled)
        )
        torch.testing.assert_close(found, expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("cells", [(16, 6, 1), (6, 5, 3)])
def test_trajectories_on_a_gpu_follow_the_lane_engine(cells):
    problem, m = rough_film(cells)
    equation = equation_of(problem, 1.5e-13, np.float32, shared_demag=True)
    found, _ = on_tensors(problem, m, equation, 40, torch.device("cuda"))
    # As on the processor, with room for a GPU's faster and less exact log, cos and sin.
    np.testing.assert_allclose(found, on_lanes(problem, m, equation, 54), atol=2e-5)
