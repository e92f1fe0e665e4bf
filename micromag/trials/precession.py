"""How a wall moves in a straight wire without noise, and over which distance its motion repeats."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.study import Disorder, SimulatedDevice
from micromag.engine.constants import MU0
from micromag.engine.equation_of_motion import advance, equation_of, state_of
from micromag.engine.fields_and_energies import fields_A_per_m
from micromag.engine.lanes import LANES
from micromag.engine.problem import Problem
from micromag.engine.resources import engine_bytes, require_memory
from micromag.sample.wall import initial_wall
from micromag.sample.wire import cell_centres_nm, declare
from micromag.trials.locator import Locator
from micromag.trials.wall_exists import require_wall
from micromag.trials.wall_relaxation import relax

OBSERVED_EVERY_NS = 0.01
START_WIDTHS = 3
"""Widths from its left end at which a wall starts: nearer, the edge attracts it."""
LEAST_TIMES = 3
"""Observations of a wall before it is at the end, from which a motion can be told."""
REPEATS = 0.5
"""Least correlation of the moment across the wire with itself a period earlier."""


class Motion(NamedTuple):
    """Walls that move in a straight wire.

    Parameters
    ----------
    times_ns
        Shape (times,).
    positions_nm
        Of the wall, shape (times, walls).
    across_nm
        Moment across the wire in units of that of a nm of wire, shape (times, walls). It changes
        sign as the wall precesses.
    """

    times_ns: NDArray[np.float64]
    positions_nm: NDArray[np.float64]
    across_nm: NDArray[np.float64]


class Period(NamedTuple):
    """The motion of one wall.

    Parameters
    ----------
    speed_m_per_s
        Mean over the time in which it moved.
    period_ns, distance_nm
        After which time and distance the motion repeats; None if it did not in that time.
    correlation
        Of the moment across the wire with itself after that time, or after any if it does not
        repeat.
    """

    speed_m_per_s: float
    period_ns: float | None
    distance_nm: float | None
    correlation: float


def straight(device: SimulatedDevice, length_nm: float) -> SimulatedDevice:
    """Return a long wire of the same width, thickness, material and cells, continued at its ends.

    It has a notch, as every wire, which `motion` fills.
    """
    cell_nm = device.wire.cell_nm[0]
    whole_nm = max(1, round(length_nm / cell_nm)) * cell_nm
    notch = device.wire.notch.model_copy(update={"centre_nm": whole_nm / 2})
    wire = {"length_nm": whole_nm, "ends": "continued", "notch": notch}
    release_nm = whole_nm / 2 - START_WIDTHS * device.wire.width_nm
    protocol = {"release_distance_nm": release_nm, "temperature_K": 0.0}
    return device.model_copy(
        update={
            "wire": device.wire.model_copy(update=wire),
            "protocol": device.protocol.model_copy(update=protocol),
            "disorder": Disorder(),
        }
    )


def motion(
    wire: SimulatedDevice,
    fields_mT: Sequence[float],
    window_ns: float,
    on_time: Callable[[float], None] | None = None,
) -> Motion:
    """Follow the wall of a wire in all its variants at 0 K, without the notch.

    Parameters
    ----------
    wire
        What `straight` returns.
    fields_mT
        Constant fields along +x. The walls that are followed are the variants at the first field,
        then at the second, and so on; `LANES` at most.
    window_ns
        The time that they are followed.
    on_time
        Called with the time reached.

    Raises
    ------
    InputError
        If there are too many walls, or memory is short.
    """
    require_wall(wire)
    variants = wire.wall.variants
    if len(variants) * len(fields_mT) > LANES:
        raise InputError(
            f"{len(fields_mT)} fields for {len(variants)} kinds of wall",
            where="--field-mT",
            remedy=f"give {LANES // len(variants)} fields or fewer",
        )
    n_bytes = engine_bytes(wire)
    require_memory(n_bytes, wire)
    problem, starts = filled(wire)
    walls = relax(problem, starts)
    demag = np.array([fields_A_per_m(problem, m)["demag"] for m in walls])
    dt_s = wire.numerics.time_step_fs * 1e-15
    shared = wire.numerics.demag_evaluations == 1
    equation = equation_of(problem, dt_s, np.float32, shared_demag=shared)
    state, locator = state_of(problem, np.float32), Locator(problem)
    number = np.arange(LANES) % (len(variants) * len(fields_mT))
    state.m[:] = walls[number % len(variants)].transpose(1, 2, 0)
    state.demag[:] = demag[number % len(variants)].transpose(1, 2, 0)
    state.applied[0] = np.asarray(fields_mT)[number // len(variants)] * 1e-3 / MU0
    steps = max(1, round(OBSERVED_EVERY_NS * 1e-9 / dt_s))
    times_ns = np.arange(0, window_ns, steps * dt_s * 1e9)
    positions, across = [], []
    for time_ns in times_ns:
        m = state.m[..., : number.max() + 1]
        positions.append(locator.position_nm(m))
        across.append(2 * locator.weights_nm @ m[1].astype(np.float64))
        advance(state, equation, steps)
        if on_time is not None:
            on_time(float(time_ns))
    return Motion(times_ns, np.array(positions), np.array(across))


def filled(wire: SimulatedDevice) -> tuple[Problem, NDArray[np.float64]]:
    """Return a wire as numbers without its notch, and its walls before they are relaxed."""
    problem = Problem.of(declare(wire))
    x_nm, y_nm = cell_centres_nm(wire.wire)
    from_wall_nm = x_nm - wire.wire.notch.centre_nm + wire.protocol.farthest_release_nm
    walls = [
        initial_wall(wire.wall.kind, *variant, from_wall_nm, y_nm, wire.wire.width_nm)
        for variant in wire.wall.variants
    ]
    layers = np.broadcast_to(np.array(walls)[:, :, :, None], (len(walls), *wire.wire.cells, 3))
    whole = problem.changed(Ms=np.full_like(problem.Ms, problem.Ms.max()))
    return whole, np.moveaxis(layers, -1, 1).reshape(len(walls), 3, -1)


def periods(motion: Motion, wire: SimulatedDevice) -> list[Period]:
    """Return the speed of each wall and after which time and distance its motion repeats.

    The period is where the correlation of the moment across the wire with itself, a time later,
    first is highest after it was below `REPEATS`, if it is above it there. A wall that moves less
    than a cell rings where it is and has none. What a wall does less than its width from the end of
    the wire is left out.

    Raises
    ------
    InputError
        If a wall was followed for too short a time, or is at the end of the wire at once.
    """
    if len(motion.times_ns) < LEAST_TIMES:
        raise InputError(
            f"a motion of fewer than {LEAST_TIMES} observations, {OBSERVED_EVERY_NS:g} ns apart",
            where="--window-ns",
            remedy="follow the wall for longer",
        )
    found, end_nm = [], wire.wire.length_nm - wire.wire.width_nm
    for position_nm, across_nm in zip(motion.positions_nm.T, motion.across_nm.T, strict=True):
        at_end = position_nm > end_nm
        last = int(np.argmax(at_end)) if at_end.any() else len(position_nm)
        if last < LEAST_TIMES:
            raise InputError(
                f"a wall is at the end of {wire.wire.length_nm:g} nm within "
                f"{motion.times_ns[last]:.2g} ns",
                where="--length-nm",
                remedy="give a longer wire",
            )
        followed = motion.times_ns[:last], position_nm[:last], across_nm[:last]
        found.append(_period(*followed, wire.wire.cell_nm[0]))
    return found


def _period(
    times_ns: NDArray[np.float64],
    position_nm: NDArray[np.float64],
    across_nm: NDArray[np.float64],
    cell_nm: float,
) -> Period:
    speed = (position_nm[-1] - position_nm[0]) / (times_ns[-1] - times_ns[0])
    lags = np.arange(1, max(2, len(times_ns) * 2 // 3))
    correlations = np.array([_correlation(across_nm[:-lag], across_nm[lag:]) for lag in lags])
    low = correlations < REPEATS
    later = np.flatnonzero(~low & (np.cumsum(low) > 0))
    if not later.size or np.ptp(position_nm) < cell_nm:
        highest = correlations[low.argmax() :].max() if low.any() else correlations.min()
        return Period(speed, None, None, float(highest))
    # The first stretch above the bound: its highest point is the period.
    end = later[0] + (np.argmax(low[later[0] :]) or len(low) - later[0])
    best = later[0] + int(correlations[later[0] : end].argmax())
    lag = int(lags[best])
    distance_nm = float(np.mean(position_nm[lag:] - position_nm[:-lag]))
    period_ns = float(times_ns[lag] - times_ns[0])
    return Period(speed, period_ns, distance_nm, float(correlations[best]))


def _correlation(earlier: NDArray[np.float64], later: NDArray[np.float64]) -> float:
    a, b = earlier - earlier.mean(), later - later.mean()
    return float(a @ b / max(np.sqrt((a @ a) * (b @ b)), 1e-300))
