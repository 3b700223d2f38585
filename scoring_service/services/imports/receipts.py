"""Receipts: the clerk's record of letters that were handed out on paper, by the number of the letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from scoring_service.db.tables import letters, notices
from scoring_service.problems import Problem
from scoring_service.services.imports import cells
from scoring_service.services.imports.columns import Column
from scoring_service.services.imports.kind import ImportKind, Judged, Outcome, RowFault, counted, refused
from scoring_service.services.notices.issuing import visible_notices
from scoring_service.services.notices.receipts import acknowledge, check_received_on
from scoring_service.services.notices.records import notice_of
from scoring_service.services.unit_of_work.touch import check_touches_notice
from scoring_service.written import is_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring_service.services.imports.kind import Counts, Options, StagedRow
    from scoring_service.services.notices.records import Notice
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.workbooks.sheets import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow:
    """A row: that the addressee of a letter received it on a day, and by what that is proved."""

    notice: str | None
    received_on: date | None
    proof: str | None


# As letters are numbered, whichever bracket a keyboard has.
_BRACKETS = str.maketrans("[]()【】（）［］", "〔〕" * 5)


def _number(value: Value) -> str:
    return "".join(cells.text(value).split()).translate(_BRACKETS)


COLUMNS = (
    Column(
        name="notice",
        heading="文书编号",
        aliases=("文书号", "编号", "number"),
        reading=_number,
        required=True,
        example="赤医保记〔2025〕第000123号",
        explanation="文书右上角的编号 / the number that the letter bears",
    ),
    Column(
        name="received_on",
        heading="送达日",
        aliases=("签收日期", "收到日", "送达日期"),
        reading=cells.day,
        required=True,
        example="2025-03-14",
        explanation="收件人签收之日 / the day on which the addressee signed for it",
    ),
    Column(
        name="proof",
        heading="送达凭证",
        aliases=("凭证", "回证"),
        reading=cells.prose,
        required=True,
        example="送达回证已由本人签收",
        explanation="送达回证存放何处 / where the signed receipt is kept",
    ),
)


def judge(work: Work, rows: Sequence[StagedRow], _options: Options) -> list[Judged]:
    """Tell of each row whether the receipt is recorded, on record already, or refused."""
    known = _notices(work, {row.values.notice for row in rows if row.values.notice is not None})
    first: dict[str, int] = {}
    judged = []
    for row in rows:
        notice = known.get(row.values.notice or "")
        judged.append(_judged(work, row, notice, first))
        if notice is not None:
            first.setdefault(notice.id, row.number)
    return judged


def _notices(work: Work, numbers: set[str]) -> dict[str, Notice]:
    """Return the letters that the actor may know of, by their numbers and ids."""
    ids = {number.lower() for number in numbers if is_id(number)}
    query = select(notices, letters.c.number).join(letters, letters.c.notice_id == notices.c.id)
    query = query.where(or_(letters.c.number.in_(numbers), notices.c.id.in_(ids)), visible_notices(work))
    known: dict[str, Notice] = {}
    for row in work.conn.execute(query).mappings():
        number = row["number"]
        notice = notice_of({name: value for name, value in row.items() if name != "number"})
        known |= {number: notice, notice.id: notice}
    return known


def _judged(work: Work, row: StagedRow, notice: Notice | None, first: Mapping[str, int]) -> Judged:
    values: ReceiptRow = row.values
    if values.notice is None or values.received_on is None:
        return refused()
    if notice is None:
        return refused(RowFault(column="notice", expected="已出具的文书编号 / the number of a letter that was issued"))
    if notice.id in first:
        number = first[notice.id]
        return refused(RowFault(column="notice", expected=f"与第 {number} 行重复 / the same letter as in row {number}"))
    if notice.received_on is not None:
        if notice.received_on == values.received_on:
            return Judged(outcome=Outcome.LEFT)
        detail = f"已登记送达日 {notice.received_on}，请办理送达更正 / received that day: correct it"
        return refused(RowFault(column="received_on", expected=detail))
    try:
        check_touches_notice(work, notice.practitioner_id, notice.case_id)
        check_received_on(work, notice, values.received_on)
    except Problem as problem:
        return refused(RowFault(column="received_on" if problem.errors else "notice", expected=problem.detail))
    return Judged(outcome=Outcome.CREATED)


def write(work: Work, rows: Sequence[StagedRow], options: Options) -> Counts:
    """Record the receipts, each with the window and the duties that it opens."""
    judged = judge(work, rows, options)
    counts = counted(judged)
    if counts[Outcome.REFUSED]:
        return counts
    known = _notices(work, {row.values.notice for row in rows})
    due = [
        (known[row.values.notice].id, row.values)
        for row, each in zip(rows, judged, strict=True)
        if each.outcome is Outcome.CREATED
    ]
    for notice_id, values in sorted(due, key=lambda each: each[0]):
        acknowledge(work, notice_id, received_on=values.received_on, proof=values.proof)
    return counts


RECEIPTS = ImportKind(
    name="receipts",
    title="文书送达 / Receipts of letters",
    columns=COLUMNS,
    record=ReceiptRow,
    judge=judge,
    write=write,
    uploads=frozenset({"office.clerk"}),
    chunk_rows=500,
)
