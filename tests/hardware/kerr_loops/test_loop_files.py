"""Kerr loops as text, NPZ and HDF5: what is read, and what is refused in one line."""

import h5py
import numpy as np
import pytest

from dwsynapse.io.errors import InputError
from hardware.kerr_loops.reading.loop_files import field_in_name, loop_files, read_loops
from tests.hardware.kerr_loops.kerr_signals import FIELD_MT, POINTS, staircase, write_csv

SIGNAL = staircase((200, 2.0), noise=0.1)


@pytest.mark.parametrize(
    ("header", "size"),
    [
        ("field_mT,signal", 1.0),
        ("B [T],Kerr signal (V)", 1e-3),
        ("H (Oe),moke_mV", 10.0),
        ("field_A_per_m,voltage", 1e4 / (4 * np.pi)),
        ("H (kA/m),kerr", 10 / (4 * np.pi)),
    ],
)
def test_the_unit_is_that_of_the_header(tmp_path, header, size):
    path = write_csv(tmp_path / "a_4.6mT.csv", SIGNAL, FIELD_MT * size, header)
    (loops,) = read_loops(path)
    # Six digits after the point of a field in tesla are a microtesla.
    np.testing.assert_allclose(loops.field_mT[0], FIELD_MT, atol=1e-3)
    np.testing.assert_allclose(loops.signal[0], SIGNAL, atol=1e-6)
    assert loops.field_set_mT.tolist() == [4.6]


def test_several_loops_of_a_table_with_set_fields_and_outcomes(tmp_path):
    rows = [
        f"{loop},{h:.4f},{s:.4f},{set_oe},{outcome}"
        for loop, (set_oe, outcome) in {"a": (46, "passed"), "b": (52, "0")}.items()
        for h, s in zip(FIELD_MT, SIGNAL, strict=True)
    ]
    path = tmp_path / "loops.csv"
    path.write_text("\n".join(["loop,field_mT,signal,field_set_Oe,outcome", *rows]))
    (loops,) = read_loops(path)
    assert loops.names == (f"{path}: loop a", f"{path}: loop b")
    assert loops.field_set_mT.tolist() == [4.6, 5.2]
    assert loops.outcome == ("passed", "pinned")
    assert loops.signal.shape == (2, POINTS)


def test_says_that_loops_of_several_temperatures_are_taken_together(tmp_path, capsys):
    rows = [
        f"{loop},{300 + loop // 2},{'up' if h < 0 else 'down'},{h:.4f},{s:.4f}"
        for loop in range(4)
        for h, s in zip(FIELD_MT, SIGNAL, strict=True)
    ]
    path = tmp_path / "loops.csv"
    path.write_text("\n".join(["loop,T (K),half,field_mT,signal", *rows]))
    read_loops(path)
    says = capsys.readouterr().err
    assert "the column 'T (K)' (300, 301) is ignored, and its rows are taken together" in says
    # Each loop has both halves.
    assert "half" not in says


def test_the_set_field_is_that_of_the_file_before_that_of_its_name(tmp_path):
    path = tmp_path / "wire_9.9mT_001.csv"
    write_csv(path, SIGNAL, header="# field_set_Oe: 46\nfield_mT,signal")
    assert read_loops(path)[0].field_set_mT.tolist() == [4.6]
    assert np.isnan(read_loops(write_csv(tmp_path / "one.csv", SIGNAL))[0].field_set_mT)
    for written in ("4,6", "4.6,,"):
        write_csv(path, SIGNAL, header=f"# field_set_mT: {written}\nfield_mT,signal")
        assert read_loops(path)[0].field_set_mT.tolist() == [4.6]


@pytest.mark.parametrize(
    ("comments", "said"),
    [
        ("# field_set: 46 Oe", 4.6),
        ("# field_set_mT: 4.6 mT", 4.6),
        ("# Set field (Oe): 46Oe,,", 4.6),
        ("# field_set = 0,0046 T; sample 3", 4.6),
        ("# field_set: 46 Oe\n# field_set_mT: 4.6", 4.6),
        ("# field_set: 46, Oe, wire 3", 4.6),
        ("# field_set: 46; unit: Oe", 4.6),
        ('"# Set field (Oe)",46', 4.6),
        ("# field_set_mT;4,6;mT", 4.6),
        ("# field_set_mT: 4.6, run 3", 4.6),
        ("# field_set_mT: 46, Oe", "'field_set_mT' has the unit 'Oe', where its name is in mT"),
        (
            "# field_set_mT: 46 Oe",
            "'field_set_mT' has the unit 'Oe', where its name is in mT; give",
        ),
        ("# field_set: 46 gauss", "'field_set' has the unit 'gauss', no unit of a field; give"),
        ("# field_set: 46", "'field_set' declares no unit"),
        ("# field_set_mT:", "'' is not a number"),
        ("# field_set_T: 46", "goes to 46000 mT"),
        ("# field_set_mT: 4.6\n# field_set_mT: 5", "comments of several set fields"),
    ],
)
def test_the_unit_of_a_set_field_may_follow_its_value(tmp_path, comments, said):
    path = write_csv(tmp_path / "one.csv", SIGNAL, header=f"{comments}\nfield_mT,signal")
    if isinstance(said, float):
        assert read_loops(path)[0].field_set_mT.tolist() == [said]
    else:
        with pytest.raises(InputError, match=said) as error:
            read_loops(path)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(("unit", "is_that_of_the_name"), [("mT", True), ("Gauss", False)])
