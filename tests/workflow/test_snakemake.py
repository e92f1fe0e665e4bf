"""The whole workflow on a tiny study: from a tiny wire to verified networks, with Snakemake."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from dwsynapse.io.fingerprint import fingerprint
from dwsynapse.io.records import FOLDER, record_of
from dwsynapse.provenance.chain import chain_of
from dwsynapse.provenance.results import results_in
from dwsynapse.study.runs.simulated_again import simulated_again
from dwsynapse.summary.study_numbers import _covered_s
from dwsynapse.summary.study_page import to_html
from hardware.kerr_loops.synthetic_loops import Setup, synthetic_loops
from tests.workflow.small_study import TINY_WIRE, write_images

ROOT = Path(__file__).parents[2]
STUDY = {
    "devices": {
        "quick-wire": None,
        "quick-track": None,
        "tiny-wire": TINY_WIRE,
    },
    "network": {"reads_train": [1, 2], "models": 1, "max_epochs": 1, "validation_images": 50},
    "plan": {"reads_test": [1, 2], "spread_devices": 2, "wire_place_sd_mT": [0.2]},
    "hardware": {"reads_train": [1], "images": 40, "reads": 2},
    "paper": {"reads": [1, 2, 128], "models": 1, "max_epochs": 1},
}


def snakemake(study, *words):
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", str(study)]
    return subprocess.run(
        [*command, *words],
        cwd=ROOT,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Run the tiny study, on random images in place of MNIST, and return its folder."""
    folder = tmp_path_factory.mktemp("study")
    study = folder / "study.yaml"
    study.write_text(yaml.safe_dump(STUDY | {"results": str(folder / "results")}))
    assert snakemake(study, "--", str(folder / "results/config/images.yaml")).returncode == 0
    write_images(folder / "results/images.npz")
    run = snakemake(study)
    assert run.returncode == 0, run.stdout + run.stderr
    return folder


def test_summary_holds_every_device_and_stage(done):
    summary = json.loads((done / "results" / "summary.json").read_text())
    assert set(summary["devices"]) == {"tiny-wire", "ellis-wire", "ellis2023"}
    shipped = summary["devices"]["ellis-wire"]
    assert (shipped["accuracy"], shipped["plan"]) == ([], None)
    assert shipped["fit"]["h0_mT"]["value"] == pytest.approx(10.4, abs=0.1)
    for device in (summary["devices"][name] for name in ("tiny-wire", "ellis2023")):
        for parameter in device["fit"].values():
            assert parameter["low"] <= parameter["value"] <= parameter["high"]
        kinds = {(row["rule"], row["reads_train"]) for row in device["accuracy"]}
        assert {("stochastic", 1), ("mean-field", 2), ("perceptron", None)} <= kinds
        assert device["plan"]["choices"]["fixed"]["accuracy"] >= device["plan"]["wanted"]
        # The seed is fixed; with other random numbers a report would fail once in 100 times.
        logs = [row for row in device["verification"] if row["synthetic"]]
        assert len({row["test"] for row in logs}) > 10
        assert {row["verdict"] for row in logs} == {"consistent"}
    assert json.loads((done / "results" / "speed.json").read_text())["ns_per_s"] > 0
    assert {room: len(versions) for room, versions in summary["code"].items()} == {
        "micromag": 2,  # the shipped trials were made by an earlier version
        "fitting": 1,
        "network": 1,
        "hardware": 1,
    }
    page = to_html(summary)
    assert page == (done / "results" / "summary.html").read_text()
    assert "synthetic" in page


def test_a_simulated_device_is_fitted_with_the_dwell_of_its_protocol(done):
    block = yaml.safe_load((done / "results/tiny-wire/config/fitting.yaml").read_text())
    assert block["dwell_s"] == pytest.approx(0.15e-9)


def test_every_result_has_a_record_and_its_chain_holds(done):
    files = [path for path in (done / "results").rglob("*") if path.is_file()]
    files = [path for path in files if not {"logs", "benchmarks", FOLDER} & set(path.parts)]
    assert len(files) > 50
    unrecorded = {path.name for path in files if not record_of(path).is_file()}
    assert unrecorded == {"images.npz"}  # written by this test
    chain = list(chain_of(done / "results" / "summary.json"))
    assert {link.path for link in chain} >= {p for p in files if p.name == "wall.omf"}
    # The wall of the shipped trials is not shipped with them.
    assert {link.path.name for link in chain if link.status != "ok"} == {"wall.omf"}
    assert "changed" not in {link.status for link in chain}
    assert not [made for made in results_in(done / "results") if made.is_stale]


