"""Chinese first, English one click away: the catalogue's keys are the Chinese sentences themselves."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

from flask import Flask, request
from flask_babel import Babel, get_locale, gettext
from markupsafe import Markup, escape

from scoring_service.core.civil import CIVIL_ZONE, civil_day

COOKIE = "scoring_language"
CHINESE, ENGLISH = "zh", "en"
LANGUAGES = {CHINESE: "中文", ENGLISH: "English"}
TAGS = {CHINESE: "zh-CN", ENGLISH: "en"}
TRANSLATIONS = Path(__file__).parents[1] / "translations"

_WEEKDAYS = {
    CHINESE: ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    ENGLISH: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
# A Chinese weekday stays whole, and with its day; English keeps its spaces, at which a narrow table may break.
_NO_BREAK_SPACE, _WORD_JOINER = "\u00a0", "\u2060"
_WHOLE_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b|\b[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2} \d{4}\b")
_JOINT = re.compile(r"[._]")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def prepare(app: Flask) -> None:
    """Give templates the languages and the filters for days, instants and bilingual texts."""
    Babel(
        app,
        default_locale=CHINESE,
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=chosen,
    )
    app.add_template_filter(day)
    app.add_template_filter(moment)
    app.add_template_filter(minute)
    app.add_template_filter(month)
    app.add_template_filter(side)
    app.add_template_filter(whole_days)
    app.add_template_filter(breakable)
    app.add_template_filter(gettext, "legal_basis")


def chosen() -> str:
    """Return the language of this browser."""
    wanted = request.cookies.get(COOKIE, CHINESE)
    return wanted if wanted in LANGUAGES else CHINESE


def language() -> str:
    """Return the language that this page is written in."""
    locale = get_locale()
    return CHINESE if locale is None else str(locale.language)


def side(text: str | None) -> str:
    """Return this page's side of a bilingual text (`中文 / English`); one side alone serves both."""
    if not text:
        return ""
    chinese, _, english = text.partition(" / ")
    return english if english and language() == ENGLISH else chinese


def day(value: date | str | None) -> str:
    """Return a date, or that of an instant, with its weekday: 2025-05-09 周五, Fri 9 May 2025; a dash for none."""
    if value is None:
        return "—"
    value = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    value = civil_day(value) if isinstance(value, datetime) else value
    weekday = _WEEKDAYS[language()][value.weekday()]
    if language() == ENGLISH:
        return f"{weekday} {value.day} {_MONTHS[value.month - 1]} {value.year}"
    return value.isoformat() + _NO_BREAK_SPACE + _WORD_JOINER.join(weekday)


def whole_days(text: str) -> Markup:
    """Return a sentence whose dates no line breaks."""
    return Markup(_WHOLE_DATE.sub(r'<span class="whole">\g<0></span>', str(escape(text))))  # noqa: S704 -- escaped


def breakable(key: str) -> Markup:
    """Return a dotted key that a line breaks at its dots and underscores only."""
    return Markup(_JOINT.sub(r"\g<0><wbr>", str(escape(key))))  # noqa: S704 -- escaped


def month(number: int) -> str:
    """Return the name of a month: 5 月, May."""
    return _MONTHS[number - 1] if language() == ENGLISH else f"{number} 月"


def moment(value: datetime | str | None) -> str:
    """Return an instant in Shanghai time, with its weekday."""
    if value is None:
        return "—"
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{day(civil_day(instant))} {minute(instant)}"


def minute(value: datetime) -> str:
    """Return the hour and minute of an instant in Shanghai: 09:05."""
    return f"{value.astimezone(CIVIL_ZONE):%H:%M}"
