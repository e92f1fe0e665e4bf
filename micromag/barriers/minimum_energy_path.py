"""Minimum energy path between two states, with its saddle: a string of images on the sphere."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from micromag.barriers import IMAGES
from micromag.engine.fields_and_energies import Fields
from micromag.engine.problem import Problem
from micromag.engine.steepest_descent import LONGEST_TURN
from micromag.engine.timestep import STABLE_UP_TO, longest_step_s

CONVERGED_A_PER_M = 100.0
MAX_STEPS = 20000

_CLIMB_BELOW = 10.0
"""In units of the remaining torque allowed: below it, the highest image starts to climb."""

_MOMENTUM = 0.9
"""Share of a step perpendicular to the path that the next one keeps; none along the path."""


@dataclass(frozen=True)
class EnergyPath:
    """A path over a ridge of the energy.

    Parameters
    ----------
    m
        Unit vectors, shape (images, 3, cells), from the start to the end.
    energies_J
        Energy of each image, shape (images,).
    lengths
        Path length from the start to each image in radians, shape (images,): the length of a step
        is the root mean square of the angles by which the moments turn.
    torque_A_per_m
        Largest remaining torque of an image: perpendicular to the path, and along it at the saddle.
    """

    m: NDArray[np.float64]
    energies_J: NDArray[np.float64]
    lengths: NDArray[np.float64]
    torque_A_per_m: float

    @property
    def saddle(self) -> int:
        """Number of the image of highest energy."""
        return int(self.energies_J.argmax())

    @property
    def barrier_J(self) -> float:
        """Energy of the saddle above the start."""
        return float(self.energies_J[self.saddle] - self.energies_J[0])


def minimum_energy_path(
    problem: Problem,
    start: NDArray[np.floating],
    end: NDArray[np.floating],
    n_images: int = IMAGES,
    *,
    via: NDArray[np.floating] | None = None,
    climbing: bool = True,
    converged_A_per_m: float = CONVERGED_A_PER_M,
    most_steps: int = MAX_STEPS,
    on_step: Callable[[float], None] | None = None,
) -> EnergyPath:
    """Return the minimum-energy path from one state to another.

    The simplified string method (E, Ren and Vanden-Eijnden, J. Chem. Phys. 126, 164103 (2007)): all
    images descend by their damping torque, with momentum; then they are moved along the path to
    equal distances. Once the
    path has nearly settled, its highest image climbs to the saddle (Henkelman, Uberuaga and
    Jonsson, J. Chem. Phys. 113, 9901 (2000)), and the images before and behind it are spread evenly
    separately. The start is fixed; the end moves only perpendicular to the path, so that it may be
    any state beyond the ridge and need not be a minimum.

    Parameters
    ----------
    problem
        The wire in its static field; its dynamics and temperature do not matter.
    start, end
        Unit vectors, shape (3, cells); the start is a minimum of the energy.
    n_images
        Number of images with the ends, at least 3.
    via
        States that the first guess goes through, shape (states, 3, cells); without them every
        moment turns the short way from the start to the end.
    climbing
        Whether an image climbs to the saddle; else the barrier is that of the highest image.
    converged_A_per_m
        Largest remaining torque |m x H| allowed, perpendicular to the path and, at the saddle,
        along it.
    most_steps
        Steps after which the search stops with an error.
    on_step
        Called with the remaining torque after every step.

    Raises
    ------
    InputError
        If the path does not converge or has no ridge, or if the guess turns a moment by half a turn
        at once.
    """
    states = (start[None], end[None]) if via is None else (start[None], via, end[None])
    string = _String(problem, np.concatenate(states).astype(float), n_images)
    for _ in range(most_steps):
        largest = string.measure()
        if on_step is not None:
            on_step(largest)
        if largest < converged_A_per_m and string.climbs == climbing:
            return string.path()
        if climbing and not string.climbs and largest < _CLIMB_BELOW * converged_A_per_m:
            string.climb()
        else:
            string.move()
    raise InputError(
        f"the path did not converge: "
        f"after {most_steps} steps a torque of {largest:.3g} A/m remains",
        remedy=f"allow more steps, more images or a larger torque than {converged_A_per_m:g} A/m",
    )


class _String:
    """The images during the descent: the torques on them, and their motion.

    Parameters
    ----------
    problem
        The wire in its static field.
    states
        The first guess, shape (states, 3, cells).
    n_images
        Number of images.
    """

    def __init__(self, problem: Problem, states: NDArray[np.float64], n_images: int):
        self._fields = Fields(problem)
        self._metric = problem.Ms / problem.Ms.sum()
        self._free = ~problem.fixed
        self._step = longest_step_s(problem) * float(problem.gamma0.max()) / STABLE_UP_TO
        self._m = _spread(states, self._metric, n_images)
        self._velocity = np.zeros_like(self._m)
        self._climber: int | None = None

    @property
    def climbs(self) -> bool:
        """Whether the highest image climbs to the saddle."""
        return self._climber is not None

    def measure(self) -> float:
        """Compute the torques on the images; return the largest remaining torque in A/m."""
        H, self._energies_J = self._fields.of_states(self._m)
        H *= self._free
        self._force, self._along = _forces(self._m, H, self._energies_J, self._metric)
        if self._climber is not None:
            self._climber = _highest(self._energies_J)
            self._force[self._climber] -= self._along[self._climber]
        self._torque_A_per_m = _largest(self._force)
        return self._torque_A_per_m

    def climb(self) -> None:
        """Let the highest image climb from now on; all momentum is reset."""
        self._climber, self._velocity = _highest(self._energies_J), np.zeros_like(self._m)

    def move(self) -> None:
        """Take a step with the computed torques, and spread the images evenly."""
        m, force, along = self._m, self._force, self._along
        downhill = np.sum(self._metric * self._velocity * force) >= 0
        velocity = _MOMENTUM * downhill * _tangential(self._velocity, m) + self._step * force
        velocity *= min(1.0, LONGEST_TURN / max(_largest(velocity), 1e-300))
        # Without the motion along the path, which the spreading undoes, steep paths fold.
        along[[i for i in (0, -1, self._climber) if i is not None]] = 0
        moved = _normalised(m + velocity + self._step * along)
        self._m, self._velocity = _evenly(moved, self._metric, self._climber), velocity

    def path(self) -> EnergyPath:
        """Return the path with the energies and torques last computed."""
        lengths = _lengths(self._m, self._metric)
        return EnergyPath(self._m, self._energies_J, lengths, self._torque_A_per_m)


def _highest(energies_J: NDArray[np.float64]) -> int:
    """Return the highest image, if it is not one of the ends."""
    highest = int(energies_J.argmax())
    if highest in (0, len(energies_J) - 1):
        raise InputError(
            f"no ridge between the two states: the energy is highest at the "
            f"{'end' if highest else 'start'} of the path",
            remedy="move the end farther beyond the ridge, or raise the field",
        )
    return highest


def _largest(vectors: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.sum(vectors**2, axis=1).max()))


def _forces(
    m: NDArray[np.float64],
    H: NDArray[np.float64],
    energies_J: NDArray[np.float64],
    metric: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the damping torque perpendicular to the path and along it; none acts on the start."""
    torque = _tangential(H, m)
    tangent = _tangential(_uphill_directions(m, energies_J), m)
    squares = np.maximum(np.sum(metric * tangent**2, axis=(1, 2)), 1e-300)
    share = np.sum(metric * torque * tangent, axis=(1, 2)) / squares
    along = share[:, None, None] * tangent
    across = torque - along
    across[0] = 0
    return across, along


