"""Letters that are written after their notices: those of a closed year, too many for the year-close itself.

The notice holds every fact of its letter, so a letter written hours later says what it would have said at once.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, select, tuple_

from scoring_service.core.civil import midnight
from scoring_service.db.tables import letters, notices
from scoring_service.services.notices.documents import Loaded, named, write_letters
from scoring_service.services.notices.issuing import institutions_of_each, require_notice
from scoring_service.services.notices.records import Notice, notice_of
from scoring_service.services.unit_of_work.step import Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring_service.services.notices.records import IssuedNotice
    from scoring_service.services.unit_of_work.transaction import Work

CHUNK_LETTERS = 500
# Notices issued after the job of a day has run are found by that of the next.
LOOK_BACK = timedelta(days=1)


def write_chunk(work: Work, period: str, cursor: str | None) -> Step:
    """Write the next letters that notices since the day before `period` are without, in the order of their issue."""
    chunk = _without_letter(work, date.fromisoformat(period) - LOOK_BACK, cursor)
    _write(work, chunk)
    full = len(chunk) == CHUNK_LETTERS
    last = f"{chunk[-1].created_at.isoformat()} {chunk[-1].id}" if full else None
    return Step(cursor=last, counts={"letters": len(chunk)})


def write_now(work: Work, notice_id: str) -> None:
    """Write the letter of a notice that somebody asks for before its turn has come."""
    notice = require_notice(work, notice_id)
    work.conn.execute(select(notices.c.id).where(notices.c.id == notice.id).with_for_update(key_share=True))
    written = select(letters.c.notice_id).where(letters.c.notice_id == notice.id)
    if work.conn.execute(written).first() is None:
        _write(work, [notice])


def _without_letter(work: Work, first: date, cursor: str | None) -> list[Notice]:
    place = tuple_(notices.c.created_at, notices.c.id)
    query = (
        select(notices)
        .outerjoin(letters, letters.c.notice_id == notices.c.id)
        .where(
            letters.c.notice_id.is_(None), notices.c.created_at >= midnight(first)
        )
        .order_by(notices.c.created_at, notices.c.id)
        .limit(CHUNK_LETTERS)
    )
    if cursor is not None:
        created_at, _, notice_id = cursor.partition(" ")
        query = query.where(place > tuple_(*_typed(created_at, notice_id)))
    return [notice_of(row) for row in work.conn.execute(query).mappings()]


def _typed(created_at: str, notice_id: str) -> tuple[Any, Any]:
    return (
        literal(datetime.fromisoformat(created_at), notices.c.created_at.type),
        literal(notice_id, notices.c.id.type),
    )


def _write(work: Work, issued: Sequence[IssuedNotice]) -> None:
    if issued:
        places = institutions_of_each(work, [notice.practitioner_id for notice in issued])
        addressed = {notice.addressee_ref for notice in issued if notice.institution_code is not None}
        write_letters(work, issued, named(work, places, addressed, Loaded()))
