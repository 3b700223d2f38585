"""What has become of a sanction by a day, in a few words: its term and its state are two things (scheme.md 2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flask_babel import gettext as _

from scoring_service.core.sanctions import SanctionKind
from scoring_service.web.wording.languages import day

if TYPE_CHECKING:
    from datetime import date

    from flask import Flask

    from scoring_service.core.sanctions import Sanction


class Progress(NamedTuple):
    """How far a sanction has come: the `tone` of its badge, the words in it, and what stands beside it, perhaps."""

    tone: str
    words: str
    beside: str = ""


def prepare(app: Flask) -> None:
    """Give templates the words of a sanction's progress."""
    app.add_template_filter(progress)


def progress(span: Sanction, today: date) -> Progress:
    """Return what has become of a sanction by `today`."""
    if span.start > today:
        return Progress("wait", _("尚未开始"))
    if not span.holds(today):
        return Progress("plain", _("已恢复") if span.resumption else _("已结束"))
    granted_from = span.state_until if span.resumption else None
    restored = "" if granted_from is None else _("%(day)s 恢复", day=day(granted_from))
    if span.until is None:
        return Progress("warn", _("执行中"))
    if span.covers(today):
        return Progress("warn", _("期限内"), restored)
    if span.kind is SanctionKind.TERMINATION:
        return Progress("warn", _("禁止登记期已满"), _("尚未重新登记"))
    return Progress("warn", _("期满待恢复"), restored or _("状态仍为暂停"))
