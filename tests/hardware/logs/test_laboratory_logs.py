"""Logs as laboratories have them: the same reads in any file, and what is lost is said."""

import gzip
from dataclasses import replace

import h5py
import numpy as np
import pandas as pd
import pytest

import hardware.logs.text_files
from dwsynapse.io.errors import InputError
from hardware.log import log_table, read_log
from tests.hardware.small_task import DEVICE, laboratory_run, make_task

PROGRAM, PIXELS, LABELS = make_task()
LOG, _ = laboratory_run(PROGRAM, DEVICE, PIXELS[:3], LABELS, seed=1)


def read(path, log=None, **given):
    if log is not None:
        log.to_csv(path, index=False)
    return read_log(path, PROGRAM, PIXELS, synthetic=False, **given)


@pytest.fixture
def streamed(monkeypatch):
    """Let even small logs be read as large ones are."""
    monkeypatch.setattr(hardware.logs.text_files, "BLOCK_BYTES", 40_000)
    monkeypatch.setattr("hardware.log.SMALL_BYTES", 0)


def as_gzip(path, log):
    path.write_bytes(gzip.compress(log.to_csv(index=False).encode()))


def as_datasets(path, log):
    with h5py.File(path, "w") as file:
        for name in log:
            file.create_dataset(f"run/{name}", data=log[name].to_numpy())


def as_one_table(path, log):
    with h5py.File(path, "w") as file:
        file["log"] = log.to_records(index=False)


def as_table_of_others(path, log):
    log.rename(columns=str).to_parquet(path, index=False)


