"""What a current through a track does: spin-transfer torque, or also a spin Hall torque."""

from pydantic import Field

from dwsynapse.study.block import Block


class HeavyMetal(Block):
    """The layer below the track of a device that is driven by spin-orbit torque."""

    current_share: float = Field(default=0.5, gt=0, lt=1)
    """Share of the current that flows in it; the rest flows in the track."""
    thickness_nm: float = Field(default=1.5, ge=0.1, le=100)
    """Thickness."""
    spin_hall_angle: float = Field(default=0.2, ge=-10, le=10)
    """Spin Hall angle, positive as in platinum."""
    field_like_ratio: float = Field(default=0.0, ge=-10, le=10)
    """Field-like torque over damping-like torque."""
    D_J_per_m2: float = Field(default=-5e-4, ge=-0.1, le=0.1)
    """Constant of the interfacial Dzyaloshinskii-Moriya interaction, energy density
    D [m_z div m - (m.grad) m_z]: above 0 walls are left-handed, below 0 right-handed."""