def test_the_unit_of_a_dataset_is_that_of_its_name(tmp_path, unit, is_that_of_the_name):
    with h5py.File(tmp_path / "4.6mT.h5", "w") as file:
        file["field_mT"], file["signal"] = FIELD_MT, SIGNAL
        file["field_mT"].attrs["units"] = unit
        file["signal"].attrs["units"] = "V"
    if is_that_of_the_name:
        np.testing.assert_array_equal(read_loops(tmp_path / "4.6mT.h5")[0].field_mT[0], FIELD_MT)
    else:
        with pytest.raises(
            InputError, match="'field_mT' has the unit 'Gauss', where its name is in mT"
        ):
            read_loops(tmp_path / "4.6mT.h5")


@pytest.mark.parametrize(
    ("name", "field_mT"),
    [
        ("wire3_4.6mT_017.csv", 4.6),
        ("46 Oe.csv", 4.6),
        ("0.0046T-2.npz", 4.6),
        ("wire3_4,6mT_017.csv", 4.6),
        ("wire3_4p6mT_017.csv", 4.6),
        ("run_4e0mT.csv", np.nan),
        ("day12_run3.csv", np.nan),
        ("5mTorr.csv", np.nan),
    ],
)
def test_the_field_in_a_name(tmp_path, name, field_mT):
    np.testing.assert_equal(field_in_name(tmp_path / name), field_mT)


def test_two_fields_in_a_name_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"several fields in the name \(4.6 mT, 15 mT\)"):
        field_in_name(tmp_path / "4.6mT_of_15mT.csv")


def test_arrays_and_datasets_hold_what_tables_do(tmp_path):
    signals = np.array([SIGNAL, -SIGNAL])
    np.savez(tmp_path / "a.npz", field_T=FIELD_MT / 1e3, signal=signals, field_set_mT=[4.6, 5])
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["field"], file["kerr"] = FIELD_MT * 10, signals
        file["field"].attrs["units"] = "Oe"
        file["field_set_mT"] = [4.6, 5]
    with h5py.File(tmp_path / "c.h5", "w") as file:
        for n, signal in enumerate(signals):
            group = file.create_group(f"day/run{n}")
            group["field_mT"], group["signal"] = FIELD_MT, signal
            group.attrs["field_set_mT"] = [4.6, 5][n]
            group.attrs["outcome"] = "pinned"
    for path in loop_files(tmp_path):
        loops = read_loops(path)
        np.testing.assert_array_equal(np.concatenate([part.signal for part in loops]), signals)
        for part in loops:
            np.testing.assert_allclose(part.field_mT[0], FIELD_MT, rtol=1e-12, atol=1e-12)
        assert np.concatenate([part.field_set_mT for part in loops]).tolist() == [4.6, 5]
    assert [part.outcome for part in loops] == [("pinned",), ("pinned",)]
    assert loops[1].names == (f"{path}: /day/run1",)


def test_the_branches_of_a_whole_loop(tmp_path):
    field = np.concatenate([FIELD_MT, FIELD_MT[::-1]])
    signal = np.concatenate([SIGNAL, 2 - SIGNAL])
    for shift, which in ((0, "rising"), (0, "falling"), (POINTS, "rising")):
        rolled = np.roll(field, shift), np.roll(signal, shift)
        path = write_csv(tmp_path / "4.6mT.csv", rolled[1], rolled[0])
        branch = read_loops(path)[0].branch(which)
        # Ends are rounded inwards by at most 2 % of the points.
        assert 0.96 * POINTS <= branch.signal.shape[1] <= POINTS
        assert (np.diff(branch.field_mT[0]) >= 0).all()
        np.testing.assert_allclose(branch.field_mT[0, [0, -1]], [-10, 10], atol=1)