WRITERS = {
    "log.csv.gz": as_gzip,
    "log.h5": as_datasets,
    "table.h5": as_one_table,
    "log.parquet": as_table_of_others,
    "log.csv": lambda path, log: log.to_csv(path, index=False),
    "log.tsv": lambda path, log: log.to_csv(path, index=False, sep="\t"),
    "comma.csv": lambda path, log: log.to_csv(path, index=False, sep=";", decimal=","),
    "log.xlsx": lambda path, log: log.iloc[:300].to_excel(path, index=False),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_log_of_any_kind_of_file_has_the_same_reads(tmp_path, name):
    plain = LOG.copy()
    plain.attrs = {}
    WRITERS[name](tmp_path / name, plain)
    back = read(tmp_path / name)
    expected = LOG.iloc[:300] if name == "log.xlsx" else LOG
    pd.testing.assert_frame_equal(back, expected, check_dtype=False, rtol=1e-6)


@pytest.mark.parametrize("name", ["log.csv", "log.tsv", "comma.csv", "log.csv.gz"])
def test_a_streamed_log_has_the_same_reads(tmp_path, streamed, name):
    WRITERS[name](tmp_path / name, LOG)
    pd.testing.assert_frame_equal(read(tmp_path / name), LOG, check_dtype=False, rtol=1e-6)


@pytest.mark.parametrize("row", [5, len(LOG) - 3])
def test_a_streamed_log_names_the_row_of_text_among_numbers(tmp_path, streamed, row):
    log = LOG.astype({"field_set_mT": object})
    log.loc[row, "field_set_mT"] = "4.6 mT?"
    with pytest.raises(InputError, match=rf"row {row + 2}, column field_set_mT: must be a finite"):
        read(tmp_path / "log.csv", log)


def test_a_streamed_log_names_the_row_that_was_cut_off(tmp_path, streamed):
    text = LOG.to_csv(index=False).rstrip().rsplit(",", 2)[0]
    (tmp_path / "log.csv").write_text(text)
    with pytest.raises(InputError, match=rf"row {len(LOG) + 1}: 6 cells where the header has 8"):
        read(tmp_path / "log.csv")


def test_words_for_outcomes_that_come_late_are_read_as_text(tmp_path, streamed):
    log = LOG.astype({"outcome": object})
    log.loc[len(log) - 2, "outcome"] = "undecided"
    back = read(tmp_path / "log.csv", log)
    assert back.attrs["undecided"] == 1
    assert len(back) == len(LOG) - 1


def test_undecided_reads_are_dropped_and_counted(tmp_path, capsys):
    words = LOG["outcome"].map({0: "pinned", 1: "passed"})
    words[3], words[8], words[20] = "undecided", "", "?"
    log = LOG.assign(outcome=words)
    log.loc[8, "field_measured_mT"] = np.nan
    back = read(tmp_path / "log.csv", log)
    kept = LOG.drop(index=[3, 8, 20]).reset_index(drop=True)
    pd.testing.assert_frame_equal(back, kept, check_dtype=False, rtol=1e-6)
    assert (back.attrs["undecided"], back.attrs["missing"]) == (3, 3)
    assert back.attrs["images_in_part"] == 1
    said = capsys.readouterr().err
    assert f"note: log.csv: 3 of {len(LOG)} reads undecided and left out" in said
    assert said.count("\n") == len(back.attrs["notes"]) == 2


def test_reads_that_are_missing_or_repeated_are_said(tmp_path):
    log = pd.concat([LOG.iloc[100:], LOG.iloc[200:203]])
    back = read(tmp_path / "log.csv", log, ordered=False)
    assert back.attrs["repeated"] == 3
    assert back.attrs["missing"] == 100
    assert len(back) == len(LOG) - 100
    assert any("100 of" in note for note in back.attrs["notes"])
    fewer = LOG[LOG["read"] < 2]
    back = read(tmp_path / "fewer.csv", fewer)
    assert back.attrs["missing"] == 0
    assert any(
        note.startswith("2 of 4 reads that the program asks") for note in back.attrs["notes"]
    )


def test_images_that_were_read_less_often_are_an_early_exit_and_not_in_part(tmp_path):
    back = read(tmp_path / "log.csv", LOG[(LOG["image"] != 1) | (LOG["read"] < 2)])
    assert (back.attrs["stopped_early"], back.attrs["images_in_part"]) == (1, 0)
    assert back.attrs["missing"] == 0
    assert [note.split(" have")[0] for note in back.attrs["notes"]] == ["1 of 3 images"]


def test_an_undecided_read_may_be_made_again(tmp_path):
    log = LOG.astype({"outcome": object})
    log.loc[3, "outcome"] = "undecided"
    again = pd.concat([log.iloc[:4], LOG.iloc[3:]])
    back = read(tmp_path / "log.csv", again)
    assert (back.attrs["undecided"], back.attrs["missing"]) == (1, 0)


def test_without_a_field_measured_or_times_the_log_says_what_cannot_be_tested(tmp_path):
    bare = LOG.drop(columns=["field_measured_mT", "timestamp_s"])
    notes = read(tmp_path / "log.csv", bare.sample(frac=1, random_state=1)).attrs["notes"]
    assert [note.split(":")[0] for note in notes] == ["no field_measured_mT", "no timestamp_s"]
    assert read(tmp_path / "whole.csv", LOG).attrs["notes"] == []


def test_rows_in_another_order_than_time_must_be_declared(tmp_path):
    log = LOG.sample(frac=1, random_state=2)
    with pytest.raises(InputError, match=r'time runs backwards.*"order": "unordered"'):
        read(tmp_path / "log.csv", log)
    back = read(tmp_path / "log.csv", ordered=False)
    pd.testing.assert_frame_equal(back, LOG, check_dtype=False, rtol=1e-6)
    by_time = LOG.sample(frac=1, random_state=2).assign(timestamp_s=np.arange(len(LOG)))
    assert len(read(tmp_path / "random.csv", by_time)) == len(LOG)


@pytest.mark.parametrize(
    "written", ["%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f+02:00"]
)
@pytest.mark.parametrize("large", [False, True])
def test_times_may_be_dates_over_several_days(tmp_path, monkeypatch, written, large):
    monkeypatch.setattr("hardware.log.SMALL_BYTES", 0 if large else 2**30)
    seconds = LOG["timestamp_s"].to_numpy() + 86400.0 * (np.arange(len(LOG)) > 500)
    dates = pd.Timestamp("2025-03-01") + pd.to_timedelta(seconds, unit="s")
    log = LOG.drop(columns="timestamp_s").assign(Time=dates.strftime(written))
    back = read(tmp_path / "log.csv", log)
    since = back["timestamp_s"] - back["timestamp_s"].iloc[0]
    # Of seconds since 1970 as a float, 2e-7 s.
    np.testing.assert_allclose(since, seconds - seconds[0], atol=1e-6)


@pytest.mark.parametrize("large", [False, True])
def test_a_time_without_its_date_is_refused(tmp_path, monkeypatch, large):
    monkeypatch.setattr("hardware.log.SMALL_BYTES", 0 if large else 2**30)
    with pytest.raises(InputError, match=r"without (its|their) date.*; write seconds, or date"):
        read(tmp_path / "log.csv", LOG.assign(timestamp_s="09:30:01"))
    with pytest.raises(InputError, match=r"a date in another form .*; write seconds, or date"):
        read(tmp_path / "log.csv", LOG.assign(timestamp_s="14.11.2023 09:30:01"))


def test_columns_have_the_names_and_units_of_the_laboratory(tmp_path):
    names = {
        "image": "digit",
        "field_set_mT": "B_set (T)",
        "field_measured_mT": "H [A/m]",
        "read": "repeat no.",
    }
    log = LOG.assign(
        field_set_mT=LOG["field_set_mT"].astype(float) / 1e3,
        field_measured_mT=LOG["field_measured_mT"].astype(float) / (4e-4 * np.pi),
    ).rename(columns=names)
    back = read(tmp_path / "log.csv", log, columns=names)
    pd.testing.assert_frame_equal(back, LOG, check_dtype=False, rtol=1e-6)
    bare = LOG.assign(field_set_mT=LOG["field_set_mT"] * 10).rename(columns={"field_set_mT": "B"})
    back = read(tmp_path / "bare.csv", bare, columns={"field_set_Oe": "B"})
    np.testing.assert_allclose(back["field_set_mT"], LOG["field_set_mT"], rtol=1e-6)


@pytest.mark.parametrize(
    ("column", "unit", "message"),
    [
        ("field_set_mT", "mT", None),
        ("timestamp_s", "s", None),
        ("field_set_mT", "Oe", "'field_set_mT' has the unit 'Oe', where its name is in mT"),
        ("field_set_mT", "gauss", "'field_set_mT' has the unit 'gauss', where its name is in mT"),
        ("timestamp_s", "ms", r"'timestamp_s \(ms\)' is not in seconds"),
    ],
)
def test_the_unit_of_a_dataset_is_that_of_its_name(tmp_path, column, unit, message):
    as_datasets(tmp_path / "log.h5", LOG)
    with h5py.File(tmp_path / "log.h5", "a") as file:
        file[f"run/{column}"].attrs["units"] = unit
    if message is None:
        back = read(tmp_path / "log.h5")
        pd.testing.assert_frame_equal(back, LOG, check_dtype=False, rtol=1e-6)
    else:
        with pytest.raises(InputError, match=message):
            read(tmp_path / "log.h5")


UNIT_ROW = {
    "field_set_mT": "mT",
    "field_measured_mT": "Oe",
    "timestamp_s": "(s)",
    **dict.fromkeys(("image", "out", "in", "read"), "1"),
}


@pytest.mark.parametrize("assigned", [False, True])
def test_a_row_of_units_is_read_as_such(tmp_path, assigned):
    log = LOG.assign(field_measured_mT=LOG["field_measured_mT"] * 10).astype(object)
    units = pd.DataFrame([{name: UNIT_ROW.get(name, "") for name in log.columns}])
    names = {"field_set_mT": "field_set", "field_measured_mT": "field_measured"}
    columns = {}
    if assigned:
        names |= {"field_measured_mT": "probe"}
        columns = {"field_measured": "probe"}
    table = pd.concat([units, log]).rename(columns=names)
    back = read(tmp_path / "log.csv", table, columns=columns)
    pd.testing.assert_frame_equal(back, LOG, check_dtype=False, rtol=1e-6)


def test_a_row_of_units_that_contradicts_the_names_is_no_number(tmp_path):
    units = pd.DataFrame([{name: UNIT_ROW.get(name, "") for name in LOG.columns}])
    with pytest.raises(InputError, match=r"row 2, column field_set_mT.*found 'mT'"):
        read(tmp_path / "log.csv", pd.concat([units, LOG.astype(object)]))


def test_a_column_whose_name_is_wrong_is_assigned_the_unit_that_it_holds(tmp_path):
    """What the unit is asked about says: --columns "field_measured_T=NAME"."""
    wrong = LOG.assign(field_measured_mT=LOG["field_measured_mT"] / 1000)
    columns = {"field_measured_T": "field_measured_mT"}
    back = read(tmp_path / "log.csv", wrong, columns=columns)
    pd.testing.assert_frame_equal(back, LOG, check_dtype=False, rtol=1e-6)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"field_set_mT": "B"}, r"no column 'B', which should be field_set_mT"),
        ({"fields": "read"}, r"'fields' is no column of a log; assign one of image, out"),
        ({"field_set": "x"}, r"the column 'x' declares no unit"),
        ({"timestamp_s": "t (ms)"}, r"'t \(ms\)' is not in seconds"),
        ({"image": "image", "out": "image"}, r"'image' is assigned twice"),
        ({"image": "image", "Image": "x"}, r"one thing is assigned twice"),
    ],
)
def test_a_wrong_assignment_of_columns_is_said(tmp_path, columns, message):
    with pytest.raises(InputError, match=message):
        read(
            tmp_path / "log.csv",
            LOG.assign(x=LOG["field_set_mT"], **{"t (ms)": 1}),
            columns=columns,
        )


