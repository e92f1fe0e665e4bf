"""The fields measured against those set, within the calibration."""

import numpy as np
import pandas as pd
import pytest

from dwsynapse.study import Hardware
from hardware.verification.log_tests.fields_measured import fields_measured


@pytest.mark.parametrize("set_mT", [[5.0, 8.0], [8.0, 8.0]])
def test_rejects_as_seldom_as_it_says(set_mT):
    settings = Hardware(field_offset_sd_mT=0.01, field_scale_sd=0.01)
    rng = np.random.default_rng(1)
    fields_mT = np.tile(set_mT, 100)
    p_values = []
    for _ in range(400):
        scale, offset_mT = 1 + 0.01 * rng.normal(), 0.01 * rng.normal()
        measured_mT = scale * fields_mT + offset_mT + 0.01 * rng.normal(size=len(fields_mT))
        log = pd.DataFrame({"field_set_mT": fields_mT, "field_measured_mT": measured_mT})
        p_values.append(fields_measured(log, settings, 0.01).p_value)
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.04)
