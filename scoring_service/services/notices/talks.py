"""The talk that each score asks of the institution where the act happened, which records when it was held (P36).

Before scores did, warnings asked for it: what they asked stands until it is held, without a last day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.core.procedure import Duty
from scoring_service.db.tables import notice_duties, notices, talks
from scoring_service.problems import Conflict, Invalid, NotFound
from scoring_service.services.notices.issuing import hold_notice, visible_notices
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.services.unit_of_work.touch import check_not_own_file
from scoring_service.written import is_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy import ColumnElement

    from scoring_service.services.notices.records import Notice
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkTask:
    """What a notice asks of an institution `since` its day, by the end of `due_on`; `held_on` is None while it is due.

    `measure` is what the tier of warnings that was reached asks for, None for the talk that any score asks for.
    `due_on` is None before the receipt and for what warnings asked, `provisional` while a calendar is missing.
    """

    notice_id: str
    practitioner_id: str
    institution_code: str
    measure: str | None
    since: date
    received_on: date | None
    due_on: date | None
    provisional: bool
    held_on: date | None
    summary: str | None
    recorded_by: str | None
    recorded_at: datetime | None


def record_talk(work: Work, *, notice: str, held_on: date, summary: str) -> TalkTask:
    """Record that the institution held the talk that a notice asked of it; return the task.

    Raises NotFound for a notice to somebody else, Conflict `talk_recorded`, Invalid for a notice that asks for none,
    and for a day in the future or before the notice.
    """
    asking = hold_notice(work, notice)
    check_not_own_file(work, [asking.practitioner_id])
    _check_asks_for_talk(work, asking)
    _check_day(work, asking, held_on)
    row = {
        "notice_id": asking.id,
        "practitioner_id": asking.practitioner_id,
        "institution_code": asking.addressee_ref,
        "held_on": held_on,
        "summary": summary,
        "recorded_by": work.actor.username,
        "recorded_at": work.record(),
    }
    statement = upsert(talks).values(**row).on_conflict_do_nothing().returning(talks.c.notice_id)
    if work.conn.execute(statement).first() is None:
        raise Conflict("talk_recorded", "该谈话已登记 / the talk is on record already")
    done = {"met_on": held_on, "recorded_by": row["recorded_by"], "recorded_at": row["recorded_at"]}
    work.conn.execute(update(notice_duties).where(_is_talk_of(asking.id)).values(**done))
    _put_on_record(work, asking, held_on)
    return read_task(work, asking.id)


def _is_talk_of(notice_id: str) -> ColumnElement[bool]:
    return (notice_duties.c.notice_id == notice_id) & (notice_duties.c.duty == Duty.TALK)


def _check_asks_for_talk(work: Work, asking: Notice) -> None:
    if work.conn.execute(select(notice_duties.c.duty).where(_is_talk_of(asking.id))).first() is None:
        detail = "只有发给案件所在机构的记分告知书要求谈话 / only a score's notice at its institution asks for one"
        raise Invalid("/notice", detail)


def _check_day(work: Work, asking: Notice, held_on: date) -> None:
    if held_on > work.today:
        raise Invalid("/held_on", "谈话日不得晚于今日 / held_on may not lie in the future")
    if held_on < asking.created_at.date():
        raise Invalid("/held_on", "谈话日不得早于文书出具日 / held_on may not precede the notice")


def _put_on_record(work: Work, asking: Notice, held_on: date) -> None:
    work.audit(
        "talk.recorded",
        object_kind="notice",
        object_id=asking.id,
        practitioner_id=asking.practitioner_id,
        case_id=asking.case_id,
        institution_code=asking.addressee_ref,
    )
    work.event(
        "talk_held",
        practitioner_id=asking.practitioner_id,
        institution_code=asking.addressee_ref,
        notice=asking.id,
        held_on=held_on.isoformat(),
    )


def listing(
    work: Work,
    *,
    practitioner_id: str | None = None,
    institution: str | None = None,
    held: bool | None = None,
) -> Listing[TalkTask]:
    """Return the list of the talks that are asked for: of a person, of an institution, held or still due."""
    held_columns = (talks.c.held_on, talks.c.summary, talks.c.recorded_by, talks.c.recorded_at)
    due_columns = (notice_duties.c.due_on, notice_duties.c.provisional.label("due_provisional"))
    query = (
        select(notices, *due_columns, *held_columns)
        .join(notice_duties, notice_duties.c.notice_id == notices.c.id)
        .outerjoin(talks, talks.c.notice_id == notices.c.id)
        .where(notice_duties.c.duty == Duty.TALK, visible_notices(work))
    )
    if practitioner_id is not None:
        query = query.where(notices.c.practitioner_id == practitioner_id)
    if institution is not None:
        query = query.where(notices.c.addressee_ref == institution)
    if held is not None:
        query = query.where(talks.c.notice_id.is_not(None) if held else talks.c.notice_id.is_(None))
    keys = (notices.c.created_at, notices.c.id)
    return Listing(query=query, keys=keys, show=talk_task, looked_at="talk")


def read_task(work: Work, notice_id: str) -> TalkTask:
    """Return the task of one notice. Raises NotFound."""
    query = listing(work).query.where(notices.c.id == notice_id)
    row = work.conn.execute(query).mappings().one_or_none() if is_id(notice_id) else None
    if row is None:
        raise NotFound("谈话 / talk")
    return talk_task(row)


def talk_task(row: Mapping[Any, Any]) -> TalkTask:
    """Return the task of a row of `listing`."""
    return TalkTask(
        notice_id=row["id"],
        practitioner_id=row["practitioner_id"],
        institution_code=row["addressee_ref"],
        measure=row["facts"].get("measure"),
        since=row["created_at"].date(),
        received_on=row["received_on"],
        due_on=row["due_on"],
        provisional=row["due_provisional"],
        held_on=row["held_on"],
        summary=row["summary"],
        recorded_by=row["recorded_by"],
        recorded_at=row["recorded_at"],
    )
