"""A pasted part of a sheet in the case editor: each row becomes a finding of the form, nothing is saved yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flask_babel import gettext as _
from flask_babel import ngettext

from scoring_service.services.cases.findings import MOST_FINDINGS
from scoring_service.services.imports.pasting import read_paste
from scoring_service.services.imports.sniffing import sentence_of
from scoring_service.services.registry.names import institution_names
from scoring_service.terms import ADJUSTMENTS, chinese
from scoring_service.web.frame.pages import work
from scoring_service.web.office.case_form import as_fault
from scoring_service.web.office.measure_form import takes_measure
from scoring_service.web.wording.catalogue import items_named
from scoring_service.web.wording.languages import ENGLISH, language
from scoring_service.workbooks.sheets import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scoring_service.services.imports.pasting import Paste, PastedRow
    from scoring_service.web.office.case_form import CaseForm

FIELD = "paste"
# Columns of the sheet that are one field of the form, or called otherwise there.
_FIELD_OF = {"name": "practitioner", "adjustment": "adjustment/ground", "ground": "adjustment/ground"}
_FIELD_OF |= {"occurred_last_day": "occurred_until"}
_ALIKE = ("item", "degree", "points", "act", "occurred_from", "legal_basis", "reason")


class Added(NamedTuple):
    """What a paste brought: the place of its first finding, and the paste itself."""

    first: int
    paste: Paste


def add_paste(form: CaseForm) -> Added | None:
    """Add the rows that were pasted to the form, what is wrong in them noted beside their fields.

    None when nothing was added: the reason stands beside what was pasted, which stays.
    """
    paste = _read(form)
    if paste is None:
        return None
    blank = [row for row in range(form.rows) if form.is_blank(row)]
    first, count = form.rows - len(blank), len(paste.rows)
    if first + count > MOST_FINDINGS:
        form.form.fault(FIELD, _too_many(count, MOST_FINDINGS - first))
        return None
    trimmed = form.removed(blank)
    fields = trimmed.form.fields
    for row, pasted in enumerate(paste.rows, start=first):
        for name, text in _texts(pasted, form):
            fields[f"findings/{row}/{name}"] = text
    fields[FIELD] = ""
    form.form.fields, form.rows = fields, first + count
    _place(form, paste)
    for row, pasted in enumerate(paste.rows, start=first):
        _note(form, row, pasted)
    form.look_at(range(first, form.rows))
    return Added(first, paste)


def told_of(paste: Paste) -> str:
    """Return what was made of a paste, in a few sentences."""
    count, filled, wrong = len(paste.rows), paste.filled, sum(bool(row.faults) for row in paste.rows)
    sentences = [ngettext("已加入 %(num)s 项认定，还没有保存。", "已加入 %(num)s 项认定，还没有保存。", count)]
    if paste.headings:
        sentences.append(_("第 %(lines)s 行是表头。", lines=_("、").join(map(str, paste.headings))))
    if filled:
        sentences.append(
            ngettext("%(num)s 个空格按上一行填入，写在各项下面。", "%(num)s 个空格按上一行填入，写在各项下面。", filled)
        )
    if paste.unread:
        sentences.append(_("没有读入的列：%(columns)s。", columns=_("、").join(paste.unread)))
    if wrong:
        sentences.append(ngettext("%(num)s 行有误，见红字。", "%(num)s 行有误，见红字。", wrong))
    return (" " if language() == ENGLISH else "").join(map(str, sentences))


def _read(form: CaseForm) -> Paste | None:
    items = form.rules.items
    try:
        paste = read_paste(
            work(),
            form.raw(FIELD),
            lambda text: len(items_named(items, text)) == 1,
            may_lack_points=takes_measure(form.form),
        )
    except UnreadableFile as fault:
        form.form.fault(FIELD, sentence_of(fault))
        return None
    if not paste.rows:
        form.form.fault(FIELD, _NOTHING)
        return None
    return paste


_NOTHING = (
    "没有可读入的行：每行一人，列为人员代码、姓名、违规情形、责任程度、记分等，可以带表头 / nothing to read: a person"
    " a line, with columns such as code, name, item, degree and points, with headings or without"
)


def _too_many(count: int, room: int) -> str:
    return (
        f"一案最多 {MOST_FINDINGS} 项认定，这里有 {count} 行，还可加 {room} 项；没有读入，粘贴的内容还在，请分成几案 / "
        f"a case has {MOST_FINDINGS} findings at most; of these {count} lines {room} would fit. Nothing was read, what "
        "you pasted is still here: part it into several cases"
    )


def _texts(pasted: PastedRow, form: CaseForm) -> Iterator[tuple[str, str]]:
    """Return the fields of a finding as the row has them; what could not be read as it was written."""
    staged = pasted.staged

    def text(column: str) -> str:
        value = getattr(staged.values, column)
        return staged.shown(column) if column in staged.unread or value is None else str(value)

    yield "practitioner", " ".join(filter(None, (text("name"), text("practitioner"))))
    yield from ((column, text(column)) for column in _ALIKE)
    yield "occurred_until", text("occurred_last_day")
    yield "adjustment/ground", _adjustment(text("adjustment"), text("ground"), form)
    yield "filled", " ".join(pasted.filled)


def _adjustment(kind: str, ground: str, form: CaseForm) -> str:
    if not kind and not ground:
        return ""
    typed = f"{kind}:{ground}"
    return typed if typed in form.rules.adjustments else f"{chinese(ADJUSTMENTS.get(kind, kind))} · {ground}"


def _place(form: CaseForm, paste: Paste) -> None:
    """Take the institution from the paste where the form has none and all rows agree."""
    named = {row.values.institution for row in paste.rows if row.values.institution}
    if not form.raw("institution").strip() and len(named) == 1:
        form.form.fields["institution"] = named.pop()


def _note(form: CaseForm, row: int, pasted: PastedRow) -> None:
    for column, expected in pasted.faults.items():
        form.form.fault(f"findings/{row}/{_FIELD_OF.get(column, column)}", as_fault(expected))
    written = pasted.values.institution
    if written and written not in _names_of_place(form):
        form.form.fault(
            f"findings/{row}/practitioner",
            f"这一行写的机构是“{written}”，不是本案的机构 / this row names “{written}”, not the case's institution",
        )


def _names_of_place(form: CaseForm) -> Sequence[str]:
    typed = form.raw("institution").strip()
    return typed, typed.upper(), institution_names(work(), {typed.upper()}).get(typed.upper(), "")
