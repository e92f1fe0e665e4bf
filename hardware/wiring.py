"""How the synapses of a program are wired: neurons and inputs are numbered through its layers.

The first inputs are the pixels. The decision of a hidden neuron `out` is the input n_in + `out`,
and the last neurons are the classes. So (out, in) names a synapse of any layer, in programs and in
logs, and a program of one layer is numbered as ever.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple


class Layer(NamedTuple):
    """The numbers of the neurons of a layer, and of its inputs; both index a matrix of synapses."""

    out: slice
    in_: slice

    @property
    def n_out(self) -> int:
        """Neurons of the layer."""
        return self.out.stop - self.out.start

    @property
    def n_in(self) -> int:
        """Inputs of the layer."""
        return self.in_.stop - self.in_.start


def wiring(n_in: int, widths: Sequence[int]) -> tuple[Layer, ...]:
    """Return the layers of a program, from the pixels on.

    Parameters
    ----------
    n_in
        Pixels of an image.
    widths
        Neurons of each layer; those of the last are the classes.
    """
    ends = [0, *accumulate(widths)]
    outs = [slice(start, stop) for start, stop in pairwise(ends)]
    decisions = [slice(n_in + out.start, n_in + out.stop) for out in outs[:-1]]
    return tuple(map(Layer, outs, [slice(0, n_in), *decisions]))
