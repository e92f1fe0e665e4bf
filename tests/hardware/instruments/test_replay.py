"""A recorded log plays as a bench."""

import dataclasses

import pandas as pd
import pytest

from dwsynapse.io.errors import InputError
from dwsynapse.io.files import sha256
from hardware.instruments.replay import Replay
from hardware.log import write_log
from tests.hardware.small_task import DEVICE, laboratory_run, make_task


@pytest.fixture
def recorded(tmp_path):
    program, pixels, labels = make_task()
    program.write(tmp_path / "program.csv")
    log, manifest = laboratory_run(program, DEVICE, pixels[:5], labels[:5], seed=1)
    log = log.sample(frac=1, random_state=1).reset_index(drop=True)
    log["outcome"] = log["outcome"].astype("float32").where(log.index % 7 > 0)  # some undecided
    log.attrs = {"laboratory": "ours", "synthetic": True}
    return program, pixels, log, manifest


def test_a_replay_gives_each_image_in_the_order_recorded(recorded, tmp_path):
    program, pixels, log, _ = recorded
    write_log(tmp_path / "log.parquet", log)
    bench = Replay.of(tmp_path / "log.parquet", tmp_path / "program.csv", program, pixels)
    assert (bench.laboratory, bench.synthetic) == ("ours", True)
    # Only the first images, of which the last was not recorded.
    first, none = bench.image_logs(program, pixels, [3, 7])
    expected = log[log["image"] == 3]
    pd.testing.assert_frame_equal(
        first.reset_index(drop=True), expected.reset_index(drop=True), check_dtype=False
    )
    assert none.empty
    few = Replay.of(tmp_path / "log.parquet", tmp_path / "program.csv", program, pixels[:2])
    assert set(few.measure(program, pixels[:2])["image"]) == {0, 1}


def test_the_manifest_says_where_a_table_comes_from(recorded, tmp_path):
    program, pixels, log, manifest = recorded
    files = tmp_path / "log.csv", tmp_path / "program.csv"
    log.to_csv(files[0], index=False)
    for names in ({}, {"field_set_mT": "B", "outcome": "switched"}):
        log.rename(columns=names).to_csv(files[0], index=False)
        message = r"log\.csv: nothing says who recorded it.*manifest\.json next to it.*other names"
        with pytest.raises(InputError, match=message):
            Replay.of(*files, program, pixels)
    log.to_csv(files[0], index=False)
    stated = dataclasses.replace(
        manifest,
        laboratory="Sheffield",
        synthetic=False,
        order="unordered",
        instrument={"field_noise_sd_mT": 0.02},
        program_sha256=sha256(files[1]),
        log_sha256=sha256(files[0]),
    )
    stated.write(tmp_path / "manifest.json")
    bench = Replay.of(*files, program, pixels)
    assert (bench.laboratory, bench.synthetic) == ("Sheffield", False)
    assert bench.instrument() == {"field_noise_sd_mT": 0.02, "replay": True}
    assert bench.measure(program, pixels).attrs == {"laboratory": "Sheffield", "synthetic": False}


def test_a_log_of_another_program_or_without_these_images_is_refused(recorded, tmp_path):
    program, pixels, log, _ = recorded
    files = tmp_path / "log.parquet", tmp_path / "program.csv"
    write_log(files[0], log)
    other = dataclasses.replace(program, fields_mT=program.fields_mT + 0.1)
    with pytest.raises(InputError, match=r"log\.parquet: .*the program sets another field"):
        Replay.of(*files, other, pixels)
    write_log(files[0], log[log["image"] > 2].reset_index(drop=True))
    with pytest.raises(InputError, match=r"no reads of the first 3 images; raise hardware\.images"):
        Replay.of(*files, program, pixels[:3])
