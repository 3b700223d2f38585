"""Readings: what a cell holds as the value that a column means, or what was expected in its place.

Offices write dates as dates, as text and as numbers, codes as numbers, and everything with blanks around it. A reading
takes all that has one meaning and refuses the rest by a sentence for whoever made the file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from scoring_service import written
from scoring_service.problems import Invalid
from scoring_service.services.registry.codes import CATEGORIES as CATEGORY_NAMES
from scoring_service.services.registry.codes import INSTITUTION_KINDS as KIND_NAMES
from scoring_service.services.registry.codes import check_division, is_institution_code, is_practitioner_code
from scoring_service.services.registry.persons import checked_id_number
from scoring_service.terms import CATEGORIES, INSTITUTION_KINDS, chinese, english
from scoring_service.workbooks.sheets import Value

Reading: TypeAlias = Callable[[Value], Any]

# Blanks that people cannot see, at the ends of what they type or paste.
_EDGES = " \t\r\n\v\f\u00a0\u00ad\u180e\u2002\u2003\u2009\u200b\u200c\u200d\u2028\u2029\u202f\u2060\u3000\ufeff"
# Beyond it a spreadsheet has lost digits of a whole number.
_EXACT = 10**15
_DAY = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?(?:[ T]00:00(?::00)?(?:\.0+)?)?")
_DIGITS_OF_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_DAY_ZERO = date(1899, 12, 30)
# Numbers that are days of a spreadsheet, of 1950 to 2100.
_FIRST_SERIAL, _LAST_SERIAL = 18_264, 73_415
_WHOLE = re.compile(r"[+-]?[0-9]{1,10}(?:\.0+)?")


class CellFault(Exception):
    """A cell that cannot be read: `expected` says what should stand there, Chinese first, English beside it."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


def trimmed(text: str) -> str:
    """Return a text without the blanks at its ends, those that cannot be seen among them."""
    return text.strip(_EDGES)


def is_blank(value: Value) -> bool:
    """Tell whether nothing stands in a cell."""
    return value is None or (isinstance(value, str) and not trimmed(value))


def shown(value: Value) -> str:
    """Return what a cell holds as its reader would see it."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    return str(value)


def text(value: Value) -> str:
    """Return what stands in a cell as text, without blanks at the ends. Raises CellFault for a day or a lost number."""
    if isinstance(value, str):
        return trimmed(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CellFault("应为文本 / text")
    if abs(value) >= _EXACT:
        raise CellFault(
            "应以文本填写：超过 15 位的数字在表格中已失真 / text: of a number beyond 15 digits the last ones are lost"
        )
    return shown(value)


def line(longest: int = written.LONGEST_LINE) -> Reading:
    """Return the reading of a name or title on one line, kept to the byte, of at most `longest` characters."""

    def read(value: Value) -> str:
        try:
            kept = written.as_line(text(value))
        except ValueError as error:
            raise CellFault(str(error)) from None
        if len(kept) > longest:
            raise CellFault(f"最多 {longest} 个字符 / at most {longest} characters")
        return kept

    return read


def prose(value: Value) -> str:
    """Return free text, lines allowed."""
    try:
        kept = written.as_text(text(value))
    except ValueError as error:
        raise CellFault(str(error)) from None
    if len(kept) > LONGEST_PROSE:
        raise CellFault(f"最多 {LONGEST_PROSE} 个字符 / at most {LONGEST_PROSE} characters")
    return kept


LONGEST_PROSE = 4000


def code(value: Value) -> str:
    """Return a code in its normal form; an invisible or inner blank is no part of it."""
    kept = text(value)
    if kept.isascii() and kept.isalnum():
        return kept.upper()
    return "".join(part for part in written.as_code(kept) if part not in _EDGES)


def practitioner_code(value: Value) -> str:
    """Return a practitioner's code. Raises CellFault for another form; whose it may be is judged with the category."""
    kept = code(value)
    if not is_practitioner_code(kept):
        raise CellFault("D、N、HY 或 HJ 加 12 位数字 / D, N, HY or HJ and 12 digits")
    return kept


