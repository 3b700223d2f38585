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
    app.add_template_filter(unknown_end)


def unknown_end(span: Sanction, may_apply_from: date | None) -> str:
    """Return why nobody knows until when the state of a sanction holds, and when to ask for its end; empty if known."""
    if span.state_until is not None:
        return ""
    if span.measure is not None and span.kind is SanctionKind.SUSPENSION:
        return _("措施没有规定结束日：何时结束尚不知道。")
    why = (
        _("期满不自动恢复：申请获准以前一直暂停，何时恢复尚不知道。")
        if span.kind is SanctionKind.SUSPENSION
        else _("重新登记以前一直终止，何时重新登记尚不知道。")
    )
    return why if may_apply_from is None else why + " " + _("%(day)s 起可以申请。", day=day(may_apply_from))


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
