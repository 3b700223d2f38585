"""What the lists of proposals can be narrowed and sorted by; of an application that needs consent there is more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from scoring_service.db.practitioner_lists import at_institution, working_in
from scoring_service.db.tables import institutions
from scoring_service.services.unit_of_work.fields import (
    Condition,
    Field,
    FieldKind,
    Fields,
    due_field,
    own_field,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Table

    from scoring_service.services.unit_of_work.transaction import Work


def proposal_fields(table: Table, states: Iterable[str]) -> Fields:
    """Return the fields of every proposal that is kept in a table."""
    made = table.c
    return {
        "state": Field(kind=FieldKind.CHOICE, column=made.state, choices=tuple(states)),
        "recorded_at": Field(kind=FieldKind.INSTANT, column=made.recorded_at),
        "decided_at": Field(kind=FieldKind.INSTANT, column=made.decided_at),
        "mine": own_field(lambda work: made.recorded_by_account == work.actor.account_id),
    }


def consented_fields(table: Table, states: Iterable[str], *, due_on: ColumnElement[Any], waits: Any) -> Fields:
    """Return the fields of applications that an institution consents to, due on a day while they wait in a state."""
    applied = table.c
    shared = dict(proposal_fields(table, states))
    return {
        "state": shared["state"],
        "filed_by": Field(
            kind=FieldKind.CHOICE, column=applied.filed_by, choices=("practitioner", "institution", "office")
        ),
        "institution": Field(kind=FieldKind.CODE, matches=_at(table)),
        "region": Field(kind=FieldKind.DIVISION, matches=_within(table)),
        "due": due_field(due_on, runs=applied.state.in_(waits)),
        "consent_due_on": Field(kind=FieldKind.DAY, column=applied.consent_due_on),
        "filed_at": shared["recorded_at"],
        "decided_at": shared["decided_at"],
        "mine": shared["mine"],
    }


def _at(table: Table) -> Condition:
    """Return the condition that an institution filed or answered; to the office also that the person works there.

    Where somebody works who has left is not for a former employer to find out.
    """

    def matches(work: Work, code: str) -> ColumnElement[bool]:
        party = or_(table.c.filed_institution == code, table.c.consent_institution == code)
        if not work.actor.is_office:
            return party
        return or_(party, at_institution(code, work.today, person=table.c.practitioner_id))

    return matches


def _within(table: Table) -> Condition:
    """Return the condition that such an institution lies in a division."""

    def matches(work: Work, start: str) -> ColumnElement[bool]:
        codes = select(institutions.c.code).where(institutions.c.region.startswith(start, autoescape=True))
        party = or_(table.c.filed_institution.in_(codes), table.c.consent_institution.in_(codes))
        if not work.actor.is_office:
            return party
        return or_(party, working_in(start, work.today, person=table.c.practitioner_id))

    return matches
