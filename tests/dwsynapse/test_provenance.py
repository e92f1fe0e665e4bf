"""The commands `dwsynapse why` and `dwsynapse stale` on small results of two commands."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256
from dwsynapse.io.fingerprint import SOURCES, fingerprint
from dwsynapse.io.records import record_of
from dwsynapse.provenance import stale_command, why_command

COMMAND = """
import sys
from dwsynapse.io.errors import run_command
from dwsynapse.io.files import provenance, write_json, write_text
from dwsynapse.io.records import note_engine

def command():
    room, out, config, *inputs = sys.argv[1:]
    origin = provenance(room, config=config, seed=7, inputs=inputs)
    if out.endswith(".json"):
        note_engine("torch-cuda")
        write_json(out, "toy", 1, {"provenance": origin})
    else:
        write_text(out, "figure")

run_command(command)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a folder with lab.csv, device.json made from it, and a figure made from that."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "config.yaml").write_text("a: 1\n")
    (folder / "lab.csv").write_text("field_mT,n,k\n5,20,3\n")
    (folder / "study.yaml").write_text("results: results\n")
    for words in (
        ("fitting", "results/wire/device.json", "config.yaml", "lab.csv"),
        ("network", "results/wire/figure.svg", "config.yaml", "results/wire/device.json"),
    ):
        subprocess.run(
            [sys.executable, "-c", COMMAND, *words],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(SOURCES)},
            check=True,
        )
    return folder


@pytest.fixture
def results(made, tmp_path, monkeypatch):
    """Return a copy of the results, where the commands run."""
    folder = shutil.copytree(made, tmp_path / "copy")
    monkeypatch.chdir(folder)
    return folder / "results" / "wire"


def why(path, status=0):
    ran = CliRunner().invoke(why_command.app, [str(path)], catch_exceptions=False)
    assert ran.exit_code == status, ran.output
    return ran.output


def test_the_whole_chain_is_printed_with_code_seed_engine_and_machine(made, monkeypatch):
    monkeypatch.chdir(made)
    said = why("results/wire/figure.svg")
    lines = said.splitlines()
    assert lines[0] == "ok      results/wire/figure.svg"
    assert lines[1].strip().startswith("python -c ")
    files = [line.split() for line in lines if line.split()[0] == "ok"]
    assert files == [
        ["ok", "results/wire/figure.svg"],
        ["ok", "config.yaml"],
        ["ok", "results/wire/device.json"],
        ["ok", "config.yaml"],
        ["ok", "lab.csv"],
    ]
    assert f"network: code {fingerprint('network')} (" in said
    assert f"fitting: code {fingerprint('fitting')} (" in said
    assert "seed 7, engine torch-cuda" in said
    assert json.loads(record_of("results/wire/device.json").read_text())["processor"] in said
    assert lines[-1] == "all 4 files are those that were made and used"


def test_a_chain_of_results_that_were_moved_is_checked(results):
    assert "all 4 files" in why(results / "figure.svg")


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("results/wire/figure.svg", "changed results/wire/figure.svg: changed after it was made"),
        ("results/wire/device.json", "changed results/wire/device.json: changed after it was made"),
        ("lab.csv", "changed lab.csv: another file was used, with checksum "),
        ("config.yaml", "changed config.yaml: another file was used, with checksum "),
    ],
)
def test_a_file_that_was_changed_breaks_the_chain(results, file, says):
    path = results.parents[1] / file
    path.write_bytes(path.read_bytes()[:-2] + b"!\n")
    said = why("results/wire/figure.svg", status=1)
    assert says in said
    assert "the chain is broken" in said


def test_a_file_that_is_missing_breaks_the_chain(results):
    (results.parents[1] / "lab.csv").unlink()
    said = why("results/wire/figure.svg", status=1)
    assert "    missing lab.csv: no such file" in said
    assert "the chain is broken: 1 file changed or missing" in said
    assert "missing absent.svg" in why("absent.svg", status=1)


def test_a_result_without_a_record_says_of_itself_what_it_knows(results):
    shutil.rmtree(results / "made")
    said = why("results/wire/device.json")
    assert f"code {fingerprint('fitting')}" in said
    assert "config " in said
    assert "lab.csv" in said


def test_inputs_of_a_shipped_result_may_be_absent(results):
    """It names them, as its provenance does, and no record says where they were."""
    origin = {"code_version": "0.1.0", "inputs": {"plan.csv": sha256("lab.csv"), "wall.omf": "0"}}
    (results / "trials.json").write_text(json.dumps({"provenance": origin}))
    shutil.copy("lab.csv", results / "plan.csv")
    said = why("results/wire/trials.json")
    assert "  ok      results/wire/plan.csv" in said
    assert "  unknown wall.omf: not found, and not recorded where" in said
    (results / "plan.csv").write_text("changed")
    assert "changed results/wire/plan.csv: another file" in why("results/wire/trials.json", 1)


@pytest.mark.parametrize("file", ["lab.csv", "config.yaml"])
def test_a_foreign_file_is_refused_in_one_line(results, file):
    with pytest.raises(InputError, match=f"^{file}: does not say how it was made.*; give a result"):
        why(file)


@pytest.mark.parametrize(
    ("damage", "where"),
    [({"inputs": ["lab.csv"]}, "inputs"), ({"seed": "one"}, "seed"), ({"libraries": 3}, "libr")],
)
def test_a_record_of_another_shape_is_named_in_one_line(results, damage, where):
    record = record_of(results / "figure.svg")
    record.write_text(json.dumps(json.loads(record.read_text()) | damage))
    for ask in (lambda: why(results / "figure.svg"), stale):
        with pytest.raises(InputError, match=rf"figure\.svg: {where}.*; remove its record") as said:
            ask()
        assert "\n" not in str(said.value)


def stale(status=0):
    ran = CliRunner().invoke(stale_command.app, ["study.yaml"], catch_exceptions=False)
    assert ran.exit_code == status, ran.output
    return ran.output


def test_results_of_this_code_are_not_stale(results):
    assert stale() == "results: 2 results, all made by this code\n"


def test_results_of_other_code_are_named_with_it(results):
    record = record_of(results / "figure.svg")
    content = json.loads(record.read_text()) | {"code": "0123456789ab", "code_version": "0.1.0+a"}
    record.write_text(json.dumps(content))
    # By an earlier version, which left no records and knew its commit only.
    old = {"format": "dwsynapse-plan", "provenance": {"code_version": "0.1.0+b", "inputs": {}}}
    (results / "plan.json").write_text(json.dumps(old))
    (results / "trials-1.done.csv").write_text("# format: x 1\n# provenance: {}\nreplica\n1\n")
    assert stale(status=1).splitlines() == [
        "code not known (0.1.0+b):",
        "  results/wire/plan.json",
        f"network, code 0123456789ab (0.1.0+a), now {fingerprint('network')}:",
        "  results/wire/figure.svg",
        "2 of 3 results in results were made by other code",
    ]


def test_a_study_that_never_ran_has_no_stale_results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.yaml").write_text("results: results\n")
    with pytest.raises(InputError, match=r"^results: no such folder; run the study first"):
        stale()


def test_a_folder_is_no_result(tmp_path):
    said = CliRunner().invoke(why_command.app, [str(tmp_path)], catch_exceptions=True)
    assert isinstance(said.exception, InputError)
    assert str(said.exception) == f"{tmp_path}: is a folder, not a file; give a result"
