"""A pasted list: a person's code on each line, perhaps a day behind it, as it comes out of a spreadsheet."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scoring_service.services.registry.codes import is_practitioner_code
from scoring_service.written import BYTE_ORDER_MARK, as_code

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_LINES = 500
_BETWEEN = re.compile(r"[\s,;、|]+")
_DAY = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:T[0-9:.]+(?:Z|[+-]\d{2}:\d{2})?)?|(\d{2})(\d{2}))")
_TIME = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?|AM|PM|[上下]午", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it was pasted, by its number, and what it asks; `fault` says why it asks nothing.

    `unused` are the words of further columns, which were not needed.
    """

    number: int
    text: str
    ref: str | None = None
    day: date | None = None
    fault: str | None = None
    unused: str = ""


def read_list(text: str, default: date) -> list[Line]:
    """Return the lines that are not empty; a line without a day of its own asks about `default`."""
    return list(_lines(text, default))


def _lines(text: str, default: date) -> Iterator[Line]:
    for number, line in enumerate(text.splitlines(), start=1):
        plain = unicodedata.normalize("NFKC", line.replace(BYTE_ORDER_MARK, ""))
        parts = [part for part in _BETWEEN.split(plain) if part]
        if parts:
            yield _line(number, line.strip(BYTE_ORDER_MARK + " \t\u3000"), parts, default)


def _line(number: int, text: str, parts: list[str], default: date) -> Line:
    codes = [part for part in parts if is_practitioner_code(as_code(part))]
    if len(codes) != 1:
        return Line(number=number, text=text, fault=_TWO_CODES if codes else _NO_CODE)
    others = [part for part in parts if part != codes[0] and not _TIME.fullmatch(part)]
    days = [day for day in map(_day, others) if day is not None]
    unused = [part for part in others if _day(part) is None]
    # What holds a figure may be the day, written as nobody expected; it is not passed over.
    if len(days) > 1 or any(character.isdigit() for part in unused for character in part):
        return Line(number=number, text=text, fault=_NO_DAY)
    return Line(
        number=number,
        text=text,
        ref=as_code(codes[0]),
        day=days[0] if days else default,
        unused=" ".join(unused),
    )


def _day(text: str) -> date | None:
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return None


_NO_CODE = (
    "不是人员代码：应为 D、N、HY 或 HJ 加 12 位数字 / no practitioner code: D, N, HY or HJ and 12 digits"
)
_TWO_CODES = "一行只能有一个人员代码 / one practitioner code a line"
_NO_DAY = (
    "除代码外只能有一个日期，例如 2025-06-01，或者留空 / beside the code stands one day like 2025-06-01, or none"
)
