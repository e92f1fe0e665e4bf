"""Tables as laboratories keep them, read into counts."""

from math import pi

import numpy as np
import pandas as pd
import pytest

from dwsynapse.io.contracts import COUNTS, TRIALS
from dwsynapse.io.errors import InputError
from fitting.counts.laboratory_tables import read_counts
from tests.fitting.counts.written_tables import AS_PLAIN, DATA, HEAD, LAB, PLAIN, ROWS, excel, read

THOUSANDS = {"field_mT": [5.0, 6.0], "n_trials": [1000, 12000], "n_passed": [400, 9000]}


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace(",", ", "),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", ";").replace(".", ","),
        PLAIN.replace("\n", "\r\n"),
        "\ufeff" + PLAIN,
        "# wafer 3, 2 kHz; ours\n\n" + PLAIN.replace("\n5.5", "\n\n# after lunch\n,,\n5.5"),
        '"# format: dwsynapse-counts 1"\n' + PLAIN,
        PLAIN.replace("\n", ",\n"),
        "N_Passed,note,N,Field (mT)\n2,a,10,5\n7,,10,5.5\n5,c,20,5\n",
        "n,field_mT,probability\n10,5,0.2\n10,5.5,0.7\n20,5,0.25\n",
        ",field_mT,n_trials,n_passed\n0,5,10,2\n1,5.5,10,7\n2,5,20,5\n",
        "field_mT,passed,pinned\n5,2,8\n5.5,7,3\n5,5,15\n",
        "Field (mT),Number of trials,passed\n5,10,2\n5.5,10,7\n5,20,5\n",
        "field_mT,trials,pinned\n5,10,8\n5.5,10,3\n5,20,15\n",
        "n,field_mT,probability (%)\n10,5,20\n10,5.5,70\n20,5,25\n",
        "n,field_mT,Passed (%)\n10,5,20\n10,5.5,70\n20,5,25\n",
        "n,field_mT,n_passed_percent\n10,5,20\n10,5.5,70\n20,5,25\n",
        "n,field_mT,pinned (%),passed (%)\n10,5,80,20\n10,5.5,30,70\n20,5,75,25\n",
        "field_mT,n,k\n5.0D+00,1D1,2\n5.5d0,10,7\n.5D+01,20,5\n",
        "B (mT)\tN\tpassed\n5,00E+0\t1,000000E+1\t2,0E+0\n5,5\t10,000000\t7,0\n5,0\t2,0E+1\t5\n",
        "#,field_mT,n,n_passed\n1,5,10,2\n2,5.5,10,7\n3,5,20,5\n",
        "#\tfield_mT\tn\tk\n1\t5\t10\t2\n2\t5.5\t10\t7\n3\t5\t20\t5\n",
        "#\tfield_mT\tn\tk\n5\t10\t2\n5.5\t10\t7\n5\t20\t5\n",
        "# field_T n k\n5.0D-03 10 2\n5.5D-03 10 7\n5.0D-03 20 5\n",
        "n,field_mT,P\n10,5,20 %\n10,5.5,70%\n20,5,25%\n",
        "n;field_mT;P\n10;5;20,0 %\n10;5,5;70%\n20;5;25,0%\n",
        "field_mT\tN\tn_passed\n5,0\t10\t2\n5,5\t10\t7\n5,0\t20\t5\n",
        PLAIN.replace("5,10,2", "\u00a05,10,2"),
        PLAIN.replace(",", " ") + "\u00a0\n",
        "n,field_mT,probability,n_passed\n10,5,0.23,2\n10,5.5,0.7,7\n20,5,0.25,5\n",
        "Wire 7, measured 3 May\n" + PLAIN,
        "Wire 7\nOperator: A. B.; sample 3\n\n" + PLAIN.replace(",", "\t"),
        "Wire 7 of May\n" + PLAIN.replace(",", " "),
        PLAIN.replace("field_mT", "field_mT\ufeff"),
        PLAIN.replace("\n", "\r"),
        PLAIN + "\x1a",
        ",Counts,\nH (mT),n,k\n5,10,2\n5.5,10,7\n5,20,5\n",
        '"Field\n(mT)",n,"N\npassed"\n5,10,2\n5.5,10,7\n5,20,5\n',
        'H (mT),n,k,wire\n5,10,2,4" chip\n5.5,10,7,4" chip\n5,20,5,2" chip\n',
        '"B, mT",n,k\n5,10,2\n5.5,10,7\n5,20,5\n',
        '"","field_mT","n","k"\n"1",5,10,2\n"2",5.5,10,7\n"3",5,20,5\n',
        "field_mT n k\n1 5 10 2\n2 5.5 10 7\n3 5 20 5\n",
        '"field_mT" "n" "k"\n"1" 5 10 2\n"2" 5.5 10 7\n"3" 5 20 5\n',
        "field_mT\tn\tk\n1\t5\t10\t2\n2\t5.5\t10\t7\n3\t5\t20\t5\n",
        '"field_mT","n","k"\n"1",5,10,2\n"2",5.5,10,7\n"3",5,20,5\n',
        "sep=;\n" + PLAIN.replace(",", ";"),
        "field_mT,n,k,n_pinned,n_undecided\n5,10,2,,\n5.5,10,7,,\n5,20,5,,\n",
        "field_mT,n_trials,n_passed\n5 mT,10,2\n5.5mT,10,7\n5,20,5\n",
        "field;n_trials;n_passed\n5,0 mT;10;2\n5,5 mT;10;7\n5 mT;20;5\n",
        "B,n_trials,n_passed\n50 Oe,10,2\n55 Oe,10,7\n50 Oe,20,5\n",
    ],
)
def test_a_table_may_be_written_in_many_ways(tmp_path, text):
    assert read(tmp_path, text).to_dict("list") == AS_PLAIN


