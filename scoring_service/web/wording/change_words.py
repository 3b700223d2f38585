"""What an act changes of a sanction, in words: what begins by it, becomes another, or is gone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from scoring_service.core.sanctions import Sanction, SanctionKind
from scoring_service.web.wording.languages import day
from scoring_service.web.wording.spans import from_to, last_day, outlasts
from scoring_service.web.wording.words import GROUND

if TYPE_CHECKING:
    from flask import Flask

    from scoring_service.core.sanction_changes import SanctionChange


def prepare(app: Flask) -> None:
    """Give templates the words of a change."""
    app.add_template_filter(change_words)


def change_words(change: SanctionChange) -> str:
    """Return what becomes of one sanction, its kind left out: the page shows that as a badge."""
    before, after = change
    if after is None:
        return _("取消；原定 %(span)s", span=from_to(before))
    if before is None:
        return _("新增：%(span)s", span=from_to(after))
    return _became(before, after)


def _became(before: Sanction, after: Sanction) -> str:
    if after.kind is SanctionKind.TERMINATION and after.state_until not in (None, before.state_until):
        return _("因重新登记，%(day)s 起不再终止", day=day(after.state_until))
    if before.start != after.start:
        return _("改为 %(span)s；原定 %(was)s", span=from_to(after), was=from_to(before))
    if _end(after) < _end(before) and outlasts(after):
        return _("期限提前到 %(last)s（含）届满；原定 %(was)s", last=last_day(after), was=from_to(before))
    if _end(after) < _end(before):
        return _("提前到 %(last)s（含）结束；原定 %(was)s", last=last_day(after), was=from_to(before))
    if _end(after) > _end(before):
        return _("延长到 %(last)s（含）；原定 %(was)s", last=last_day(after), was=from_to(before))
    if after.state_until != before.state_until:
        return _restored(after)
    return _("期限不变；原因改为%(ground)s", ground=GROUND[after.ground.value])


def _restored(span: Sanction) -> str:
    if span.state_until is None:
        return _("期限不变；恢复须重新申请")
    return _("期限不变；%(day)s 恢复", day=day(span.state_until))


def _end(span: Sanction) -> date:
    return span.until or date.max
