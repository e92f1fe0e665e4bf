"""The design map: what pulses did is counted, with the interval of each share."""

import pandas as pd
import pytest

from dwsynapse.io.contracts import PULSES
from dwsynapse.io.track_geometry import TrackGeometry
from fitting.inference.distributions import wilson_interval
from studies.liu2021 import design_map

TRACK = TrackGeometry(1050.0, 50.0, tuple(60.0 + 30 * i for i in range(32)), 30.0, 30.0)
AFTER = {35.0: (15, 15, 16, -1), 50.0: (16, 16, 16, 16), 70.0: (16, 17, 18, 14)}


@pytest.fixture
def root(tmp_path):
    rows = [
        (i, 1, 0, "stt", 300.0, uA, 1.0, 4.0, 1, 15, 510.0, level, 60 + 30.0 * level)
        for uA, levels in AFTER.items()
        for i, level in enumerate(levels)
    ]
    pulses = pd.DataFrame(rows, columns=[c.name for c in PULSES.columns if c.required][:-1])
    outcome = pulses["level_after"].map(lambda level: "settled" if level >= 0 else "between")
    (folder := tmp_path / "map-7.5-30").mkdir()
    PULSES.write(folder / "pulses.csv", pulses.assign(outcome=outcome), {})
    TRACK.write(folder / "track.json", {})
    (folder / "device.yaml").write_text("source: simulation\ntrack: {notches: {depth_nm: 7.5}}\n")
    return tmp_path


def test_what_pulses_did_is_counted(root):
    rows = {row["current_uA"]: row for row in design_map.numbers(root)}
    shares = {uA: [row[name]["value"] for name in design_map.OUTCOMES] for uA, row in rows.items()}
    assert shares == {35.0: [0.5, 0.25, 0], 50.0: [0, 1, 0], 70.0: [0, 0.25, 0.5]}
    assert [row["elsewhere"] for row in rows.values()] == [1, 0, 1]
    assert rows[50.0]["depth_nm"] == 7.5
    # (50 uA)^2 times 1000 ohm times 1 ns.
    assert rows[50.0]["energy_fJ"] == pytest.approx(2.5)
    low, high = wilson_interval(4, 4, 0.95)
    assert rows[50.0]["one notch"] == {"value": 1.0, "low": pytest.approx(low), "high": high}


def test_the_map_is_drawn(root, tmp_path):
    design_map.draw(tmp_path / "map.svg", design_map.numbers(root))
    assert (tmp_path / "map.svg").stat().st_size > 1000