@pytest.mark.parametrize(
    ("name", "field", "field_mT"),
    [
        ("field_T", "0.0057", 5.7),
        ("field_Oe", "57", 5.7),
        ("FIELD_OE", "57", 5.7),
        ("field [Oe]", "57", 5.7),
        ("field_kOe", "0.057", 5.7),
        ("B (mT)", "5.7", 5.7),
        ("B (µT)", "5700", 5.7),
        ("field_uT", "5700", 5.7),
        ("B (G)", "57", 5.7),
        ("mu0H (mT)", "5.7", 5.7),
        ("µ0H (mT)", "5.7", 5.7),
        ("μ₀H / mT", "5.7", 5.7),
        ("field_A_per_m", "4000", 1.6 * pi),
        ("H (A/m)", "4000", 1.6 * pi),
        ("H [kA/m]", "4", 1.6 * pi),
        ("field_kA_per_m", "4", 1.6 * pi),
    ],
)
def test_the_field_may_have_any_declared_unit(tmp_path, name, field, field_mT):
    counts = read(tmp_path, f"{name},n_trials,n_passed\n{field},3,1\n")
    assert counts["field_mT"].tolist() == [pytest.approx(field_mT, abs=1e-9)]


def test_the_spread_of_the_field_has_its_own_unit_and_may_be_unknown(tmp_path):
    text = "field_T,field_sd_Oe,n_trials,n_passed,n_undecided\n0.005,2,9,1,0\n0.006,,9,8,1\n"
    without = read(tmp_path, text.replace(",2,9", ",,9"))
    assert list(without) == ["field_mT", "n_trials", "n_passed", "n_undecided"]
    counts = read(tmp_path, text.replace(",,9", ",0,9"))
    assert list(counts) == [*without, "field_sd_mT"]
    np.testing.assert_array_equal(counts["field_sd_mT"], [0.2, 0])
    COUNTS.write(tmp_path / "counts.csv", counts, {})
    pd.testing.assert_frame_equal(COUNTS.read(tmp_path / "counts.csv"), counts)


@pytest.mark.parametrize(
    "text",
    [
        "field_mT,outcome\n6,passed\n5,Pinned\n6,pinned\n5,pinned\n",
        "outcome;field_Oe\n1;60\n0;50\n0;60\n0;50\n",
        "passed,H (mT)\nTrue,6\nFalse,5\nFalse,6\nFalse,5\n",
        "#,field_Oe,outcome\n1,60,yes\n2,50,no\n3,60,no\n4,50,no\n",
        "#\tfield_Oe\toutcome\n1\t60\tyes\n2\t50\tno\n3\t60\tno\n4\t50\tno\n",
    ],
)
def test_trials_are_counted_per_field(tmp_path, text):
    expected = {"field_mT": [5, 6], "n_trials": [2, 2], "n_passed": [0, 1], "n_undecided": [0, 0]}
    assert read(tmp_path, text).to_dict("list") == expected


