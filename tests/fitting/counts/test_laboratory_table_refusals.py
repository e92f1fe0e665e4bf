"""Defects of laboratory tables are reported in one line, and what is ambiguous is asked about."""

import os
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from dwsynapse.io.errors import InputError
from fitting.counts.laboratory_tables import read_counts
from tests.fitting.counts.written_tables import DATA, HEAD, LAB, ROWS, excel, read

SHARE = "field_mT,n,probability\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "5,10,11\n", r"row 2: n_passed exceeds n_trials"),
        ("# a\n\n" + HEAD + "5,10,1\n\n-1,10,1\n", r"row 6, column field_mT: .*at least 0"),
        (
            HEAD.replace("_mT", "_Oe") + "-50,10,1\n",
            r"row 2, column field_Oe.*found '-50.0'\); .* give its magnitude",
        ),
        (
            HEAD + "2,9,1\n3,9,2\n4,9,5\n5,9,8\n14,36,16\n",
            r"row 6: has the trials .* of all rows above it: is it their total\?; remove that row",
        ),
        ("field_mT,N,pinned (%)\n5,200,40\n", r"no column for what passed"),
        ("field_mT,passed (%),pinned (%)\n5,60,40\n", r"no column 'n_trials'"),
        (HEAD + "5,,1\n", r"row 2, column n_trials: must not be empty"),
        (HEAD + ",10,1\n", r"row 2, column field_mT: must not be empty"),
        (HEAD + "5,10,1.5\n", r"row 2, column n_passed: must be a whole number"),
        (
            "field_mT,field_sd_mT,n,k\n5,0.1,9,1\n6,,9,2\n",
            r"row 3, column field_sd_mT: must not be empty.*; .*leave the whole column out",
        ),
        (
            "field_mT,field_sd_mT,outcome\n5,0.1,1\n5,nan,0\n",
            r"row 3, column field_sd_mT: must not be empty",
        ),
        (
            "field_mT,field_sd_mT,n,k\n5,0.1,9,1\n6,200,9,2\n",
            r"column field_sd_mT: a field that varies by 200 mT, where the highest field is 6 mT",
        ),
        (HEAD + "0,10,1\n2e-12,10,1\n", r"row 3, column field_mT: a field below 1e-9 mT"),
        (HEAD + "5,ten,1\n", r"row 2, column n_trials: must be a finite number \(found 'ten'"),
        (HEAD + "5,0,0\n", r"row 2, column n_trials: must be at least 1"),
        (HEAD + "5,10\n", r"row 2: 2 cells where the header has 3"),
        (HEAD + "5,10,2,8\n", r"row 2: 4 cells where the header has 3"),
        (HEAD + '5,"10,2\n', r"row 2: quotes are not closed"),
        (HEAD[:-1] + ",\n5,10,2,8\n", r"row 2: a cell under a column without a name"),
        (HEAD, r"no rows; give a table of passing counts or of trials"),
        ("", r"the file is empty; give a table of passing"),
        (b"PK\x03\x04xl/workbook.xml", r"not an Excel file that can be read; save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1", r"Excel file of the old kind.*save it as xlsx"),
        (b"field_mT,n\n5,\x00\n", r"not a text file; save it as CSV"),
        ("field_mT,n\n5,1\n".encode("utf-16"), r"no column for what passed"),
        ("5,10,1\n6,10,2\n", r"row 1: numbers where the names.*begin the table with a header"),
        ("field_mT,n_trials,n_trials\n5,1,1\n", r"row 1: the header has 'n_trials' twice"),
        ("field_mT n n_passed\n5 2\n", r"row 1: a single column.*by commas, semicolons, tabs or"),
        ("field_mT,n,n_trials,n_passed\n5,1,1,1\n", r"'n' and 'n_trials' are both.*keep one"),
        ("field_mT,field_Oe,n_trials,n_passed\n5,50,1,1\n", r"'field_mT' and 'field_Oe' are both"),
        ("field,n_trials,n_passed\n5,1,1\n", r"'field' declares no unit; name it.*field_Oe"),
        ("field_mT,field_sd,n,n_passed\n5,1,1,1\n", r"'field_sd' declares no.*field_sd_Oe"),
        ("field_furlong,n,n_passed\n5,1,1\n", r"no field column of a known unit.*field_mT"),
        (
            "field_mT,n_trials\n5,10\n",
            r"header .*no column for what passed; besides the field give",
        ),
        ("field_mT,n_passed\n5,10\n", r"no column 'n_trials'"),
        (HEAD + "#REF!,10,1\n", r"row 2, column field_mT: must be a finite number \(found '#REF!'"),
        (HEAD + "5,#N/A,1\n", r"row 2, column n_trials: must be a finite number \(found '#N/A'"),
        (HEAD.replace(",", ";") + "5,5;1,000;10\n", r"column n_trials: whole numbers with a comma"),
        ("H (Oe);n;n_passed\n950;9;1\n1,050;9;5\n", r"row 3, column H.*decimal or separate thous"),
        (
            "H (Oe);n;k\n1,250;9;1\n1,350;9;5\n",
            r"row 2, column H \(Oe\): .*thousands \(found '1,250'\); write 1250 or 1.250",
        ),
        ("H;n;k\n1,250 Oe;9;1\n1,350 Oe;9;5\n", r"row 2, column H \(Oe\): .*write 1250 or 1.2"),
        ("H;n;k\n(Oe);;\n1,250;9;1\n1,350;9;5\n", r"row 3, column H \(Oe\): .*write 1250 or"),
        (
            "H (A/m);n;k\n2.250;9;1\n8.850;9;5\n",
            r"row 2, column H \(A/m\): points that may be decimal or separate thousands "
            r"\(found '2.250'\); write 2250 or 2.2500",
        ),
        ("H;n;k\n2.250 A/m;9;1\n8.850 A/m;9;5\n", r"row 2, column H .*points that may be decimal"),
        ("H (A/m);n;k\n850;9;1\n950;9;3\n1.050;9;5\n", r"row 4, column H .*write 1050 or 1.0500"),
        (
            "H (Oe);n;p\n1.250;4;0,25\n",
            r"row 2, column H \(Oe\): points that .*write 1250 or 1.2500",
        ),
        ("current_nA;n;k\n2.250;9;1\n8.850;9;5\n", r"column current_nA: points that may be"),
        ("field_mT n k\n2 5 9 1\n4 6 9 5\n", r"row 1: 3 names of columns where .* have 4 cells"),
        ("H (mT),n,k\n1,5,20,3\n2,5,20,9\n", r"row 1: 3 names .*decimal, separate columns by"),
        (HEAD + "Total,10,1\n", r"row 2, column field_mT: must be a finite number"),
        (HEAD + "4,10,1\n2e5,10,9\n", r"column field_mT: a field of 200000 mT.*another one"),
        (
            HEAD + "0.003,60,2\n0.0045,60,22\n0.006,60,60\n",
            r"column field_mT: no field above 0.006 mT, less than that of the Earth; is the unit",
        ),
        (
            HEAD + "0.0040,9,1\n0.0045,9,2\n4.7,9,6\n5,9,8\n",
            r"from 0.004 to 0.0045 mT and from 4.7 to 5 mT: are they in two units",
        ),
        (
            "field_mT,n,pinned,passed\n5,10,3,6\n",
            r"row 2, column n: must be the sum of passed and pinned",
        ),
        (
            SHARE + "5,1000,0.3\n6,1000,0.9\n",
            r"row 2 \(and 1 more\), column probability: has too few digits",
        ),
        (SHARE + "5,10,inf\n", r"row 2, column probability: must be a finite number"),
        ("field_mT,outcome,n_passed\n5,1,1\n", r"both 'n_passed' and 'outcome'"),
        (
            "field_mT,outcome\n5,1\n6,2\n",
            r"row 3, column outcome: must be one of passed.*found '2'",
        ),
        ("field_mT,outcome\n5,\n", r"row 2, column outcome: must not be empty"),
        ("field_mT,outcome\n5,undecided\n", r"1 of 1 trials at 5 mT is undecided.*wait longer"),
        (SHARE + "5,10,37\n", r"row 2, column probability: must be at most 1.*percentages"),
        (SHARE + "5,10,-0.1\n", r"row 2, column probability: must be at least 0"),
        (SHARE + "5,10,0.2\n6,10,0.33\n", r"row 3, column probability: times n must be a whole"),
        (SHARE + "5,1500,0.337\n", r"row 2, column probability: has too few digits.*give n_passed"),
        (
            HEAD.replace(",", ";") + "5,5;10;1\n6.5;10;1\n",
            r"row 3, column field_mT: decimal commas",
        ),
        ("Wire 7\na,b,c\n5,10,1\n6,10,2\n", r"row 1: 1 name of columns where .* have 3 cells.*#"),
        ("Wire 7, May\na,b,c\n5,10,1\n6,10,2\n", r"row 1: 2 names of columns where"),
        (HEAD + "5,10,1\n" + HEAD + "6,10,2\n", r"row 3: a repeated header; put each table in"),
        (HEAD + "5,10,1\nlunch break\n", r"row 3: 1 cell where .* begin lines that are not data"),
        (HEAD + "5 mT,9,1\n60 Oe,9,2\n", r"row 3, column field_mT: not in the one unit"),
        ("field,n,k\n5 mT,9,1\n6,9,2\n", r"row 3, column field: not in the one unit.*'6'"),
        (HEAD + "5 K,9,1\n", r"row 2, column field_mT: .*its unit in the name of the column"),
        (HEAD + "5,10,1\nTotal,10,1\n", r"row 3, column field_mT: .*summarises.*remove that row"),
        ("run,H (mT),n,k\n1,5,9,3\nSum,5,9,3\n", r"row 3, column run: .*summarises .*'Sum'"),
        ("run,H (mT),n,k\n1,5,9,3\nΣ,5,9,3\n", r"row 3, column run: .*summarises .*'Σ'"),
        (HEAD + '5,"1,000",1\n', r"column n_trials: must be a .*without thousands separators"),
        (HEAD + "5,1.000,1\n6,950,2\n", r"row 2: a point that may be decimal or separate"),
        (HEAD + "2026-05-05 00:00:00,10,1\n", r"row 2, column field_mT: .*turned it into a date"),
        (HEAD + "5.May,10,1\n", r"turned it into a date"),
        (HEAD + "5.0±0.1,10,1\n", r"write the value alone; the spread of a field"),
        (
            "field_mT,outcome\n5,0.0123\n6,-0.4\n",
            r"row 2 \(and 1 more\), column outcome: .*apply a threshold first",
        ),
        ("field_mT,V_hall (mV)\n5,0.0123\n", r"'V_hall \(mV\)' is the signal.*a threshold first"),
        ("field_mT,outcome\n5,1\n6,\n", r"row 3, column outcome: .*; write undecided for a trial"),
        (HEAD + "5,9,1\n,9,2\n", r"row 3, column field_mT: .*write the field in each row"),
        (
            HEAD + "4\u066b5,10,1\n",
            r"must be a finite number.*; correct that row; a line that is no",
        ),
        (
            "H (mT),n,k\n4,5,20,3\n5,0,20,9\n",
            r"row 1: 3 names .*decimal, separate columns by semic",
        ),
        ("H (mT),n,k\n4,5,20,3\n", r"row 2: 4 cells .*if commas are decimal, separate columns"),
        ("H (mT)  n  n ok\n4 20 3\n5 20 9\n", r"row 1: .*without blanks in names"),
        ("field_mT;n;k" + 200_000 * "x" + "\n5;9;3\n", r"row 1: quotes are not closed, or .*limit"),
        (HEAD + "\u20135,9,3\n", r"row 2, column field_mT: must be at least 0"),
        (HEAD.replace(",", ";") + "5,9,3\n", r"row 2: 1 cell .*separate its cells as those of the"),
        ("field_mT,n,P (%)\n5,20,105\n", r"column P \(%\): must be at most 1 .*; correct that row"),
        (HEAD + "5,0x20,1\n", r"write it in decimal digits"),
        (HEAD + "5,1_000,1\n", r"without thousands separators"),
        (HEAD + "5e300,10,1\n", r"found '5e300'\); correct that row: no quantity is as large"),
        ("field_mT,n_trials,probability\n5,20,0.1_5\n", r"finite number \(found '0\.1_5'\)"),
        (
            HEAD + "5,nan,nan\n",
            r"row 2, column n_trials: must not be empty.*; fill it in, or remove",
        ),
        ("field_mT,passed\n5,1/20\n", r"row 2, column passed: .*n_trials in separate columns"),
        ("field_mT,n,P\n5,20,1/20\n", r"column P: must be a finite number.*separate column"),
        ("field_mT,outcome\n5,n/a\n", r"row 2, column outcome: must not be empty.*undecided"),
        ("field_mT,4,5,6\nn,9,9,9\nk,1,4,8\n", r"is transposed, put the fields into a column"),
        (b"<html><table>", r"a page of markup.*save it as CSV"),
        (b"\x1f\x8b\x08", r"a compressed file \(gzip\), where a table .*; unpack it first"),
        (
            b"PK\x03\x04" + bytes(90) + b"counts.csv",
            r"a compressed archive \(zip\), where .*; unpack it",
        ),
        (
            b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
            r"a file of LibreOffice \(OpenDocument\), where .*; save it as xlsx",
        ),
        ("# format: dwsynapse-counts 2\n" + HEAD + "5,1,1\n", r"expected format.*counts 1'"),
        (
            "# format: dwsynapse-plan 1\n" + HEAD + "5,1,1\n",
            r"a plan table: .*found 'dwsynapse-plan 1'",
        ),
    ],
)
def test_each_defect_is_reported_in_one_line_with_its_place_and_remedy(tmp_path, text, message):
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, text)
    message = str(caught.value)
    assert message.startswith(str(tmp_path / "lab.csv"))
    assert "\n" not in message
    assert "; " in message


