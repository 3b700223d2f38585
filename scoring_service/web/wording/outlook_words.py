"""What a completed activity would change, in sentences; activities that change the same are told together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import ngettext

from scoring_service.web.wording.languages import day
from scoring_service.web.wording.spans import last_day
from scoring_service.web.wording.words import NO_CREDIT, NO_CREDIT_TERM, SANCTION

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True, kw_only=True)
class Use:
    """A use of a completed activity, the keys of the activities that it is the same for, and its sentences."""

    choice: dict[str, Any]
    activities: list[str]
    sentences: list[str]

    @property
    def head(self) -> str:
        """What it gives, in a few words."""
        granted = self.choice["granted"]
        if self.choice["effect"] == "points":
            return ngettext("减 %(num)s 分", "减 %(num)s 分", granted)
        return ngettext("缩短 %(num)s 天", "缩短 %(num)s 天", granted)


def uses(outlook: dict[str, Any]) -> list[Use]:
    """Return what the outlook's choices would change, in its order; equal ones stand together."""
    found: list[Use] = []
    for choice in outlook["choices"]:
        same = next((use for use in found if _alike(use.choice, choice)), None)
        if same is None:
            found.append(Use(choice=choice, activities=[choice["activity"]], sentences=_told(choice, outlook)))
        else:
            same.activities.append(choice["activity"])
    return found


def _alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one | {"activity": None} == other | {"activity": None}


def _told(choice: dict[str, Any], outlook: dict[str, Any]) -> list[str]:
    if choice["refused"]:
        own = NO_CREDIT_TERM if choice["effect"] == "term" else NO_CREDIT
        return [str(own.get(choice["refused"], NO_CREDIT.get(choice["refused"], choice["refused"])))]
    return list(_term(choice, outlook) if choice["effect"] == "term" else _points(choice, outlook))


def _term(choice: dict[str, Any], outlook: dict[str, Any]) -> Iterator[str]:
    if choice["sanction"]:
        was, now = choice["sanction"]
        what = SANCTION[now.kind]
        yield _("%(what)s的最后一日由 %(was)s 提前到 %(now)s。", what=what, was=last_day(was), now=last_day(now))
    else:
        yield _("期限不因此改变。")
    if choice["possible_on"] > outlook["as_of"]:
        yield _("暂停或终止自 %(day)s 开始，从那天起才能批准。", day=day(choice["possible_on"]))


def _points(choice: dict[str, Any], outlook: dict[str, Any]) -> Iterator[str]:
    points, next_one = choice["points"], choice["next_threshold"]
    yield ngettext(
        "今年累计记分由 %(was)s 分降到 %(num)s 分。",
        "今年累计记分由 %(was)s 分降到 %(num)s 分。",
        points["after"],
        was=points["before"],
    )
    was, now = next_one["before"], next_one["after"]
    if was and now and was["points"] == now["points"]:
        yield ngettext(
            "离%(what)s由差 %(was)s 分变为差 %(num)s 分。",
            "离%(what)s由差 %(was)s 分变为差 %(num)s 分。",
            now["remaining"],
            was=was["remaining"],
            what=SANCTION[now["consequence"]],
        )
    if outlook["current_sanction"] or outlook["attention"].coming:
        yield _("暂停或终止不因此取消，也不缩短。")
