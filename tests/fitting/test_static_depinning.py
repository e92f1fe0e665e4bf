"""Survival times of walls whose field of static depinning is known."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from dwsynapse.io.contracts import SURVIVAL
from dwsynapse.io.errors import InputError
from fitting.cli import app
from fitting.forms.neel_brown import NeelBrown
from fitting.lifetime.extrapolation_limits import Limits
from fitting.lifetime.prediction import Exposure, predict
from tests.fitting.test_arrival import device_of_nanoseconds
from tests.fitting.test_lifetime import LAW, fit, walls_of

KNOWN = {"critical_mT": (8.9, 9.1)}
SHORT = [(5.0, 2, 16), (6.0, 2, 16)]


def test_a_known_depinning_field_narrows_the_law():
    walls = walls_of(LAW, 3)
    (low, high), (free_low, free_high) = (
        np.quantile(fit(walls, **options).draws[:, 1], [0.025, 0.975])
        for options in (KNOWN, {"attempt_Hz": (1e9, 1e10)})
    )
    assert low < LAW.barrier_kT < high
    assert np.log(high / low) < 0.9 * np.log(free_high / free_low)


def test_walls_that_all_stayed_bound_the_barrier():
    walls = walls_of(LAW, 1, SHORT)
    assert not walls["depinned"].any()
    found = fit(walls, **KNOWN)
    expected = found.drawn().rate_Hz(np.array([6.0])) * 16 * 2e-9
    # Fifteen expected depinnings, and none seen, have a likelihood of 3e-7; so have few draws.
    assert expected.max() < 15
    assert found.rates_Hz is None
    assert found.fields_mT == (5.0, 6.0)
    assert found.draws[:, 1].min() > 10
    # No law is the likeliest: any barrier that is high enough explains that all stayed.
    assert found.law.barrier_kT == pytest.approx(np.median(found.draws[:, 1]), rel=1e-3)


def test_walls_that_all_stayed_give_a_prediction_with_its_figure(tmp_path):
    SURVIVAL.write(tmp_path / "s.csv", walls_of(LAW, 1, SHORT), {})
    words = ["extrapolate", "--survival", tmp_path / "s.csv", "--critical-mT", "8.9:9.1"]
    words += ["--dwell-s", "1e-6", "--draws", "50", "--out", tmp_path / "out"]
    done = CliRunner().invoke(app, [*map(str, words)])
    assert done.exit_code == 0, done.exception
    assert json.loads((tmp_path / "out/prediction.json").read_text())["observed_rates_Hz"] is None
    assert "n = 32 walls, 0 depinned" in (tmp_path / "out/prediction.svg").read_text()


def test_a_depinning_field_below_all_walls_is_refused():
    with pytest.raises(InputError, match=r"--critical-mT: walls were followed from 5 mT on, and"):
        fit(walls_of(LAW, 1, SHORT), critical_mT=(3.9, 4.1))


def test_walls_at_0_K_have_no_law():
    with pytest.raises(InputError, match="column temperature_K: needs one temperature above 0"):
        fit(walls_of(LAW, 1).assign(temperature_K=0.0))


def test_far_below_walls_that_stayed_none_depins_whatever_the_law_is(tmp_path):
    """The barrier at 17 mT is at least 2 kT, and by the slope there six times that at 6 mT."""
    walls = walls_of(NeelBrown(3e9, 300.0, 20.0), 1, [(17.0, 2, 64)])
    assert not walls["depinned"].any()
    found = fit(walls, critical_mT=(19.8, 20.2))
    arrival = device_of_nanoseconds(tmp_path)
    frame = predict(found, Exposure(dwell_s=1e-7, arrival=arrival), 0.95, Limits())
    far = frame["reason"].str.contains("far outside")
    assert not far[frame["field_mT"] < 6].any()
    # However wide the band of the curve of arrival is: it is no matter of the law.
    assert (frame["high"] - frame["low"])[frame["field_mT"] < 6].max() > 0.3
    assert frame["credible"][frame["field_mT"] < 6].all()
    alone = predict(found, Exposure(dwell_s=1e3, arrival=arrival), 0.95, Limits())
    assert alone["reason"].str.contains("far outside")[frame["field_mT"] < 6].any()


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--survival", "9.1:8.9", "--critical-mT: '9.1:8.9' is not a range within 0.001 to"),
        ("--barriers", "9", "--critical-mT: is for survival times"),
    ],
)
def test_a_range_that_says_nothing_is_refused(tmp_path, option, value, says):
    words = ["extrapolate", option, "t.csv", "--dwell-s", "1", "--critical-mT", value]
    done = CliRunner().invoke(app, [*words, "--out", str(tmp_path)])
    assert says in str(done.exception)
