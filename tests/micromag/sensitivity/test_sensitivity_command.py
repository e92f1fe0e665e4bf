"""The command: its files, what it keeps, and what it refuses."""

import json
import re
import shlex

import numpy as np
import pandas as pd
import pytest
import typer
from scipy.special import expit
from tqdm import tqdm
from typer.testing import CliRunner

from dwsynapse.io.contracts import COUNTS, PLAN, TRIALS
from dwsynapse.io.errors import InputError
from dwsynapse.io.records import forget
from dwsynapse.study.reading import block_text
from micromag.cli import app
from micromag.sensitivity.report import SENSITIVITY
from micromag.sensitivity.sensitivity_command import sensitivity_command
from micromag.wires.wire_folder import WireFolder
from tests.micromag.tiny_wire import TINY

VARY = ["gilbert_damping=0.025,0.015", "notch.opening_nm=30"]
FIELDS = ["7", "7.5", "8", "8.5"]


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "tiny.yaml"
    path.write_text(block_text(TINY))
    return path


@pytest.fixture
def formula(monkeypatch):
    """Let a formula simulate wires; return a list of those that were simulated."""
    made = []

    def outcomes(self, threads, bar):
        made.append(self.device)
        alpha = self.device.material.numbers.gilbert_damping
        opening_nm = self.device.wire.notch.opening_nm
        rows = []
        for field, n, first in self.plan.itertuples(index=False):
            p = expit(3 * (field - 7.8 - 60 * (alpha - 0.02) + 0.01 * (opening_nm - 24)))
            noise = np.random.default_rng([self.seed, first]).random(n)
            outcome = np.where(noise < p, "passed", "pinned")
            rows += [(field, first + i, outcome[i]) for i in range(n)]
        return pd.DataFrame(rows, columns=["field_mT", "replica", "outcome"])

    monkeypatch.setattr(WireFolder, "outcomes", outcomes)
    return made


def run(config, out, vary=VARY, fields=FIELDS, **options):
    options = {"counts": None, "replicas": 100, **options}
    sensitivity_command(config, out, vary, fields, **options)


def test_wires_are_compared_in_the_same_noise(config, formula, tmp_path):
    run(config, tmp_path / "a")
    # The declared wire, one with smooth edges for the notch, and three variations; each once.
    assert len(formula) == 5
    assert {device.numerics.noise for device in formula} == {"common"}
    content = json.loads((tmp_path / "a/sensitivity.json").read_text())
    found = {one["variation"]: one for one in content["variations"]}
    assert list(found)[-1] == "opening of the notch 24 → 30 nm"
    opening = found["opening of the notch 24 → 30 nm"]
    assert opening["compared_with"] == {"wire.smooth_edges": True}
    damped = found["damping 0.02 → 0.025"]
    assert damped["centre_shift_mT"]["low"] < 0.3 < damped["centre_shift_mT"]["high"]
    assert damped["centre_shift_mT"]["low"] > 0
    # A curve that only moves passes no wall that the other did not.
    assert damped["passed"]["varied_only"] == [0, 0, 0, 0]
    assert damped["pairs"] == [100] * 4
    # All pairs that differ do so in one way: twice 2^-n.
    assert damped["p_value"] == pytest.approx(2.0 ** (1 - damped["pairs_that_differ"]))
    assert damped["saved_factor"] > 2
    saved = content["common_noise"]
    assert saved["independent_trials"] > 2 * saved["trials"] == 2 * 1200
    table = SENSITIVITY.read(tmp_path / "a/sensitivity.csv")
    assert table["variation"].tolist() == list(found)
    assert table["centre_shift_mT"].abs().is_monotonic_decreasing
    assert "damping 0.02 → 0.025" in (tmp_path / "a/sensitivity.svg").read_text()

    run(config, tmp_path / "b", vary=list(reversed(VARY)))
    for name in ("sensitivity.json", "sensitivity.csv", "sensitivity.svg"):
        one, other = ((tmp_path / folder / name).read_bytes() for folder in "ab")
        assert one == other, name


def test_what_the_wire_does_not_allow_is_left_out_with_a_line(config, formula, tmp_path, capsys):
    run(config, tmp_path / "out", vary=[*VARY, "time_step_fs=5000"])
    line = "left out: time step 500 → 5000 fs: a step of 5000 fs"
    assert capsys.readouterr().err.count(line) == 1
    content = json.loads((tmp_path / "out/sensitivity.json").read_text())
    assert list(content["left_out"]) == ["time step 500 → 5000 fs"]
    assert len(content["variations"]) == 3


def test_the_default_variations_of_a_wire_are_made(config, formula, tmp_path):
    run(config, tmp_path / "out", vary=None, replicas=20)
    content = json.loads((tmp_path / "out/sensitivity.json").read_text())
    assert len(content["variations"]) + len(content["left_out"]) == 28


