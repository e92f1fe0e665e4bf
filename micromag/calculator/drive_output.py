"""The output of a drive: a table in OOMMF's format and the magnetisation of its steps."""

from collections.abc import Sequence
from pathlib import Path

import micromagneticmodel as mm
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from micromag.calculator.quantities import Quantities, Quantity
from micromag.engine.constants import MU0
from micromag.engine.problem import field_of

UNITS = {"t": "s", "max_mxHxm": "A/m"}


class Output:
    """Collects the rows of a drive's table and writes its files into the working folder.

    Parameters
    ----------
    system
        The system that is driven.
    ovf_format
        bin8, bin4 or txt.
    fixed_subregions
        Subregions whose cells keep their magnetisation.
    """

    def __init__(
        self, system: mm.System, ovf_format: str, fixed_subregions: Sequence[str] | None = None
    ):
        self.quantities = Quantities(system, fixed_subregions)
        self._system, self._format = system, ovf_format
        self._rows: list[dict[str, float]] = []

    def save(self, m: NDArray[np.floating], **columns: float) -> NDArray[np.float64]:
        """Write a step's magnetisation and add its row to the table.

        Parameters
        ----------
        m
            Unit vectors, shape (3, cells).
        **columns
            The last columns of the row; `t` is the time at which applied fields are evaluated.

        Returns
        -------
        numpy.ndarray
            The torque |m x H| of each cell in A/m, 0 in fixed ones, shape (cells,).
        """
        fields, densities = self.quantities.of(m, columns.get("t", 0.0))
        volume = self.quantities.problem.cell_volume_m3
        energies = {f"E_{name}": volume * float(w.sum()) for name, w in densities.items()}
        torque = np.linalg.norm(np.cross(m, sum(fields.values()), axis=0), axis=0)
        torque = torque * ~self.quantities.problem.fixed
        number = len(self._rows)
        self._rows.append(
            {"E": sum(energies.values()), **energies, **self._applied_mT(fields)}
            | dict(zip(("mx", "my", "mz"), self.mean(m).tolist(), strict=True))
            | {"max_mxHxm": float(torque.max())}
            | columns
        )
        path = Path(f"{self._system.name}-{number:07d}.omf")
        field_of(self._system, m).to_file(path, representation=self._format)
        return torque

    def mean(self, m: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the mean magnetisation over the saturation magnetisation, of shape (3, ...).

        `m` are unit vectors of shape (3, cells, ...).
        """
        Ms = self.quantities.problem.Ms
        return np.tensordot(m, Ms / Ms.sum(), axes=(1, 0))

    def close(self) -> None:
        """Write the table."""
        write_odt(Path(f"{self._system.name}.odt"), pd.DataFrame(self._rows))

    def _applied_mT(self, fields: Quantity) -> dict[str, float]:
        inside = int(np.argmax(self.quantities.problem.Ms > 0))
        return {
            f"B{axis}_{term.name}": float(fields[term.name][i, inside]) * MU0 * 1e3
            for term in self.quantities.applied
            if term.uniform
            for i, axis in enumerate("xyz")
        }


def write_odt(path: Path, table: pd.DataFrame) -> None:
    """Write a table as an OOMMF data table (ODT 1.0), which ubermagtable reads.

    Units follow from the first letter of a column's name, E in J and B in mT, or from `UNITS`.
    """
    names = [str(name) for name in table.columns]
    units = [UNITS.get(name, {"E": "J", "B": "mT"}.get(name[0], "{}")) for name in names]
    # Readers look for names by the prefix of OOMMF's extensions.
    lines = [
        "# ODT 1.0",
        "# Table Start",
        "# Title: dwsynapse, embedded engine",
        "# Columns: " + " ".join(f"Oxs_{name}" for name in names),
        "# Units: " + " ".join(units),
        *(" ".join(f"{value:.17g}" for value in row) for row in table.to_numpy(dtype=float)),
        "# Table End",
    ]
    path.write_text("\n".join(lines) + "\n")