def test_a_second_run_finds_nothing_to_do(done):
    assert "Nothing to be done" in snakemake(done / "study.yaml").stderr


def test_a_changed_block_redoes_its_stage_and_what_follows_and_nothing_before(done):
    study = yaml.safe_load((done / "study.yaml").read_text())
    (done / "refit.yaml").write_text(yaml.safe_dump(study | {"fitting": {"confidence": 0.9}}))
    plan = snakemake(done / "refit.yaml", "-n").stdout
    planned = {line.split()[0] for line in plan.splitlines() if line.split()}
    assert {"fit_curve", "train_models", "verify_log"} <= planned
    assert not planned & {"trials", "relax", "count"}
    snakemake(done / "study.yaml", "-n")  # puts the block back


def test_more_rounds_leave_alone_the_trials_that_are_there(done):
    study = yaml.safe_load((done / "study.yaml").read_text())
    study["devices"]["tiny-wire"]["sampling"]["rounds"] = 3
    (done / "rounds.yaml").write_text(yaml.safe_dump(study))
    plan = snakemake(done / "rounds.yaml", "-n", "--", "simulate-tiny-wire").stdout
    tables = re.findall(r"output: \S*tiny-wire/(rounds/\d+/trials-\d+.csv)", plan)
    assert tables == ["rounds/3/trials-1.csv"]
    assert not re.search(r"^rule (relax|first_plan|draw_wire)", plan, re.M)


@pytest.mark.parametrize("written", ["{folder}/results", "{folder}//results/", "./{name}/results/"])
def test_results_may_be_anywhere_and_logs_are_below_them(tmp_path, written):
    table, study = tmp_path / "lab.csv", tmp_path / "lab.yaml"
    table.write_text("field_mT,n,k\n4,20,1\n5,20,9\n6,20,18\n")
    results = written.format(folder=tmp_path, name=tmp_path.name)
    devices = {
        "lab": {"source": "measurement", "counts": str(table)},
        "quick-wire": None,
        "quick-track": None,
    }
    study.write_text(yaml.safe_dump({"devices": devices, "results": results}))
    run = snakemake(study, "-n", "--", "fit-lab")
    assert run.returncode == 0, run.stderr
    assert "double" not in run.stdout + run.stderr
    folder = str(Path(results))
    logs = re.findall(r"log: (\S+)", run.stdout)
    assert logs == [f"{folder}/logs/lab/config/fitting.yaml.log", f"{folder}/lab/logs/fit.log"]


def test_a_new_measurement_redoes_fitting_and_what_follows_and_nothing_before(tmp_path):
    table, results = tmp_path / "lab.csv", tmp_path / "lab-results"
    study = tmp_path / "lab.yaml"
    measured = {"source": "measurement", "counts": str(table)}
    devices = {"quick-wire": None, "quick-track": None, "ellis-wire": None, "lab-wire": measured}
    study.write_text(yaml.safe_dump(STUDY | {"devices": devices, "results": str(results)}))
    table.write_text("field_Oe;n;n_passed\n30;50;2\n40;50;12\n50;50;38\n60;50;49\n")
    assert snakemake(study, "--", "fit-lab-wire").returncode == 0
    assert "Nothing to be done" in snakemake(study, "--", "fit-lab-wire").stderr
    # An older table that takes its place, as one that is moved or unpacked.
    table.write_text("field_Oe;n;n_passed\n30;50;1\n40;50;22\n50;50;41\n60;50;49\n")
    os.utime(table, (0, 0))
    assert "rule fit_curve" in snakemake(study, "-n", "--", "fit-lab-wire").stdout
    with table.open("a") as file:
        file.write("55;50;45\n")
    other = tmp_path / "other.csv"
    other.write_text(table.read_text())
    named = f"devices={{lab-wire: {{counts: {other}}}}}"
    for changed in ((), ("--config", named)):
        plan = snakemake(study, "-n", "lab-wire", *changed).stdout
        planned = {line.split()[0] for line in plan.splitlines() if line.split()}
        assert {"fit_curve", "train_models", "verify_log"} <= planned
        assert not planned & {"trials", "relax", "count"}


