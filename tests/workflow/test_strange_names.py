"""Paths and names with signs of the shell, of HTML and of Snakemake are nothing but names."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
import yaml

from hardware.kerr_loops.synthetic_loops import Setup, synthetic_loops
from tests.workflow.small_study import COUNTS, run

ALL_SIGNS = 'it\'s "$(touch x)" `touch x`; touch x & <zz >&amp; [a]*?~#!\\ %s µ'
NAMES = ["it's$(touch x)", '"; touch x; "', "tab\tx", "a  b $HOME"]
FAULTS = [pytest.param(name, marks=pytest.mark.faults) for name in NAMES]


class Tags(HTMLParser):
    """The names of the elements of a page."""

    @classmethod
    def of(cls, page):
        parser = cls()
        parser.found = set()
        parser.feed(page)
        return parser.found

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)


def column_of(name):
    """Return the name without what separates cells, and not as a comment."""
    return "field " + re.sub('[",;\t]', "", name).strip()


def study(name):
    lab = {
        "source": "measurement",
        "counts": f"{name}.csv",
        "columns": {"field_mT": column_of(name)},
    }
    loops = {"source": "measurement", "loops": f"loops {name}", "calibration": f"known {name}"}
    none = {"quick-wire": None, "quick-track": None, "ellis-wire": None, "ellis2023": None}
    return {
        "results": name,
        "devices": none | {"lab": lab, "loops": loops},
        "hardware": {"compare_with": "lab"},
    }


def write_loops(path, known):
    fields_mT, p = (np.repeat(part, 20) for part in ([4.0, 4.6, 5.2], [0.1, 0.5, 0.9]))
    made = synthetic_loops(60, Setup(20.0, n_points=300), 1, fields_mT, p)
    arrays = {name: getattr(made, name) for name in ("field_mT", "signal", "field_set_mT")}
    path.parent.mkdir()
    np.savez(path, **arrays, **({"outcome": np.array(made.outcome)} if known else {}))


def files_below(folder):
    return {path for path in folder.rglob("*") if ".snakemake" not in path.parts}


@pytest.mark.parametrize("name", [ALL_SIGNS, *FAULTS])
def test_a_name_is_no_command_and_no_markup(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    rows = COUNTS.split("\n", 1)[1]
    (folder / f"{name}.csv").write_text(f"{column_of(name)},n,k\n{rows}")
    (folder / "study.yaml").write_text(yaml.safe_dump(study(name)))
    for kind in ("loops", "known"):
        write_loops(folder / f"{kind} {name}" / f"{name}.npz", kind == "known")
    before = files_below(folder)
    run(folder, "--", "fit", f"{name}/loops/comparison.json")
    made = files_below(folder) - before
    assert {path.relative_to(folder).parts[0] for path in made} == {name}
    assert json.loads((folder / name / "lab/device.json").read_text())["name"] == "lab"
    for figure in (folder / name).rglob("*.svg"):
        ElementTree.parse(figure)
    run(folder, "--report", "report.html", "--", "fit")
    assert not Tags.of((folder / "report.html").read_text()) & {"zz"}
