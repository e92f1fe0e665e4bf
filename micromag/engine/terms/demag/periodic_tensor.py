"""Demagnetisation tensor of grids that repeat along some axes without end.

The potential of a point is an integral of Gaussians, 1/r = 2 / sqrt(pi) int_0^inf exp(-t^2 r^2) dt,
and a Gaussian is a product over the axes: averages over cells, derivatives and sums over images are
taken axis by axis, in closed form or with series that end after a few terms. The trapezoidal rule
in log t converges exponentially. (Exl, Abert, Mauser, Schrefl, Stimming and Suess, Math. Models
Methods Appl. Sci. 24, 1877 (2014), here with images.)
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, erfc

Factors = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
"""Averages of a Gaussian, its slope and its curvature, each of shape (nodes, offsets)."""

LOG_STEP = 1 / 7
"""Step in log t. A Gaussian of t e^(i phi) decays up to phi = pi/4: the rule's relative error is
exp(-2 pi (pi/4) / step), 1e-15."""
LOG_ACCURACY = 32.0
"""Negative logarithm of what the ends of the integral may leave out."""
GAUSSIAN_ENDS = 6.5
"""Where exp(-x^2) is below 1e-18."""
NODES_AT_ONCE = 32
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(10)


def periodic_tensor(
    cells: tuple[int, int, int],
    cell_m: tuple[float, float, float],
    periodic: tuple[bool, bool, bool],
) -> NDArray[np.float64]:
    """Return the tensor between a cell and every cell at an offset, with all its images.

    As `newell.demagnetisation_tensor`, summed over the images of the source along every periodic
    axis; to about 1e-13. Where all three are periodic the sum depends on the shape of the whole:
    here it has no charges at its surface, and a uniform magnetisation has no field.

    Parameters
    ----------
    cells
        Number of cells along x, y and z, which is the period along a periodic axis.
    cell_m
        Edges of a cell in m.
    periodic
        Along which axes the grid repeats.

    Returns
    -------
    numpy.ndarray
        Shape (6, nx, ny, nz) in the order of `newell.COMPONENTS`, dimensionless.
    """
    edges = np.array(cell_m) / min(cell_m)
    # The integrand falls as 1/t beyond the cells, and towards 0 as t^3, slower by t for each
    # periodic axis.
    first = -np.log((edges * cells).max()) - LOG_ACCURACY / max(3 - sum(periodic), 1)
    t = np.exp(np.arange(first, LOG_ACCURACY, LOG_STEP))
    tensor = np.zeros((6, *cells))
    for some in np.array_split(t, -(-t.size // NODES_AT_ONCE)):
        x, y, z = (
            _axis_factors(some, n, float(edge), repeats)
            for n, edge, repeats in zip(cells, edges, periodic, strict=True)
        )
        # dt = t d(log t), and the sign of N = -grad grad.
        weights = -LOG_STEP * some[:, None] * np.prod(edges) / (2 * np.pi**1.5)
        for component, (i, j, k) in enumerate(
            [(2, 0, 0), (0, 2, 0), (0, 0, 2), (1, 1, 0), (1, 0, 1), (0, 1, 1)]
        ):
            factors = weights * x[i], y[j], z[k]
            tensor[component] += np.einsum("qx,qy,qz->xyz", *factors, optimize=True)
    return tensor


def _axis_factors(t: NDArray[np.float64], n: int, edge: float, repeats: bool) -> Factors:
    """Return the factors of an axis for offsets of 0 to n - 1 cells, with all images."""
    offsets = edge * np.arange(n)
    if not repeats:
        return _single(t, offsets, edge)
    period = edge * n
    # Of either half of the period the other one is the mirror image.
    near = np.minimum(offsets, period - offsets)
    sign = np.where(near < offsets, -1.0, 1.0) * (2 * near != period)
    # Narrow Gaussians reach the nearest images only; wide ones are sums of few waves.
    narrow = t * period > GAUSSIAN_ENDS
    images = [_single(t[narrow], near + shift, edge) for shift in (-period, 0.0, period)]
    value, slope, curvature = (
        np.concatenate([wide, sum(few)])
        for wide, *few in zip(_waves(t[~narrow], near, edge, period), *images, strict=True)
    )
    return value, sign * slope, curvature


def _waves(t: NDArray[np.floating], x: NDArray[np.floating], edge: float, period: float) -> Factors:
    """Return the factors summed over all images as a Fourier series (Poisson's formula)."""
    most = int(np.ceil(GAUSSIAN_ENDS**2 / np.pi)) + 1
    k = 2 * np.pi / period * np.arange(most)
    amplitude = np.sqrt(np.pi) / (t[:, None] * period) * np.exp(-((k / (2 * t[:, None])) ** 2))
    amplitude = amplitude * np.where(k > 0, 2, 1) * np.sinc(k * edge / (2 * np.pi)) ** 2
    cos, sin = np.cos(np.outer(k, x)), np.sin(np.outer(k, x))
    return amplitude @ cos, (-k * amplitude) @ sin, (-(k**2) * amplitude) @ cos


def _single(t: NDArray[np.floating], x: NDArray[np.floating], edge: float) -> Factors:
    """Return exp(-t^2 x^2) and its derivatives averaged over both cells, without images."""
    wide = t * edge < 1
    parts = [_averaged(t[wide], x, edge), _differences(t[~wide], x, edge)]
    value, slope, curvature = (np.concatenate(pair) for pair in zip(*parts, strict=True))
    return value, slope, curvature


def _averaged(t: NDArray[np.floating], x: NDArray[np.floating], edge: float) -> Factors:
    """Return the averages by Gauss's rule: the distance of two cells' points is a triangle."""
    share = (_POINTS + 1) / 2
    totals = [np.zeros((t.size, x.size)) for _ in range(3)]
    square = t[:, None] ** 2
    for part, weight in zip(share, _WEIGHTS / 2 * (1 - share), strict=True):
        for place in (x + part * edge, x - part * edge):
            gaussian = weight * np.exp(-square * place**2)
            totals[0] += gaussian
            totals[1] += -2 * square * place * gaussian
            totals[2] += (4 * (square * place) ** 2 - 2 * square) * gaussian
    return totals[0], totals[1], totals[2]


def _differences(t: NDArray[np.floating], x: NDArray[np.floating], edge: float) -> Factors:
    """Return the averages as second differences of antiderivatives."""
    t = t[:, None]
    places = (x + edge, x, x - edge)

    def second(parts: list[NDArray[np.floating]]) -> NDArray[np.float64]:
        return (parts[0] - 2 * parts[1] + parts[2]) / edge**2

    gaussians = [np.exp(-((t * place) ** 2)) for place in places]
    slopes = [np.sqrt(np.pi) / (2 * t) * erf(t * place) for place in places]
    # Without sqrt(pi) |x| / (2 t), whose difference is 0 but where x is: digits far away are kept.
    rest = [
        gaussian / (2 * t**2) - np.sqrt(np.pi) / (2 * t) * abs(place) * erfc(t * abs(place))
        for gaussian, place in zip(gaussians, places, strict=True)
    ]
    value = second(rest) + np.sqrt(np.pi) / (t * edge) * (x == 0)
    return value, second(slopes), second(gaussians)
