"""Measured trains: names, units, signs and turning points, and one line for each defect."""

import numpy as np
import pandas as pd
import pytest

from dwsynapse.io.errors import InputError
from fitting.response.inputs.measured_trains import read_train


def train(seed=0, cycles=3, pulses=30, noise=0.05):
    """Return conductances (uS) read before the first pulse and after each, and the directions."""
    rng, g, rows = np.random.default_rng(seed), 1.0, [(0, 1.0)]
    for _ in range(cycles):
        for way in (1, -1):
            for _ in range(pulses):
                g += 0.1 * ((9 if way > 0 else 1) - g) + noise * rng.standard_normal()
                rows.append((way, g))
    return np.array(rows)


def read(tmp_path, frame, **options):
    frame.to_csv(tmp_path / "train.csv", index=False)
    return read_train(tmp_path / "train.csv", **options)


def numbered(rows, name="conductance_uS", scale=1.0):
    return pd.DataFrame({"pulse": np.arange(len(rows)), name: scale * rows[:, 1]})


def test_turning_points_are_where_the_direction_changed(tmp_path):
    rows = train()
    updates = read(tmp_path, numbered(rows)).updates
    assert updates.before_S == pytest.approx(1e-6 * rows[:-1, 1])
    assert updates.after_S == pytest.approx(1e-6 * rows[1:, 1])
    # Noise may move a turn by a pulse; there are five of them.
    assert (updates.direction != rows[1:, 0]).sum() <= 5
    assert updates.ramp.max() == 5


@pytest.mark.parametrize("after", [True, False])
def test_a_pulse_without_a_reading_leaves_out_the_steps_about_it(tmp_path, capsys, after):
    """Without its row, as if removed, the next step would be of two pulses."""
    rows = train()
    signs, readings = (rows[1:, 0], rows[1:, 1]) if after else (rows[1:, 0], rows[:-1, 1])
    frame = pd.DataFrame({"sign": signs, "conductance_uS": readings})
    whole = read(tmp_path, frame).updates
    frame.loc[[50, 120], "conductance_uS"] = np.nan
    found = read(tmp_path, frame).updates
    unread = 1e-6 * readings[[50, 120]]
    kept = ~np.isin(whole.before_S.round(15), unread.round(15))
    kept &= ~np.isin(whole.after_S.round(15), unread.round(15))
    assert (~kept).sum() == 4
    assert found.steps_S == pytest.approx(whole.steps_S[kept])
    assert np.array_equal(found.direction, whole.direction[kept])
    words = "train.csv: 2 rows without a conductance (first: row 52)"
    assert words in capsys.readouterr().err


def test_signs_are_the_directions_of_readings_after_the_pulses(tmp_path):
    rows = train()
    frame = pd.DataFrame({"sign": rows[:, 0], "conductance_uS": rows[:, 1]})
    frame.loc[0, "sign"] = 1  # of the first reading, before which nothing was read
    found = read(tmp_path, frame)
    assert np.array_equal(found.updates.direction, rows[1:, 0])
    assert found.notes == ["conductances are taken as read after the row's pulse"]


def test_signs_are_the_directions_of_readings_before_the_pulses(tmp_path):
    rows = train()
    pulses = np.append(rows[1:, 0], -1)  # as in aihwkit: one pulse from each row to the next
    frame = pd.DataFrame({"pulses": pulses, "conductance_uS": rows[:, 1]})
    found = read(tmp_path, frame)
    assert np.array_equal(found.updates.direction, rows[1:, 0])
    assert found.updates.before_S == pytest.approx(1e-6 * rows[:-1, 1])
    assert found.notes == ["conductances are taken as read before the row's pulse"]


def test_rows_of_several_pulses_are_left_out(tmp_path):
    rows = train()
    frame = pd.DataFrame({"pulses": rows[:, 0], "conductance_uS": rows[:, 1]})
    frame.loc[[0, 5, 9], "pulses"] = [1, 3, 2]
    found = read(tmp_path, frame)
    assert len(found.updates.direction) == 178
    assert found.notes[1] == "2 rows of several pulses, not 1 or -1, left out"
    volts = read(tmp_path, frame.assign(pulses=1.2 * np.sign(frame["pulses"])))
    assert len(volts.updates.direction) == 180


