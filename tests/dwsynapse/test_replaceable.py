"""A command replaces earlier results of its kind, and nothing else."""

import os
from pathlib import Path

import pandas as pd
import pytest

from dwsynapse.io.contracts import COUNTS, PLAN
from dwsynapse.io.errors import InputError, checked
from dwsynapse.io.figure_style import svg_figure
from dwsynapse.io.files import require_output, require_outputs, write_json, write_text
from dwsynapse.io.pages import page
from fitting.response.inputs.crosssim_tables import HEADING

TABLE = pd.DataFrame({"field_mT": [4.0], "n_trials": [9], "n_passed": [3]})
ROUND = pd.DataFrame({"field_mT": [4.0], "n_trials": [9], "first_replica": [0]})
MINE = "field_mT,n_trials,n_passed\n4,9,3\n"


def write_figure(path):
    with svg_figure(path):
        pass


WRITERS = {
    "plan.csv": lambda path: PLAN.write(path, ROUND, {}),
    "device.json": lambda path: write_json(path, "device", 1, {}),
    "curve.svg": write_figure,
    "page.html": lambda path: write_text(path, page("Accuracies", ["<p>0.9"])),
    "dG_increasing.txt": lambda path: write_text(path, HEADING),
}


@pytest.mark.parametrize("name", WRITERS)
def test_an_earlier_result_and_an_empty_file_are_replaced(tmp_path, name):
    path = tmp_path / name
    path.touch()
    for _ in range(3):
        require_output(path)
        WRITERS[name](path)
    assert path.stat().st_size


def test_a_page_replaces_one_whose_figure_is_further_down(tmp_path):
    path = tmp_path / "page.html"
    for length in (10_000, 10, 10_000):
        require_output(path)
        write_text(path, page("Accuracies", ["<p>0.9" * length, "<svg></svg>"]))


OTHERS = [MINE, '{"mine": 1}', "%PDF-1.4", "<!doctype html><html>my page", "1st Row = Gbins, ..."]


@pytest.mark.parametrize("content", OTHERS)
@pytest.mark.parametrize("name", WRITERS)
def test_a_file_of_the_user_stays(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(InputError, match="would be lost; choose another --out, or remove it"):
        require_outputs(tmp_path, [name])
    with pytest.raises(InputError, match="would be lost"):
        WRITERS[name](path)
    assert path.read_text() == content
    assert [*tmp_path.iterdir()] == [path]


def test_a_result_of_another_kind_stays(tmp_path):
    COUNTS.write(path := tmp_path / "table.csv", TABLE, {})
    before = path.read_text()
    require_output(path)
    require_output(path, kind="counts")
    with pytest.raises(InputError, match=r"a table \(format 'dwsynapse-counts \d'\) is there"):
        require_output(path, kind="plan")
    with pytest.raises(InputError, match="would be lost"):
        PLAN.write(path, ROUND, {})
    assert path.read_text() == before


def test_a_result_that_was_changed_since_it_was_made_stays(tmp_path):
    from dwsynapse.io.files import provenance

    path = tmp_path / "table.csv"

    def make():
        COUNTS.write(path, TABLE, provenance("fitting"))

    checked(make)
    checked(make)
    path.write_text(path.read_text().replace("4.0,9,3", "4.0,9,4"))
    with pytest.raises(InputError, match="was changed after it was made, and would be lost"):
        require_output(path, kind="counts")
    path.unlink()
    checked(make)
    require_output(path, kind="counts")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_not_replaced(tmp_path):
    os.mkfifo(path := tmp_path / "pipe.csv")
    with pytest.raises(InputError, match="is a pipe or a device"):
        require_output(path)


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/null", "/dev/new.csv", "/dev/fd/1"])
def test_no_device_is_replaced(name):
    with pytest.raises(InputError, match="is a pipe or a device"):
        require_output(Path(name))


def test_links_that_lead_nowhere_are_noticed_before_anything_is_computed(tmp_path):
    (tmp_path / "unmounted").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to("loop")
    for folder in ("unmounted", "loop", "loop/below"):
        with pytest.raises(InputError, match="is a link that leads to no folder; choose another"):
            require_outputs(tmp_path / folder, ["curve.svg"])
    require_output(tmp_path / "curve.svg", tmp_path / "loop")


def test_a_folder_is_called_one(tmp_path):
    with pytest.raises(InputError, match="is a folder, not a file"):
        write_json(tmp_path, "device", 1, {})
