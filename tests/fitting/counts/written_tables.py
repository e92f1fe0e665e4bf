"""Tables for the tests of what laboratories keep."""

from pathlib import Path

from openpyxl import Workbook

from fitting.counts.laboratory_tables import read_counts

DATA = Path(__file__).parents[2] / "data" / "counts"
HEAD = "field_mT,n_trials,n_passed\n"
PLAIN = "field_mT,n_trials,n_passed\n5,10,2\n5.5,10,7\n5,20,5\n"
AS_PLAIN = {"field_mT": [5.0, 5.5, 5.0], "n_trials": [10, 10, 20], "n_passed": [2, 7, 5]}
ROWS = [["field_mT", "n", "n_passed"], [5, 10, 2], [5.5, 10, 7], [5, 20, 5]]
LAB = "B_set [Oe],Bmeas,N,right,wrong\n50,x,10,2,8\n55,y,10,7,3\n"


def read(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "lab.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return read_counts(path)


def excel(tmp_path, *sheets):
    workbook = Workbook()
    workbook.remove(workbook.active)
    for i, rows in enumerate(sheets):
        sheet = workbook.create_sheet(f"sheet {i}")
        for row in rows:
            sheet.append(row)
    return workbook, tmp_path / "lab.xlsx"
