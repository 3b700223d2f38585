"""Facts and wording of what is settled: corrections, decisions on appeals and the year's statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.core.entries import EntryKind
from scoring_service.core.procedure import CORRECTING_OUTCOMES, AppealState, NoticeKind
from scoring_service.letters import words
from scoring_service.letters.imposing import subject
from scoring_service.letters.letter import Section, Table
from scoring_service.letters.words import day
from scoring_service.terms import APPEAL_STATES, BASES, ENTRIES, OUTCOMES, SANCTIONS, chinese

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from scoring_service.db.sanction_json import StatedSanction
    from scoring_service.letters.facts import Facts, StatedEntry
    from scoring_service.letters.letter import Matter


def correction_facts(
    *,
    kind: str,
    effective_on: date,
    value_before: int,
    value_after: int,
    basis: str,
    document_no: str | None,
    reason: str,
    year: int,
    total_before: int,
    total_after: int,
    spans_before: Sequence[StatedSanction],
    spans_after: Sequence[StatedSanction],
    refusals: int,
) -> Facts:
    """Return the facts of a `correction` of an entry of `kind`, effective on `effective_on`.

    The spans are every sanction before and after, `refusals` how many refused lines would now be payable.
    """
    return {
        "kind": kind,
        "effective_on": effective_on.isoformat(),
        "value_before": value_before,
        "value_after": value_after,
        "basis": basis,
        "document_no": document_no,
        "reason": reason,
        "year": year,
        "total_before": total_before,
        "total_after": total_after,
        "spans_before": list(spans_before),
        "spans_after": list(spans_after),
        "refusals": refusals,
    }


def correction(matter: Matter) -> list[Section]:
    """Return the parts of a letter on a correction: what it was, what it is, and what that changes."""
    facts = matter.facts
    is_measure = facts["kind"] == EntryKind.MEASURE
    target = f"{day(facts['effective_on'])}生效的{chinese(ENTRIES[facts['kind']])}"
    before, after = _valued(facts, "value_before"), _valued(facts, "value_after")
    pairs = [("更正对象", target), ("原记载", before), ("更正为", after)]
    if facts["document_no"]:
        pairs.append(("文书编号", facts["document_no"]))
    return [
        Section(
            heading="更正依据",
            paragraphs=(f"依据：{chinese(BASES[facts['basis']])}。理由：{words.sentence(facts['reason'])}",),
        ),
        Section(heading="更正内容", pairs=tuple(pairs), closing=() if is_measure else (_totals(facts),)),
        Section(
            heading="对医保支付资格的影响",
            paragraphs=_changed_spans(facts),
        ),
    ]


def _valued(facts: Facts, name: str) -> str:
    """Return what the entry counts with, in its unit; a measure holds or does not."""
    value = facts[name]
    if value == 0:
        return "自始不计"
    if facts["kind"] == EntryKind.MEASURE:
        return "有效"
    return f"{value}天" if facts["kind"] == EntryKind.TERM_CREDIT else f"{value}分"


def appeal_explanation_facts(
    *,
    appeal: str,
    against: str,
    filed_by: str,
    filed_on: date,
    explanation: str,
    answer_due_on: date,
    provisional: bool,
) -> Facts:
    """Return the facts of an `appeal_explanation`: what the office says, and until when the filer answers."""
    return {
        "appeal": appeal,
        "against": against,
        "filed_by": filed_by,
        "filed_on": filed_on.isoformat(),
        "explanation": explanation,
        "answer_due_on": answer_due_on.isoformat(),
        "provisional": provisional,
    }


def appeal_explanation(matter: Matter) -> list[Section]:
    """Return the parts of a letter that explains what is appealed against, and what its filer may do now (P42)."""
    facts = matter.facts
    last = day(facts["answer_due_on"]) + (words.PROVISIONAL if facts["provisional"] else "")
    answer = (
        f"申诉人仍有异议的，应当告知本局，最后一日为{last}，申诉随即移交同级医疗保障行政部门办理；"
        "接受上述解释的，可以撤回申诉。逾期未答复的，视为仍有异议，申诉照常移交。"
    )
    return [
        Section(heading="申诉情况", paragraphs=(f"{_objection(matter)}现由本局先行解释说明。",)),
        Section(heading="解释说明", paragraphs=tuple(words.lines(facts["explanation"]))),
        Section(heading="申诉人的答复", paragraphs=(answer,)),
    ]


def _objection(matter: Matter) -> str:
    """Tell when who objected to what."""
    facts = matter.facts
    by_the_person = facts["filed_by"] == "practitioner"
    filer, whose = (subject(matter), "本人") if by_the_person else ("所在定点医药机构", subject(matter))
    against = "记分" if facts["against"] == "points" else "医保支付资格状态"
    return f"{day(facts['filed_on'])}，{filer}就{whose}的{against}提出申诉。"


def appeal_decision_facts(
    *,
    outcome: str,
    against: str,
    filed_by: str,
    filed_on: date,
    points_before: int | None,
    points_after: int | None,
    reasons: str,
    spans_after: Sequence[StatedSanction],
) -> Facts:
    """Return the facts of an `appeal_decision`: `declined`, `upheld`, `reduced` or `revoked`, and what now holds.

    The points are those of the entry before and after; None for an appeal against the state of the file.
    """
    return {
        "outcome": outcome,
        "against": against,
        "filed_by": filed_by,
        "filed_on": filed_on.isoformat(),
        "points_before": points_before,
        "points_after": points_after,
        "reasons": reasons,
        "spans_after": list(spans_after),
    }


def appeal_decision(matter: Matter) -> list[Section]:
    """Return the parts of a letter that decides an appeal, with its reasons."""
    facts = matter.facts
    is_declined = facts["outcome"] == AppealState.DECLINED
    done = "审查" if is_declined else "复核"
    heard = f"{_objection(matter)}本局依规定程序进行了{done}。"
    why = "不予受理的理由" if is_declined else "复核意见和理由"
    return [
        Section(heading="申诉情况", paragraphs=(heard,)),
        Section(heading=why, paragraphs=tuple(words.lines(facts["reasons"]))),
        Section(
            heading="申诉决定",
            paragraphs=(_decided(facts), *_spans_now(facts["spans_after"])),
        ),
    ]


def year_statement_facts(
    *, year: int, total: int, entries: Sequence[StatedEntry], sanctions: Sequence[StatedSanction]
) -> Facts:
    """Return the facts of a `year_statement`: the year's final total, its entries, and the sanctions in it."""
    return {"year": year, "total": total, "entries": list(entries), "sanctions": list(sanctions)}


