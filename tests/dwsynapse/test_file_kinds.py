"""A file of another kind than is wanted, or a folder, is called what it is by every reader."""

import json
import pickle
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from safetensors.numpy import save_file

from dwsynapse.io.contracts import BARRIERS, COUNTS, PLAN, SURVIVAL, TRIALS
from dwsynapse.io.errors import InputError
from dwsynapse.io.file_kinds import kind_of
from dwsynapse.io.files import write_json
from dwsynapse.study import Fitting, read_block
from fitting.counts.laboratory_tables import read_counts
from fitting.device import DeviceModel
from hardware.log import log_table
from hardware.program import Program
from network import trained_model
from network.images.prepared_images import Images

TABLES = {
    "trials": TRIALS.read,
    "counts": COUNTS.read,
    "a laboratory's counts": read_counts,
    "survival": SURVIVAL.read,
    "barriers": BARRIERS.read,
    "plan": PLAN.read,
    "program": Program.read,
}
READERS = {
    **TABLES,
    "log": log_table,
    "device": DeviceModel.read,
    "network": trained_model.read,
    "images": Images.read,
    "config": lambda path: read_block(path, Fitting),
}


def drawn(path):
    Figure().savefig(path)


def zipped(path):
    with ZipFile(path, "w") as archive:
        archive.writestr("counts.csv", "field_mT,n_trials,n_passed\n")


# Suffix, a writer, and what the file is called.
FILES = {
    "json": ("json", lambda path: path.write_text('{"field_mT": [5]}'), "a JSON file"),
    "list": ("json", lambda path: path.write_text("[5.5, 6]"), "a JSON file"),
    "accuracy": ("json", lambda path: write_json(path, "accuracy", 1, {}), "JSON file (format 'dw"),
    "npz": ("npz", lambda path: np.savez(path, a=np.ones(3)), "a file of numpy arrays (npz)"),
    "npy": ("npy", lambda path: np.save(path, np.ones(3)), "a file of numpy"),
    "parquet": ("parquet", lambda path: pd.DataFrame({"a": [1]}).to_parquet(path), "a Parquet"),
    "safetensors": (
        "safetensors",
        lambda path: save_file({"a": np.ones(3)}, path),
        "a file of arrays (safetensors)",
    ),
    "ovf": (
        "omf",
        lambda path: path.write_text("# OOMMF OVF 2.0\n#\n# Segment count: 1"),
        "an OVF",
    ),
    "pickle": ("pkl", lambda path: path.write_bytes(pickle.dumps({"a": 1})), "a Python pickle"),
    "png": ("png", drawn, "a PNG image"),
    "svg": ("svg", drawn, "an SVG image"),
    "pdf": ("pdf", drawn, "a PDF file"),
    "zip": ("zip", zipped, "a compressed archive (zip)"),
    "format": ("csv", lambda path: path.write_text("# format: dwsynapse-x 1\na,b\n1,2\n"), "x 1'"),
}
# What reads the kind itself, and says what is wrong with its content.
OF_THE_KIND = {
    "device": ("json", "list", "accuracy"),
    "network": ("json", "list", "accuracy"),
    "images": ("npz",),
    "log": ("parquet",),
    "config": ("json", "list"),
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("reader", READERS)
def test_a_file_of_another_kind_is_called_what_it_is(tmp_path, reader, kind):
    suffix, write, called = FILES[kind]
    write(path := tmp_path / f"given.{suffix}")
    with pytest.raises(InputError) as caught:
        READERS[reader](path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "; " in message
    assert "\n" not in message
    if kind not in OF_THE_KIND.get(reader, ()):
        assert called in message


@pytest.mark.parametrize("reader", READERS)
def test_a_folder_is_called_a_folder(tmp_path, reader):
    (folder := tmp_path / "given.csv").mkdir()
    with pytest.raises(InputError, match=r"given\.csv: is a folder, not a file; "):
        READERS[reader](folder)


def test_a_wrong_kind_says_what_is_wanted(tmp_path):
    write_json(path := tmp_path / "device.json", "device", 1, {})
    with pytest.raises(InputError) as caught:
        SURVIVAL.read(path)
    assert str(caught.value) == (
        f"{path}: a JSON file (format 'dwsynapse-device'), where a survival table (CSV) is wanted; "
        "give such a file"
    )
    with pytest.raises(
        InputError, match=r"'dwsynapse-network', found 'dwsynapse-device'; give a ne"
    ):
        trained_model.read(path)


@pytest.mark.parametrize(
    "text", ["field_mT,n\n", "[mT],n\n5,6\n", "# a comment\nfield_mT,n\n", "{a},b\n", "", "5,6\n"]
)
def test_text_has_no_kind(tmp_path, text):
    (path := tmp_path / "a.csv").write_text(text)
    assert kind_of(path) is None


def test_json_after_a_byte_order_mark(tmp_path):
    (path := tmp_path / "a.json").write_text(json.dumps({"a": 1}), encoding="utf-8-sig")
    assert str(kind_of(path)) == "a JSON file"
