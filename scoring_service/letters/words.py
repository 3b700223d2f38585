"""Words of the scheme in official Chinese: dates, numbers and spans; terms.py has the names of its values."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from scoring_service.core.months import MONTHS_PER_YEAR, add_months
from scoring_service.terms import DOCUMENTS, chinese

if TYPE_CHECKING:
    from scoring_service.core.procedure import NoticeKind

if TYPE_CHECKING:
    from scoring_service.db.sanction_json import StatedSanction

SCHEME = (
    "《关于建立定点医药机构相关人员医保支付资格管理制度的指导意见》（医保发〔2024〕23号）"
    "及其经办规程（医保办发〔2024〕34号）"
)

# scheme.md 2.7: a deadline that reaches an unpublished calendar never gets shorter.
PROVISIONAL = "（暂定：国家放假安排公布后重新计算，只延长、不缩短）"

_DIGITS = "零一二三四五六七八九"


def title(kind: NoticeKind) -> str:
    """Return how a letter refers to another: by its title, in the marks of one."""
    return f"《{chinese(DOCUMENTS[kind])}》"


def day(value: date | str) -> str:
    """Return a date as letters write it: 2025年5月9日."""
    value = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{value.year}年{value.month}月{value.day}日"


def number(value: int) -> str:
    """Return 0 to 99 in Chinese characters, anything else in digits."""
    if not 0 <= value <= 99:  # noqa: PLR2004 - two characters' worth of tens.
        return str(value)
    tens, ones = divmod(value, 10)
    if tens == 0:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def whole_months(start: date, until: date) -> int | None:
    """Return how many whole months lie between two days, None when they are not whole."""
    months = (until.year - start.year) * MONTHS_PER_YEAR + until.month - start.month
    return months if months > 0 and add_months(start, months) == until else None


def length(span: StatedSanction) -> str:
    """Return the length of a sanction in months or years, else in days; nothing for one without an end."""
    if span["until"] is None:
        return ""
    start, until = date.fromisoformat(span["from"]), date.fromisoformat(span["until"])
    months = whole_months(start, until)
    if months is None:
        return f"{(until - start).days}天"
    if months % MONTHS_PER_YEAR == 0:
        return f"{number(months // MONTHS_PER_YEAR)}年"
    return f"{number(months)}个月"


def last_day(until: str) -> date:
    """Return the last day of a span of which `until` is the first day behind it."""
    return date.fromisoformat(until) - timedelta(days=1)


def from_to(span: StatedSanction) -> str:
    """Return a half-open span as letters write it, its last day included; one without an end says from when."""
    if span["until"] is None:
        return f"自{day(span['from'])}起"
    return f"自{day(span['from'])}起至{day(last_day(span['until']))}止"


def sentence(text: str) -> str:
    """Return `text` closed by a full stop, once."""
    stripped = text.strip()
    return stripped if stripped.endswith(("。", "！", "？", "!", "?", ".")) else stripped + "。"


def lines(text: str) -> list[str]:
    """Return the lines of a text that somebody wrote, blank ones left out."""
    return [line.strip() for line in text.splitlines() if line.strip()]