@pytest.mark.parametrize(
    ("name", "scale"),
    [("G (S)", 1e-6), ("Conductance [µS]", 1.0), ("conductance_nS", 1e3), ("g/mS", 1e-3)],
)
def test_units_are_in_the_name(tmp_path, name, scale):
    rows = train()
    updates = read(tmp_path, numbered(rows, name, scale)).updates
    assert updates.after_S == pytest.approx(1e-6 * rows[1:, 1])


def test_numbers_that_begin_again_and_cycles_separate_ramps(tmp_path):
    up = np.linspace(1, 5, 9)
    ramp = pd.DataFrame({"n": np.arange(9), "G (uS)": up})
    fall = ramp.assign(**{"G (uS)": up[::-1]})
    updates = read(tmp_path, pd.concat([ramp, fall, ramp])).updates
    assert len(updates.direction) == 24
    assert updates.ramp.max() == 2
    frame = pd.concat([ramp.assign(cycle="a"), fall.assign(cycle="a", n=np.arange(9, 18))])
    both = pd.concat([frame, frame.assign(cycle="b")])
    updates = read(tmp_path, both).updates
    assert len(set(updates.replica)) == 2
    assert updates.continues.sum() == 2 * 17 - 2


def test_rows_after_missing_pulses_are_left_out(tmp_path):
    frame = numbered(train()).drop(index=[10, 11])
    found = read(tmp_path, frame)
    assert len(found.updates.direction) == 180 - 3
    assert found.notes == ["1 row left out: pulses are missing before"]


def test_columns_can_be_assigned(tmp_path):
    frame = numbered(train()).rename(columns={"pulse": "step", "conductance_uS": "reading"})
    updates = read(tmp_path, frame, columns={"pulse": "step", "conductance_uS": "reading"}).updates
    assert len(updates.direction) == 180


@pytest.mark.parametrize("name", ["G (nS)", "conductance_S", "R (ohm)", "R/kΩ", "I_uA"])
def test_a_unit_that_is_not_that_of_the_name_is_said(tmp_path, capsys, name):
    frame = numbered(train()).rename(columns={"conductance_uS": name})
    read(tmp_path, frame, columns={"conductance_uS": name})
    assert f"{name!r} is taken as conductance_uS" in capsys.readouterr().err


NOISE = np.random.default_rng(0).standard_normal(1000)


def change(column, row, value):
    def changed(frame):
        frame.loc[row, column] = value
        return frame

    return changed


def test_a_jump_is_said_of_the_row_that_is_named(tmp_path):
    frame = numbered(train()).assign(conductance_uS=lambda f: 4.0 + f.index % 2)
    frame.loc[7, "conductance_uS"] = 5e-3
    frame.loc[20, "conductance_uS"] = 5e-9
    with pytest.raises(InputError, match=r"row 9 .* is 8e\+02 times off the median"):
        read(tmp_path, frame)


@pytest.mark.parametrize(("temperature", "is_read"), [("293.5", True), ("293,5", False)])
def test_points_beside_decimal_commas_are_asked_about(tmp_path, temperature, is_read):
    frame = numbered(train()).assign(T_K=temperature)
    frame.to_csv(tmp_path / "train.csv", index=False, sep=";", float_format="%.3f")
    if is_read:
        assert len(read_train(tmp_path / "train.csv").updates.direction) == 180
    else:
        with pytest.raises(InputError, match=r"row 2, column conductance_uS: points that may be"):
            read_train(tmp_path / "train.csv")


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (change("conductance_uS", 7, 4e-6), r"row 9, column conductance_uS: .*are units mixed\?"),
        (change("conductance_uS", 7, -4), "row 9, column conductance_uS: must be at least 0"),
        (change("conductance_uS", 7, 0), "row 9, column conductance_uS: must be above 1e-18 S"),
        (lambda f: f.rename(columns={"conductance_uS": "conductance"}), "no unit"),
        (lambda f: f.rename(columns={"conductance_uS": "reading"}), "no column of conductance"),
        (lambda f: f.assign(**{"G (S)": 1}), r"columns conductance_uS and G \(S\) of conductance"),
        (lambda f: f[:25], "0 pulses down"),
        (change("pulse", 7, 6), "row 9, column pulse: is the number of the row before, too"),
        (lambda f: f[::-1], "no number is one above that of the row before"),
        (lambda f: f.sample(frac=1, random_state=1), r"\d+ of 181 numbers are below .*; sort the"),
        (lambda f: f.assign(pulse=1), "sort the rows .* with the number or sign of each"),
        (lambda f: f.assign(conductance_uS=5 + NOISE[: len(f)]), "no ramps: the conductance turns"),
        (lambda f: f.assign(pulse=np.where(f.index % 2, 1, -1) * (f.index != 6)), "must not be 0"),
    ],
)
def test_names_what_is_wrong(tmp_path, damage, line):
    with pytest.raises(InputError, match=line):
        read(tmp_path, damage(numbered(train())))


