"""An entry told in a sentence: what was recorded, why, under which rule, and what followed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext

from scoring_service.core.entries import EntryKind, carried_value
from scoring_service.core.fold import Consequence, ConsequenceKind
from scoring_service.core.sanctions import SanctionKind
from scoring_service.web.wording.catalogue import item_title
from scoring_service.web.wording.languages import day, side
from scoring_service.web.wording.spans import from_to, last_day, outlasts
from scoring_service.web.wording.words import BASIS, DEGREE, ENTRY, SANCTION

if TYPE_CHECKING:
    from scoring_service.core.course import Turn
    from scoring_service.core.fold import Step
    from scoring_service.core.sanctions import Sanction
    from scoring_service.services.desks.ledger import (
        ClosedYear,
        Corrected,
        LedgerEntry,
        Lifted,
        Measured,
        PointsCredited,
        Resumed,
        Scored,
        StartedAnew,
        TermCredited,
    )


def entry_sentence(entry: LedgerEntry, step: Step | None, turns: Sequence[Turn], seqs: Mapping[str, int]) -> str:
    """Return the sentence of an entry as `file_of` shows it.

    `step` is what it did in the fold, `turns` the course of the sanction that it brought (`core.course`), `seqs` the
    numbers of the entries by id.
    """
    return TELLERS[entry.kind](entry, entry.carried, step, turns, seqs)


def _score(
    entry: LedgerEntry, scored: Scored, step: Step | None, turns: Sequence[Turn], _seqs: Mapping[str, int]
) -> str:
    title, basis = _item(entry, scored, step)
    degree = DEGREE[scored.degree]
    sentence = ngettext(
        "记 %(num)s 分，因“%(title)s”（%(degree)s），依据%(basis)s。",
        "记 %(num)s 分，因“%(title)s”（%(degree)s），依据%(basis)s。",
        scored.points,
        title=title,
        degree=degree,
        basis=basis,
    )
    if step is None:
        return sentence
    return sentence + _corrected(entry, step) + _total(step) + _followed(step, turns) + _("。")


def _item(entry: LedgerEntry, scored: Scored, step: Step | None) -> tuple[str, str]:
    if step is None:
        return scored.item, entry.rulebook.id
    rulebook = step.entry.rulebook
    item = rulebook.item(scored.item)
    title = item_title(rulebook.id, rulebook.valid_from, scored.item)
    basis = item and item.legal_basis
    return title, scored.legal_basis or (_(basis) if basis else rulebook.id)


def _corrected(entry: LedgerEntry, step: Step) -> str:
    if step.corrected_to is None:
        return ""
    if step.corrected_to == 0:
        return _("已撤销，不再计分。")
    if entry.kind is EntryKind.TERM_CREDIT:
        return ngettext("已更正为 %(num)s 天。", "已更正为 %(num)s 天。", step.corrected_to)
    return ngettext("已更正为 %(num)s 分。", "已更正为 %(num)s 分。", step.corrected_to)


def _total(step: Step) -> str:
    counted = step.counted
    value = step.corrected_to if step.corrected_to is not None else getattr(step.entry, "points", counted)
    capped = _capped(step) if 0 <= counted < value else ""
    return (
        ngettext("%(year)s 年累计 %(num)s 分", "%(year)s 年累计 %(num)s 分", step.total_after, year=step.year) + capped
    )


def _capped(step: Step) -> str:
    return _(
        "（满 %(top)s 分封顶，实计 %(counted)s 分）",
        top=step.entry.rulebook.terminate_at,
        counted=step.counted,
    )


def _followed(step: Step, turns: Sequence[Turn]) -> str:
    """Return what the score brought: as it was imposed, and each change up to the span that holds now."""
    if not any(turn.span for turn in turns):
        return _consequence(step.consequence)
    first = turns[0]
    words = _consequence(first.step.consequence)
    if first.span is not None:
        span = from_to(first.span)
        words += _("，原定 %(span)s", span=span) if len(turns) > 1 else _("，%(span)s", span=span)
    words += "".join(_turned(before.span, turn) for before, turn in pairwise(turns))
    now = step.consequence
    is_warned_now = now is not None and now.kind is ConsequenceKind.WARNING and now != first.step.consequence
    return words + (_consequence(now) if is_warned_now else "")


def _consequence(consequence: Consequence | None) -> str:
    return "" if consequence is None else _CONSEQUENCES[consequence.kind](consequence)


def _warned(consequence: Consequence) -> str:
    return ngettext(
        "，达到 %(num)s 分预警：%(measure)s",
        "，达到 %(num)s 分预警：%(measure)s",
        consequence.amount,
        measure=side(consequence.measure),
    )


def _suspended(consequence: Consequence) -> str:
    return ngettext("，暂停资格 %(num)s 个月", "，暂停资格 %(num)s 个月", consequence.amount)


def _extended(consequence: Consequence) -> str:
    return ngettext("，暂停期延长 %(num)s 个月", "，暂停期延长 %(num)s 个月", consequence.amount)


def _terminated(consequence: Consequence) -> str:
    return ngettext(
        "，终止资格，%(num)s 年内不得重新登记", "，终止资格，%(num)s 年内不得重新登记", consequence.amount
    )


_CONSEQUENCES: Mapping[ConsequenceKind, Callable[[Consequence], str]] = {
    ConsequenceKind.WARNING: _warned,
    ConsequenceKind.SUSPENSION: _suspended,
    ConsequenceKind.EXTENSION: _extended,
    ConsequenceKind.TERMINATION: _terminated,
}


def _turned(before: Sanction | None, turn: Turn) -> str:
    """Return which entry made the sanction another, and what it is since."""
    kind, what = _kind(before, turn), _now(before, turn)
    return _("；后因第 %(seq)s 条（%(kind)s）%(what)s", seq=turn.by.seq, kind=kind, what=what)


def _kind(before: Sanction | None, turn: Turn) -> str:
    """Return the kind of the entry behind a change; a score that cuts a suspension short brings a termination."""
    cuts = before is not None and (turn.span is None or _end(turn.span) < _end(before))
    if cuts and turn.by.kind is EntryKind.SCORE:
        return str(SANCTION[SanctionKind.TERMINATION.value])
    return str(ENTRY[turn.by.kind.value])


def _now(before: Sanction | None, turn: Turn) -> str:
    now = turn.span
    if now is None:
        return _("不再执行")
    if before is None or before.kind is not now.kind:
        return _("改为%(what)s，%(span)s", what=SANCTION[now.kind.value], span=from_to(now))
    if before.until == now.until and now.state_until is not None:
        return _("%(day)s 起恢复", day=day(now.state_until))
    if before.start != now.start:
        return _("改为 %(span)s", span=from_to(now))
    if _end(now) < _end(before) and outlasts(now):
        return _("期限提前到 %(last)s（含）届满", last=last_day(now))
    if _end(now) < _end(before):
        return _("提前到 %(last)s（含）结束", last=last_day(now))
    return _("延长到 %(last)s（含）", last=last_day(now))


def _end(span: Sanction) -> date:
    return span.until or date.max


def _points_credit(
    entry: LedgerEntry, credited: PointsCredited, step: Step | None, _turns: Sequence[Turn], _seqs: Mapping[str, int]
) -> str:
    sentence = ngettext("修复活动减 %(num)s 分。", "修复活动减 %(num)s 分。", credited.points)
    if step is None:
        return sentence
    return (
        sentence
        + _corrected(entry, step)
        + _fell_short(step)
        + ngettext("%(year)s 年累计 %(num)s 分。", "%(year)s 年累计 %(num)s 分。", step.total_after, year=step.year)
    )


def _term_credit(
    entry: LedgerEntry, credited: TermCredited, step: Step | None, _turns: Sequence[Turn], _seqs: Mapping[str, int]
) -> str:
    sentence = ngettext("修复活动缩短期限 %(num)s 天。", "修复活动缩短期限 %(num)s 天。", credited.days)
    return sentence if step is None else sentence + _corrected(entry, step) + _fell_short(step)


def _fell_short(step: Step) -> str:
    """Return how much a credit really takes off, where a correction left it less than it carries."""
    if step.corrected_to == 0:
        return ""
    carried = carried_value(step.entry) if step.corrected_to is None else step.corrected_to
    if step.entry.kind is EntryKind.POINTS_CREDIT:
        counted = -step.counted
        sentence = ngettext("实际减 %(num)s 分。", "实际减 %(num)s 分。", counted)
    else:
        counted = step.consequence.amount if step.consequence else 0
        sentence = ngettext("实际缩短 %(num)s 天。", "实际缩短 %(num)s 天。", counted)
    return sentence if counted < carried else ""


def _resumption(
    _entry: LedgerEntry, resumed: Resumed, _step: Step | None, _turns: Sequence[Turn], _seqs: Mapping[str, int]
) -> str:
    if not resumed.late_days:
        return _("评估通过，暂停期满后恢复。")
    return ngettext(
        "评估通过，晚于暂停期满 %(num)s 天恢复。", "评估通过，晚于暂停期满 %(num)s 天恢复。", resumed.late_days
    )


def _measure(
    _entry: LedgerEntry, measured: Measured, step: Step | None, _turns: Sequence[Turn], _seqs: Mapping[str, int]
) -> str:
    effect = SANCTION[measured.effect.value]
    sentence = _("因对医药机构采取的措施%(effect)s：%(span)s。", effect=effect, span=from_to(measured))
    if step is None:
        return sentence
    if step.corrected_to == 0:
        return sentence + _("已撤销，等于从未采取。")
    return sentence if step.consequence else sentence + _("措施在生效以前已经结束，不影响资格。")


def _lifting(
    _entry: LedgerEntry, lifted: Lifted, _step: Step | None, _turns: Sequence[Turn], seqs: Mapping[str, int]
) -> str:
    return _("解除第 %(seq)s 条的机构措施。", seq=seqs.get(lifted.target, "?"))


def _correction(
    _entry: LedgerEntry, carried: Corrected, _step: Step | None, _turns: Sequence[Turn], seqs: Mapping[str, int]
) -> str:
    corrected = {"seq": seqs.get(carried.target, "?"), "value": carried.value, "basis": BASIS[carried.basis]}
    if carried.document_no is None:
        return _("第 %(seq)s 条更正为 %(value)s，依据：%(basis)s。", **corrected)
    document = carried.document_no
    return _("第 %(seq)s 条更正为 %(value)s，依据：%(basis)s（%(document)s）。", document=document, **corrected)


def _reregistration(
    _entry: LedgerEntry, _carried: StartedAnew, _step: Step | None, _turns: Sequence[Turn], _seqs: Mapping[str, int]
) -> str:
    return _("禁止登记期满后重新登记，各年度从 0 分重新计算。")


def _year_closed(
    _entry: LedgerEntry, closed: ClosedYear, _step: Step | None, _turns: Sequence[Turn], _seqs: Mapping[str, int]
) -> str:
    return ngettext(
        "%(year)s 年度结转，全年 %(num)s 分；新年度从 0 分开始。",
        "%(year)s 年度结转，全年 %(num)s 分；新年度从 0 分开始。",
        closed.total,
        year=closed.year,
    )


TELLERS: Mapping[EntryKind, Callable[..., str]] = {
    EntryKind.SCORE: _score,
    EntryKind.POINTS_CREDIT: _points_credit,
    EntryKind.TERM_CREDIT: _term_credit,
    EntryKind.RESUMPTION: _resumption,
    EntryKind.MEASURE: _measure,
    EntryKind.MEASURE_LIFTED: _lifting,
    EntryKind.CORRECTION: _correction,
    EntryKind.REREGISTRATION: _reregistration,
    EntryKind.YEAR_CLOSED: _year_closed,
}