def test_fields_of_teslas_are_asked_about_and_may_be_confirmed():
    with pytest.raises(InputError, match=r"a field of 6000 mT.*--columns field_T=field_T"):
        read_counts(DATA / "tesla-by-mistake.csv")
    counts = read_counts(DATA / "tesla-by-mistake.csv", {"field_T": "field_T"})
    assert counts["field_mT"].max() == 6000
    counts = read_counts(DATA / "tesla-by-mistake.csv", {"field_mT": "field_T"})
    assert counts["field_mT"].max() == 6


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        (("0.06", "0.07", "7", "8"), True),  # 100 times, but for rounding
        (("0", "0.07", "7", "8"), False),  # a single low field may be the magnet's remanence
        (("0.06", "0.07", "8"), False),
        (("0.06", "0.07", "6.9", "8"), False),
    ],
)
def test_two_fields_or_more_on_each_side_of_a_gap_of_a_hundred_times_are_asked_about(
    tmp_path, fields, asked
):
    text = HEAD + "".join(f"{field},10,5\n" for field in fields)
    if not asked:
        assert len(read(tmp_path, text)) == len(fields)
        return
    with pytest.raises(InputError, match="are they in two units"):
        read(tmp_path, text)


def test_a_unit_that_the_user_gives_is_no_confirmation_of_fields_beyond_magnets(tmp_path):
    (tmp_path / "lab.csv").write_text("B (nT),n,n_passed\n4e6,10,1\n5e6,10,9\n")
    with pytest.raises(InputError, match=r"a field of 5e\+06 mT"):
        read_counts(tmp_path / "lab.csv", {"field_mT": "B (nT)"})
    (tmp_path / "lab.csv").write_text("B (nT),n,n_passed\n4e3,10,1\n5e3,10,9\n")
    with pytest.raises(InputError, match=r"a field of 5000 mT"):
        read_counts(tmp_path / "lab.csv", {"field_mT": "B (nT)"})


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"field_mT": "B"}, r"field_mT=B: no column 'B' \(found B_set \[Oe\]"),
        ({"fiel": "N"}, r"fiel=N: 'fiel' is none of field"),
        ({"field": "Bmeas", "n_passed": "right"}, r"'field' declares no unit"),
    ],
)
def test_names_that_do_not_fit_the_table_are_refused(tmp_path, columns, message):
    (tmp_path / "lab.csv").write_text(LAB)
    with pytest.raises(InputError, match=message):
        read_counts(tmp_path / "lab.csv", columns)