def test_thousands_of_trials_with_spreads_and_undecided_ones(tmp_path):
    rows = ["5,0.3,1", "5,0.4,0"] * 3000 + ["5,0.3,undecided", "6,0.2,failed", *["6,0.2,1"] * 50]
    counts = read(tmp_path, "\n".join(["field_mT,field_sd_mT,outcome", *rows]))
    assert counts["n_trials"].tolist() == [6000, 50]
    assert counts["n_passed"].tolist() == [3000, 50]
    assert counts["n_undecided"].tolist() == [1, 1]
    np.testing.assert_allclose(counts["field_sd_mT"], [np.sqrt(0.125), 0.2], rtol=1e-4)


def test_simulated_trials_are_read_as_they_are_written(tmp_path):
    names = [column.name for column in TRIALS.columns if column.required]
    rows = [(6.0, i, 7, "passed" if i else "pinned", 1.0, 300.0, "embedded") for i in range(4)]
    TRIALS.write(tmp_path / "trials.csv", pd.DataFrame(rows, columns=names), {})
    assert read_counts(tmp_path / "trials.csv")["n_passed"].tolist() == [3]


@pytest.mark.parametrize(
    ("n", "probabilities", "n_passed"),
    [
        (3, ["0.333", "0.667", "1"], [1, 2, 3]),
        (3, ["0.33333333333333331", "0", "6.7e-1"], [1, 0, 2]),
        (100, ["0.5", "0.37", "0.10"], [50, 37, 10]),
        (490, ["0.49", "0.998", "0"], [240, 489, 0]),  # 0.490, its zero dropped
    ],
)
def test_probabilities_become_the_counts_they_were_rounded_from(
    tmp_path, n, probabilities, n_passed
):
    rows = "".join(f"5,{p},{n}\n" for p in probabilities)
    assert read(tmp_path, f"field_mT,probability,n\n{rows}")["n_passed"].tolist() == n_passed


@pytest.mark.parametrize(
    "name",
    [
        "unit-row.csv",
        "savetxt.dat",
        "excel.xlsx",
        "trials-passes.csv",
        "yes-no.csv",
        "cp1252.csv",
        "utf16.csv",
    ],
)
def test_the_same_counts_are_read_as_other_programs_keep_them(name):
    expected = read_counts(DATA / "clean.csv")
    counts = read_counts(DATA / name)
    pd.testing.assert_frame_equal(counts[expected.columns], expected)


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        (LAB, {"field": "B_set [Oe]", "n_passed": "right"}, [5, 5.5]),
        (LAB, {"field_mT": "B_set [Oe]", "n_passed": "right", "n_pinned": "wrong"}, [50, 55]),
        ("field_mT,H (Oe),N,k\n5,0,10,2\n5.5,0,10,7\n", {"field_mT": "field_mT"}, [5, 5.5]),
    ],
)
def test_columns_may_be_named_by_the_user(tmp_path, text, columns, expected):
    (tmp_path / "lab.csv").write_text(text)
    counts = read_counts(tmp_path / "lab.csv", columns)
    assert counts["field_mT"].tolist() == expected
    assert counts["n_passed"].tolist() == [2, 7]


@pytest.mark.parametrize("mark", ["'", "\u2019", " ", "\u00a0", "\u202f"])
def test_thousands_that_have_no_other_meaning_are_read(tmp_path, mark):
    text = "field_mT;n_trials;n_passed\n5;1'000;400\n6;12'000;9'000\n".replace("'", mark)
    assert read(tmp_path, text).to_dict("list") == THOUSANDS


def test_a_field_of_minus_zero_is_zero(tmp_path):
    fields_mT = read(tmp_path, HEAD + "-0,10,1\n5,10,5\n")["field_mT"]
    assert not np.signbit(fields_mT).any()


def test_decimals_of_a_fixed_number_are_no_thousands(tmp_path):
    text = "field_mT n_trials n_passed\n5.000 1000.000 1.000\n"
    assert read(tmp_path, text)["n_passed"].tolist() == [1]


def test_a_merged_title_and_notes_in_another_sheet_are_left_out(tmp_path):
    workbook, path = excel(tmp_path, [["Wire 7"], [], *ROWS], [["Notes"], ["of", "May"]], ROWS)
    workbook["sheet 0"].merge_cells("A1:C1")
    workbook["sheet 2"].sheet_state = "hidden"
    workbook.save(path)
    assert read_counts(path).to_dict("list") == AS_PLAIN


