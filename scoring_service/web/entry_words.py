"""An entry told in a sentence: what was recorded, why, under which rule, and what followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import ngettext

from scoring_service.core.fold import ConsequenceKind
from scoring_service.core.touched import brought
from scoring_service.web.catalogue import item_title
from scoring_service.web.languages import day, side
from scoring_service.web.words import BASIS, DEGREE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring_service.core.fold import Step
    from scoring_service.core.sanctions import Sanction


def told(entry: Mapping[str, Any], step: Step | None, sanctions: Sequence[Sanction], seqs: Mapping[str, int]) -> str:
    """Return the sentence of an entry (as `file_of` shows it); `step` is what it did in the fold, `seqs` by id."""
    return _TELLERS[entry["kind"]](entry, step, sanctions, seqs)


def _score(
    entry: Mapping[str, Any], step: Step | None, sanctions: Sequence[Sanction], _seqs: Mapping[str, int]
) -> str:
    title, basis = _item(entry, step)
    degree = DEGREE[entry["degree"]]
    sentence = ngettext(
        "记 %(num)s 分，因“%(title)s”（%(degree)s），依据%(basis)s。",
        "记 %(num)s 分，因“%(title)s”（%(degree)s），依据%(basis)s。",
        entry["points"],
        title=title,
        degree=degree,
        basis=basis,
    )
    if step is None:
        return sentence
    return sentence + _corrected(entry, step) + _total(step) + _followed(step, sanctions)


def _item(entry: Mapping[str, Any], step: Step | None) -> tuple[str, str]:
    if step is None:
        return entry["item"], entry["rulebook"]["id"]
    rulebook = step.entry.rulebook
    item = rulebook.item(entry["item"])
    title = item_title(rulebook.id, rulebook.valid_from, entry["item"])
    return title, _(item.legal_basis) if item else rulebook.id


def _corrected(entry: Mapping[str, Any], step: Step) -> str:
    if step.corrected_to is None:
        return ""
    if step.corrected_to == 0:
        return _("已撤销，不再计分。")
    if "days" in entry:
        return ngettext("已更正为 %(num)s 天。", "已更正为 %(num)s 天。", step.corrected_to)
    return ngettext("已更正为 %(num)s 分。", "已更正为 %(num)s 分。", step.corrected_to)


def _total(step: Step) -> str:
    counted = step.counted
    value = step.corrected_to if step.corrected_to is not None else getattr(step.entry, "points", counted)
    capped = _("（满 12 分封顶，实计 %(counted)s 分）", counted=counted) if 0 <= counted < value else ""
    return (
        ngettext("%(year)s 年累计 %(num)s 分", "%(year)s 年累计 %(num)s 分", step.total_after, year=step.year) + capped
    )


def _followed(step: Step, sanctions: Sequence[Sanction]) -> str:
    found = step.consequence
    if found is None:
        return _("。")
    if found.kind is ConsequenceKind.WARNING:
        return ngettext(
            "，达到 %(num)s 分预警：%(measure)s。",
            "，达到 %(num)s 分预警：%(measure)s。",
            found.amount,
            measure=side(found.measure),
        )
    until = _until(step, sanctions)
    if found.kind is ConsequenceKind.SUSPENSION:
        return ngettext(
            "，暂停资格 %(num)s 个月%(until)s。", "，暂停资格 %(num)s 个月%(until)s。", found.amount, until=until
        )
    if found.kind is ConsequenceKind.EXTENSION:
        return ngettext(
            "，暂停期延长 %(num)s 个月%(until)s。", "，暂停期延长 %(num)s 个月%(until)s。", found.amount, until=until
        )
    return ngettext(
        "，终止资格，%(num)s 年内不得重新登记%(until)s。",
        "，终止资格，%(num)s 年内不得重新登记%(until)s。",
        found.amount,
        until=until,
    )


def _until(step: Step, sanctions: Sequence[Sanction]) -> str:
    """Return until when the sanction that this score brought lasts, as it now stands."""
    spans = [span for span in sanctions if brought(step, span)]
    if not spans:
        return ""
    span = max(spans, key=lambda span: span.until)
    return _("，自 %(start)s 至 %(until)s", start=day(span.start), until=day(span.until))


def _points_credit(
    entry: Mapping[str, Any], step: Step | None, _sanctions: Sequence[Sanction], _seqs: Mapping[str, int]
) -> str:
    sentence = ngettext("修复活动减 %(num)s 分。", "修复活动减 %(num)s 分。", entry["points"])
    if step is None:
        return sentence
    return (
        sentence
        + _corrected(entry, step)
        + ngettext("%(year)s 年累计 %(num)s 分。", "%(year)s 年累计 %(num)s 分。", step.total_after, year=step.year)
    )


def _term_credit(
    entry: Mapping[str, Any], step: Step | None, _sanctions: Sequence[Sanction], _seqs: Mapping[str, int]
) -> str:
    sentence = ngettext("修复活动缩短处理期 %(num)s 天。", "修复活动缩短处理期 %(num)s 天。", entry["days"])
    return sentence if step is None else sentence + _corrected(entry, step)


def _correction(
    entry: Mapping[str, Any], _step: Step | None, _sanctions: Sequence[Sanction], seqs: Mapping[str, int]
) -> str:
    corrected = {"seq": seqs.get(entry["target"], "?"), "value": entry["value"], "basis": BASIS[entry["basis"]]}
    if entry["document_no"] is None:
        return _("第 %(seq)s 条更正为 %(value)s，依据：%(basis)s。", **corrected)
    document = entry["document_no"]
    return _("第 %(seq)s 条更正为 %(value)s，依据：%(basis)s（%(document)s）。", document=document, **corrected)


def _reregistration(
    _entry: Mapping[str, Any], _step: Step | None, _sanctions: Sequence[Sanction], _seqs: Mapping[str, int]
) -> str:
    return _("禁止登记期满后重新登记，各年度从 0 分重新计算。")


def _year_closed(
    entry: Mapping[str, Any], _step: Step | None, _sanctions: Sequence[Sanction], _seqs: Mapping[str, int]
) -> str:
    return ngettext(
        "%(year)s 年度结转，全年 %(num)s 分；新年度从 0 分开始。",
        "%(year)s 年度结转，全年 %(num)s 分；新年度从 0 分开始。",
        entry["total"],
        year=entry["year"],
    )


_TELLERS = {
    "score": _score,
    "points_credit": _points_credit,
    "term_credit": _term_credit,
    "correction": _correction,
    "reregistration": _reregistration,
    "year_closed": _year_closed,
}
