"""The wording of a letter: a matter in, the whole text out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.core.procedure import APPEALABLE_NOTICES, NoticeKind
from scoring_service.letters import asking, imposing, measures, remedying, resuming, settling, words
from scoring_service.letters.letter import Letter, Section
from scoring_service.letters.words import day, number
from scoring_service.terms import CATEGORIES, DOCUMENTS, RESUMPTION_TO_APPLY_FOR, chinese

if TYPE_CHECKING:
    from scoring_service.letters.facts import Facts
    from scoring_service.letters.letter import AppealTerms, Matter

# They tell what is; the others notify of what now holds.
_TELLING = frozenset({NoticeKind.SCORE, NoticeKind.YEAR_STATEMENT})
_PARTS = {**imposing.PARTS, **measures.PARTS, **remedying.PARTS, **resuming.PARTS, **settling.PARTS}


def compose(matter: Matter) -> Letter:
    """Return the text of a matter's letter. Raises KeyError for facts that its kind needs and that are missing."""
    parts = [*_PARTS[matter.kind](matter), *asking.duties(matter)]
    if matter.appeal is not None and matter.kind in APPEALABLE_NOTICES and matter.addressee.kind != "authority":
        parts = [*parts, right_of_appeal(matter.appeal)]
    return Letter(
        office=matter.office,
        number=matter.number,
        title=chinese(document_name(matter.kind, matter.facts)),
        addressee=f"{matter.addressee.name}：",
        opening=_opening(matter),
        person=_person(matter),
        sections=tuple(_numbered(position, part) for position, part in enumerate(parts, start=1)),
        closing="特此告知。" if matter.kind in _TELLING else "特此通知。",
        dated=day(matter.issued_on),
        provisional=matter.appeal is not None and matter.appeal.provisional and matter.kind in APPEALABLE_NOTICES,
        reference=matter.reference,
    )


def document_name(kind: str, facts: Facts) -> str:
    """Return the name of a document in both languages: that of its kind, but for a resumption to be applied for."""
    return RESUMPTION_TO_APPLY_FOR if resuming.is_to_be_applied_for(facts) else DOCUMENTS[kind]


def right_of_appeal(terms: AppealTerms) -> Section:
    """Return the part that tells how to appeal, and the exact last day for whoever acknowledges no receipt."""
    window, deemed = number(terms.window_working_days), number(terms.deemed_working_days)
    right = (
        f"对上述内容有异议的，可以自收到本文书之日起{window}个工作日内（收到当日不计），以书面形式向本局提出申诉；"
        "申诉书由本人签字，并加盖所在定点医药机构公章。逾期未提出的，视为无异议。"
    )
    provisional = words.PROVISIONAL if terms.provisional else ""
    last = (
        f"自本文书发出之日起{deemed}个工作日内未确认收到的，视为于{day(terms.deemed_on)}收到，"
        f"申诉期限的最后一日为{day(terms.last_day)}{provisional}。"
    )
    return Section(heading="申诉权利", paragraphs=(right, last))


def _opening(matter: Matter) -> str:
    person = matter.person.name
    if matter.addressee.is_person:
        about = "现就你的医保支付资格管理事项告知如下："
    elif matter.addressee.kind == "institution":
        about = f"现就你单位登记备案人员{person}的医保支付资格管理事项告知如下："
    else:
        about = f"现将{person}的医保支付资格管理事项通报如下："
    return f"根据{words.SCHEME}，{about}"


def _person(matter: Matter) -> tuple[tuple[str, str], ...]:
    person = matter.person
    return (
        ("姓名", person.name),
        ("国家医保编码", person.code or "尚未赋码"),
        ("人员类别", chinese(CATEGORIES[person.category])),
        ("登记机构", "、".join(person.institutions) or "无"),
    )


def _numbered(position: int, part: Section) -> Section:
    return Section(
        heading=f"{number(position)}、{part.heading}",
        paragraphs=part.paragraphs,
        pairs=part.pairs,
        table=part.table,
        closing=part.closing,
    )
