"""What distinguishes devices of one kind: rough edges and grains."""

from typing import Literal

from pydantic import Field

from dwsynapse.study.block import Block


class Roughness(Block):
    """Rough edges: each is displaced by a Gaussian process along the wire."""

    sd_nm: float = Field(default=0.0, ge=0, le=1e4)
    """Standard deviation of the displacement of an edge; 0 for straight edges. Displacements
    outwards are cut off at the width of the wire."""
    correlation_nm: float = Field(default=30.0, ge=1, le=1e6)
    """Length xi over which it is correlated, as exp(-(x - x')^2 / xi^2)."""


class Grains(Block):
    """Grains (Voronoi cells of random points) that go through the thickness of the wire."""

    size_nm: float = Field(default=20.0, ge=1, le=1e6)
    """Square root of the mean area of a grain."""
    saturation_sd: float = Field(default=0.0, ge=0, lt=0.5)
    """Spread of Ms from grain to grain: its standard deviation over its mean (log-normal)."""
    anisotropy_J_per_m3: float = Field(default=0.0, ge=0, le=1e8)
    """Mean uniaxial anisotropy constant of a grain; each grain has its own axis."""
    anisotropy_sd: float = Field(default=0.0, ge=0, lt=0.5)
    """Spread of that constant: its standard deviation over its mean (log-normal)."""
    axes: Literal["in-plane", "any"] = "in-plane"
    """Directions of the axes, uniform in the plane of the wire or in space."""


class Disorder(Block):
    """Disorder of one device: the same seed gives the same edges and grains."""

    seed: int = Field(default=0, ge=0, lt=2**32)
    """Another seed is another device of the same kind; independent of the study's seed."""
    roughness: Roughness = Roughness()
    """Rough edges."""
    grains: Grains = Grains()
    """Grain-to-grain variation."""
