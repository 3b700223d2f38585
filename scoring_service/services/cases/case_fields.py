"""What the list of cases can be narrowed and sorted by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, exists, or_

from scoring_service.core.procedure import OPEN_CASES, CaseState, HandlingKind
from scoring_service.core.rulebook import Degree
from scoring_service.db.tables import case_hands, cases, findings, institutions
from scoring_service.services.registry.codes import CATEGORIES
from scoring_service.services.unit_of_work.fields import Field, FieldKind, Fields, due_field, own_field

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from scoring_service.services.unit_of_work.transaction import Work

_case = cases.c


def worked_on_by_actor(work: Work) -> ColumnElement[bool]:
    """Return the condition on `cases` that one is the actor's: assigned or, while nobody has it, drafted by them."""
    hand, me = case_hands.c, work.actor.account_id
    drafted = exists().where(hand.case_id == _case.id, hand.deed == "drafted", hand.account_id == me)
    return or_(_case.assigned_to == me, and_(_case.assigned_to.is_(None), drafted))


def _charged(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition on `cases` that one has such a finding."""
    return exists().where(findings.c.case_id == _case.id, condition)


def _of_degree(_work: Work, degree: str) -> ColumnElement[bool]:
    return _charged(findings.c.degree == degree)


def _of_category(_work: Work, category: str) -> ColumnElement[bool]:
    return _charged(findings.c.category == category)


CASE_FIELDS: Final[Fields] = {
    "state": Field(kind=FieldKind.CHOICE, column=_case.state, choices=tuple(CaseState)),
    "institution": Field(kind=FieldKind.CODE, column=_case.institution_code),
    "institution_name": Field(column=institutions.c.name),
    "region": Field(kind=FieldKind.DIVISION, column=_case.region),
    "handling.kind": Field(kind=FieldKind.CHOICE, column=_case.handling_kind, choices=tuple(HandlingKind)),
    "handling.document_no": Field(column=_case.document_no),
    "handling.decided_on": Field(kind=FieldKind.DAY, column=_case.decided_on),
    "handling.received_on": Field(kind=FieldKind.DAY, column=_case.received_on),
    "item": Field(kind=FieldKind.ITEM, matches=lambda _work, item: _charged(findings.c.item == item)),
    "degree": Field(kind=FieldKind.CHOICE, choices=tuple(Degree), matches=_of_degree),
    "category": Field(kind=FieldKind.CHOICE, choices=tuple(CATEGORIES), matches=_of_category),
    "notice_due_on": Field(kind=FieldKind.DAY, column=_case.notice_due_on),
    "due": due_field(_case.notice_due_on, runs=_case.state.in_(OPEN_CASES)),
    "effective_on": Field(kind=FieldKind.DAY, column=_case.effective_on),
    "created_at": Field(kind=FieldKind.INSTANT, column=_case.created_at),
    "changed_at": Field(kind=FieldKind.INSTANT, column=_case.changed_at),
    "mine": own_field(worked_on_by_actor),
}