def broken(tmp_path, kind):
    """Return a file with a defect."""
    path = write_csv(tmp_path / "4.6mT.csv", SIGNAL)
    lines = path.read_text().splitlines()
    match kind:
        case "empty":
            path.write_text("")
        case "text":
            path.write_text("\n".join([*lines[:5], "1.0,overload", *lines[6:]]))
        case "nan":
            path.write_text("\n".join([*lines[:5], "1.0,NaN", *lines[6:]]))
        case "cut row":
            path.write_text("\n".join([*lines[:-1], "9.9"]))
        case "one point":
            path.write_text("\n".join(lines[:2]))
        case "constant":
            write_csv(path, np.ones(POINTS))
        case "constant field":
            write_csv(path, SIGNAL, np.ones(POINTS))
        case "no unit":
            write_csv(path, SIGNAL, header="field,signal")
        case "wrong unit":
            write_csv(path, SIGNAL, header="field_T,signal")
        case "no signal":
            write_csv(path, SIGNAL, header="field_mT,temperature_K")
        case "two signals":
            write_csv(path, SIGNAL, header="field_mT,signal,kerr", more=",1")
        case "two cycles":
            write_csv(path, np.tile(SIGNAL, 2), np.tile(FIELD_MT, 2))
        case "thousands":
            write_csv(path, SIGNAL, header="# field_set_mT: 4,600\nfield_mT,signal")
        case "cut loop":
            rows = [f"1,{line}" for line in lines[1:]] + [f"2,{line}" for line in lines[1:100]]
            path.write_text("\n".join(["loop,field_mT,signal", *rows]))
        case "set field changes":
            write_csv(path, SIGNAL, header="field_mT,signal,field_set_mT", more=",4.6")
            path.write_text(path.read_text().replace(",4.6\n", ",4.7\n", 3))
        case "outcome":
            write_csv(path, SIGNAL, header="field_mT,signal,outcome", more=",maybe")
        case "picture":
            path.write_bytes(b"\x89PNG\r\n")
        case "npz cut":
            np.savez(path.with_suffix(".npz"), field_mT=FIELD_MT, signal=SIGNAL)
            path.write_bytes(path.with_suffix(".npz").read_bytes()[:-200])
        case "npz nan":
            signal = np.where(np.arange(POINTS) == 7, np.nan, SIGNAL)
            np.savez(path.with_suffix(".npz"), field_mT=FIELD_MT, signal=signal)
            return path.with_suffix(".npz")
        case "npz shapes":
            np.savez(path.with_suffix(".npz"), field_mT=FIELD_MT[1:], signal=SIGNAL)
            return path.with_suffix(".npz")
        case "npz empty":
            np.savez(path.with_suffix(".npz"), field_mT=[], signal=[])
            return path.with_suffix(".npz")
        case "npz text":
            np.savez(path.with_suffix(".npz"), field_mT=FIELD_MT, signal=["a"] * POINTS)
            return path.with_suffix(".npz")
        case "h5 cut":
            with h5py.File(path, "w") as file:
                file["field_mT"] = FIELD_MT
            path.write_bytes(path.read_bytes()[:1500])
        case "h5 empty":
            h5py.File(path, "w").close()
    return path


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("empty", r"4.6mT.csv: the file is empty; give a table of Kerr loops"),
        ("text", r"row 6, column signal: must be a finite number \(found 'overload'\)"),
        ("nan", r"row 6, column signal: must not be empty or NaN; fill it in, or remove"),
        ("cut row", r"row 401: 1 cell where the header has 2"),
        ("one point", r"4.6mT.csv: 1 point, of 30 at least; give the whole loop"),
        ("constant", r"4.6mT.csv: the signal is 1 at all points; check the magnetometer"),
        ("constant field", r"the field is 1 mT at all points; give the field at each point"),
        ("no unit", r"column field: 'field' declares no unit; name it by its unit, as in field_mT"),
        ("wrong unit", r"'field_T' goes to 10000 mT: no wall in a wire needs as much; name it by"),
        ("no signal", r"header: no signal \(found field_mT, temperature_K\); name the signal"),
        ("two signals", r"'signal' and 'kerr' both mean the signal; keep one"),
        ("two cycles", r"4.6mT.csv: the field is rising through its whole range 2 times.*number"),
        ("thousands", r"comment '# field_set_mT: 4,600': '4,600' is not a number.*decimal point"),
        ("cut loop", r"loop 2, from row 402: 99 points, where other loops have 400; complete"),
        ("set field changes", r"row 5.*field_set_mT: must be the same in all rows of a loop"),
        ("outcome", r"row 2, column outcome: 'maybe' is no known outcome; write passed or pinned"),
        ("picture", r"a PNG image, where a table of Kerr loops \(CSV\) is wanted"),
        ("npz cut", r"not a whole NPZ file .*; copy or write it again"),
        ("npz nan", r"array signal, loop 1, point 8: must be a finite number \(found nan\)"),
        ("npz shapes", r"array field_mT: shape \(399,\), where the signal has the shape \(400,\)"),
        ("npz empty", r"array signal: no points; give loops"),
        ("npz text", r"array signal: <U1 where numbers are expected"),
        ("h5 cut", r"not a whole HDF5 file .*; copy or write it again"),
        ("h5 empty", r"no datasets; give a field and a signal"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path, kind, message):
    with pytest.raises(InputError, match=message) as error:
        [part.branch("rising") for part in read_loops(broken(tmp_path, kind))]
    assert "\n" not in str(error.value)


def test_a_folder_without_loops_is_refused(tmp_path):
    (tmp_path / ".hidden.csv").touch()
    with pytest.raises(InputError, match=r"no loops in this folder; put files there \(.csv"):
        loop_files(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        loop_files(tmp_path / "none")