def institution_code(value: Value) -> str:
    """Return an institution's code. Raises CellFault for another form."""
    kept = code(value)
    if not is_institution_code(kept):
        raise CellFault("H（医疗机构）或 P（零售药店）加 11 位数字 / H (hospital) or P (pharmacy) and 11 digits")
    return kept


def division(value: Value) -> str:
    """Return an administrative division: six digits."""
    kept = code(value)
    try:
        check_division(kept)
    except Invalid as refused:
        raise CellFault(refused.detail) from None
    return kept


def id_number(value: Value) -> str:
    """Return an identity number in its normal form, its check character and day of birth checked."""
    kept = code(value)
    try:
        return checked_id_number(kept)
    except Invalid as refused:
        raise CellFault(refused.detail) from None


def day(value: Value) -> date:
    """Return a day: a date cell, its number in a spreadsheet, or one of the ways in which people write it.

    Raises CellFault, also for the last day of the calendar, which other systems write where there is no end.
    """
    read = value.date() if isinstance(value, datetime) else value if isinstance(value, date) else _written_day(value)
    if read == date.max:
        raise CellFault("没有最后一日的请留空 / nothing, where there is no last day")
    return read


def _written_day(value: Value) -> date:
    plain = unicodedata.normalize("NFKC", trimmed(shown(value))) if not isinstance(value, bool) else ""
    if plain.isdecimal() and _FIRST_SERIAL <= int(plain) <= _LAST_SERIAL:
        return _DAY_ZERO + timedelta(days=int(plain))
    form = _DIGITS_OF_DAY.fullmatch(plain) or _DAY.fullmatch(plain) or _DAY.fullmatch("".join(plain.split()))
    if form is None:
        raise CellFault("日期，如 2025-03-01 / a date like 2025-03-01")
    try:
        return date(*map(int, form.groups()))
    except ValueError:
        raise CellFault("日历上没有这一天 / a day that exists") from None


def whole(low: int, high: int) -> Reading:
    """Return the reading of a whole number from `low` to `high`."""

    def read(value: Value) -> int:
        plain = unicodedata.normalize("NFKC", shown(value)).strip(_EDGES)
        number = int(float(plain)) if _WHOLE.fullmatch(plain) and not isinstance(value, bool) else None
        if number is None or not low <= number <= high:
            raise CellFault(f"{low} 至 {high} 的整数 / a whole number from {low} to {high}")
        return number

    return read


def word(value: str) -> str:
    """Return a word as it is compared: NFKC, without blanks, case folded."""
    plain = unicodedata.normalize("NFKC", value).casefold()
    return "".join(part for part in plain if part not in _EDGES)


def choice(words: Mapping[str, Iterable[str]], named: Mapping[str, str]) -> Reading:
    """Return the reading of one of the values in `words`, each written as its name, in `named`, or as another word."""
    values = {word(spelt): value for value, spellings in words.items() for spelt in (value, *spellings)}
    for value in words:
        values |= {word(chinese(named[value])): value, word(english(named[value])): value}
    listed = "、".join(chinese(named[value]) for value in words)
    listed += " / " + ", ".join(english(named[value]) for value in words)

    def read(value: Value) -> str:
        chosen = values.get(word(shown(value)))
        if chosen is None:
            raise CellFault(f"应为其中之一：{listed}")
        return chosen

    return read


category = choice(
    {
        name: {
            "doctor": ("医生", "执业医师", "执业助理医师"),
            "nurse": ("护士", "护理人员", "注册护士"),
            "pharmacist": ("药师", "药学人员", "执业药师"),
            "technician": ("技师", "医技人员", "技术人员"),
            "fee_reviewer": ("费用审核人员", "结算人员", "费用审核结算人员"),
            "pharmacy_principal": ("药店负责人", "主要负责人", "药店主要负责人"),
        }[name]
        for name in CATEGORY_NAMES
    },
    CATEGORIES,
)
institution_kind = choice(
    {
        name: {"hospital": ("医院", "定点医疗机构", "诊所"), "pharmacy": ("药店", "定点零售药店", "药房")}[name]
        for name in KIND_NAMES
    },
    INSTITUTION_KINDS,
)
