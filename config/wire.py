"""A simulated wire: geometry, material, what is done to it, and how it is computed."""

from typing import Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from config.block import Block


class Notch(Block):
    """V notches facing each other on both edges of the wire."""

    centre_nm: PositiveFloat = 320.0
    """Distance of the notch from the left end of the wire."""
    covered_fraction: float = Field(default=0.6, gt=0, lt=1)
    """Share of the width that both notches take together at their deepest."""
    opening_nm: PositiveFloat = 48.0
    """Length of each notch along the edge of the wire."""


class Wire(Block):
    """A straight wire with a notch, cut into equal cells."""

    length_nm: PositiveFloat = 640.0
    """Length, along x, the axis of the field."""
    width_nm: PositiveFloat = 80.0
    """Width, along y."""
    thickness_nm: PositiveFloat = 5.0
    """Thickness, along z."""
    cell_nm: tuple[PositiveFloat, PositiveFloat, PositiveFloat] = (5.0, 5.0, 5.0)
    """Edges of a cell along x, y and z; part of the model, since it cuts the noise spectrum."""
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
        half = self.notch.opening_nm / 2
        if not half <= self.notch.centre_nm <= self.length_nm - half:
            raise ValueError(
                "the notch does not lie on the wire; choose notch.centre_nm and "
                "notch.opening_nm so that it does"
            )
        depth_nm = self.notch.covered_fraction * self.width_nm / 2
        if half * (1 - self.cell_nm[1] / 2 / depth_nm) < self.cell_nm[0] / 2:
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


class Material(Block):
    """A ferromagnet; the default is Permalloy."""

    saturation_magnetisation_A_per_m: PositiveFloat = 8e5
    """Saturation magnetisation Ms."""
    exchange_stiffness_J_per_m: PositiveFloat = 1.3e-11
    """Exchange stiffness A."""
    gilbert_damping: PositiveFloat = 0.02
    """Gilbert damping alpha."""
    anisotropy_J_per_m3: float = 0.0
    """Uniaxial anisotropy constant K."""
    anisotropy_axis: tuple[float, float, float] = (1.0, 0.0, 0.0)
    """Axis of the uniaxial anisotropy."""

    @model_validator(mode="after")
    def _axis_has_direction(self) -> Self:
        if not any(self.anisotropy_axis):
            raise ValueError("anisotropy_axis is zero; give it a direction")
        return self


class Protocol(Block):
    """What is done to the wall and how the outcome of a trial is told."""

    temperature_K: float = Field(default=300.0, ge=0)
    """Temperature."""
    release_distance_nm: PositiveFloat = 160.0
    """Distance left of the notch at which the wall is relaxed and released."""
    window_ns: PositiveFloat = 3.0
    """Time with the field on after which a trial ends."""
    passed_beyond_nm: PositiveFloat = 80.0
    """A wall this far behind the centre of the notch has passed."""
    notch_zone_nm: PositiveFloat = 60.0
    """A wall this near to the centre of the notch is at the notch."""
    pinned_after_ns: PositiveFloat = 1.0
    """A wall at the notch for this long without a break is pinned."""

    @model_validator(mode="after")
    def _zones_are_apart(self) -> Self:
        if self.notch_zone_nm >= min(self.passed_beyond_nm, self.release_distance_nm):
            raise ValueError(
                "notch_zone_nm must be less than passed_beyond_nm and release_distance_nm, "
                "or a trial starts or ends at the notch"
            )
        if self.pinned_after_ns > self.window_ns:
            raise ValueError("pinned_after_ns must not exceed window_ns, or no wall is ever pinned")
        return self


class Numerics(Block):
    """How trials are computed."""

    engine: Literal["embedded", "oommf"] = "embedded"
    """The embedded ensemble engine, or OOMMF through oommfc."""
    time_step_fs: PositiveFloat = 250.0
    """Step of the embedded engine (fourth-order Runge-Kutta); OOMMF's Heun step is 100 fs."""
    observe_every_ps: PositiveFloat = 2.0
    """How often the embedded engine locates the wall; OOMMF does so every 10 ps."""


class Sampling(Block):
    """How many trials are made, and at which fields, round by round."""

    first_fields_mT: tuple[float, ...] = Field(
        default=(4.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0), min_length=2
    )
    """Fields of the first round; later rounds crowd where the curve changes."""
    rounds: PositiveInt = 3
    """Number of rounds."""
    trials_per_round: PositiveInt = 112
    """Trials in each round, shared among its fields."""
    batches_per_round: PositiveInt = 2
    """Jobs that a round is split into."""
    field_step_mT: PositiveFloat = 0.1
    """Fields of later rounds are multiples of this."""

    @model_validator(mode="after")
    def _fields_are_valid(self) -> Self:
        if min(self.first_fields_mT) < 0:
            raise ValueError(
                "first_fields_mT must not be negative: the field drives the wall along +x"
            )
        if len(set(self.first_fields_mT)) != len(self.first_fields_mT):
            raise ValueError("first_fields_mT names a field twice; give each field once")
        if self.trials_per_round < len(self.first_fields_mT):
            raise ValueError("trials_per_round must give every first field at least one trial")
        if self.batches_per_round > self.trials_per_round:
            raise ValueError("batches_per_round must not exceed trials_per_round")
        return self