@pytest.mark.parametrize(
    ("column", "factor", "unit"),
    [
        ("field_set_mT", 1e-3, "T"),
        ("field_set_mT", 10, "Oe"),
        ("field_measured_mT", 1e-3, "T"),
        ("field_measured_mT", 795.775, "A/m"),
    ],
)
def test_a_wrong_unit_is_asked_about(tmp_path, column, factor, unit):
    log = LOG.assign(**{column: LOG[column] * factor})
    with pytest.raises(InputError, match=rf"column {column}: .* times .*is the unit {unit}\?"):
        read(tmp_path / "log.csv", log)


def test_fields_set_agree_within_the_precision_of_the_instrument(tmp_path):
    log = LOG.assign(field_set_mT=LOG["field_set_mT"] + 0.03)
    with pytest.raises(InputError, match=r"the program sets another field, .*field_step_mT"):
        read(tmp_path / "log.csv", log)
    assert len(read(tmp_path / "log.csv", precision_mT=0.05)) == len(LOG)


def test_a_wide_precision_hides_no_other_synapse(tmp_path):
    log = LOG.assign(field_set_mT=LOG["field_set_mT"] + 0.1)
    with pytest.raises(InputError, match="the program sets another field"):
        read(tmp_path / "log.csv", log, precision_mT=1e9)


