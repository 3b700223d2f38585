"""Tables as files: what a spreadsheet reads back has the types that went in, and nothing is a formula."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import UTC, date, datetime

import openpyxl
import pytest

from scoring_service.workbooks import writing
from scoring_service.workbooks.writing import CHUNK_BYTES, Form, Mark, Share, Table, chunks

HEADINGS = ("编码 / code", "姓名 / name", "记分 / points", "日期 / on", "时间 / at", "是否 / is")
ROWS = (
    (
        "D150402000123",
        "𠮷·巴特尔",
        10,
        date(2025, 3, 1),
        datetime(2025, 3, 1, 16, 30, 5, 7, tzinfo=UTC),
        True,
    ),
    ("007", '=HYPERLINK("http://x")', -4, date(1899, 12, 31), None, False),
    ("1" * 18, "　＋1", 0, None, None, None),
    ("", "长" * 20_000, 2**60, None, None, None),
)


def _book(*tables: Table) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(b"".join(chunks(Form.XLSX, tables))))


def _lines(*tables: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(chunks(Form.CSV, tables)).decode("utf-8-sig"))))


def test_a_workbook_keeps_types() -> None:
    sheet = _book(Table(name="名单", headings=HEADINGS, rows=ROWS))["名单"]
    head, first, second, third, fourth = sheet.iter_rows()
    assert [cell.value for cell in head] == list(HEADINGS)
    assert all(cell.font.b for cell in head)
    assert sheet.freeze_panes == "A2"
    assert [str(cell.value) for cell in first] == [
        "D150402000123", "𠮷·巴特尔", "10", "2025-03-01 00:00:00", "2025-03-02 00:30:05", "True",
    ]  # fmt: skip
    assert (first[3].number_format, first[4].number_format) == ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss")
    assert [(cell.value, cell.data_type) for cell in second] == [
        ("007", "s"), ('=HYPERLINK("http://x")', "s"), (-4, "n"), ("1899-12-31", "s"), (None, "n"), (False, "b"),
    ]  # fmt: skip
    assert (third[0].value, third[0].number_format) == ("1" * 18, "@")
    assert fourth[1].value.endswith("（截断 / cut）")
    assert fourth[2].value == str(2**60)
    assert sheet.column_dimensions["B"].width > sheet.column_dimensions["C"].width


def test_a_share_is_told_in_percent_and_a_mark_stands_where_a_number_would() -> None:
    table = Table(name="按期", headings=("人数", "按期率"), rows=[(Mark("<5"), Share(0.98765)), (7, Mark("—"))])
    (mark, share), (_number, none) = list(_book(table)["按期"].iter_rows())[1:]
    assert (mark.value, mark.data_type, mark.alignment.horizontal) == ("<5", "s", "right")
    assert (share.value, share.number_format) == (0.98765, "0.0%")
    assert (none.value, none.alignment.horizontal) == ("—", "right")
    assert _lines(table)[1:] == [["<5", "98.8%"], ["7", "—"]]


def test_what_is_wider_than_the_widest_column_goes_on_on_the_next_line_of_its_cell() -> None:
    rows = [("过度诊疗", 1), ("长" * 24, 2), ("a long title " * 8, 3)]
    cells = list(_book(Table(name="长", headings=("违规情形", "人次"), rows=rows))["长"].iter_rows())[1:]
    assert [bool(words.alignment.wrap_text) for words, _number in cells] == [False, True, True]
    assert {cell.alignment.vertical for row in cells for cell in row} == {"top"}


def test_a_sheet_is_printed_as_wide_as_the_paper_with_its_headings_on_each_page() -> None:
    book = _book(
        Table(name="窄", headings=("人数",), rows=[(1,)]),
        Table(name="宽", headings=["处理决定文号"] * 12, rows=[["长" * 20] * 12]),
    )
    for sheet, orientation in ((book["窄"], "portrait"), (book["宽"], "landscape")):
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, orientation)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) in {(1, 0), (None, 0)}
        assert sheet.print_title_rows == "$1:$1"
        assert "&P / &N" in f"&{sheet.oddFooter.right.text}"


def test_a_csv_opens_as_chinese_and_runs_nothing() -> None:
    assert next(chunks(Form.CSV, [Table(name="x", headings=HEADINGS, rows=())])).startswith(b"\xef\xbb\xbf")
    head, first, second, third, fourth = _lines(Table(name="名单", headings=HEADINGS, rows=ROWS))
    assert head == list(HEADINGS)
    assert first == ["D150402000123", "𠮷·巴特尔", "10", "2025-03-01", "2025-03-02 00:30:05", "TRUE"]
    assert second == ["007", '\'=HYPERLINK("http://x")', "-4", "1899-12-31", "", "FALSE"]
    assert third == ["1" * 18, "'　＋1", "0", "", "", ""]
    assert fourth[1] == "长" * 20_000


@pytest.mark.parametrize("start", [*"=+-@＝＋－＠\t\r\n", " =", "\u3000＝", "\ufeff=", "\u00a0@"])
def test_what_a_spreadsheet_may_calculate_is_quoted(start: str) -> None:
    assert _lines(Table(name="表", headings=["甲"], rows=[[f"{start}1+1"]]))[1][0].startswith("'")


@pytest.mark.parametrize("value", ["张三", "D150402000001", "2025-06-01", "a=b", "'", -3])
def test_what_is_plain_stays(value: str | int) -> None:
    assert _lines(Table(name="表", headings=["甲"], rows=[[value]]))[1] == [str(value)]


def test_several_tables_are_sheets_or_follow_each_other() -> None:
    tables = [Table(name=name, headings=["甲"], rows=[[1]]) for name in ("年度/汇总", "年度/汇总")]
    assert _book(*tables).sheetnames == ["年度 汇总", "年度 汇总 2"]
    assert _lines(*tables) == [["年度/汇总"], ["甲"], ["1"], [], ["年度/汇总"], ["甲"], ["1"]]


def test_what_is_too_long_for_a_sheet_goes_on_on_the_next(monkeypatch) -> None:
    monkeypatch.setattr(writing, "SHEET_ROWS", 3)
    book = _book(Table(name="表", headings=["甲"], rows=[[number] for number in range(5)]))
    assert [[cell.value for cell in sheet["A"]] for sheet in book] == [["甲", 0, 1], ["甲", 2, 3], ["甲", 4]]


def test_many_rows_take_no_memory() -> None:
    for form in Form:
        tracemalloc.start()
        rows = ([f"D{number:012}", "姓名", number, date(2025, 1, 1)] for number in range(10_000))
        sizes = [
            len(chunk)
            for chunk in chunks(form, [Table(name="表", headings=["一", "二", "三", "四"], rows=rows)])
        ]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(sizes) > 1
        assert max(sizes) <= 2 * CHUNK_BYTES
        assert peak < 1.5 * 1024 * 1024