def test_says_that_several_devices_are_taken_as_one(tmp_path, capsys):
    frame = numbered(train())
    both = pd.concat([frame.assign(device="A"), frame.assign(device="B")])
    read(tmp_path, both)
    assert "2 devices are taken as one" in capsys.readouterr().err


def test_says_that_several_temperatures_are_taken_as_one(tmp_path, capsys):
    frame = numbered(rows := train())
    frame["amplitude_V"] = np.where(rows[:, 0] < 0, -2, 2)
    read(tmp_path, pd.concat([frame.assign(**{"T (K)": kelvin}) for kelvin in (300, 400)]))
    says = capsys.readouterr().err
    assert "the column 'T (K)' (300, 400) is ignored, and its rows are taken together" in says
    # Of pulses up and down the voltage is another one.
    assert "amplitude_V" not in says


def test_of_two_columns_of_pulses_the_assigned_one_counts(tmp_path):
    rows = train()
    frame = numbered(rows).assign(direction=np.where(rows[:, 0] < 0, -1, 1))
    with pytest.raises(InputError, match=r"columns pulse and direction of pulses .*pulse=NAME"):
        read(tmp_path, frame)
    numbers = read(tmp_path, frame.drop(columns="direction")).updates
    signs = read(tmp_path, frame.drop(columns="pulse")).updates
    for columns, expected in (({"pulse": "pulse"}, numbers), ({"pulse": "direction"}, signs)):
        found = read(tmp_path, frame, columns=columns).updates
        np.testing.assert_array_equal(found.after_S, expected.after_S)
        np.testing.assert_array_equal(found.direction, expected.direction)


@pytest.mark.parametrize("missing", [range(33, 35), range(52, 57), range(58, 63)])
def test_a_ramp_goes_on_over_missing_pulses(tmp_path, missing):
    rows = train(noise=0.01)
    frame = numbered(rows)
    kept = ~frame["pulse"].isin(missing)
    updates = read(tmp_path, frame[kept]).updates
    # The pulse after the missing ones is left out, too.
    used = kept & kept.shift(fill_value=False)
    assert len(updates.direction) == used.sum()
    assert (updates.direction != rows[used, 0]).sum() <= 1


@pytest.mark.parametrize("first", [10, 15, 18, 40, 45, 48])
def test_a_train_may_begin_within_a_ramp(tmp_path, first):
    """The conductance has then still 11 to 33 % of its range to go."""
    rows = train(noise=0.01)
    updates = read(tmp_path, numbered(rows)[first:]).updates
    assert (updates.direction != rows[first + 1 :, 0]).sum() <= 1


def test_an_assigned_cycle_counts_beside_a_device(tmp_path):
    frame = numbered(train(cycles=4)).assign(device="A", round=np.arange(241) // 121)
    frame = frame[["device", "pulse", "conductance_uS", "round"]]
    assert set(read(tmp_path, frame, columns={"cycle": "round"}).updates.replica) == {0, 1}
    assert set(read(tmp_path, frame).updates.replica) == {0}


def test_running_numbers_with_signs_are_said_to_be_several_pulses(tmp_path):
    rows = train()
    frame = numbered(rows).assign(
        pulse=np.arange(1, len(rows) + 1) * np.where(rows[:, 0] < 0, -1, 1)
    )
    says = r"0 pulses up \(.*rows of several pulses, not 1 or -1, left out\)"
    with pytest.raises(InputError, match=says):
        read(tmp_path, frame)
