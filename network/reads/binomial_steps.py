"""What the two exact steps of drawing a binomial number share (`network.reads.neuron_sums`)."""

from dwsynapse.kernels import compiled

CELLS = 2048  # grid cells of probability between 0 and 1/2


@compiled()
def second_attempts(u, n, p):  # type: ignore[no-untyped-def]
    """Return how many of n reads pass with the small probability p, by inversion of u."""
    if u >= n * p:  # above the probability that any passes
        return 0
    term = (1.0 - p) ** n
    more = 1.0 - term
    k = 0
    while u < more and k < n:
        term *= (n - k) / (k + 1.0) * (p / (1.0 - p))
        more -= term
        k += 1
    return k
