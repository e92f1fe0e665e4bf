"""How likely the measured counts are for a wire, the emulator's uncertainty included."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from micromag.calibration.emulator import Emulator, SimulatedCounts
from micromag.calibration.laplace import Mode, laplace, saturated_log_likelihood

Floats = NDArray[np.float64]

DISCREPANCY_LENGTH = 1.0
"""Over which a discrepancy is correlated, where the measured fields extend over 2."""


@dataclass(frozen=True)
class Measured:
    """The measured counts.

    Parameters
    ----------
    fields_mT
        Fields, shape (n_fields,), in rising order.
    trials, passed
        Counts, shape (n_fields,).
    """

    fields_mT: Floats
    trials: Floats
    passed: Floats

    @classmethod
    def of(cls, counts: pd.DataFrame) -> "Measured":
        """Return those of a table with field_mT, n_trials, n_passed."""
        columns = ("field_mT", "n_trials", "n_passed")
        return cls(*(counts[name].to_numpy(dtype=float) for name in columns))

    def scaled(self, field_mT: Floats) -> Floats:
        """Return fields scaled so that the measured ones extend from -1 to 1."""
        low, high = self.fields_mT[0], self.fields_mT[-1]
        return np.asarray(2 * (np.asarray(field_mT) - low) / (high - low) - 1)

    @property
    def saturated(self) -> float:
        """Log-likelihood of probabilities that equal the measured shares."""
        return float(saturated_log_likelihood(self.passed, self.trials))


def discrepancy(sd: Floats, fields: Floats) -> Floats:
    """Return the covariance of what the model leaves out, shape (..., n_fields, n_fields).

    Parameters
    ----------
    sd
        Its standard deviation in log-odds, shape (...,).
    fields
        Scaled fields, shape (n_fields,).
    """
    apart = (fields[:, None] - fields) / DISCREPANCY_LENGTH
    return np.asarray(np.square(sd)[..., None, None] * np.exp(-(apart**2) / 2))


def evidence(emulator: Emulator, measured: Measured, wires: Floats, sd: Floats) -> Mode:
    """Return how likely the measured counts are for each wire, and its log-odds given them.

    The binomial likelihood is integrated over the joint normal distribution of the log-odds at the
    measured fields, which is the emulator's uncertainty and the discrepancy.

    Parameters
    ----------
    emulator
        What is known from simulations.
    measured
        The measured counts.
    wires
        Scaled parameters, shape (n_wires, n_parameters).
    sd
        Standard deviation of the discrepancy, shape (n_wires,).
    """
    fields = measured.scaled(measured.fields_mT)
    mean, covariance = emulator.predict(wires, fields)
    total = covariance + discrepancy(sd, fields)
    return laplace(measured.passed, measured.trials, mean, total)


def simulated_counts(
    wires: Floats, tables: list[pd.DataFrame], measured: Measured
) -> SimulatedCounts:
    """Return simulated counts as the emulator takes them.

    Parameters
    ----------
    wires
        Scaled parameters, shape (n_wires, n_parameters).
    tables
        For each wire, the counts: field_mT, n_trials, n_passed; fields without trials are left out.
    measured
        The measured counts, whose fields scale the others.
    """
    kept = [table[table["n_trials"] > 0] for table in tables]
    wire = np.repeat(np.arange(len(kept)), [len(table) for table in kept])
    rows = pd.concat(kept, ignore_index=True)
    field = measured.scaled(rows["field_mT"].to_numpy(dtype=float))
    return SimulatedCounts(
        np.column_stack([wires[wire], field]),
        wire,
        rows["n_trials"].to_numpy(dtype=float),
        rows["n_passed"].to_numpy(dtype=float),
    )
