"""What a completed activity would change, in sentences; activities that change the same are told together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext

from scoring_service.core.attention import attention_of
from scoring_service.web.wording.languages import day
from scoring_service.web.wording.spans import last_day
from scoring_service.web.wording.words import NO_CREDIT, NO_CREDIT_TERM, SANCTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring_service.core.standing import Standing
    from scoring_service.services.proposals.choices import Choice
    from scoring_service.services.proposals.outlook import Outlook


@dataclass(slots=True, kw_only=True)
class Use:
    """A use of a completed activity, the keys of the activities that it is the same for, and its sentences."""

    choice: Choice
    activities: list[str]
    sentences: list[str]

    @property
    def head(self) -> str:
        """What it gives, in a few words."""
        granted = self.choice.granted
        if self.choice.effect == "points":
            return ngettext("减 %(num)s 分", "减 %(num)s 分", granted)
        return ngettext("缩短 %(num)s 天", "缩短 %(num)s 天", granted)


def uses(outlook: Outlook) -> list[Use]:
    """Return what the outlook's choices would change, in its order; equal ones stand together."""
    listed: list[Use] = []
    for choice in outlook.choices:
        same = next((use for use in listed if _alike(use.choice, choice)), None)
        if same is None:
            sentences = _sentences(choice, outlook.standing)
            listed.append(Use(choice=choice, activities=[choice.activity.key], sentences=sentences))
        else:
            same.activities.append(choice.activity.key)
    return listed


def _alike(choice: Choice, other: Choice) -> bool:
    return replace(choice, activity=other.activity) == other


def _sentences(choice: Choice, standing: Standing) -> list[str]:
    if choice.refused:
        own = NO_CREDIT_TERM if choice.effect == "term" else NO_CREDIT
        return [str(own.get(choice.refused, NO_CREDIT.get(choice.refused, choice.refused)))]
    return list(_term(choice, standing) if choice.effect == "term" else _points(choice, standing))


def _term(choice: Choice, standing: Standing) -> Iterator[str]:
    was, now = choice.sanction or (None, None)
    if was and now:
        what = SANCTION[now.kind]
        yield _("%(what)s的最后一日由 %(was)s 提前到 %(now)s。", what=what, was=last_day(was), now=last_day(now))
    else:
        yield _("期限不因此改变。")
    if choice.on > standing.as_of:
        yield _("暂停或终止自 %(day)s 开始，从那天起才能批准。", day=day(choice.on))


def _points(choice: Choice, standing: Standing) -> Iterator[str]:
    yield ngettext(
        "今年累计记分由 %(was)s 分降到 %(num)s 分。",
        "今年累计记分由 %(was)s 分降到 %(num)s 分。",
        choice.points.after,
        was=choice.points.before,
    )
    was, now = choice.next_threshold
    if was and now and was.points == now.points:
        yield ngettext(
            "离%(what)s由差 %(was)s 分变为差 %(num)s 分。",
            "离%(what)s由差 %(was)s 分变为差 %(num)s 分。",
            now.remaining,
            was=was.remaining,
            what=SANCTION[now.consequence],
        )
    if standing.state.sanction or attention_of(standing).coming:
        yield _("暂停或终止不因此取消，也不缩短。")
