"""Shapes of notches in the edge of a wire or a track."""

import math
from typing import Literal

NotchShape = Literal["V", "rectangle", "half-circle"]


def share_of_opening(shape: NotchShape, depth: float) -> float:
    """Return how long a notch is at a depth, over its opening at the edge.

    Parameters
    ----------
    shape
        V, rectangle or half-circle (half an ellipse where opening and depth say so).
    depth
        Distance from the edge over the depth of the notch, 0 to 1.
    """
    return {
        "V": 1 - depth,
        "rectangle": 1.0,
        "half-circle": math.sqrt(max(0.0, 1 - depth**2)),
    }[shape]
