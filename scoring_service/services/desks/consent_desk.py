"""Applications that wait for an institution's consent, as desks show and count them (P38, P39)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_

from scoring_service.db import practitioner_lists
from scoring_service.services.proposals import proposal
from scoring_service.services.proposals.consent import FILED, ConsentedKind, Shown, is_under_agreement
from scoring_service.services.unit_of_work.listing import read_oldest

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Table

    from scoring_service.services.unit_of_work.listing import Listing
    from scoring_service.services.unit_of_work.transaction import Work

MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingForConsent:
    """How many applications wait for an institution, and with how many of these the office may go on."""

    filed: int
    may_proceed: int


def count_waiting(work: Work, kind: ConsentedKind[Any]) -> WaitingForConsent:
    """Count the applications of a kind that wait for an institution and that the actor may know of."""
    counted = func.count().label("filed"), number_of(may_proceed(kind.table, work.today)).label("may_proceed")
    query = proposal.listing(work, kind, state=FILED).query.with_only_columns(*counted)
    return WaitingForConsent(**work.conn.execute(query).mappings().one())


def may_proceed(table: Table, today: date) -> ColumnElement[bool]:
    """Return the condition on applications that are filed that the office may go on: refused, or overdue."""
    return or_(table.c.consent_refused_because.is_not(None), table.c.consent_due_on < today)


def number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Return the number of rows that fulfil a condition."""
    return func.count().filter(condition)


def waiting(work: Work, kind: ConsentedKind[Shown]) -> Listing[Shown]:
    """Return the list of the applications that wait for an institution, the last day that comes first before."""
    columns = kind.table.c
    return replace(
        proposal.listing(work, kind, state=FILED), keys=(columns.consent_due_on, columns.id), descending=False
    )


def to_answer(work: Work, kind: ConsentedKind[Shown], institution: str) -> list[Shown]:
    """Return the applications of its people that nobody has answered and an institution can; at most MOST."""
    if not is_under_agreement(work, institution):
        return []
    columns, listing = kind.table.c, waiting(work, kind)
    own = practitioner_lists.at_institution(institution, work.today, person=columns.practitioner_id)
    unanswered = listing.query.where(columns.consent_recorded_at.is_(None), own)
    return read_oldest(work, replace(listing, query=unanswered), limit=MOST)
