"""An act of the demo: one transaction of one demo account at an instant, and how it finds what it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.entries import EntryKind
from scoring_service.db.tables import appeals, cases, entries, notices, practitioners
from scoring_service.services.unit_of_work.transaction import Work

if TYPE_CHECKING:
    from scoring_service.demo.plan import PlannedCase


@dataclass(frozen=True, slots=True)
class Act:
    """What the demo account `by`, or an institution by its code, does at an instant, in one transaction."""

    at: datetime
    by: str
    perform: Callable[[Work], object]


def at(day: date, hour: int, minute: int) -> datetime:
    """Return an instant of the office's day."""
    return datetime.combine(day, time(hour, minute), CIVIL_ZONE)


def case_id(work: Work, case: PlannedCase) -> str:
    """Return the id of a case that was drafted."""
    stored_id: str = work.conn.execute(
        select(cases.c.id).where(cases.c.document_no == case.document_no)
    ).scalar_one()
    return stored_id


def score_of(work: Work, case: PlannedCase, practitioner: str) -> str:
    """Return the id of the score that a case brought a person."""
    query = (
        select(entries.c.id)
        .join(practitioners, practitioners.c.id == entries.c.practitioner_id)
        .join(cases, cases.c.id == entries.c.case_id)
        .where(practitioners.c.code == practitioner, cases.c.document_no == case.document_no)
        .where(entries.c.kind == EntryKind.SCORE)
    )
    entry_id: str = work.conn.execute(query).scalar_one()
    return entry_id


def appeal_of(work: Work, case: PlannedCase, practitioner: str) -> str:
    """Return the id of the appeal against the score that a case brought a person."""
    query = select(appeals.c.id).where(appeals.c.entry_id == score_of(work, case, practitioner))
    appeal_id: str = work.conn.execute(query).scalar_one()
    return appeal_id


def letters_of(
    work: Work, case: PlannedCase, practitioner: str, addressee: str, kind: str | None = None
) -> list[str]:
    """Return the ids of a person's unreceived notices of a case to a kind of addressee, the oldest first."""
    query = (
        select(notices.c.id)
        .join(practitioners, practitioners.c.id == notices.c.practitioner_id)
        .where(practitioners.c.code == practitioner, notices.c.case_id == case_id(work, case))
        .where(notices.c.addressee_kind == addressee)
        .order_by(notices.c.created_at, notices.c.kind)
    )
    if addressee == "institution":
        query = query.where(notices.c.addressee_ref == case.institution)
    wanted = notices.c.received_on.is_(None) if kind is None else notices.c.kind == kind
    return list(work.conn.execute(query.where(wanted)).scalars())
