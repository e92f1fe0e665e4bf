"""Passing that decreases with the field, which a proposal of fields cannot describe."""

import numpy as np

from dwsynapse.io.number_format import percent
from fitting.inference.likelihood import Columns

# Up to this many fields are compared, each with each.
MAX_FIELDS = 500


def fall_advice(columns: Columns, centre_mT: float) -> str:
    """Return where passing decreases most, in standard errors, and which rows to leave out.

    Parameters
    ----------
    columns
        Counts that fail the test of monotonicity.
    centre_mT
        Half of the rise of the curve fitted to them.
    """
    fields_mT, row = np.unique(columns.field_mT, return_inverse=True)
    if len(fields_mT) > MAX_FIELDS:
        return "passing falls somewhere as the field rises, which no curve here describes"
    n, passed = (np.bincount(row, counted) for counted in (columns.n_trials, columns.n_passed))
    share = passed / n
    common = (passed[:, None] + passed) / (n[:, None] + n)
    variance = common * (1 - common) * (1 / n[:, None] + 1 / n)
    drop = np.triu(share[:, None] - share, 1)
    errors = np.where(drop > 0, drop / np.sqrt(np.where(variance > 0, variance, 1.0)), 0.0)
    first, last = np.unravel_index(np.argmax(errors), errors.shape)
    from_mT, to_mT = fields_mT[first], fields_mT[last]
    if from_mT > centre_mT:
        remedy = f"leave out rows above {from_mT:.4g} mT and give --highest-mT {from_mT:.4g}"
    else:
        remedy = f"leave out rows below {to_mT:.4g} mT and give --lowest-mT {to_mT:.4g}"
    return (
        f"passing falls from {percent(share[first])} at {from_mT:.4g} mT to {percent(share[last])} "
        f"at {to_mT:.4g} mT, which no curve here describes; {remedy}"
    )
