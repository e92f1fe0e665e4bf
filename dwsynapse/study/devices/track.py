"""The geometry of a simulated track: a perpendicular strip with many equal notches."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dwsynapse.study.block import Block
from dwsynapse.study.devices.notch_shapes import NotchShape, share_of_opening

CellEdge = Annotated[float, Field(ge=0.1, le=100)]
MIN_WINDOW = 5


class Notches(Block):
    """Equal notches along the track, centred on it: notch i, counted from the left, is level i."""

    shape: NotchShape = "half-circle"
    """half-circle (half an ellipse where half the opening and the depth differ), V (a triangle, its
    tip inwards) or rectangle."""
    edges: Literal["both", "top", "bottom"] = "both"
    """Edges that are notched: both, top (large y) or bottom (small y)."""
    depth_nm: float = Field(default=5.0, ge=0, le=1e4)
    """How far each notch reaches into the track, the radius of a half-circle; 0: a smooth track,
    whose levels only divide it."""
    opening_nm: float = Field(default=10.0, ge=0.1, le=1e5)
    """Length of each notch along the edge, twice the radius of a half-circle."""
    spacing_nm: float = Field(default=40.0, ge=1, le=1e5)
    """From notch to notch; a multiple of the cell."""
    number: int = Field(default=8, ge=2, le=10_000)
    """Number of notches, which are the levels."""

    def half_length_nm(self, from_edge_nm: float) -> float:
        """Return half the length of a notch at a distance from its edge; negative outside it."""
        if self.depth_nm == 0 or from_edge_nm > self.depth_nm * (1 + 1e-9):
            return -1.0
        depth = from_edge_nm / self.depth_nm
        return share_of_opening(self.shape, depth) * self.opening_nm / 2


class Track(Block):
    """A straight track, magnetised up (+z) on the left of its wall and down on the right."""

    length_nm: float = Field(default=440.0, ge=1, le=1e6)
    """Length, along x, fixed ends included."""
    width_nm: float = Field(default=50.0, ge=1, le=1e5)
    """Width, along y."""
    thickness_nm: float = Field(default=1.5, ge=0.1, le=100)
    """Thickness, along z: one layer of cells."""
    cell_nm: tuple[CellEdge, CellEdge] = (5.0, 5.0)
    """Edges of a cell along x and y; part of the model, since it cuts the noise spectrum."""
    fixed_end_nm: float = Field(default=30.0, ge=0, le=1e5)
    """Length at either end over which the magnetisation is fixed, up and down."""
    notches: Notches = Notches()
    """The pinning sites."""
    smooth_edges: bool = False
    """Whether cells that a notch cuts have the share of the material that is left of them, instead
    of all or nothing."""
    window_notches: int | None = Field(default=7, ge=MIN_WINDOW, le=10_001)
    """Number of notches, odd, of the window around the wall that is simulated; the rest of the
    track is static. A pulse must not take the wall to a side of it. null: the whole track."""

    @property
    def cells(self) -> tuple[int, int]:
        """Number of cells along x and y."""
        return round(self.length_nm / self.cell_nm[0]), round(self.width_nm / self.cell_nm[1])

    @property
    def notch_positions_nm(self) -> tuple[float, ...]:
        """Distance of the centre of each notch from the left end of the track."""
        notches = self.notches
        first_nm = (self.length_nm - (notches.number - 1) * notches.spacing_nm) / 2
        return tuple(first_nm + i * notches.spacing_nm for i in range(notches.number))

    @model_validator(mode="after")
    def _cells_fit(self) -> Self:
        edges = {
            "length_nm": (self.length_nm, 0),
            "width_nm": (self.width_nm, 1),
            "notches.spacing_nm": (self.notches.spacing_nm, 0),
            "fixed_end_nm": (self.fixed_end_nm, 0),
        }
        for name, (edge, axis) in edges.items():
            cell = self.cell_nm[axis]
            n = round(edge / cell)
            if abs(n * cell - edge) > 1e-6 * cell:
                raise ValueError(
                    f"cells of {cell:g} nm do not tile {name} = {edge:g}; "
                    f"choose a multiple, for example {max(n, 1) * cell:g}"
                )
        return self

    @model_validator(mode="after")
    def _notches_fit(self) -> Self:
        notches = self.notches
        if notches.depth_nm and notches.opening_nm > notches.spacing_nm:
            raise ValueError(
                f"notches {notches.opening_nm:g} nm long overlap at a spacing of "
                f"{notches.spacing_nm:g} nm; lower notches.opening_nm or raise notches.spacing_nm"
            )
        first_nm, free_nm = self.notch_positions_nm[0], self.length_nm - 2 * self.fixed_end_nm
        if first_nm - notches.spacing_nm / 2 < self.fixed_end_nm - 1e-6:
            raise ValueError(
                f"{notches.number} notches every {notches.spacing_nm:g} nm do not fit between the "
                f"fixed ends, which leave {free_nm:g} nm; raise length_nm or lower notches.number"
            )
        n_edges = 2 if notches.edges == "both" else 1
        neck_nm = self.width_nm - n_edges * notches.depth_nm
        if neck_nm < 2 * self.cell_nm[1]:
            raise ValueError(
                f"the notches are as deep as the track is wide: the necks of {neck_nm:g} nm are "
                "less than two cells; lower notches.depth_nm"
            )
        lost = notches.half_length_nm(self.cell_nm[1] / 2) < self.cell_nm[0] / 2
        if notches.depth_nm and not self.smooth_edges and lost:
            raise ValueError(
                "the notches are smaller than a cell and would vanish; raise notches.opening_nm or "
                "notches.depth_nm, take smaller cells or set smooth_edges to true"
            )
        return self

    @model_validator(mode="after")
    def _window_fits(self) -> Self:
        window = self.window_notches
        if window is not None and window % 2 == 0:
            raise ValueError(
                f"a window of {window} notches has none in its middle; set window_notches to an "
                "odd number"
            )
        if window is not None and window > self.notches.number:
            raise ValueError(
                f"a window of {window} notches in a track that has {self.notches.number}; lower "
                "window_notches, or set it to null for the whole track"
            )
        return self
