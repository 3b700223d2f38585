"""A pasted list: a person's code on each line, perhaps a day behind it, as it comes out of a spreadsheet."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scoring_service.services.codes import is_practitioner_code

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_LINES = 500
_BETWEEN = re.compile(r"[\s,;、|]+")
_DAY = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it was pasted, by its number, and what it asks; `fault` says why it asks nothing."""

    number: int
    text: str
    ref: str | None = None
    day: date | None = None
    fault: str | None = None


def read_list(text: str, default: date) -> list[Line]:
    """Return the lines that are not empty; a line without a day of its own asks about `default`."""
    return list(_lines(text, default))


def _lines(text: str, default: date) -> Iterator[Line]:
    for number, line in enumerate(text.splitlines(), start=1):
        parts = [part for part in _BETWEEN.split(unicodedata.normalize("NFKC", line)) if part]
        if parts:
            yield _line(number, line.strip(), parts, default)


def _line(number: int, text: str, parts: list[str], default: date) -> Line:
    ref, day = parts[0].upper(), default
    if not is_practitioner_code(ref):
        return Line(number=number, text=text, fault=_NO_CODE)
    if len(parts) > 1:
        found = _day(parts[1])
        if found is None or len(parts) > 2:  # noqa: PLR2004 -- code and day
            return Line(number=number, text=text, fault=_NO_DAY)
        day = found
    return Line(number=number, text=text, ref=ref, day=day)


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return None


_NO_CODE = (
    "不是人员代码:应为 D、N、HY 或 HJ 加 12 位数字 / no practitioner code: D, N, HY or HJ and 12 digits"
)
_NO_DAY = "代码后面应为日期,例如 2025-06-01,或者留空 / behind the code stands a day like 2025-06-01, or nothing"
