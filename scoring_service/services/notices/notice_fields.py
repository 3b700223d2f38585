"""What the list of notices can be narrowed and sorted by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, select

from scoring_service.core.procedure import NoticeKind
from scoring_service.db.tables import cases, notice_duties, notices
from scoring_service.services.notices.records import INSTITUTION, PRACTITIONER
from scoring_service.services.unit_of_work.fields import Due, Field, FieldKind, Fields, due_days

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from scoring_service.services.unit_of_work.transaction import Work

_notice = notices.c


def _to_institution(_work: Work, code: str) -> ColumnElement[bool]:
    return and_(_notice.addressee_kind == INSTITUTION, _notice.addressee_ref == code)


def _in_division(_work: Work, start: str) -> ColumnElement[bool]:
    within = select(cases.c.id).where(cases.c.region.startswith(start, autoescape=True))
    return _notice.case_id.in_(within)


def _has_duty_due(work: Work, due: Any) -> ColumnElement[bool]:
    """Return the condition that something is still to be done after a notice, and by when."""
    duty = notice_duties.c
    first, end = due_days(work.today, Due(due))
    return (
        select(duty.notice_id)
        .where(duty.notice_id == _notice.id, duty.met_on.is_(None), duty.due_on >= first, duty.due_on < end)
        .exists()
    )


NOTICE_FIELDS: Final[Fields] = {
    "kind": Field(kind=FieldKind.CHOICE, column=_notice.kind, choices=tuple(NoticeKind)),
    "addressee.kind": Field(
        kind=FieldKind.CHOICE, column=_notice.addressee_kind, choices=(PRACTITIONER, INSTITUTION, "authority")
    ),
    "institution": Field(kind=FieldKind.CODE, matches=_to_institution),
    "region": Field(kind=FieldKind.DIVISION, matches=_in_division),
    "due": Field(kind=FieldKind.CHOICE, choices=tuple(Due), matches=_has_duty_due),
    "created_at": Field(kind=FieldKind.INSTANT, column=_notice.created_at),
    "received_on": Field(kind=FieldKind.DAY, column=_notice.received_on),
    "window_closes_on": Field(kind=FieldKind.DAY, column=_notice.window_closes_on),
    "deemed": Field(kind=FieldKind.FLAG, column=_notice.deemed),
}
