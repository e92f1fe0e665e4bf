"""The junction over a track, and devices whose junctions differ."""

import numpy as np
import pytest

from dwsynapse.io.errors import InputError
from dwsynapse.io.track_geometry import TrackGeometry
from fitting.response.device_spread import device_junction, of_device
from fitting.response.junction import Junction
from tests.fitting.response.small_tables import linear_table

JUNCTION = Junction(6000, 1.5)
TRACK = TrackGeometry(1050, 50, tuple(60 + 30.0 * np.arange(32)), 30, 30)


def test_conductance_goes_from_antiparallel_to_parallel():
    found = JUNCTION.conductance_S([0, 30, 525, 1020, 1050], TRACK) * 6000
    # In units of 1/Rp: 1/2.5 antiparallel, half way between in the middle.
    assert found == pytest.approx([0.4, 0.4, 0.7, 1, 1])
    assert Junction.of_conductances(JUNCTION.antiparallel_S, JUNCTION.parallel_S) == JUNCTION


def test_devices_differ_as_said_and_each_by_its_number_alone():
    several = [device_junction(JUNCTION, 7, i) for i in range(4000)]
    rp = np.array([junction.parallel_ohm for junction in several]) / 6000
    tmr = np.array([junction.tmr for junction in several]) / 1.5
    # Three standard errors: sd / sqrt(n) of means, sd / sqrt(2 n) of standard deviations.
    for values, sd in ((rp, 0.128), (tmr, 0.069)):
        assert values.mean() == pytest.approx(1, abs=3 * sd / np.sqrt(4000))
        assert values.std() == pytest.approx(sd, abs=3 * sd / np.sqrt(8000))
        assert values.min() > 0.5
    assert abs(np.corrcoef(rp, tmr)[0, 1]) < 3 / np.sqrt(4000)
    assert device_junction(JUNCTION, 7, 3999) == several[-1]
    assert device_junction(JUNCTION, 8, 0) != several[0]


def test_a_device_has_the_same_steps_as_a_share_of_its_range():
    table = linear_table()
    own, again = (of_device(table, 1, 5) for _ in range(2))
    assert np.array_equal(own.dG_up_S, again.dG_up_S)
    assert own.range_S != pytest.approx(table.range_S, rel=1e-3)
    for way in (1, -1):
        shares = own.mean_S(way) / own.range_S
        assert shares == pytest.approx(table.mean_S(way) / table.range_S)
    junction = device_junction(Junction.of_conductances(*table.conductances_S[[0, -1]]), 1, 5)
    ends_S = junction.antiparallel_S, junction.parallel_S
    assert own.conductances_S[[0, -1]] == pytest.approx(ends_S)


def test_a_spread_that_reaches_zero_is_refused():
    with pytest.raises(InputError, match=r"rp_sd: 0\.5 is not from 0 to 0\.25"):
        device_junction(JUNCTION, 1, 1, rp_sd=0.5)
