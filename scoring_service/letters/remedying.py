"""Facts and wording of an application for remediation that a change of the file has overtaken (P38)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.core.procedure import NoticeKind
from scoring_service.letters import words
from scoring_service.letters.imposing import subject
from scoring_service.letters.letter import Section
from scoring_service.letters.words import day

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from scoring_service.letters.facts import Facts
    from scoring_service.letters.letter import Matter

_WISHES = {"points": "减少年度累计记分", "term": "缩短期限"}


def lapsed_facts(*, filed_on: date, activity: str, completed_on: date, effect: str, reason: str) -> Facts:
    """Return the facts of a `remediation_lapsed`: the activity, for `points` or `term`, and why nothing is granted."""
    return {
        "filed_on": filed_on.isoformat(),
        "activity": activity,
        "completed_on": completed_on.isoformat(),
        "effect": effect,
        "reason": reason,
    }


def lapsed(matter: Matter) -> list[Section]:
    """Return the parts of a letter on an application that has lapsed."""
    facts = matter.facts
    heard = (
        f"{day(facts['filed_on'])}，就{subject(matter)}{day(facts['completed_on'])}完成的修复活动“{facts['activity']}”"
        f"提出了修复申请，申请{_WISHES[facts['effect']]}。"
    )
    decided = "审核时，该申请已不符合修复的条件，本申请失效，记分和资格状态不变。"
    again = "条件具备后，可以重新提出修复申请。一项活动只能用于一次修复。"
    return [
        Section(heading="申请情况", paragraphs=(heard,)),
        Section(heading="审核结果", paragraphs=(decided,)),
        Section(heading="理由", paragraphs=tuple(words.lines(facts["reason"]))),
        Section(heading="再次申请", paragraphs=(again,)),
    ]


PARTS: Mapping[str, Callable[[Matter], list[Section]]] = {NoticeKind.REMEDIATION_LAPSED: lapsed}