def test_rows_that_excel_hides_are_read_with_a_note(tmp_path, capsys):
    workbook, path = excel(tmp_path, ROWS, [["Notes"], ["of", "May"]])
    workbook["sheet 1"].row_dimensions[2].hidden = True
    workbook.save(path)
    read_counts(path)
    assert capsys.readouterr().err == ""  # of another sheet
    sheet = workbook["sheet 0"]
    sheet.auto_filter.ref = "A1:C4"
    for row in (3, 4, 9):  # the last is empty
        sheet.row_dimensions[row].hidden = True
    workbook.save(path)
    assert read_counts(path).to_dict("list") == AS_PLAIN
    assert capsys.readouterr().err == (
        "note: lab.xlsx: sheet sheet 0: 2 hidden rows (3, 4) are read like the others; delete what "
        "should not count\n"
    )
    read_counts(path)
    assert capsys.readouterr().err == ""  # said already


@pytest.mark.parametrize(
    ("column", "words", "noted"),
    [
        ("direction", ("up", "down"), True),
        ("sweep", ("Forward", "Backward"), True),
        ("Branch", ("1", "2"), True),
        ("comment", ("up", "down"), True),
        ("comment", ("+x", "-x"), True),
        ("direction", ("up", "up"), False),
        ("temperature_K", ("10", "300"), True),
        ("wire", ("a", "b"), True),
        ("wire", ("a", "a"), False),
    ],
)
def test_directions_and_labels_are_taken_together_with_a_note(
    tmp_path, capsys, column, words, noted
):
    name = f"lab-{column}-{words[1]}.csv"
    rows = "".join(f"{n},10,{n},{words[n % 2]}\n" for n in (3, 4, 5, 6))
    (tmp_path / name).write_text(f"field_mT,n_trials,n_passed,{column}\n{rows}")
    assert len(read_counts(tmp_path / name)) == 4
    output = capsys.readouterr().err
    assert output.count("\n") == noted
    if noted:
        assert f"note: {name}: the column {column!r} ({words[1]}, {words[0]}) is ignored" in output
        assert "to fit one of them, put its rows into a file of their own" in output


@pytest.mark.parametrize("labels", ["a b b b", "1 2 3 4", "1 1 2 2 3 3 4 4 5 5 6 6"])
def test_values_of_single_rows_and_many_values_are_no_labels(tmp_path, capsys, labels):
    rows = "".join(f"{n},10,1,{label}\n" for n, label in enumerate(labels.split()))
    (tmp_path / "lab.csv").write_text(f"field_mT,n_trials,n_passed,time_s\n{rows}")
    read_counts(tmp_path / "lab.csv")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("text", "n_trials", "noted"),
    [
        ("N,passed,undecided\n5,90,40,10\n6,100,80,0\n", [90, 100], True),
        ("N,pinned,undecided\n5,90,50,11\n6,100,20,0\n", [90, 100], True),
        ("N,P,undecided\n5,90,0.50,12\n6,100,0.80,0\n", [90, 100], True),
        ("N,passed,undecided\n5,90,40,0\n6,100,80,0\n", [90, 100], False),
        ("passed,pinned,undecided\n5,40,50,10\n6,80,20,0\n", [90, 100], False),
        ("N,passed,pinned,undecided\n5,90,40,50,10\n6,100,80,20,0\n", [90, 100], False),
        ("N,passed,pinned,undecided\n5,100,40,50,10\n6,100,80,20,0\n", [90, 100], False),
    ],
)
def test_trials_are_the_decided_ones_unless_all_sum_up(tmp_path, capsys, text, n_trials, noted):
    assert read(tmp_path, "field_mT," + text)["n_trials"].tolist() == n_trials
    output = capsys.readouterr().err
    assert ("N is taken as the decided trials" in output) == noted
    assert bool(output) == noted


@pytest.mark.parametrize(
    ("name", "fields", "fields_mT"),
    [
        ("field_mT", "5,250 5,500", [5.25, 5.5]),  # as thousands, beyond any wall's field
        ("H (Oe)", "1,250 0,950", [0.125, 0.095]),
        ("H (Oe)", "1,25 1,350", [0.125, 0.135]),
        ("field_mT", "4.625 5.125", [4.625, 5.125]),
        ("field_mT", "4 4.625 5", [4, 4.625, 5]),
        ("H (Oe)", "46.250 51.250", [4.625, 5.125]),
        ("H (A/m)", "79.625 80.5", [79.625 * 4e-4 * np.pi, 80.5 * 4e-4 * np.pi]),
    ],
)
def test_commas_and_points_of_fields_that_can_only_be_decimal_are(
    tmp_path, name, fields, fields_mT
):
    rows = "".join(f"{field};10;5\n" for field in fields.split())
    found = read(tmp_path, f"{name};N;k\n{rows}")["field_mT"]
    np.testing.assert_allclose(found, fields_mT, atol=1e-9)  # mT are rounded to 1e-9


