"""The same workbook back, with comments on its faulty cells and a list in front."""

import datetime as dt

import openpyxl
import pytest
from compound_file import xls
from openpyxl.styles import Font

from scoring_service.workbooks import commenting
from scoring_service.workbooks.commented import MOST_NOTES, Labels, Note, write_commented
from scoring_service.workbooks.reading import read_workbook

LABELS = Labels(
    title="检查结果", headings=("工作表", "行", "列", "现有内容", "应为"), unlisted="其余未列出"
)


def note(column, expected, *, row=2, value="", sheet="人员"):
    return Note(sheet=sheet, row=row, column=column, value=value, expected=expected)


def commented(tmp_path, content, *notes, filename="人员.csv"):
    source, target = tmp_path / "source", tmp_path / "copy.xlsx"
    source.write_bytes(content)
    write_commented(source, filename, target, notes, LABELS)
    return openpyxl.load_workbook(target)


def comments(sheet):
    return {
        cell.coordinate: (cell.comment.text, cell.fill.fgColor.rgb[-6:])
        for row in sheet for cell in row if cell.comment
    }  # fmt: skip


def book(tmp_path):
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "人员"
    sheet.append(["姓名", "编码", "日期"])
    sheet.append(["=HYPERLINK(1)", "D1", dt.date(2025, 3, 1)])
    sheet["A1"].font = Font(bold=True)
    sheet.merge_cells("D2:E2")
    made.save(tmp_path / "made.xlsx")
    return (tmp_path / "made.xlsx").read_bytes()


def test_an_xlsx_keeps_its_looks_and_formulas(tmp_path):
    copy = commented(
        tmp_path, book(tmp_path), note("B", "D 加 12 位数字", value="D1"), note("B", "须唯一"), note(None, "整行"), note("E", "合并")
    )
    assert copy.sheetnames == ["检查结果", "人员"]
    assert copy.active.title == "检查结果"
    sheet = copy["人员"]
    assert comments(sheet) == {
        "A2": ("整行", "FFD9B3"), "B2": ("D 加 12 位数字\n须唯一", "FFD9B3"), "D2": ("合并", "FFD9B3"),
    }  # fmt: skip
    assert (sheet["A1"].font.bold, sheet["A2"].value, sheet["C2"].value) == (True, "=HYPERLINK(1)", dt.datetime(2025, 3, 1))  # noqa: DTZ001
    assert [[cell.value for cell in row] for row in copy["检查结果"].iter_rows(max_row=2)] == [
        ["工作表", "行", "列", "现有内容", "应为"],
        ["人员", 2, "B", "D1", "D 加 12 位数字"],
    ]


@pytest.mark.parametrize(
    "content", [xls([["姓名", 5.5, (45717,)], ["=1+1", 7]]), "姓名,5.5,2025-03-01\n=1+1,7\n".encode("gb18030")]
)
def test_other_forms_keep_their_values(tmp_path, content):
    copy = commented(tmp_path, content, note("A", "姓名"), note("D", "必填"), note("A", "没有表头", sheet="", row=1))
    sheet = copy["人员"]
    assert comments(sheet) == {"A2": ("姓名", "FFD9B3"), "D2": ("必填", "FFD9B3")}
    assert (sheet["A1"].value, sheet["A2"].value, sheet["A2"].data_type) == ("姓名", "=1+1", "s")
    assert [str(cell.value)[:10] for cell in sheet[1][1:3]] == ["5.5", "2025-03-01"]
    assert [row[0].value or "" for row in copy["检查结果"]] == ["工作表", "人员", "人员", ""]


def test_a_large_xlsx_and_one_that_openpyxl_refuses_keep_their_values(tmp_path, monkeypatch):
    made = book(tmp_path)
    target = tmp_path / "copy.xlsx"
    commission = commenting.Commission(
        source=str(tmp_path / "made.xlsx"), filename="x", target=str(target), notes=(note("C", "日期"),), labels=LABELS, cut=True
    )
    commenting._write_values(commission)
    copy = openpyxl.load_workbook(target)
    assert comments(copy["人员"]) == {"C2": ("日期", "FFD9B3")}
    assert copy["人员"]["C2"].value == dt.datetime(2025, 3, 1)  # noqa: DTZ001
    assert copy["检查结果"]["A3"].value == "其余未列出"
    control = commented(tmp_path, made, note("B", "应为", value="a\x01b"))
    assert control["检查结果"]["D2"].value
    assert MOST_NOTES == 10_000


def test_a_commented_copy_is_read_again(tmp_path):
    commented(tmp_path, book(tmp_path), note("B", "x"))
    sheets = {sheet.name: list(sheet.rows) for sheet in read_workbook(tmp_path / "copy.xlsx", "x.xlsx")}
    assert sheets["人员"][1].cells[1:3] == ("D1", dt.date(2025, 3, 1))
