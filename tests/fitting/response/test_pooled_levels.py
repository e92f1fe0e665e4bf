"""Single pulses from some levels stand for those from all."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dwsynapse.io.contracts import PULSES
from fitting.cli import app
from fitting.response.inputs.pooled_levels import at_every_level, levels_to_pool
from fitting.response.response_table import ResponseTable
from tests.fitting.response.small_trains import TRACK

STEPS = {1: (0, 1, 1, 1, 2), -1: (-1, 0, 1, 1, 1)}
LEVEL_S = 30 / 300 * 0.6 / 6000
"""Conductance from one notch to the next, with the junction of the test."""


def singles(levels=(4,), walls=40):
    """Return single pulses whose steps are exactly `STEPS`, walls half a nanometre off."""
    rows = []
    for level in levels:
        for wall in range(walls):
            for way in (1, -1):
                after = level + way * STEPS[way][wall % 5]
                at = [TRACK.notch_positions_nm[i] + 0.5 for i in (level, after)]
                name = 2 * (wall * 9 + level) + (way < 0), 1, 0, "sot", 300.0, 33.0 * way, 0.5, 4.0
                rows.append((*name, way, level, at[0], after, at[1], "settled"))
    return pd.DataFrame(rows, columns=[c.name for c in PULSES.columns if c.required])


def test_pulses_are_repeated_at_each_level_and_stop_at_the_ends():
    pulses = singles(walls=5)
    everywhere = at_every_level(pulses, TRACK)
    assert len(everywhere) == 8 * len(pulses)
    up = everywhere[everywhere["direction"] > 0]
    assert set(up["level_before"]) == set(range(8))
    moved_nm = up["position_after_nm"] - up["position_before_nm"]
    inner = moved_nm[up["level_before"] < 6].to_numpy().reshape(-1, 5)
    assert inner == pytest.approx(30 * np.tile(STEPS[1], (6, 1)))
    # The last notch is at 300 nm, where walls half a nanometre beyond it are put, too.
    assert moved_nm[up["level_before"] == 7].tolist() == pytest.approx([0, 29.5, 29.5, 29.5, 29.5])


def test_what_is_pooled():
    assert levels_to_pool(singles((2, 4)), TRACK) == [2, 4]
    everywhere = singles(range(2, 7)).assign(level_before=lambda p: p["replica"] % 9)
    assert levels_to_pool(everywhere, TRACK) == []
    assert levels_to_pool(singles().assign(pulse=3), TRACK) == []


def response(pulses, folder):
    PULSES.write(folder / "pulses.csv", pulses, {})
    TRACK.write(folder / "track.json", {})
    words = ["response", folder / "pulses.csv", "--rp-ohm", 6000, "--tmr", 1.5, "--draws", 50]
    words += ["--out", folder / "out"]
    return CliRunner().invoke(app, [*map(str, words)], catch_exceptions=False)


def test_few_pulses_of_one_level(tmp_path):
    said = response(singles(walls=10), tmp_path).output
    assert "fewer than 20 pulses a direction, 10, stand for all levels; simulate more" in said


def test_the_response_of_one_level(tmp_path):
    done = response(singles(), tmp_path)
    assert "pulses from level 4 stand for those from all 9" in done.output
    assert "warning" not in done.output
    found = json.loads((tmp_path / "out/response.json").read_text())
    assert found["pulses"]["pooled_levels"] == [4]
    assert found["up"]["n_pulses"] == 40
    # That steps are the same at all levels was taken, not found.
    assert found["up"]["nonlinearity"] == {"value": None, "low": None, "high": None}
    assert found["asymmetry"]["value"] is None
    table = ResponseTable.read(tmp_path / "out/response.npz")
    # Quantiles between two of 40 pulses are interpolated: means are off by up to a step of 40.
    assert table.mean_S(1)[:6] == pytest.approx(LEVEL_S * np.ones(6), abs=LEVEL_S / 40)
    assert table.mean_S(-1)[3:8] == pytest.approx(-0.4 * LEVEL_S * np.ones(5), abs=LEVEL_S / 40)
    tests = {test["test"]: test["n"] for test in found["tests"]}
    assert tests == {"symmetry": 80}
