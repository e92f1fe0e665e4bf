"""The geometry of a simulated wire."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dwsynapse.study.block import Block
from dwsynapse.study.devices.notch_shapes import NotchShape, share_of_opening

Edge = Annotated[float, Field(ge=0.1, le=1000)]


class Notch(Block):
    """One notch, or two facing each other, at the edges of the wire."""

    shape: NotchShape = "V"
    """V (a triangle, its tip inwards), rectangle, or half-circle: half an ellipse where half the
    opening and the depth differ."""
    edges: Literal["both", "top", "bottom"] = "both"
    """Edges of the wire that are notched: both, top (large y) or bottom (small y)."""
    centre_nm: float = Field(default=320.0, ge=1, le=1e6)
    """Distance of the notch from the left end of the wire."""
    covered_fraction: float = Field(default=0.6, ge=1e-3, lt=1)
    """Share of the width that the notches take together at their deepest."""
    opening_nm: float = Field(default=48.0, ge=0.1, le=1e6)
    """Length of each notch along the edge of the wire."""

    def depth_nm(self, width_nm: float) -> float:
        """Return how far each notch reaches into a wire of a width."""
        return self.covered_fraction * width_nm / (2 if self.edges == "both" else 1)

    def half_length_nm(self, from_edge_nm: float, width_nm: float) -> float:
        """Return half the length of a notch at a distance from its edge; negative outside it."""
        depth = from_edge_nm / self.depth_nm(width_nm)
        if depth > 1 + 1e-9:
            return -1.0
        return share_of_opening(self.shape, depth) * self.opening_nm / 2


class Wire(Block):
    """A straight wire with a notch, cut into equal cells."""

    length_nm: float = Field(default=640.0, ge=1, le=1e6)
    """Length, along x, the axis of the field."""
    width_nm: float = Field(default=80.0, ge=1, le=1e5)
    """Width, along y."""
    thickness_nm: float = Field(default=5.0, ge=0.1, le=1e4)
    """Thickness, along z."""
    cell_nm: tuple[Edge, Edge, Edge] = (5.0, 5.0, 5.0)
    """Edges of a cell along x, y and z; part of the model, since it cuts the noise spectrum."""
    smooth_edges: bool = False
    """Whether cells that a notch cuts have the share of the material that is left of them, instead
    of all or nothing."""
    ends: Literal["free", "continued"] = "free"
    """free: the ends attract the wall to the nearer one; continued: a static field replaces the
    rest of an infinite wire, with a head-to-head wall in it."""
    notch: Notch = Notch()
    """The pinning site."""

    @property
    def cells(self) -> tuple[int, int, int]:
        """Number of cells along x, y and z."""
        edges = (self.length_nm, self.width_nm, self.thickness_nm)
        nx, ny, nz = (round(edge / cell) for edge, cell in zip(edges, self.cell_nm, strict=True))
        return nx, ny, nz

    @model_validator(mode="after")
    def _fits(self) -> Self:
        edges = {"length_nm": 0, "width_nm": 1, "thickness_nm": 2}
        for name, axis in edges.items():
            edge, cell, n = getattr(self, name), self.cell_nm[axis], self.cells[axis]
            if n < 1 or abs(n * cell - edge) > 1e-6 * edge:
                raise ValueError(
                    f"cells of {cell:g} nm do not tile {name} = {edge:g}; "
                    f"choose a multiple, for example {max(n, 1) * cell:g}"
                )
        if self.cell_nm[0] > self.width_nm / 2:
            raise ValueError(
                f"cells {self.cell_nm[0]:g} nm long do not resolve a wall, which is about as long "
                f"as the wire is wide; set cell_nm[0] to {self.width_nm / 2:g} or far less"
            )
        half = self.notch.opening_nm / 2
        if not half <= self.notch.centre_nm <= self.length_nm - half:
            raise ValueError(
                "the notch is not on the wire; choose notch.centre_nm and "
                "notch.opening_nm so that it does"
            )
        first_row_nm = self.notch.half_length_nm(self.cell_nm[1] / 2, self.width_nm)
        if first_row_nm < self.cell_nm[0] / 2:
            raise ValueError(
                "the notch is smaller than a cell and would vanish; raise notch.opening_nm or "
                "notch.covered_fraction, or take smaller cells"
            )
        neck_nm = (1 - self.notch.covered_fraction) * self.width_nm
        if neck_nm < 2 * self.cell_nm[1]:
            raise ValueError(
                f"the notch is as wide as the wire: its neck of {neck_nm:g} nm is less than "
                "two cells; lower notch.covered_fraction"
            )
        return self