def test_wires_can_be_simulated_elsewhere(config, tmp_path, capsys, monkeypatch):
    def relax(device, *_):
        if device.material.numbers.gilbert_damping == 0.015:
            raise InputError("a transverse wall is not stable in this wire", where="wall.kind")

    monkeypatch.setattr("micromag.wires.wire_folder.relax_and_describe", relax)
    with pytest.raises(typer.Exit):
        run(config, tmp_path / "out", plan_only=True)
    lines = capsys.readouterr().out.splitlines()
    # A wire that holds no wall is left out when the others are there.
    assert len(lines) == 4
    assert all(re.match(r"dwsynapse micromag simulate --config \S+device.yaml", x) for x in lines)
    plan = PLAN.read(re.search(r"--plan (\S+)", lines[0])[1])
    # Replicas follow from the field: more fields leave those of others as they are.
    assert plan["first_replica"].tolist() == [7_000_000, 7_500_000, 8_000_000, 8_500_000]


def test_trials_of_the_printed_command_are_not_simulated_again(tmp_path):
    wire = WireFolder(TINY, {10.0: 1}, tmp_path, seed=3)
    wire.prepare()
    _, room, *words = shlex.split(wire.command)
    assert room == "micromag"
    CliRunner().invoke(app, words, catch_exceptions=False)
    assert wire.simulated()
    made = (wire.path / "trials.csv").read_bytes()
    with tqdm(total=1) as bar:
        wire.outcomes(1, bar)
    assert (wire.path / "trials.csv").read_bytes() == made


@pytest.mark.parametrize("other", ["code", "wall", "seed", "nothing stated"])
def test_trials_of_other_code_or_of_another_wall_are_to_be_simulated_again(
    tmp_path, other, monkeypatch
):
    """What is printed for a cluster is then what this command would simulate itself."""
    wire = WireFolder(TINY, {10.0: 1}, tmp_path, seed=3, by_field=True)
    assert not wire.simulated()
    with tqdm(total=1) as bar:
        wire.outcomes(1, bar)
    assert wire.simulated()
    table = wire.path / "trials.csv"
    if other == "code":
        monkeypatch.setattr("dwsynapse.io.files.fingerprint", lambda room: "other")
    elif other == "wall":
        wall = wire.path / "wall.omf"
        wall.write_bytes(wall.read_bytes() + b"\n")
        forget(wall)
    elif other == "seed":
        table.write_text(table.read_text().replace('"seed": 3', '"seed": 4'))
        forget(table)
    else:
        rows = [line for line in table.read_text().splitlines(True) if line[0] != "#"]
        table.write_text("# format: dwsynapse-trials 1\n" + "".join(rows))
        forget(table)
    assert not wire.simulated()


def test_more_trials_and_fields_add_to_those_of_a_wire(tmp_path):
    few = WireFolder(TINY, {10.0: 2}, tmp_path, seed=3, by_field=True)
    more = WireFolder(TINY, {10.0: 3, 20.0: 1}, tmp_path, seed=3, by_field=True)
    assert few.path == more.path
    with tqdm(total=6) as bar:
        first = few.outcomes(1, bar)
        assert few.simulated()
        assert not more.simulated()
        speed = json.loads((few.path / "trials.speed.json").read_text())
        all_of_them = more.outcomes(1, bar)
        again = json.loads((few.path / "trials.speed.json").read_text())
        assert bar.n == 6
    assert more.simulated()
    assert few.simulated()
    pd.testing.assert_frame_equal(all_of_them.iloc[:2], first)
    assert TRIALS.read(more.path / "trials.csv")["replica"].tolist() == [
        *(10_000_000 + i for i in range(3)),
        20_000_000,
    ]
    # Two new trials last at most a window each.
    assert 0 < again["simulated_ns"] <= 2 * TINY.protocol.window_ns
    assert speed["simulated_ns"] > 0


def test_fields_come_from_counts(config, formula, tmp_path):
    counts = tmp_path / "counts.csv"
    rows = {"field_mT": [7.0, 7.5, 8, 8.5], "n_trials": [100] * 4, "n_passed": [8, 30, 65, 90]}
    COUNTS.write(counts, pd.DataFrame(rows), {})
    run(config, tmp_path / "out", fields=None, counts=counts)
    content = json.loads((tmp_path / "out/sensitivity.json").read_text())
    assert len(content["fields_mT"]) == 4
    assert 6.8 < content["fields_mT"][0] < 7.8 < content["fields_mT"][-1] < 9


def test_counts_at_fields_in_tesla_are_doubted(config, tmp_path):
    counts = tmp_path / "counts.csv"
    counts.write_text("field_mT,n_trials,n_passed\n0.007,100,8\n0.008,100,65\n0.009,100,90\n")
    with pytest.raises(InputError, match=r"counts.csv: column field_mT: .*are these fields in mT?"):
        run(config, tmp_path / "out", fields=None, counts=counts)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"fields": None}, "--field-mT or --counts: needs exactly one of them"),
        ({"fields": ["7"]}, "a steepness needs two fields"),
        ({"fields": ["7", "7.123"]}, "7.123 mT is no multiple of 0.01 mT"),
        ({"fields": ["7", "5000"]}, "5000 mT, above 4000"),
        ({"fields": ["7", "5", "8", "5"]}, "5 is given twice; give one or more"),
        ({"replicas": 10_001}, "10001 replicas, where each field has 10000"),
        ({"vary": ["time_step_fs=5000"]}, "no variation is left"),
    ],
)
def test_what_gives_no_sensitivity_is_refused_in_one_line(config, formula, tmp_path, options, says):
    with pytest.raises(InputError) as error:
        run(config, tmp_path / "out", **options)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
