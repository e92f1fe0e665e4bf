"""Early exit: read pass by pass, and stop reading a class once it almost certainly cannot win.

After k reads per synapse neuron i counts S_i passes, with mean k mu_i. Of two classes l and i the
first leads by D = S_l - S_i + k (b_l - b_i), with mean k delta. For every tilt t > 0

    E exp(t (D - k delta)) = exp(k [C_l(t) + C_i(-t)]),
    C_i(t) = sum_j x_j ln E exp(t (X_ij - f_ij))

over single reads X_ij. Knowing the curve, ln E exp(t (X - f)) = ln(1 - f + f e^t) - t f; knowing
nothing of the device, it is at most t^2 / 8 (Hoeffding 1963). If l is not the better class, then
delta <= 0 and

    M_k = mean over tilts of exp(t D - k [C_l(t) + C_i(-t)])

is a nonnegative supermartingale that starts at 1, so that it reaches (n - 1) / risk at any time
with probability risk / (n - 1) at most (Ville 1939). This is Wald's sequential probability ratio
test (1945) mixed over alternatives (Robbins 1970; Howard et al., Ann. Stat. 49, 1055, 2021). Class
i is dropped, and no longer read, once the leader's M over it is that large (successive elimination,
Even-Dar et al. 2006). The best class is dropped only if one of the n - 1 tests errs:

    P(the class that unlimited reads would give is dropped) <= risk

for every image and any choice of passes to test after. Reads must be independent of each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from dwsynapse.kernels import compiled

Floats = NDArray[np.float64]
Knows = Literal["curve", "nothing"]
KNOWS = get_args(Knows)

# Best is t = delta / (variance of the difference in a pass): 0.05 to 2 for trained networks.
TILTS = 2.0 ** np.arange(-4, 2)


@dataclass(frozen=True)
class Decisions:
    """The state of the images after each test, and whether reading ends.

    Parameters
    ----------
    classes
        Leading class of each image, shape (n_looks, n_images).
    reads
        Reads so far.
    open
        Whether more than one class is left, so that the decision is not final.
    made
        Reads of every synapse of each class by the last test, shape (n_images, n_out).
    """

    classes: NDArray[np.int64]
    reads: NDArray[np.int64]
    open: NDArray[np.bool_]
    made: NDArray[np.int64]


class EarlyExit:
    """The test for one network and some images.

    Parameters
    ----------
    f
        Passing probabilities of the synapses, shape (n_out, n_in).
    biases
        Real biases b_i, shape (n_out,).
    pixels
        Binary images, shape (n_images, n_in).
    knows
        What the test knows of the device: its passing ``curve``, or ``nothing``.
    """

    def __init__(self, f: Floats, biases: Floats, pixels: NDArray[np.uint8], knows: Knows):
        self.biases, self.n_active = biases, pixels.sum(axis=1, dtype=np.int64)
        self.up, self.down = (
            np.stack([_cumulants(f, pixels, tilt, knows) for tilt in tilts], axis=-1)
            for tilts in (TILTS, -TILTS)
        )

    def decide(self, sums: Floats, reads: Sequence[int], risk: float) -> Decisions:
        """Decide every image.

        Parameters
        ----------
        sums
            Neuron sums after growing numbers of reads, shape (n_looks, n_images, n_out), from
            `network.cost.growing_sums.growing_sums`.
        reads
            These numbers, shape (n_looks,).
        risk
            Largest probability of dropping the class that unlimited reads would give.
        """
        shape, n_out = sums.shape[:2], sums.shape[2]
        found = Decisions(
            np.empty(shape, np.int64),
            np.empty(shape, np.int64),
            np.empty(shape, bool),
            np.zeros(sums.shape[1:], np.int64),
        )
        needed = len(TILTS) * (n_out - 1) / risk
        _decide(
            *(sums, np.array(reads), self.biases, self.n_active, TILTS, self.up, self.down),
            *(needed, found.classes, found.reads, found.open, found.made),
        )
        return found


def _cumulants(f: Floats, pixels: NDArray[np.uint8], tilt: float, knows: Knows) -> Floats:
    """Return C_i(tilt) of one read of every active synapse, shape (n_images, n_out)."""
    if knows == "curve":
        each = np.log1p(f * np.expm1(tilt)) - tilt * f
    else:
        each = np.full_like(f, tilt**2 / 8)
    return np.asarray(pixels @ each.T)


@compiled()
def _decide(  # type: ignore[no-untyped-def]
    sums, looks, biases, n_active, tilts, up, down, needed, classes, reads, left_open, made
):
    n_looks, n_images, n_out = sums.shape
    for b in range(n_images):
        alive, n_alive, done, leader, spent = np.ones(n_out, np.bool_), n_out, 0, 0, 0
        for look in range(n_looks):
            if n_alive > 1:
                k = looks[look]
                spent += (k - done) * n_alive * n_active[b]
                done = k
                for i in range(n_out):
                    if alive[i]:
                        made[b, i] = k
                scores = np.where(alive, sums[look, b] + k * biases, -np.inf)
                leader = np.argmax(scores)
                for i in range(n_out):
                    if not alive[i] or i == leader:
                        continue
                    lead, evidence = scores[leader] - scores[i], 0.0
                    for t in range(len(tilts)):
                        evidence += np.exp(tilts[t] * lead - k * (up[b, leader, t] + down[b, i, t]))
                        if evidence >= needed:
                            alive[i] = False
                            n_alive -= 1
                            break
            classes[look, b], reads[look, b], left_open[look, b] = leader, spent, n_alive > 1