def test_shares_that_excel_shows_in_percent_are_read_as_shown(tmp_path):
    rows = [["field_mT", "n", "P (%)"], [5, 10, 0.2], [5.5, 10, 0.7], [5, 20, 0.25]]
    workbook, path = excel(tmp_path, rows)
    for cell in workbook.active["C"]:
        cell.number_format = "0%"
    workbook.save(path)
    assert read_counts(path).to_dict("list") == AS_PLAIN


@pytest.mark.parametrize("name", ["lab.xlsx", "lab.xls", "lab.ods"])
def test_the_content_decides_the_kind_of_a_file_not_its_name(tmp_path, name):
    (tmp_path / name).write_text(PLAIN)
    assert read_counts(tmp_path / name).to_dict("list") == AS_PLAIN


@pytest.mark.parametrize(
    "header", ["field_mT,N,Passed (#)", "field_mT,N (#),Passed [counts]", "field_mT,N (n),k (No.)"]
)
def test_a_name_that_says_that_it_counts_is_a_count(tmp_path, header):
    table = tmp_path / "counts.csv"
    table.write_text(f"{header}\n4,20,3\n5,20,18\n")
    assert read_counts(table)["n_passed"].tolist() == [3, 18]


def test_a_percentage_of_unknown_meaning_may_be_assigned(tmp_path):
    table = tmp_path / "counts.csv"
    table.write_text("field_mT,N,N (%)\n4,20,15\n5,20,90\n")
    with pytest.raises(InputError, match=r"say so: --columns 'probability=N \(%\)'$"):
        read_counts(table)
    counts = read_counts(table, {"probability": "N (%)"})
    assert counts["n_passed"].tolist() == [3, 18]


@pytest.mark.parametrize(
    "rows",
    [
        ["N,field_mT,outcome", "1,4,0", "2,3.5,0", "3,5.5,1", "4,5.5,0", "5,4,1"],
        ["n,field_mT,passed", "3,5.5,1", "4,5.5,0", "5,4,1", "1,4,0", "2,3.5,0"],
        ["Trials,H (Oe),result", "0,40,0", "1,35,0", "2,55,1", "3,55,0", "4,40,1"],
        ["field_mT,N,passed", "4,1,0", "3.5,1,0", "5.5,1,1", "5.5,2,0", "4,2,1"],
        ["N,field_mT,outcome", "1,4,no", "2,3.5,no", "3,5.5,yes", "4,5.5,no", "5,4,yes"],
        ["n,field_mT,outcome"]
        + [f"1,{r}" for r in ("4,no", "3.5,no", "5.5,yes", "5.5,no", "4,yes")],
    ],
)
def test_a_column_that_numbers_the_trials_is_no_number_of_trials(
    tmp_path, rows, capsys, monkeypatch
):
    monkeypatch.setattr("dwsynapse.io.notes._told", set())
    counts = read(tmp_path, "\n".join(rows) + "\n")
    assert counts.to_dict("list") == {
        "field_mT": [3.5, 4.0, 5.5],
        "n_trials": [1, 2, 2],
        "n_passed": [0, 1, 1],
        "n_undecided": [0, 0, 0],
    }
    assert "note: lab.csv: each row is one trial: " in capsys.readouterr().err


@pytest.mark.parametrize("n", [(1, 2, 3, 4, 6), (2, 3, 4, 5, 6), (1, 1, 1, 1, 1), (5, 4, 3, 2, 2)])
def test_few_trials_a_row_are_counts(tmp_path, n):
    rows = [f"{field},{number},{field % 2}" for field, number in zip(range(4, 9), n, strict=True)]
    counts = read(tmp_path, "field_mT,n,passed\n" + "\n".join(rows) + "\n")
    assert counts["n_trials"].tolist() == [*n]


@pytest.mark.parametrize(
    ("header", "rows", "says"),
    [
        ("field_mT,n,passed", ["4,1,0", "5,0,0", "6,1,1", "7,1,1"], "row 3, column n: must be at"),
        ("n,passed", ["20,0", "20,1", "20,1", "20,1"], "no field column of a known unit"),
    ],
)
def test_what_is_no_number_of_trials_is_refused_as_such(tmp_path, capsys, header, rows, says):
    with pytest.raises(InputError, match=says):
        read(tmp_path, "\n".join([header, *rows]) + "\n")
    assert "each row is one trial" not in capsys.readouterr().err