def year_statement(matter: Matter) -> list[Section]:
    """Return the parts of a statement of a scoring year: its total, its entries and its sanctions."""
    facts = matter.facts
    text = f"{facts['year']}年度{subject(matter)}的医保支付资格累计记分为{facts['total']}分。"
    if not facts["entries"]:
        text += "本年度没有记分记录。"
    sections = [
        Section(heading="年度累计", paragraphs=(text,), table=_statement(facts["entries"])),
        Section(heading="年度内的暂停、终止", paragraphs=_stated_spans(facts["sanctions"])),
        Section(heading="清零说明", paragraphs=(_zeroed(facts["year"]),)),
    ]
    return [section for section in sections if section.paragraphs or section.table]


def _zeroed(year: int) -> str:
    return f"{year}年度记分不带入{year + 1}年度；跨年度的暂停、终止继续执行，不因清零而缩短或者解除。"


def _statement(entries: Sequence[StatedEntry]) -> Table | None:
    if not entries:
        return None
    rows = [
        (
            str(position),
            day(entry["effective_on"]),
            chinese(ENTRIES[entry["kind"]]),
            (entry["item"] or "—") + ("（已更正）" if entry["corrected"] else ""),
            _moved(entry),
            f"{entry['total']}分",
        )
        for position, entry in enumerate(entries, start=1)
    ]
    head = ("序号", "生效日期", "类别", "事由", "计分", "累计")
    return Table(head=head, widths=(8, 22, 16, 28, 14, 12), rows=tuple(rows))


def _moved(entry: StatedEntry) -> str:
    if entry["kind"] == "term_credit":
        return f"缩短{entry['value']}天"
    return f"+{entry['counted']}分" if entry["counted"] > 0 else f"{entry['counted']}分"


def _totals(facts: Facts) -> str:
    if facts["total_before"] == facts["total_after"]:
        return f"{facts['year']}年度累计记分仍为{facts['total_after']}分。"
    return f"{facts['year']}年度累计记分由{facts['total_before']}分更正为{facts['total_after']}分。"


def _changed_spans(facts: Facts) -> tuple[str, ...]:
    """Tell what becomes of the sanctions; a credit taken back frees no line that was refused."""
    if facts["spans_before"] == facts["spans_after"]:
        return ("本次更正不改变医保支付资格的暂停、终止。",)
    sentences = [f"更正前：{_spans(facts['spans_before'])}。", f"更正后：{_spans(facts['spans_after'])}。"]
    if facts["refusals"]:
        sentences.append(f"此前因该暂停、终止拒付的医保费用查询记录{facts['refusals']}条，现可重新申报结算。")
    elif facts["kind"] in {EntryKind.SCORE, EntryKind.MEASURE}:
        sentences.append("此前因该暂停、终止拒付的医保费用，可以重新申报结算。")
    return tuple(sentences)


def _spans(spans: Sequence[StatedSanction]) -> str:
    if not spans:
        return "无暂停、终止"
    return "；".join(f"{chinese(SANCTIONS[span['kind']])}，{words.from_to(span)}" for span in spans)


def _stated_spans(spans: Sequence[StatedSanction]) -> tuple[str, ...]:
    return (f"{_spans(spans)}。",)


def _spans_now(spans: Sequence[StatedSanction]) -> tuple[str, ...]:
    return (f"本决定作出后，医保支付资格档案记载：{_spans(spans)}。",)


def _decided(facts: Facts) -> str:
    if facts["outcome"] == AppealState.DECLINED:
        return f"对该申诉{chinese(APPEAL_STATES[AppealState.DECLINED])}，记分和医保支付资格状态不变。"
    outcome = chinese(OUTCOMES[facts["outcome"]])
    before, after = facts["points_before"], facts["points_after"]
    if before is None or after is None:
        return f"{outcome}申诉所涉医保支付资格状态。"
    if facts["outcome"] not in CORRECTING_OUTCOMES:
        return f"{outcome}原记分{before}分。"
    if after == 0:
        return f"{outcome}原记分{before}分，该记分自始不计。"
    return f"{outcome}原记分，由{before}分减为{after}分，自始按{after}分计算。"


PARTS: Mapping[str, Callable[[Matter], list[Section]]] = {
    NoticeKind.CORRECTION: correction,
    NoticeKind.APPEAL_EXPLANATION: appeal_explanation,
    NoticeKind.APPEAL_DECISION: appeal_decision,
    NoticeKind.YEAR_STATEMENT: year_statement,
}