@pytest.mark.parametrize("what", ["field_mT", "field_sd_mT", "current_uA"])
def test_a_unit_that_is_not_that_of_the_name_is_said(tmp_path, capsys, what):
    (tmp_path / "lab.csv").write_text("x (Oe),field_mT,n,n_passed\n1,1,10,1\n2,2,10,9\n")
    read_counts(tmp_path / "lab.csv", {what: "x (Oe)"})
    assert f"'x (Oe)' is taken as {what}, as --columns says" in capsys.readouterr().err


def test_a_row_of_units_that_contradicts_the_names_is_refused(tmp_path):
    (tmp_path / "lab.csv").write_text("field_mT,n,n_passed\nOe,-,-\n10,10,1\n20,10,9\n")
    with pytest.raises(InputError, match=r"row 2, column field_mT: .*\(found 'Oe'\)"):
        read_counts(tmp_path / "lab.csv")


def test_sheets_of_several_tables_are_asked_about(tmp_path):
    workbook = Workbook()
    for sheet in (workbook.active, workbook.create_sheet("second")):
        sheet.append(["field_mT", "n", "n_passed"])
        sheet.append([5, 10, 2])
    workbook.save(tmp_path / "two.xlsx")
    with pytest.raises(InputError, match="several tables, in the sheets Sheet, second"):
        read_counts(tmp_path / "two.xlsx")


