"""What is still to be done after notices, as desks show it: the soonest day first, and how much of it is overdue.

The office checks what it has to deliver, the states that institutions show and the talks that they hold (P35, P36,
P46); an institution sees its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, func, select

from scoring_service.core.procedure import Duty, DutyState, NoticeKind
from scoring_service.db.tables import institutions, notice_duties, notices
from scoring_service.services.notices.duties import is_in
from scoring_service.services.notices.issuing import visible_notices
from scoring_service.services.unit_of_work.fields import Field, FieldKind, Fields, due_field
from scoring_service.services.unit_of_work.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring_service.letters.facts import Facts
    from scoring_service.services.unit_of_work.transaction import Work

DUTIES = notice_duties.c
DUTY_FIELDS: Fields = {
    "due": due_field(DUTIES.due_on, runs=~DUTIES.provisional),
    "institution": Field(kind=FieldKind.CODE, column=institutions.c.code),
    "region": Field(kind=FieldKind.DIVISION, column=institutions.c.region),
    "received_on": Field(kind=FieldKind.DAY, column=notices.c.received_on),
    "issued_on": Field(kind=FieldKind.INSTANT, column=notices.c.created_at),
    "institution_name": Field(column=institutions.c.name),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDuty:
    """What is to be done after a notice by the end of `due_on`; None while its day does not run yet."""

    notice_id: str
    kind: NoticeKind
    facts: Facts
    practitioner_id: str
    institution_name: str
    issued_on: date
    received_on: date | None
    due_on: date | None
    provisional: bool


class OpenCount(NamedTuple):
    """How much is open, and how much of it overdue."""

    open: int
    overdue: int


def open_duties(work: Work, duty: Duty) -> Listing[OpenDuty]:
    """Return the list of what is open of a duty in the actor's sight; what no day runs for yet comes last."""
    soonest = func.coalesce(DUTIES.due_on, date.max).label("soonest")
    query = (
        select(notices, institutions.c.name.label("institution_name"), DUTIES.due_on)
        .add_columns(DUTIES.provisional.label("due_provisional"), soonest)
        .join(notice_duties, DUTIES.notice_id == notices.c.id)
        .join(institutions, institutions.c.code == notices.c.addressee_ref)
        .where(DUTIES.duty == duty, is_in(work.today, DutyState.OPEN), visible_notices(work))
    )
    keys = (soonest, notices.c.id)
    return Listing(
        query=query, keys=keys, show=_open_duty, descending=False, looked_at="notices", fields=DUTY_FIELDS
    )


def _open_duty(row: Mapping[Any, Any]) -> OpenDuty:
    same = ("facts", "practitioner_id", "institution_name", "received_on", "due_on")
    return OpenDuty(
        **{name: row[name] for name in same},
        notice_id=row["id"],
        kind=NoticeKind(row["kind"]),
        issued_on=row["created_at"].date(),
        provisional=row["due_provisional"],
    )


def count_duties(work: Work) -> dict[Duty, OpenCount]:
    """Count what is open in the actor's sight, by duty; a duty of which nothing is open too."""
    late = func.count().filter(is_in(work.today, DutyState.OVERDUE))
    query = (
        select(DUTIES.duty, func.count(), late)
        .join(notices, DUTIES.notice_id == notices.c.id)
        .where(and_(is_in(work.today, DutyState.OPEN), visible_notices(work)))
        .group_by(DUTIES.duty)
    )
    counts = {Duty(duty): OpenCount(total, overdue) for duty, total, overdue in work.conn.execute(query)}
    return dict.fromkeys(Duty, OpenCount(0, 0)) | counts
