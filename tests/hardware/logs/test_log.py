"""A damaged log or manifest is reported in one line, with its place."""

import json

import numpy as np
import pandas as pd
import pytest

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256
from hardware.log import acting_fields_mT, read_log, write_log
from hardware.manifest import Manifest
from tests.hardware.small_task import DEVICE, laboratory_run, make_task

PROGRAM, PIXELS, LABELS = make_task()
LOG, _ = laboratory_run(PROGRAM, DEVICE, PIXELS[:3], LABELS, seed=1)


def change(column, value):
    def damage(log):
        log[column] = log[column].astype(float)
        log.loc[7, column] = value
        return log

    return damage


DAMAGES = {
    "outcome": (change("outcome", 2), r"outcome must be 0 or 1"),
    "fraction": (change("outcome", 0.5), r"column outcome.*outcome must be 0 or 1"),
    "negative": (change("field_set_mT", -0.1), r"column field_set_mT.*at least 0"),
    "far": (change("field_measured_mT", 1e30), r"field_measured_mT.*at most 10000.*of the probe"),
    "low": (
        change("field_measured_mT", -1e30),
        r"field_measured_mT.*at least -10000.*of the probe",
    ),
    "nan": (change("field_measured_mT", np.nan), r"column field_measured_mT.*NaN"),
    "image": (change("image", 5000), r"image 5000.*column image: of 80 images, from 0"),
    "synapse": (change("out", 7), r"column out, in: the program has 5 x 50 synapses"),
    "input": (change("in", int(np.argmin(PIXELS[0]))), r"that input of that image is 0"),
    "read": (change("read", 4), r"column read: of 4 reads"),
    "field": (change("field_set_mT", 9.9), r"the program sets another field"),
    "twice": (
        lambda log: pd.concat([log, log.iloc[[3]].assign(outcome=1 - log["outcome"].iloc[3])]),
        r"rows \d+ and \d+ \(image 0, .*the same read occurs twice, with another outcome",
    ),
    "clock": (change("timestamp_s", -1.0), r"row \d+, column timestamp_s: time runs backwards"),
    "undecided": (lambda log: log.assign(outcome="?"), r"all \d+ reads are undecided"),
    "column": (lambda log: log.drop(columns="read"), r"no column 'read'"),
    "empty": (lambda log: log.iloc[:0], r"no rows"),
}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_each_defect_of_a_log_names_its_place(tmp_path, suffix, damage):
    path = tmp_path / f"log.{suffix}"
    alter, message = DAMAGES[damage]
    log = alter(LOG.copy())
    if suffix == "csv":
        log.to_csv(path, index=False)
    else:
        write_log(path, log)
    with pytest.raises(InputError, match=message) as caught:
        read_log(path, PROGRAM, PIXELS, synthetic=True, ordered=damage != "twice")
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_without_fields_measured_those_set_count_and_times_may_lack(tmp_path, suffix):
    path = tmp_path / f"log.{suffix}"
    log = LOG.drop(columns=["field_measured_mT", "timestamp_s"])
    if suffix == "csv":
        log.to_csv(path, index=False)
    else:
        write_log(path, log)
    back = read_log(path, PROGRAM, PIXELS, synthetic=True)
    assert "timestamp_s" not in back
    np.testing.assert_allclose(acting_fields_mT(back), LOG["field_set_mT"], atol=1e-6)
    np.testing.assert_array_equal(acting_fields_mT(LOG), LOG["field_measured_mT"])


def test_a_file_that_is_no_log_is_reported(tmp_path):
    path = tmp_path / "log.parquet"
    with pytest.raises(InputError, match="no such file"):
        read_log(path, PROGRAM, PIXELS, synthetic=True)
    path.write_text("not Parquet")
    with pytest.raises(InputError, match="not a Parquet file"):
        read_log(path, PROGRAM, PIXELS, synthetic=True)


@pytest.mark.parametrize(
    ("key", "value"),
    [("format", "dwsynapse-counts"), ("format_version", 2), ("synthetic", False)],
)
def test_metadata_that_contradicts_is_reported(tmp_path, key, value):
    log = LOG.copy()
    log.attrs[key] = value
    write_log(tmp_path / "log.parquet", log)
    with pytest.raises(InputError, match=rf"log\.parquet: metadata, {key}: {value!r} where"):
        read_log(tmp_path / "log.parquet", PROGRAM, PIXELS, synthetic=True)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("synthetic", "yes", "synthetic: must be a valid boolean"),
        ("accuracy", [0.5], "accuracy: not 4 accuracies"),
        ("accuracy", [0.5, 0.5, 0.5, 1.5], "accuracy.3: must be less than or equal to 1"),
        (
            "program_sha256",
            "1" * 64,
            "program_sha256: the log comes from another program.* add program_content_sha256: "
            + PROGRAM.content_sha256,
        ),
        ("log_sha256", None, "log_sha256: must be a valid string"),
        ("order", "random", "order: must be 'time' or 'unordered'"),
        ("columns", {"image": 3}, "columns.image: must be a valid string"),
        ("instrument", {"field_noise_sd_mT": -1}, "instrument.field_noise_sd_mT: must be greater"),
        ("log_sha256", "1" * 64, r"log_sha256: the manifest of another log than .*log\.parquet"),
        ("format", "other", "format: expected a file of format"),
    ],
)
def test_each_defect_of_a_manifest_names_its_key(tmp_path, key, value, message):
    program, log = tmp_path / "program.csv", tmp_path / "log.parquet"
    PROGRAM.write(program)
    write_log(log, LOG)
    path = tmp_path / "manifest.json"
    path.write_text("{")
    with pytest.raises(InputError, match="not valid JSON"):
        Manifest.read(path, program, log, reads=4)
    path.unlink()  # nothing but a manifest is replaced by one
    Manifest("lab", True, sha256(program), "0" * 64, (0.5,) * 4).write(path)
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    with pytest.raises(InputError, match=message):
        Manifest.read(path, program, log, reads=4)