def test_a_formula_that_was_never_computed_is_reported(tmp_path):
    workbook, path = excel(tmp_path, [*ROWS, [6, 10, "=B2-1"]])
    workbook.save(path)
    with pytest.raises(InputError, match=r"sheet sheet 0, row 5, cell C5: a formula .*; open the"):
        read_counts(path)


def test_no_file_and_a_folder_are_reported(tmp_path):
    loop, pipe = tmp_path / "loop.csv", tmp_path / "pipe.csv"
    loop.symlink_to(loop)
    os.mkfifo(pipe)
    (tmp_path / "fd.csv").symlink_to(pipe)  # as /dev/fd/63 of a shell's <(...)
    for path, message in (
        (tmp_path / "none.csv", "no such file"),
        (tmp_path, "is a folder"),
        (loop, "a link that leads to no file"),
        (pipe, "a pipe or a device, not a file"),
        (tmp_path / "fd.csv", "a pipe or a device, not a file"),
    ):
        with pytest.raises(InputError, match=message):
            read_counts(path)


def test_a_workbook_with_a_wrong_checksum_is_refused(tmp_path):
    workbook, path = excel(tmp_path, ROWS)
    workbook.save(path)
    content = path.read_bytes()
    with ZipFile(path) as archive:
        stated = archive.getinfo("xl/worksheets/sheet1.xml").CRC.to_bytes(4, "little")
    path.write_bytes(content.replace(stated, bytes(4)))
    with pytest.raises(InputError, match="not an Excel file that can be read; save it as CSV"):
        read_counts(path)


def test_a_drive_that_nothing_is_as_small_as_is_refused_also_where_it_is_assigned(tmp_path, capsys):
    """Seconds, which are no known unit, under ns: the search for draws has no such steep curves."""
    path = tmp_path / "lab.csv"
    path.write_text("t_pulse (s),N,passed\n1e-8,80,2\n2e-8,80,40\n4e-8,80,78\n")
    with pytest.raises(InputError, match=r"no duration above 4e-08 ns; is the unit another one"):
        read_counts(path, {"duration_ns": "t_pulse (s)"})
    assert "as --columns says; numbers in s are not converted" in capsys.readouterr().err
