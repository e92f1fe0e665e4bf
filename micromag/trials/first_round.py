"""The first round of a device's trials, at the fields of the study."""

import numpy as np
import pandas as pd

from dwsynapse.study import Sampling


def first_plan(sampling: Sampling) -> pd.DataFrame:
    """Return the plan of the first round: its fields, trials shared equally, replicas from 0."""
    fields = np.array(sampling.first_fields_mT)
    shares = np.array_split(np.arange(sampling.trials_per_round), len(fields))
    return pd.DataFrame(
        {
            "field_mT": fields,
            "n_trials": [len(share) for share in shares],
            "first_replica": [int(share[0]) for share in shares],
        }
    )
