"""Wording of what is imposed: scores, warnings, suspensions and terminations."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from scoring_service.core.procedure import NoticeKind
from scoring_service.letters import words
from scoring_service.letters.letter import Section
from scoring_service.letters.words import day, number, title
from scoring_service.terms import DEGREES, GROUNDS, HANDLINGS, SANCTIONS, chinese

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scoring_service.letters.letter import Matter, ResumptionTerms, Violation

ONE_DAY = timedelta(days=1)


def subject(matter: Matter) -> str:
    """Return how the letter calls the person: 你 to themselves, by name to anybody else."""
    return "你" if matter.addressee.is_person else matter.person.name


def score(matter: Matter) -> list[Section]:
    """Return the parts of a letter on a score."""
    facts = matter.facts
    recorded = (
        f"现对{subject(matter)}记{facts['points']}分，自{day(facts['effective_on'])}起记入医保支付资格档案。"
        f"{_total(matter)}。"
    )
    return [
        established(matter),
        Section(heading="记分结果", paragraphs=(recorded,)),
        Section(heading="后果", paragraphs=(_what_follows(matter),)),
    ]


def warning(matter: Matter) -> list[Section]:
    """Return the parts of a letter on a warning; the talk itself is asked for by the notice of the score."""
    measure = chinese(matter.facts["measure"])
    due = {
        "practitioner": f"请配合所在定点医药机构开展“{measure}”，认真整改，避免再次发生违规行为。",
        "institution": (
            f"违规行为发生地的定点医药机构应当对{matter.person.name}开展“{measure}”并登记，"
            f"要求见本局另行送达的{title(NoticeKind.SCORE)}。"
        ),
    }
    return [
        established(matter),
        Section(heading="预警情况", paragraphs=(_brought(matter) + "，已达到预警标准。",)),
        Section(
            heading="预警措施",
            paragraphs=(
                due.get(matter.addressee.kind, f"所在定点医药机构应当开展“{measure}”。"),
                "预警不影响医保支付资格；年度累计记分达到规定分值的，将暂停或者终止医保支付资格。",
            ),
        ),
    ]


def suspension(matter: Matter) -> list[Section]:
    """Return the parts of a letter on a suspension."""
    span = matter.facts["sanction"]
    decided = (
        f"暂停{subject(matter)}的医保支付资格{words.length(span)}，{words.from_to(span)}{_way_back(matter)}。"
        "暂停期间在各统筹地区、各定点医药机构均适用。"
    )
    return [
        established(matter),
        Section(heading="记分情况", paragraphs=(_brought(matter) + _reached(matter, "暂停"),)),
        Section(heading="暂停决定", paragraphs=(decided, _unpaid(matter, "暂停期间"))),
        *([] if matter.resumption is None else [_resumption(matter, matter.resumption)]),
    ]


def termination(matter: Matter) -> list[Section]:
    """Return the parts of a letter on a termination."""
    span = matter.facts["sanction"]
    decided = (
        f"自{day(span['from'])}起终止{subject(matter)}的医保支付资格，"
        f"{words.length(span)}内（至{day(words.last_day(span['until']))}止）不得再次登记备案；"
        f"自{day(span['until'])}起可以重新登记备案，期满前可以依照规定提出申请。"
    )
    unpaid = _unpaid(matter, "终止期间", emergency=_covers_emergencies(matter))
    return [
        established(matter),
        Section(heading="记分情况", paragraphs=(_brought(matter) + _reached(matter, "终止"),)),
        Section(heading="终止决定", paragraphs=(decided, unpaid)),
    ]


def established(matter: Matter) -> Section:
    """Return the part on what was found: the decision against the institution, the item, its basis."""
    violation = matter.violation
    if violation is None:
        return Section(heading="认定事实", paragraphs=(f"见本局此前送达的{title(NoticeKind.SCORE)}。",))
    handling = chinese(HANDLINGS[violation.handling_kind])
    text = (
        f"{day(violation.decided_on)}，{violation.authority}对{violation.institution}作出{handling}决定"
        f"（文号：{violation.document_no}）。经认定，{subject(matter)}对下列行为负有"
        f"{chinese(DEGREES[violation.degree])}。"
    )
    pairs = [
        ("违规情形", violation.item_title),
        ("法律依据", violation.legal_basis),
        *([("裁量", violation.adjustment)] if violation.adjustment else []),
    ]
    return Section(heading="认定事实和依据", paragraphs=(text,), pairs=(*_when(violation), *pairs))


def _when(violation: Violation) -> tuple[tuple[str, str], ...]:
    first, last = violation.occurred_from, violation.occurred_until and violation.occurred_until - ONE_DAY
    if first is None and last is None:
        return ()
    if first is None or last is None or first >= last:
        return (("发生时间", day(first or last or "")),)
    return (("发生时间", f"{day(first)}至{day(last)}"),)


def _total(matter: Matter) -> str:
    facts = matter.facts
    before = facts["total"] - facts["counted"]
    text = f"{facts['year']}年度累计记分由{before}分增至{facts['total']}分"
    if facts["counted"] < facts["points"]:
        text += f"（年度累计记分以{facts['total']}分为限）"
    return text


def _brought(matter: Matter) -> str:
    return f"本次记{matter.facts['points']}分，{_total(matter)}"


def _reached(matter: Matter, state: str) -> str:
    ground = chinese(GROUNDS[matter.facts["sanction"]["ground"]])
    return f"，已达到{state}医保支付资格的标准（{ground}）。"


def _what_follows(matter: Matter) -> str:
    facts = matter.facts
    if "sanction" in facts:
        span = facts["sanction"]
        return (
            f"{subject(matter)}自{day(span['from'])}起{chinese(SANCTIONS[span['kind']])}医保支付资格，"
            f"期限和要求见本局另行送达的{title(NoticeKind(span['kind']))}。"
        )
    if "measure" in facts:
        return (
            "累计记分已达到预警标准，所在定点医药机构应当采取的措施"
            f"见本局另行送达的{title(NoticeKind.WARNING)}。"
        )
    return (
        "年度累计记分达到预警、暂停或者终止医保支付资格标准的，本局另行送达相应的文书。"
        "记分在一个自然年度内累计，次年清零；已作出的暂停、终止不因清零而解除。"
    )


def _resumption(matter: Matter, terms: ResumptionTerms) -> Section:
    """Return the part on the way back: the end of the term alone restores nobody (P39)."""
    apply = f"{_applied_for(matter, terms)}可以经所在定点医药机构同意，向本局申请恢复医保支付资格。"
    unpaid = "" if terms.pays_after_term else "，提供服务发生的医保费用仍不予支付（急诊、抢救除外）"
    state = f"期限届满，资格状态不自动恢复：本局评估通过以前，资格状态仍为暂停{unpaid}。"
    return Section(heading="恢复申请", paragraphs=(apply, state))


def _applied_for(matter: Matter, terms: ResumptionTerms) -> str:
    if terms.apply_from <= matter.issued_on:
        return f"{subject(matter)}现在即"
    is_of_another = terms.ends_on > date.fromisoformat(matter.facts["sanction"]["until"])
    whose = "多项暂停中最后届满的期限" if is_of_another else "上述期限"
    provisional = "，国家放假安排公布前为暂定" if terms.provisional else ""
    first = f"第{number(terms.apply_working_days)}个工作日（{day(terms.apply_from)}{provisional}）"
    return f"自{whose}届满前{first}起，{subject(matter)}"


def _way_back(matter: Matter) -> str:
    """Return from when on fees are paid again where the rulebook lets a suspension end with its term.

    That is later than the span's end while another year's suspension runs.
    """
    until, resumes_on = matter.facts["sanction"]["until"], matter.facts["resumes_on"]
    if resumes_on is None:
        return ""
    return f"，{'' if resumes_on == until else '另有暂停期届满后，'}{day(resumes_on)}恢复"


def _unpaid(matter: Matter, period: str, *, emergency: bool = True) -> str:
    who = "你" if matter.addressee.is_person else "其"
    return f"{period}{who}提供服务发生的医保费用不予支付{'，急诊、抢救除外' if emergency else ''}。"


def _covers_emergencies(matter: Matter) -> bool:
    return matter.violation is None or matter.violation.emergency_covers_termination


PARTS: Mapping[str, Callable[[Matter], list[Section]]] = {
    NoticeKind.SCORE: score,
    NoticeKind.WARNING: warning,
    NoticeKind.SUSPENSION: suspension,
    NoticeKind.TERMINATION: termination,
}