def test_a_measured_log_takes_the_place_of_the_virtual_laboratorys(tmp_path):
    study, log, manifest = (tmp_path / name for name in ("lab.yaml", "my.csv", "manifest.json"))
    own = {"k1": {"log": str(log), "manifest": str(manifest)}}
    devices = {
        "quick-wire": None,
        "quick-track": None,
        "ellis-wire": None,
        "ellis2023": {"logs": own},
    }
    results = {"results": str(tmp_path / "results")}
    study.write_text(yaml.safe_dump(STUDY | {"devices": devices} | results))
    log.write_text("image,out,in,read,field_set_mT,outcome\n")
    refused = snakemake(study, "-n", "verify")
    assert "manifest.json: no such file; make it by `python -m hardware manifest`" in refused.stderr
    manifest.write_text("{}")
    plan = snakemake(study, "-n", "verify").stdout
    assert "rule verify_log" in plan
    assert "rule run_program" not in plan
    assert str(log) in plan
    own["k7"] = own.pop("k1")
    study.write_text(yaml.safe_dump(STUDY | {"devices": devices} | results))
    refused = snakemake(study, "-n", "verify")
    assert "logs of ellis2023 names 'k7', which does not run on it; choose one of k1" in (
        refused.stdout + refused.stderr
    )


def test_raw_loops_are_a_measurement(tmp_path):
    fields_mT, p = (np.repeat(part, 20) for part in ([4.0, 4.6, 5.2], [0.1, 0.5, 0.9]))
    loops = synthetic_loops(60, Setup(20.0, n_points=300), 1, fields_mT, p)
    (tmp_path / "loops").mkdir()
    arrays = {"field_mT": loops.field_mT, "signal": loops.signal}
    np.savez(tmp_path / "loops" / "day1.npz", **arrays, field_set_mT=loops.field_set_mT)
    (tmp_path / "known").mkdir()
    known = {"outcome": np.array(loops.outcome)}
    np.savez(tmp_path / "known" / "day0.npz", **arrays, field_set_mT=loops.field_set_mT, **known)
    measured = {
        "source": "measurement",
        "loops": str(tmp_path / "loops"),
        "calibration": str(tmp_path / "known"),
    }
    devices = {"quick-wire": None, "quick-track": None, "ellis-wire": None, "lab-wire": measured}
    study, results = tmp_path / "lab.yaml", tmp_path / "results"
    study.write_text(yaml.safe_dump(STUDY | {"devices": devices, "results": str(results)}))
    run = snakemake(study, "--", "fit-lab-wire")
    assert run.returncode == 0, run.stderr
    for name in ("counts.csv", "outcomes.csv", "loops.svg", "device.json"):
        assert (results / "lab-wire" / name).exists()
    fitted = json.loads((results / "lab-wire" / "device.json").read_text())
    assert set(fitted["nuisances"]) == {"false_pass", "false_pin"}
    measured["detection"] = {"detector": "derivative"}
    measured["calibration"] = None
    study.write_text(yaml.safe_dump(STUDY | {"devices": devices, "results": str(results)}))
    plan = snakemake(study, "-n", "--", "fit-lab-wire").stdout
    assert "rule count_loops" in plan
    measured["loops"] = str(tmp_path / "none")
    study.write_text(yaml.safe_dump(STUDY | {"devices": devices, "results": str(results)}))
    refused = snakemake(study, "-n", "--", "fit-lab-wire")
    assert "none: no such file; give a folder of Kerr loops" in refused.stdout + refused.stderr


def test_networks_for_one_read_run_on_the_device_where_the_study_asks(done):
    study = yaml.safe_load((done / "study.yaml").read_text())
    network = study["network"] | {"one_read": ["win-probability", "mixed-sums"]}
    (done / "one-read.yaml").write_text(yaml.safe_dump(study | {"network": network}))
    plan = snakemake(done / "one-read.yaml", "-n").stdout
    for rule in network["one_read"]:
        assert f"tiny-wire/hardware/{rule}/verification.json" in plan
    snakemake(done / "study.yaml", "-n")  # puts the block back


def test_a_report_is_made(done):
    report = done / "report.html"
    run = snakemake(done / "study.yaml", "--report", str(report))
    assert run.returncode == 0, run.stderr
    assert "tiny-wire" in report.read_text()


def test_the_papers_figures_are_planned_by_name(done):
    plan = snakemake(done / "study.yaml", "-n", "--", "paper-tiny-wire").stdout
    planned = {line.split()[0] for line in plan.splitlines() if line.split()}
    assert {"train_paper_models", "verify_paper_log", "paper_figures"} <= planned
    # The second run, with nothing to do, shows that the default leaves them out.
    assert not planned & {"trials", "fit_curve", "train_models", "verify_log"}


