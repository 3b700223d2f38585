"""Wording of what is asked of the institution where the act happened: the state in its systems, and a talk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.letters.letter import Section
from scoring_service.letters.words import number
from scoring_service.terms import REMINDER_TALK, chinese

if TYPE_CHECKING:
    from scoring_service.letters.letter import Matter


def duties(matter: Matter) -> list[Section]:
    """Return the part on what the institution has to do, and by when; none where nothing is asked of it."""
    owed = matter.duties
    if owed is None:
        return []
    name, paragraphs = matter.person.name, []
    if owed.maintain_working_days is not None:
        paragraphs.append(
            f"请自收到本文书之日起{number(owed.maintain_working_days)}个工作日内，在你单位信息系统中维护{name}的"
            "医保支付资格状态，并登记维护情况。因未及时维护造成的损失由你单位承担。"
        )
    if owed.talk_working_days is not None:
        talk = chinese(matter.facts.get("measure") or REMINDER_TALK)
        paragraphs.append(
            f"请将本文书内容告知{name}，自收到本文书之日起{number(owed.talk_working_days)}个工作日内"
            f"对其开展“{talk}”，并登记谈话情况。"
        )
    return [Section(heading="你单位应当办理的事项", paragraphs=tuple(paragraphs))] if paragraphs else []