def _uphill_directions(
    m: NDArray[np.float64], energies_J: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the direction of the path at each image: towards its higher neighbour.

    With the mean of both directions, steep paths kink. At the top and at the bottom the two
    directions are mixed (Henkelman and Jonsson, J. Chem. Phys. 113, 9978 (2000), eq. 8 to 11).
    """
    steps, climbs = np.diff(m, axis=0), np.diff(energies_J)
    up, down = np.abs(climbs[1:]), np.abs(climbs[:-1])
    most, least = np.maximum(up, down), np.minimum(up, down)
    rising = energies_J[2:] > energies_J[:-2]
    turning = climbs[1:] * climbs[:-1] <= 0
    ahead = np.where(turning, np.where(rising, most, least), rising)
    behind = np.where(turning, np.where(rising, least, most), ~rising)
    inner = ahead[:, None, None] * steps[1:] + behind[:, None, None] * steps[:-1]
    scale = np.maximum(ahead + behind, 1e-300)[:, None, None]
    return np.concatenate([steps[:1], inner / scale, steps[-1:]])


def _evenly(
    m: NDArray[np.float64], metric: NDArray[np.float64], climber: int | None
) -> NDArray[np.float64]:
    """Return the images at equal distances; on each side of a climbing one, which is fixed."""
    if climber is None:
        return _spread(m, metric, len(m))
    first = _spread(m[: climber + 1], metric, climber + 1)
    return np.concatenate([first, _spread(m[climber:], metric, len(m) - climber)[1:]])


def _spread(
    m: NDArray[np.float64], metric: NDArray[np.float64], n_images: int
) -> NDArray[np.float64]:
    """Return `n_images` images at equal distances along a path, of great circles in between."""
    lengths = _lengths(m, metric)
    places = np.linspace(0, lengths[-1], n_images)
    places[-1] = lengths[-1]
    segment = np.clip(np.searchsorted(lengths, places, side="right") - 1, 0, len(m) - 2)
    gaps = np.maximum(np.diff(lengths), 1e-300)
    share = ((places - lengths[segment]) / gaps[segment])[:, None, None]
    a, b = m[segment], m[segment + 1]
    angle = _angles(a, b)[:, None]
    if angle.max() > np.pi - 1e-3:
        raise InputError(
            "a moment makes half a turn from one state of the guessed path to the next, and "
            "could go either way",
            remedy="give states in between",
        )
    sine = np.sin(angle)
    weights = [
        np.divide(np.sin(s * angle), sine, out=s * np.ones_like(angle), where=sine > 1e-9)
        for s in (1 - share, share)
    ]
    spread = _normalised(weights[0] * a + weights[1] * b)
    spread[0], spread[-1] = m[0], m[-1]
    return spread


def _lengths(m: NDArray[np.float64], metric: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the path length from the first image to each, shape (images,)."""
    steps = np.sqrt(np.sum(metric * _angles(m[:-1], m[1:]) ** 2, axis=1))
    return np.concatenate([[0.0], np.cumsum(steps)])


def _angles(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the angles between unit vectors, shape (images, cells); 0 outside the material."""
    apart, together = (np.sqrt(np.sum(v**2, axis=1)) for v in (a - b, a + b))
    return 2 * np.arctan2(apart, together)


def _tangential(v: NDArray[np.float64], m: NDArray[np.float64]) -> NDArray[np.float64]:
    return v - np.sum(v * m, axis=1, keepdims=True) * m


def _normalised(m: NDArray[np.float64]) -> NDArray[np.float64]:
    length = np.sqrt(np.sum(m**2, axis=1, keepdims=True))
    return np.divide(m, length, out=np.zeros_like(m), where=length > 0)
