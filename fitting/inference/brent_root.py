"""The root of a function between two values, without the slow import of scipy.optimize."""

import math
from collections.abc import Callable

XTOL, RTOL = 2e-12, 8.881784197001252e-16
MAX_ITERATIONS = 100


def brent_root(f: Callable[[float], float], low: float, high: float, xtol: float = XTOL) -> float:
    """Return a root of a function whose signs at two values differ, by Brent's method.

    The same numbers as those of ``scipy.optimize.brentq``, whose algorithm this is.

    Parameters
    ----------
    f
        The function.
    low, high
        Two values.
    xtol
        How far the returned value may be from the root.

    Raises
    ------
    ValueError
        If the signs there do not differ, or the function is NaN between them.
    RuntimeError
        If no root is found in `MAX_ITERATIONS` steps.
    """
    before, now = float(low), float(high)
    f_before, f_now = f(before), f(now)
    if f_before == 0:
        return before
    if f_now == 0:
        return now
    if (f_before < 0) == (f_now < 0):
        raise ValueError(f"no change of sign between {low} and {high}")
    opposite = f_opposite = step_before = step = 0.0
    for _ in range(MAX_ITERATIONS):
        if f_before != 0 and f_now != 0 and (f_before < 0) != (f_now < 0):
            opposite, f_opposite = before, f_before
            step_before = step = now - before
        if abs(f_opposite) < abs(f_now):
            before, now, opposite = now, opposite, now
            f_before, f_now, f_opposite = f_now, f_opposite, f_now
        delta = (xtol + RTOL * abs(now)) / 2
        half = (opposite - now) / 2
        if f_now == 0 or abs(half) < delta:
            return now
        tried = half
        if abs(step_before) > delta and abs(f_now) < abs(f_before):
            if before == opposite:  # a secant
                tried = -f_now * (now - before) / (f_now - f_before)
            else:  # an inverse parabola
                slope = (f_before - f_now) / (before - now)
                to_opposite = (f_opposite - f_now) / (opposite - now)
                rise = f_opposite * to_opposite - f_before * slope
                tried = -f_now * rise / (to_opposite * slope * (f_opposite - f_before))
            if 2 * abs(tried) < min(abs(step_before), 3 * abs(half) - delta):
                step_before, step = step, tried
            else:
                step_before = step = half
        else:
            step_before = step = half
        before, f_before = now, f_now
        now += step if abs(step) > delta else (delta if half > 0 else -delta)
        f_now = f(now)
        if math.isnan(f_now):
            raise ValueError(f"the function is NaN at {now}")
    raise RuntimeError(f"no root found between {low} and {high}")