@pytest.mark.slow
def test_the_papers_figures_come_out_of_one_target_with_their_report(done):
    study, folder = done / "study.yaml", done / "results" / "tiny-wire" / "paper"
    run = snakemake(study, "--", "paper-tiny-wire")
    assert run.returncode == 0, run.stdout + run.stderr
    figures = json.loads((folder / "paper.json").read_text())["figures"]
    assert all((folder / f"fig{name}.svg").is_file() for name in figures)
    assert [row["reads_test"] for row in figures["4ab"]["reads_train"]["128"]["laboratory"]["rows"]]
    assert "(synthetic)" in (folder / "fig4ab.svg").read_text()
    report = done / "paper.html"
    made = snakemake(study, "--report", str(report), "--", "paper-tiny-wire")
    assert made.returncode == 0, made.stderr
    assert "4a, b accuracy against K_test" in report.read_text()


def test_another_split_takes_over_trials_and_another_seed_says_that_it_does_not(done):
    rounds = done / "results" / "tiny-wire" / "rounds"
    before = (rounds / "1" / "trials-1.csv").read_text().splitlines()
    study = yaml.safe_load((done / "study.yaml").read_text())
    study["devices"]["tiny-wire"]["sampling"]["batches_per_round"] = 2
    (done / "batches.yaml").write_text(yaml.safe_dump(study))
    half = str(rounds / "1" / "trials-2.csv")
    split = snakemake(done / "batches.yaml", "--", half)
    assert split.returncode == 0, split.stderr
    assert "simulated again" not in split.stderr
    assert json.loads((rounds / "1/trials-2.speed.json").read_text())["simulated_ns"] == 0
    assert Path(half).read_text().splitlines()[3:] == before[4::2]
    seed = snakemake(done / "batches.yaml", "--config", "seed=7", "--", half)
    assert "note: tiny-wire: up to 20 trials are simulated again: seed went from 2023 to 7" in (
        seed.stderr
    )


def test_what_is_simulated_again_is_said_with_the_reason(tmp_path):
    table, block = tmp_path / "trials-1.csv", tmp_path / "sampling.yaml"

    def make(**origin):
        origin = json.dumps({"seed": 1, "code_version": "0.1.0+0123", **origin})
        head = "# format: dwsynapse-trials 1\n# provenance: "
        table.write_text(f"{head}{origin}\nfield_mT,replica\n4,0\n5,1\n")

    make(code=fingerprint("micromag"))
    block.write_text("trials_per_round: 112\n")

    def said(tables, text, seed=1, batches=1):
        return simulated_again("wire", tables, {block: text}, seed, batches)

    assert said([table], "trials_per_round: 112\n") is None
    assert said([tmp_path / "none.csv"], "trials_per_round: 200\n") is None
    assert said([table], "trials_per_round: 200\n") == (
        "note: wire: up to 2 trials are simulated again: sampling.trials_per_round went from 112 "
        "to 200; to add to existing trials, raise sampling.rounds instead"
    )
    assert "seed went from 1 to 2" in said([table], "trials_per_round: 112\n", seed=2)
    make(code="0123456789ab")
    changed = f"the code of micromag went from 0123456789ab to {fingerprint('micromag')}"
    assert changed in said([table], "trials_per_round: 112\n")
    make()  # by an earlier version, which knew its commit only
    assert "the code of micromag went from 0.1.0+0123" in said([table], "trials_per_round: 112\n")
    # Of a split into more batches, that of replica 1 with one that is not to be made.
    rows = table.read_text()
    table.with_name("trials-3.csv").write_text(rows + "5,2\n")
    table.with_name("trials-1.done.csv").write_text(rows + "6,3\n")
    assert "up to 3 trials are" in said([table], "trials_per_round: 200\n")
    both = [table, tmp_path / "trials-2.csv"]
    assert "up to 3 trials are" in said(both, "trials_per_round: 200\n", batches=2)
    assert "up to 2 trials are" in said(both[:1], "trials_per_round: 200\n", batches=2)


def test_time_spans_that_overlap_count_once():
    assert _covered_s([(0, 2), (1, 3), (5, 6), (5.2, 5.5)]) == 4
    assert _covered_s([]) == 0
