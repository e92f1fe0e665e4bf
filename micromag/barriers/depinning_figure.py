"""Figure of a pinned wall that is followed to the field at which it leaves the notch."""

from pathlib import Path

import numpy as np

from dwsynapse.io.figure_style import COLOURS, svg_figure
from micromag.barriers.barrier_table import energy_unit
from micromag.barriers.depinning_branch import NEAR_SHARE, DepinningBranch, DepinningLaw


def draw_branch(
    out: Path, branch: DepinningBranch, law: DepinningLaw, temperature_K: float
) -> None:
    """Draw the moment of the wire against field, with its law, and the barriers that follow."""
    unit_J, unit = energy_unit(temperature_K)
    u = np.linspace(np.sqrt(NEAR_SHARE), 0, 200)
    fields_mT = law.critical_mT * (1 - u**2)
    with svg_figure(out, size_inches=(8.4, 3.6), ncols=2) as (_, (left, right)):
        left.plot(branch.fields_mT, branch.moments_A_m2, "o", ms=4, color=COLOURS["data"])
        for sign, style, name in ((1, "-", "pinned"), (-1, "--", "on the saddle")):
            moments = law.moments_A_m2(sign * u)
            left.plot(fields_mT, moments, style, color=COLOURS["fit"], label=name)
        left.axvline(law.critical_mT, color="0.8", linewidth=0.8, zorder=0)
        left.set_xlabel("field (mT)")
        left.set_ylabel(r"moment along the wire (A m$^2$)")
        left.legend(fontsize=8)
        right.plot(fields_mT, law.barriers_J(fields_mT) / unit_J, color=COLOURS["fit"])
        right.set_ylim(bottom=0)
        right.set_xlabel("field (mT)")
        right.set_ylabel(f"barrier ({unit})")
