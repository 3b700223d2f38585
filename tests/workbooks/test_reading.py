"""Workbooks read in a process of its own: every format, every kind of value, every bad file."""

import datetime as dt
import io
import struct
import zipfile

import openpyxl
import pytest
from compound_file import compound, record, xls

from scoring_service.workbooks import __main__, writing
from scoring_service.workbooks.reading import read_workbook
from scoring_service.workbooks.sheets import Mark, Row, Sheet, Unreadable, UnreadableFile, column_letters

RARE = ("𠮷野", "阿依古丽·买买提", "王\u200b明", "１２３", "  李雷 ", "a\u3000b", "龘䶮㛃")


@pytest.fixture
def read(tmp_path):
    def read_content(content, filename="人员.xlsx"):
        path = tmp_path / "upload"
        path.write_bytes(content)
        return [(sheet.name, list(sheet.rows), sheet.epoch_1904) for sheet in read_workbook(path, filename)]

    return read_content


@pytest.fixture
def refused(read):
    def reason(content, filename="人员.xlsx"):
        with pytest.raises(UnreadableFile) as caught:
            read(content, filename)
        return caught.value.reason, caught.value.row

    return reason


def xlsx(fill, *, epoch_1904=False):
    book = openpyxl.Workbook()
    if epoch_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.title = "人员"
    fill(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def rows_of(*rows):
    return xlsx(lambda book: [book.active.append(row) for row in rows])


def repacked(content, change):
    """An archive with its parts changed: `change` maps name to content, and may add or leave out."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, part in change({name: archive.read(name) for name in archive.namelist()}).items():
            made.writestr(name, part)
    return packed.getvalue()


def ods(rows):
    cells = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content{spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="人员">{cells}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("META-INF/manifest.xml", "<manifest/>")
        made.writestr("content.xml", content)
    return packed.getvalue()


def ods_cell(value):
    if isinstance(value, dt.date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value}"/>'
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value}"/>'


def test_every_kind_of_value_keeps_its_type(read):
    day, moment, hour = dt.date(2025, 3, 1), dt.datetime(2025, 3, 1, 10, 30), dt.time(9, 30)  # noqa: DTZ001
    cells = ("D000123", 5, 5.5, True, None, day, moment, hour)
    ((name, rows, epoch_1904),) = read(rows_of(("a",) * 8, cells))
    assert (name, [row.number for row in rows], epoch_1904) == ("人员", [1, 2], False)
    assert [(type(cell), cell) for cell in rows[1].cells] == [(type(cell), cell) for cell in cells]


def test_rare_characters_come_byte_for_byte_from_every_format(read):
    text = ",".join(RARE) + "\n"
    files = [
        rows_of(RARE),
        xls([RARE]),
        ods([[cell for cell in RARE if cell != "  李雷 "]]),  # ODS writes blanks as elements of their own
        *(text.encode(encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16", "gb18030")),
        ("姓名,机构,日期,编码\n" * 20 + text).encode("utf-16-le"),
    ]
    for content in files:
        ((_, rows, _),) = read(content)
        assert set(rows[-1].cells) in ({*RARE}, {*RARE} - {"  李雷 "})


def test_days_of_both_epochs(read):
    day = dt.date(2025, 3, 1)

    def fill(book):
        book.active.append([day, 44255])

    ((_, rows, epoch_1904),) = read(xlsx(fill, epoch_1904=True))
    assert (rows[0].cells, epoch_1904) == ((day, 44255), True)
    assert read(xls([[(45717,), 45717]]))[0][1:] == ([Row(1, (day, 45717))], False)
    ((_, rows, epoch_1904),) = read(xls([[(44255,), 44255]], epoch_1904=True))
    assert (rows[0].cells, epoch_1904) == ((day, 44255), True)
    assert read(ods([[day, 5, "甲"]]))[0][1][0].cells == (day, 5, "甲")


def test_merged_cells_errors_formulas_and_long_numbers_are_marked(read):
    def fill(book):
        sheet = book.active
        sheet["B2"], sheet["E2"], sheet["F2"] = "合并", "=1+1", "#N/A"
        sheet["B3"], sheet["E3"] = None, 110101199003071234
        sheet["A3"], sheet["F3"] = "x", 6222021234567890123456
        sheet.merge_cells("B2:C3")

    ((_, rows, _),) = read(xlsx(fill))
    assert [(row.number, row.marks) for row in rows] == [
        (2, {2: Mark.MERGED, 4: Mark.UNSTORED, 5: Mark.ERROR}),
        (3, {1: Mark.MERGED, 2: Mark.MERGED, 4: Mark.ROUNDED, 5: Mark.ROUNDED}),
    ]
    assert rows[0].cells[1] == "合并"


def test_a_formulas_stored_result_is_its_value(read):
    def store(parts):
        sheet = parts["xl/worksheets/sheet1.xml"]
        for empty in (b"<v />", b"<v></v>", b"<v/>"):
            sheet = sheet.replace(b"<f>1+1</f>" + empty, b"<f>1+1</f><v>2</v>")
        return parts | {"xl/worksheets/sheet1.xml": sheet}

    ((_, rows, _),) = read(repacked(rows_of(("数",), ("=1+1",)), store))
    assert (rows[1].cells, rows[1].marks) == ((2,), {})


def test_sheets_come_in_order_without_hidden_and_empty_ones(read, tmp_path):
    def fill(book):
        book.active.append(["一"])
        book.create_sheet("空")
        hidden = book.create_sheet("藏")
        hidden.append(["不读"])
        hidden.sheet_state = "hidden"
        book.create_sheet("二")["C5"] = "二"

    content = xlsx(fill)
    assert [(name, rows[0].number, rows[0].cells) for name, rows, _ in read(content)] == [
        ("人员", 1, ("一",)),
        ("二", 5, (None, None, "二")),
    ]
    assert [sheet.name for sheet in read_workbook(tmp_path / "upload", "x")] == ["人员", "二"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimited_text(read, delimiter):
    text = '编码|"姓|名"\r\n\r\n1|"多\n行"\r\n"他说""好"""|\r\n'.replace("|", delimiter)
    ((name, rows, _),) = read(text.encode("gb18030"), "人员.2025.csv")
    assert name == "人员.2025"
    assert [(row.number, row.cells) for row in rows] == [
        (1, ("编码", f"姓{delimiter}名")),
        (3, ("1", "多\n行")),
        (4, ('他说"好"', None)),
    ]


def test_what_was_quoted_against_formulas_comes_back_as_it_was(read):
    names = ["=王", "+李", "-赵", "@钱", "＝孙", "　=周", "'=吴", "''-郑", "'王", "冯'", "-"]
    table = writing.Table(name="人员", headings=["姓名"], rows=[[name] for name in names])
    ((_, rows, _),) = read(b"".join(writing.chunks(writing.Form.CSV, [table])), "人员.csv")
    assert [row.cells[0] for row in rows[1:]] == names


BAD_TEXTS = {
    "nothing": (b"", (Unreadable.EMPTY, None)),
    "blank": (b"\n , \n".replace(b" ", b""), (Unreadable.EMPTY, None)),
    "a zero": ("编码,姓名\nD1,王\0明\n".encode(), (Unreadable.CONTROL_CHARACTERS, 2)),
    "an open quote": ('编码,姓名\nD1,"王明\nD2,李雷\n'.encode(), (Unreadable.QUOTES, 2)),
    "a quote too many": ('编码,姓名\n"D1"x,王明\n'.encode(), (Unreadable.QUOTES, 2)),
    "a bad byte": ("编码,姓名\nD1,王明\nD2,李".encode() + b"\xff,\n", (Unreadable.ENCODING, 3)),
    "Big5": ("編碼,姓名,機構\nD1,陳小明,市第一醫院\nD2,張國榮,縣醫院\n".encode("big5"), (Unreadable.ENCODING, None)),
    "a page": ("<html><table><tr><td>姓名</td></tr></table></html>".encode(), (Unreadable.NOT_A_TABLE, None)),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89", (Unreadable.NOT_A_TABLE, None)),
}


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_a_bad_text_is_refused_with_its_reason_and_line(refused, text):
    content, wanted = BAD_TEXTS[text]
    assert refused(content, "人员.csv") == wanted


def lying(content):
    """The sizes of the parts are declared as ten bytes, here and in the directory."""
    content = bytearray(content)
    for sign, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.find(sign)
        while at >= 0:
            struct.pack_into("<I", content, at + offset, 10)
            at = content.find(sign, at + 4)
    return bytes(content)


def bomb():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/workbook.xml", "w") as part:
        part.write(bytes(1000))
    content = bytearray(made.getvalue())
    struct.pack_into("<I", content, content.find(b"PK\x01\x02") + 24, 0xF0000000)
    return bytes(content)


def widened(parts):
    """One cell at the last place of the sheet, and a merged range over all of it."""
    sheet = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    return parts | {"xl/worksheets/sheet1.xml": parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", sheet)}


BAD_BOOKS = {
    "an empty sheet": (rows_of, Unreadable.EMPTY),
    "truncated": (lambda: rows_of(("a",))[:-200], Unreadable.DAMAGED),
    "sizes lie": (lambda: lying(rows_of(("a",))), Unreadable.DAMAGED),
    "a bomb": (bomb, Unreadable.TOO_LARGE),
    "a far cell": (lambda: repacked(rows_of(("a",)), widened), Unreadable.TOO_LARGE),
    "broken XML": (lambda: repacked(rows_of(("a",)), lambda parts: parts | {"xl/workbook.xml": b"<workbook><"}), Unreadable.DAMAGED),
    "no sheet": (lambda: repacked(rows_of(("a",)), lambda parts: {n: p for n, p in parts.items() if "sheet1" not in n}), Unreadable.DAMAGED),
    "macros": (lambda: repacked(rows_of(("a",)), lambda parts: parts | {"xl/vbaProject.bin": b"x"}), Unreadable.MACROS),
    "a document": (lambda: repacked(rows_of(("a",)), lambda _: {"word/document.xml": b"x"}), Unreadable.NOT_A_TABLE),
    "macros in XLS": (lambda: compound({"Workbook": bytes(4096), "_VBA_PROJECT_CUR": bytes(4096)}), Unreadable.MACROS),
    "a password": (lambda: compound({"EncryptedPackage": bytes(4096)}), Unreadable.ENCRYPTED),
    "a password of XLS": (lambda: xls([["a"]], extra=record(0x2F, bytes(6))), Unreadable.ENCRYPTED),
    "another compound": (lambda: compound({"WordDocument": bytes(4096)}), Unreadable.NOT_A_TABLE),
    "truncated XLS": (lambda: xls([["a"]])[:2000], Unreadable.DAMAGED),
    "a password of ODS": (lambda: repacked(ods([["a"]]), lambda parts: parts | {"META-INF/manifest.xml": b"<encryption-data/>"}), Unreadable.ENCRYPTED),
}


@pytest.mark.parametrize("book", BAD_BOOKS)
def test_a_bad_workbook_is_refused_with_its_reason(refused, book):
    make, reason = BAD_BOOKS[book]
    assert refused(make()) == (reason, None)


def test_a_row_too_many(monkeypatch):
    frames = []
    monkeypatch.setattr(__main__, "MOST_ROWS", 5000)
    rows = (Row(number, ("1",)) for number in range(1, 5002))
    with pytest.raises(UnreadableFile) as caught:
        __main__._write(type("Frames", (), {"write": frames.append}), [Sheet(name="x", rows=rows)])
    assert (caught.value.reason, [len(frame[1]) for frame in frames]) == (Unreadable.TOO_MANY_ROWS, [1, 2000, 2000])


@pytest.mark.soak
def test_a_million_rows_and_one(refused):
    assert refused(b"1\n" * 1_000_001, "x.csv") == (Unreadable.TOO_MANY_ROWS, None)


def test_columns_are_told_by_letters():
    assert [column_letters(index) for index in (0, 25, 26, 51, 701, 702, 16383)] == ["A", "Z", "AA", "AZ", "ZZ", "AAA", "XFD"]
