"""Calibration of the electromagnet: from the voltage of its supply to the field."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dwsynapse.io.errors import InputError
from dwsynapse.io.limits import MAX_FIELD_MT
from dwsynapse.io.tables.declared_table import Column, Table

Branch = Literal["rising", "falling"]
Floats = NDArray[np.float64]
BRANCHES: tuple[Branch, ...] = ("rising", "falling")
MAX_VOLTAGE_V = 1e4

COIL = Table(
    kind="coil-calibration",
    version=1,
    columns=(
        Column("branch", "text", choices=BRANCHES),
        Column("voltage_V", "float", low=-MAX_VOLTAGE_V, high=MAX_VOLTAGE_V),
        Column("field_mT", "float", low=-MAX_FIELD_MT, high=MAX_FIELD_MT),
    ),
)
"""Fields measured while the voltage rose through its whole range, and while it fell."""


@dataclass(frozen=True)
class Coil:
    """A calibrated coil: fields between the points of the table lie on straight lines.

    Parameters
    ----------
    path
        The table.
    points
        Voltages and fields of each branch, in rising order, shape (2, n_points).
    """

    path: Path
    points: dict[Branch, Floats]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the table.

        Raises
        ------
        InputError
            If a branch has less than two points, or its field does not rise with the voltage.
        """
        table = COIL.read(path)
        return cls(path, {branch: _branch(table, branch, path) for branch in BRANCHES})

    @property
    def has_hysteresis(self) -> bool:
        """Whether the branches differ: the field depends on where the voltage was before."""
        voltage_V, field_mT = self.points["rising"]
        return not np.allclose(field_mT, np.interp(voltage_V, *self.points["falling"]), atol=1e-9)

    def voltage_V(self, fields_mT: Floats, branch: Branch) -> Floats:
        """Return the voltages that set fields, approached on a branch.

        Raises
        ------
        InputError
            If a field is outside the calibration.
        """
        voltages_V, known_mT = self.points[branch]
        outside = (fields_mT < known_mT[0]) | (fields_mT > known_mT[-1])
        if outside.any():
            raise InputError(
                f"{fields_mT[outside][0]:g} mT are needed, and the {branch} branch goes from "
                f"{known_mT[0]:g} to {known_mT[-1]:g} mT",
                path=self.path,
                where="field_mT",
                remedy="calibrate the coil over the whole range that the program needs",
            )
        return np.interp(fields_mT, known_mT, voltages_V)


def _branch(table: pd.DataFrame, branch: Branch, path: Path) -> Floats:
    points = table[table["branch"] == branch].sort_values("voltage_V")
    values = points[["voltage_V", "field_mT"]].to_numpy(float).T
    if values.shape[1] < 2 or not (np.diff(values) > 0).all():
        raise InputError(
            f"the {branch} branch has {values.shape[1]} points, or a field that does not rise with "
            "the voltage",
            path=path,
            remedy="give two points or more for each branch (rising, falling), each voltage once",
        )
    return values
