"""What drives a wall: its names, and texts about a field said about it."""

import copy
import pickle

import pandas as pd
import pytest

from dwsynapse.drives import DRIVES, FIELD, drive_of, of_field
from dwsynapse.io.contracts import PLAN, table_of_drive
from dwsynapse.io.errors import InputError
from dwsynapse.io.number_format import symbol

CURRENT, DURATION = DRIVES["current"], DRIVES["duration"]


@pytest.mark.parametrize(
    ("about_a_field", "about_a_current", "about_a_duration"),
    [
        ("field_mT", "current_uA", "duration_ns"),
        ("field_sd_mT", "current_sd_uA", "duration_sd_ns"),
        ("fields_at", "currents_at", "durations_at"),
        ("delta_per_mT", "delta_per_uA", "delta_per_ns"),
        ("propagation field (mT)", "pulse current (uA)", "pulse duration (ns)"),
        ("all fields from 3 to 4 mT; --step-mT", *(None, None)),
        ("of 'field 3 mT'", "of 'field 3 mT'", "of 'field 3 mT'"),
        ("a Springfield of mTorr", "a Springfield of mTorr", "a Springfield of mTorr"),
    ],
)
def test_a_text_about_a_field_is_said_about_another_drive(
    about_a_field, about_a_current, about_a_duration
):
    assert FIELD.said(about_a_field) == about_a_field
    for drive, expected in ((CURRENT, about_a_current), (DURATION, about_a_duration)):
        said = drive.said(about_a_field)
        assert expected is None or said == expected
        assert drive.of_field(said) == about_a_field


def test_names_stay_as_they_are():
    text = "field-wire minus other, in mT"
    assert CURRENT.said(text, ["field-wire"]) == "field-wire minus other, in uA"
    assert CURRENT.drawn(text, ["field-wire"]) == "field-wire minus other, in µA"
    content = {"name": "my field", "fields": [{"field_mT": 3.0}], "source": "a field"}
    written = CURRENT.document(content)
    assert written == {"name": "my field", "currents": [{"current_uA": 3.0}], "source": "a field"}
    assert CURRENT.document_of_field(written) == content


def test_an_error_is_said_about_the_drive_and_its_file_stays():
    with pytest.raises(InputError) as raised, CURRENT.errors():
        raise InputError(
            "a field of 3 mT", path="field_mT.csv", where="column field_mT", remedy="lower fields"
        )
    assert str(raised.value) == (
        "field_mT.csv: column current_uA: a current of 3 uA; lower currents"
    )


def test_a_copy_is_the_drive_itself():
    assert pickle.loads(pickle.dumps(CURRENT)) is CURRENT
    assert copy.deepcopy(DURATION) is DURATION


def test_a_table_shows_its_drive_by_its_column():
    table = pd.DataFrame({"current_uA": [1.0], "current_sd_uA": [0.1], "n_trials": [3]})
    assert drive_of(table) is CURRENT
    assert list(of_field(table)) == ["field_mT", "field_sd_mT", "n_trials"]
    assert drive_of(pd.DataFrame({"n_trials": [3]})) is FIELD
    with pytest.raises(InputError, match=r"'field_mT' and 'current_uA'.*keep one"):
        drive_of(table.assign(field_mT=3.0))


def test_the_tables_of_a_drive_have_its_columns_and_limits():
    assert table_of_drive(PLAN, FIELD) is PLAN
    of_current = table_of_drive(PLAN, CURRENT)
    names = [column.name for column in of_current.columns]
    assert names == ["current_uA", "n_trials", "first_replica"]
    assert of_current.columns[0].high == CURRENT.highest


def test_the_names_of_columns_belong_to_one_drive_each():
    names = [(drive.column, drive.said("field_sd_mT")) for drive in DRIVES.values()]
    assert len({name for pair in names for name in pair}) == 2 * len(DRIVES)


@pytest.mark.parametrize("drive", DRIVES.values(), ids=lambda drive: drive.name)
def test_parameters_have_the_same_symbols_for_every_drive(drive):
    assert symbol(drive.said("h0_mT")) == "h₀"
    assert symbol(drive.said("delta_per_mT")) == "Δ"
