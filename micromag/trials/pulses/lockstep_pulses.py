"""One pulse on up to `LANES` walls of a window, in lockstep."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from micromag.engine.equation_of_motion import State, advance, state_of
from micromag.engine.lanes import LANES
from micromag.engine.terms.demag.demag_field import demag_field
from micromag.trials.failed_steps import failures_of
from micromag.trials.pulses.prepared_window import DTYPE, PreparedWindow
from micromag.trials.pulses.wall_place import positions_nm


class Drive(NamedTuple):
    """What a wall is given: its current, and for how long, in ns.

    Parameters
    ----------
    current_uA
        Current of the pulse, negative to drive the wall towards smaller x.
    settle_ns, duration_ns, rest_ns
        Time without current before the pulse, of the pulse, and after it.
    """

    current_uA: float
    settle_ns: float
    duration_ns: float
    rest_ns: float


class Pulsed(NamedTuple):
    """Walls after a pulse and its rest.

    Parameters
    ----------
    m
        Unit vectors, shape (walls, 3, cells).
    before_nm, after_nm
        Position within the window at the beginning of the pulse and at the end of the rest.
    failures
        What went wrong, None for walls where nothing did.
    """

    m: NDArray[np.floating]
    before_nm: NDArray[np.float64]
    after_nm: NDArray[np.float64]
    failures: list[str | None]


def pulse_walls(
    prepared: PreparedWindow,
    m: NDArray[np.floating],
    drives: Sequence[Drive],
    keys: NDArray[np.uint32],
) -> Pulsed:
    """Give each of some walls its pulse.

    Parameters
    ----------
    prepared
        The window.
    m
        Unit vectors, shape (walls, 3, cells) with up to `LANES` walls.
    drives
        What each gets; all have the same times.
    keys
        Key of the noise of each, shape (walls, 2).
    """
    walls = len(m)
    # Lanes without a wall are computed too: they repeat those with one.
    lanes = np.arange(LANES) % walls
    state = state_of(prepared.problem, DTYPE)
    state.m[:] = m[lanes].transpose(1, 2, 0)
    state.key[:] = keys[lanes].T
    equation = prepared.equation
    if equation.demag:
        demag_field(state.m, equation.terms.Ms, equation.kernel, state.work, state.demag[0])
        state.demag[1] = state.demag[0]
    shares = np.array([drive.current_uA for drive in drives])[lanes] / prepared.current_uA
    times = drives[0]
    _go_on(prepared, state, 0.0, times.settle_ns)
    before_nm = positions_nm(prepared.problem, state.m)
    _go_on(prepared, state, shares, times.duration_ns)
    _go_on(prepared, state, 0.0, times.rest_ns)
    after_nm = positions_nm(prepared.problem, state.m)
    total_ns = times.settle_ns + times.duration_ns + times.rest_ns
    return Pulsed(
        state.m[..., :walls].transpose(2, 0, 1).copy(),
        before_nm[:walls],
        after_nm[:walls],
        failures_of(state.stretch[0], _steps(prepared, total_ns), prepared.problem.Ms)[:walls],
    )


def _go_on(
    prepared: PreparedWindow, state: State, current: float | NDArray[np.floating], time_ns: float
) -> None:
    """Advance by a time at a share of the declared current."""
    state.current[:] = current
    advance(state, prepared.equation, _steps(prepared, time_ns))


def _steps(prepared: PreparedWindow, time_ns: float) -> int:
    return round(time_ns * 1e-9 / prepared.dt_s)
