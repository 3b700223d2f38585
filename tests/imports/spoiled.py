"""A good roster of people, and the same with 200 errors of 20 kinds, each at a cell that is known."""

import io
import random
from dataclasses import dataclass
from datetime import date

import openpyxl

SHEET = "人员"
HEADINGS = (
    *("人员代码", "证件号", "姓名", "人员类别", "登记日", "登记最后一日", "承诺书签署日", "机构代码"),
    *("执业起始日", "执业最后一日", "执业类型", "执业类别", "执业范围", "专业技术职务"),
)
PEOPLE = 450
ERRORS_OF_A_KIND = 10
HOSPITAL = "H15040200001"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity_number(number, born="19800615"):
    """An identity number with its check character."""
    digits = f"110105{born}{number:03}"
    return digits + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11]


def roster():
    """A good workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = SHEET
    sheet.append(HEADINGS)
    for number in range(PEOPLE):
        spans = (date(2025, 1, 1), None, date(2024, 12, 20), HOSPITAL, date(2025, 2, 1), None)
        person = (f"D1504020{number + 10_000:05}", identity_number(number), f"王{chr(0x4E00 + number)}", "医师")
        sheet.append((*person, *spans, "执业医师", "临床", "内科专业", "主治医师"))
    return book


def _put(letter, value):
    def spoil(sheet, row):
        cell = sheet[f"{letter}{row}"]
        cell.value = value(cell.value) if callable(value) else value
        return letter

    return spoil


def _error_of_a_spreadsheet(sheet, row):
    sheet[f"E{row}"].value, sheet[f"E{row}"].data_type = "#N/A", "e"
    return "E"


def _merged_with_the_row_above(sheet, row):
    sheet.merge_cells(f"C{row - 1}:C{row}")
    return "C"


def _code_of_a_namesake(sheet, row):
    for letter in "AC":
        sheet[f"{letter}{row}"].value = sheet[f"{letter}{row - 1}"].value
    return "B"


# How each kind is made; it returns the column at which it has to be told. The row above is a good one.
KINDS = {
    "a code too short": _put("A", lambda code: code[:-1]),
    "a letter in a code": _put("A", lambda code: code[:4] + "O" + code[5:]),
    "a nurse's code of a doctor": _put("A", lambda code: "N" + code[1:]),
    "two people with one code": _code_of_a_namesake,
    "a wrong check character": _put("B", lambda number: number[:-1] + ("1" if number[-1] != "1" else "2")),
    "a digit too few": _put("B", lambda number: number[1:]),
    "a number that the spreadsheet rounded": _put("B", lambda number: int(number[:17] + "0")),
    "a birthday that is none": _put("B", lambda number: identity_number(int(number[14:17]), "19801301")),
    "no name": _put("C", None),
    "merged cells": _merged_with_the_row_above,
    "an unknown category": _put("D", "护工"),
    "a thirteenth month": _put("E", "2025-13-01"),
    "no day at all": _put("E", "去年"),
    "a formula without its result": _put("E", "=DATE(2025,1,1)"),
    "an error of the spreadsheet": _error_of_a_spreadsheet,
    "a signature to come": _put("G", date(2031, 1, 1)),
    "an unknown institution": _put("H", "H99999900001"),
    "an institution's code too long": _put("H", HOSPITAL + "1"),
    "work before the registration": _put("I", "2024年12月31日"),
    "an end before the beginning": _put("J", "2025.1.31"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoiled:
    content: bytes
    places: dict  # cell: kind of error


def spoil(seed):
    """The roster with ERRORS_OF_A_KIND of each kind."""
    book = roster()
    chance = random.Random(seed)
    sheet = book[SHEET]
    rows = chance.sample(range(3, PEOPLE + 2, 2), len(KINDS) * ERRORS_OF_A_KIND)
    places = {}
    for number, row in enumerate(rows):
        kind = list(KINDS)[number % len(KINDS)]
        places[f"{KINDS[kind](sheet, row)}{row}"] = kind
    return Spoiled(content=saved(book), places=places)


def saved(book):
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def mended(commented):
    """The commented copy, its wrong rows mended by hand."""
    book = openpyxl.load_workbook(io.BytesIO(commented))
    good, sheet = roster()[SHEET], book[SHEET]
    rows = {cell.row for cells in sheet.iter_rows() for cell in cells if cell.comment}
    for area in list(sheet.merged_cells.ranges):
        rows.add(area.max_row)
        sheet.unmerge_cells(str(area))
    for row in rows:
        for letter in "ABCDEFGHIJ":
            cell = sheet[f"{letter}{row}"]
            cell.value, cell.comment = good[f"{letter}{row}"].value, None
    return saved(book)
