"""Records beside results: how they were made, and that they were not changed since."""

import hashlib
import json
import subprocess
import sys

import pandas as pd
import pytest

from dwsynapse.io import records
from dwsynapse.io.contracts import COUNTS
from dwsynapse.io.errors import InputError
from dwsynapse.io.files import atomic_path, provenance, read_json, sha256, write_json
from dwsynapse.io.fingerprint import SOURCES, fingerprint
from dwsynapse.io.records import FOLDER, read_record, record_of, remove_own

COMMAND = """
from dwsynapse.io.errors import InputError, run_command
from dwsynapse.io.files import provenance, write_json

def command():
    {first}
    origin = provenance("network", config="network.yaml", seed=3, inputs=["device.json"])
    write_json("out/model.json", "toy", 1, {{"provenance": origin}})
    {last}

run_command(command)
"""


@pytest.fixture
def made(tmp_path):
    """Return a function that runs a small command, and the folder with what it reads."""
    (tmp_path / "network.yaml").write_text("models: 1\n")
    (tmp_path / "device.json").write_text("{}")

    def run(first="", last="", status=0):
        done = subprocess.run(
            [sys.executable, "-c", COMMAND.format(first=first, last=last)],
            cwd=tmp_path,
            env={"PYTHONPATH": str(SOURCES)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return tmp_path / "out" / "model.json"

    return run


def test_a_command_leaves_a_record_of_each_result(made):
    path = made()
    record = read_record(path)
    assert record["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert record["bytes"] == path.stat().st_size
    assert record["command"].startswith("python -c ")
    assert (record["room"], record["code"]) == ("network", fingerprint("network"))
    assert record["seed"] == 3
    assert record["inputs"] == {
        name: sha256(path.parents[1] / name) for name in ("network.yaml", "device.json")
    }
    assert record["folder"] == str(path.parents[1])
    assert {"started", "seconds", "machine", "processor", "python", "libraries"} <= set(record)
    assert [file.name for file in (path.parent / FOLDER).iterdir()] == ["model.json.json"]


def test_results_say_nothing_of_time_and_machine(made):
    first = made().read_bytes()
    assert made().read_bytes() == first


def test_what_was_made_before_a_command_failed_has_its_record(made):
    path = made(last="raise InputError('bad')", status=2)
    assert read_record(path)["sha256"] == sha256(path)


def test_a_command_that_names_no_origin_leaves_no_record(tmp_path):
    # Such as the generated files of the project.
    code = (
        "from dwsynapse.io.errors import run_command\nfrom dwsynapse.io.files import write_text\n"
    )
    code += "run_command(lambda: write_text('a.yaml', 'x'))"
    subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(SOURCES)}, check=True
    )
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]


def test_functions_called_from_python_leave_no_record(tmp_path):
    provenance("network")
    write_json(tmp_path / "a.json", "toy", 1, {})
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: content[:10] + bytes([content[10] ^ 1]) + content[11:],
        lambda content: content + b" ",
    ],
    ids=["last byte", "half", "empty", "one bit", "longer"],
)
def test_a_result_that_was_changed_is_refused_in_one_line(made, change):
    path = made()
    path.write_bytes(change(path.read_bytes()))
    for read in (lambda: read_json(path, "toy", 1), lambda: sha256(path)):
        with pytest.raises(InputError) as refused:
            read()
        assert str(refused.value) == (
            f"{path}: was changed after it was made; remove it and make it again; if the change is "
            f"meant, remove {record_of(path)}"
        )
    record_of(path).unlink()
    assert sha256(path)


def test_a_result_that_is_made_again_is_accepted(made):
    path = made()
    path.write_text("damaged")
    path.unlink()
    made()
    assert read_json(path, "toy", 1)
    # By something that leaves no records: the old one is gone.
    write_json(path, "toy", 1, {"other": 1})
    assert read_json(path, "toy", 1)["other"] == 1
    assert not record_of(path).exists()


def test_a_result_that_is_made_again_while_it_is_read_is_accepted(made, monkeypatch):
    path = made()
    checksum = records.checksum

    def made_again_meanwhile(file):
        monkeypatch.setattr(records, "checksum", checksum)
        write_json(path, "toy", 1, {"other": 1})
        return checksum(file)

    monkeypatch.setattr(records, "checksum", made_again_meanwhile)
    assert read_json(path, "toy", 1)["other"] == 1


def test_a_write_that_fails_leaves_result_and_record(made):
    path = made()
    with pytest.raises(ZeroDivisionError), atomic_path(path):
        _ = 1 / 0
    assert read_json(path, "toy", 1)
    assert record_of(path).exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "other"}'])
def test_a_damaged_record_is_named(made, content):
    path = made()
    record_of(path).write_text(content)
    with pytest.raises(InputError, match=r"model.json.json: not a record.*; remove it"):
        read_json(path, "toy", 1)


def test_a_file_in_the_place_of_the_records_does_not_matter(tmp_path):
    (tmp_path / FOLDER).write_text("mine")
    write_json(tmp_path / "a.json", "toy", 1, {})
    assert read_json(tmp_path / "a.json", "toy", 1)


ROWS = pd.DataFrame({"field_mT": [4.0, 5, 6], "n_trials": [9, 9, 9], "n_passed": [1, 5, 8]})


def test_a_table_that_was_cut_off_at_the_end_of_a_line_is_refused(tmp_path):
    COUNTS.write(path := tmp_path / "counts.csv", ROWS, {})
    lines = path.read_text().splitlines(keepends=True)
    assert lines[0] == "# format: dwsynapse-counts 1, 3 rows\n"
    path.write_text("".join(lines[:-1]))
    with pytest.raises(InputError, match=r"counts.csv: 2 rows of the 3 that its first line states"):
        COUNTS.read(path)


@pytest.mark.parametrize(
    ("first", "n_rows"),
    [
        ("# format: dwsynapse-counts 1", 2),  # of an earlier version
        ('"# format: dwsynapse-counts 1, 3 rows"', 3),  # saved by a spreadsheet
        ("# format: dwsynapse-counts 1, 2 rows", 3),  # a row was added by hand
        ("# format: dwsynapse-counts 1, 1 row", 1),
    ],
)
def test_tables_of_earlier_versions_and_longer_ones_are_read(tmp_path, first, n_rows):
    text = ROWS[:n_rows].to_csv(index=False)
    (path := tmp_path / "counts.csv").write_text(f"{first}\n# provenance: {{}}\n{text}")
    assert len(COUNTS.read(path)) == n_rows


def test_the_record_of_a_file_is_json_that_others_can_read(made):
    content = json.loads(record_of(made()).read_text())
    assert (content["format"], content["format_version"]) == ("dwsynapse-made", 1)


def test_only_a_result_that_is_as_it_was_made_is_removed(made, tmp_path):
    own = made()
    assert remove_own(own)
    assert not own.exists()
    assert not record_of(own).exists()
    assert remove_own(own)  # nothing is left
    changed = made()
    changed.write_text(changed.read_text() + " ")
    (elsewhere := tmp_path / "notes.json").write_text("{}")
    for path in (changed, elsewhere):
        assert not remove_own(path)
        assert path.exists()