def test_a_number_of_a_read_far_beyond_the_reads_is_refused(tmp_path):
    program = replace(PROGRAM, reads=1_000_000)
    LOG.assign(read=LOG["read"].replace(3, 999_999)).to_csv(tmp_path / "log.csv", index=False)
    with pytest.raises(InputError, match=r"column read: a read of number 999999, where the log"):
        read_log(tmp_path / "log.csv", program, PIXELS, synthetic=False, ordered=False)


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00", "9999-12-31 00:00:00Z"])
def test_a_date_at_which_nobody_measured_is_refused(tmp_path, date):
    with pytest.raises(InputError, match=r"column timestamp_s: no (time of a measurement|such da)"):
        read(tmp_path / "log.csv", LOG.assign(timestamp_s=date))


def test_a_log_too_large_for_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("hardware.log.BYTES_PER_READ", 2**60)
    LOG.to_csv(tmp_path / "log.csv", index=False)
    with pytest.raises(InputError, match=r"more than 0 reads, which do not fit into memory"):
        log_table(tmp_path / "log.csv")


def test_a_damaged_file_is_said_to_be_damaged(tmp_path):
    for name in ("log.csv.gz", "log.h5", "log.parquet"):
        WRITERS[name](tmp_path / name, LOG)
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content[: len(content) // 2])
        with pytest.raises(InputError, match=r"not a (whole|Parquet)"):
            read(tmp_path / name)


def test_a_large_file_of_zeros_is_no_text(tmp_path, streamed):
    (tmp_path / "log.csv").write_bytes(bytes(100_000))
    with pytest.raises(InputError, match=r"log\.csv: not a text file; write a plain CSV"):
        read(tmp_path / "log.csv")


def test_a_probe_that_was_not_read_is_refused(tmp_path):
    log = LOG.assign(field_measured_mT=0.0)
    with pytest.raises(InputError, match=r"field_measured_mT: 0 mT in all \d+ reads, at different"):
        read(tmp_path / "log.csv", log)
