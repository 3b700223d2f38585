"""The talk: a warning asks a reminder talk or study of the person's institution, which records when it was held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.core.procedure import NoticeKind
from scoring_service.db.tables import notices, talks
from scoring_service.problems import Conflict, Invalid, NotFound
from scoring_service.services.notices.issuing import hold_notice, visible_notices
from scoring_service.services.notices.records import INSTITUTION
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.services.unit_of_work.touch import check_not_own_file
from scoring_service.written import is_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from scoring_service.services.notices.records import Notice
    from scoring_service.services.unit_of_work.transaction import Work



@dataclass(frozen=True, slots=True, kw_only=True)
class TalkTask:
    """What a warning asks of an institution `since` its day, and when it was held; `held_on` is None while due."""

    notice_id: str
    practitioner_id: str
    institution_code: str
    measure: str | None
    since: date
    held_on: date | None
    summary: str | None
    recorded_by: str | None
    recorded_at: datetime | None


def record_talk(work: Work, *, notice: str, held_on: date, summary: str) -> TalkTask:
    """Record that the institution held the talk that a warning asked of it; return the task.

    Raises NotFound for a notice to somebody else, Conflict `talk_recorded`, Invalid for another kind of notice, and
    for a day in the future or before the warning.
    """
    warning = hold_notice(work, notice)
    check_not_own_file(work, [warning.practitioner_id])
    _check_asks_for_talk(warning)
    _check_day(work, warning, held_on)
    row = {
        "notice_id": warning.id,
        "practitioner_id": warning.practitioner_id,
        "institution_code": warning.addressee_ref,
        "held_on": held_on,
        "summary": summary,
        "recorded_by": work.actor.username,
        "recorded_at": work.record(),
    }
    statement = upsert(talks).values(**row).on_conflict_do_nothing().returning(talks.c.notice_id)
    if work.conn.execute(statement).first() is None:
        raise Conflict("talk_recorded", "该谈话已登记 / the talk is on record already")
    _put_on_record(work, warning, held_on)
    return read_task(work, warning.id)


def _check_asks_for_talk(warning: Notice) -> None:
    if warning.kind != NoticeKind.WARNING or warning.addressee_kind != INSTITUTION:
        raise Invalid(
            "/notice", "只有发给机构的预警要求谈话 / only a warning to an institution asks for a talk"
        )


def _check_day(work: Work, warning: Notice, held_on: date) -> None:
    if held_on > work.today:
        raise Invalid("/held_on", "谈话日不得晚于今日 / held_on may not lie in the future")
    if held_on < warning.created_at.date():
        raise Invalid("/held_on", "谈话日不得早于预警 / held_on may not precede the warning")


def _put_on_record(work: Work, warning: Notice, held_on: date) -> None:
    work.audit(
        "talk.recorded",
        object_kind="notice",
        object_id=warning.id,
        practitioner_id=warning.practitioner_id,
        case_id=warning.case_id,
        institution_code=warning.addressee_ref,
    )
    work.event(
        "talk_held",
        practitioner_id=warning.practitioner_id,
        institution_code=warning.addressee_ref,
        notice=warning.id,
        held_on=held_on.isoformat(),
    )


def listing(
    work: Work,
    *,
    practitioner_id: str | None = None,
    institution: str | None = None,
    held: bool | None = None,
) -> Listing[TalkTask]:
    """Return the list of the talks that warnings ask for: of a person, of an institution, held or still due."""
    held_columns = (talks.c.held_on, talks.c.summary, talks.c.recorded_by, talks.c.recorded_at)
    query = (
        select(notices, *held_columns)
        .outerjoin(talks, talks.c.notice_id == notices.c.id)
        .where(notices.c.kind == NoticeKind.WARNING, notices.c.addressee_kind == INSTITUTION, visible_notices(work))
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
    """Return the task of one warning. Raises NotFound."""
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
        held_on=row["held_on"],
        summary=row["summary"],
        recorded_by=row["recorded_by"],
        recorded_at=row["recorded_at"],
    )
