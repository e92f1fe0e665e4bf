"""The table of barriers, and their figure."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dwsynapse.io.figure_style import COLOURS, svg_figure
from micromag.barriers.depinning_branch import SETTLED_A_PER_M, DepinningBranch, DepinningLaw
from micromag.barriers.notch_barriers import Barrier
from micromag.engine.constants import BOLTZMANN_J_PER_K


def table_of(barriers: Sequence[Barrier], temperature_K: float) -> pd.DataFrame:
    """Return the rows of a table `dwsynapse.io.contracts.BARRIERS`."""
    return pd.DataFrame([_row(barrier, temperature_K) for barrier in barriers])


def table_of_branch(
    branch: DepinningBranch, law: DepinningLaw, temperature_K: float
) -> pd.DataFrame:
    """Return such rows for the fields near depinning that a law of the moment was fitted to."""
    fields_mT = branch.fields_mT[branch.near]
    return pd.DataFrame(
        {
            "field_mT": fields_mT,
            "barrier_J": law.barriers_J(fields_mT),
            "temperature_K": temperature_K,
            "pinned_position_nm": np.round(branch.positions_nm[branch.near], 2),
            "saddle_position_nm": None,
            "converged_A_per_m": SETTLED_A_PER_M,
        }
    )


def _row(barrier: Barrier, temperature_K: float) -> dict[str, Any]:
    pinned = barrier.pinned is not None
    return {
        "field_mT": barrier.field_mT,
        "barrier_J": barrier.barrier_J,
        "temperature_K": temperature_K,
        "pinned_position_nm": round(float(barrier.positions_nm[0]), 2) if pinned else None,
        "saddle_position_nm": (
            round(float(barrier.positions_nm[barrier.saddle]), 2) if pinned else None
        ),
        "converged_A_per_m": barrier.torque_A_per_m if pinned else None,
    }


def energy_unit(temperature_K: float) -> tuple[float, str]:
    """Return the unit of energies in figures, in J, and its name: kB T, or J at 0 K."""
    if not temperature_K:
        return 1.0, "J"
    return BOLTZMANN_J_PER_K * temperature_K, f"$k_B T$ at {temperature_K:g} K"


def draw_barriers(out: Path, barriers: Sequence[Barrier], temperature_K: float) -> None:
    """Draw the barrier against the field, and the energy along each path."""
    unit_J, unit = energy_unit(temperature_K)
    with svg_figure(out, size_inches=(8.4, 3.6), ncols=2) as (_, (left, right)):
        fields_mT = [barrier.field_mT for barrier in barriers]
        heights = [barrier.barrier_J / unit_J for barrier in barriers]
        left.plot(fields_mT, heights, "o-", color=COLOURS["data"])
        left.set_ylim(bottom=0)
        left.set_xlabel("field (mT)")
        left.set_ylabel(f"barrier ({unit})")
        with_path = [barrier for barrier in barriers if barrier.pinned is not None]
        for number, barrier in enumerate(with_path):
            energies = (barrier.energies_J - barrier.energies_J[0]) / unit_J
            shade = 0.3 + 0.7 * number / max(1, len(barriers) - 1)
            right.plot(
                barrier.positions_nm,
                energies,
                ".-",
                color=COLOURS["data"],
                alpha=shade,
                label=f"{barrier.field_mT:g} mT",
            )
        right.axhline(0, color="0.8", linewidth=0.8, zorder=0)
        right.set_xlabel("wall position (nm)")
        right.set_ylabel(f"energy above the pinned wall ({unit})")
        if with_path:
            right.legend(fontsize=8)
