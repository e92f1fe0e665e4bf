"""Walls that pass on arrival, as part of the curve of a laboratory's dwell."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dwsynapse.io.contracts import BARRIERS
from dwsynapse.study.fitting import Fitting
from fitting.cli import app
from fitting.device import DeviceModel
from fitting.forms.neel_brown import NeelBrown
from fitting.lifetime.extrapolation_limits import Limits
from fitting.lifetime.fitted_law import LawFit
from fitting.lifetime.prediction import Exposure, content, predict
from fitting.make_device import device_from_counts
from tests.fitting.test_lifetime import LAW, barriers_of, fitted_barriers


def device_of_nanoseconds(folder, passed=(0, 2, 10, 18, 20)):
    counts = pd.DataFrame({"field_mT": [3.0, 4.0, 5.0, 6.0, 7.0], "n_trials": 20})
    settings = Fitting(simulations=9, draws=60)
    device_from_counts(
        counts.assign(n_passed=passed),
        settings,
        name="fast",
        source="simulation",
        seed=0,
        path="counts.csv",
    ).write(folder / "device.json")
    return DeviceModel.read(folder / "device.json")


def test_walls_that_pass_within_nanoseconds_pass_within_any_longer_time(tmp_path):
    arrival = device_of_nanoseconds(tmp_path)
    found = fitted_barriers(barriers_of(NeelBrown(1.0, 60.0, 9.0, 1.5)))
    frame = predict(found, Exposure(dwell_s=1e-6, arrival=arrival), 0.95, Limits())
    fields_mT = frame["field_mT"].to_numpy()
    alone = Exposure(dwell_s=1e-6).probability(found.law, fields_mT)
    share = arrival.curve.probability(fields_mT)
    assert frame["probability"].to_numpy() == pytest.approx(share + (1 - share) * alone)
    # Where hardly any wall depins in the dwell, the band is that of the curve on arrival.
    slow = alone < 1e-6
    low, high = arrival.band(fields_mT[slow], 0.95)
    assert slow.sum() > 20
    assert frame.loc[slow, "low"].to_numpy() == pytest.approx(low, abs=0.01)
    assert frame.loc[slow, "high"].to_numpy() == pytest.approx(high, abs=0.01)
    beyond = frame["field_mT"] > 7
    assert frame.loc[beyond, "reason"].str.contains("above the fields of the curve").all()


def test_the_floor_of_arrival_is_no_part_of_the_rise(tmp_path):
    """Of 20 % that pass at any field, the fields with nothing else were most of the "rise"."""
    arrival = device_of_nanoseconds(tmp_path, passed=(4, 4, 4, 4, 20))
    assert arrival.curve.floor > 0.1
    found = fitted_barriers(barriers_of(NeelBrown(1.0, 60.0, 9.0, 1.5)))
    exposure = Exposure(dwell_s=1e-6, arrival=arrival)
    frame = predict(found, exposure, 0.95, Limits())
    above = frame["probability"].between(arrival.curve.floor + 0.05, 0.95)
    share = content(found, exposure, frame, 0.95)["credible_share_of_rise"]
    assert share == pytest.approx(frame.loc[above, "credible"].mean())
    assert above.sum() < 0.5 * frame["probability"].between(0.05, 0.95).sum()


def test_fields_end_where_all_walls_pass_also_if_static_depinning_may_be_far_above(tmp_path):
    draws = np.array([[3e9, 60.0, critical_mT] for critical_mT in (9.0, 9.1, 90.0)])
    exposure = Exposure(dwell_s=1e-6, arrival=device_of_nanoseconds(tmp_path))
    found = LawFit(NeelBrown(3e9, 60.0, 9.0, 1.5), draws, (5.0, 8.0), None)
    frame = predict(found, exposure, 0.95, Limits())
    assert frame["field_mT"].iloc[[0, -1]].between(3, 12).all()


def test_where_all_walls_pass_on_arrival_nothing_hangs_on_the_law(tmp_path):
    """Attempts of 1e8 to 1e11 Hz are all or nothing at 6 mT, where no wall is left to depin."""
    arrival = device_of_nanoseconds(tmp_path, passed=(0, 20, 20, 20, 20))
    draws = np.array([[attempt_Hz, 60.0, 9.0] for attempt_Hz in np.geomspace(1e8, 1e11, 50)])
    found = LawFit(NeelBrown(3e9, 60.0, 9.0, 1.5), draws, (5.0, 8.0), None)
    for device, wide in ((arrival, False), (None, True)):
        frame = predict(found, Exposure(dwell_s=3e-5, arrival=device), 0.95, Limits())
        at = frame["field_mT"].sub(6).abs().idxmin()
        assert ("band wider" in frame.loc[at, "reason"]) == wide


def test_the_curve_of_arrival_is_for_a_dwell_and_instead_of_a_share(tmp_path):
    device_of_nanoseconds(tmp_path)
    BARRIERS.write(tmp_path / "b.csv", barriers_of(LAW), {})
    told = ["extrapolate", "--barriers", tmp_path / "b.csv", "--arrival", tmp_path / "device.json"]

    def called(*options):
        return CliRunner().invoke(app, [*map(str, told), *options, "--out", str(tmp_path / "out")])

    for options in (["--sweep-mT-per-s", "1"], ["--dwell-s", "1", "--arrival-share", "0.1"]):
        assert "--arrival: is for a dwell, and instead of --arrival-share" in str(
            called(*options).exception
        )
    assert called("--dwell-s", "1e-6", "--draws", "50").exit_code == 0
    found = json.loads((tmp_path / "out" / "prediction.json").read_text())
    assert found["arrival"] == found["device"] == "fast"
