"""What a caller sees of applications for a resumption: the office its region's, an institution its people's (P39)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import or_

from scoring_service.core.procedure import ResumptionState
from scoring_service.db.tables import resumptions as table
from scoring_service.services.proposals import proposal
from scoring_service.services.proposals.proposal import Kind, Proposal, recorder, shared_fields
from scoring_service.services.unit_of_work.sight import practitioner_filter
from scoring_service.services.unit_of_work.touch import check_touches_matter
from scoring_service.terms import RESUMPTION_STATES

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, RowMapping

    from scoring_service.services.unit_of_work.listing import Listing
    from scoring_service.services.unit_of_work.makers import Hand
    from scoring_service.services.unit_of_work.transaction import Work

FILED, CONSENTED, APPROVED, REFUSED, LAPSED = ResumptionState
OPEN = frozenset({FILED, CONSENTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The answer of an institution of the person's: an agreement, or a refusal with its reason; None: nobody could."""

    institution: str | None
    answered_at: datetime
    on_paper: bool
    proof: str | None
    refused_because: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumptionApplication(Proposal):
    """An application that suspensions end with their term; `resumes_on` and `entry` are those of its approval.

    `consent_due_on` is the last day for an institution's answer, after which the office may proceed without;
    `evaluation_due_on` the last for the office's own, counted from `consented_on`. `lapsed_because` is the code of the
    gate that a change of the file has closed since it was filed.
    """

    statement: str
    filed_by: str
    filed_institution: str | None
    filed_on: date
    consent: Consent | None
    consent_due_on: date | None
    consent_provisional: bool
    proceeded_because: str | None
    consented_on: date | None
    evaluation_due_on: date | None
    evaluation_provisional: bool
    resumes_on: date | None
    lapsed_because: str | None
    entry: str | None


_PLAIN = (
    *("statement", "filed_by", "filed_institution", "filed_on", "consent_due_on", "consent_provisional"),
    *("proceeded_because", "consented_on", "evaluation_due_on", "evaluation_provisional"),
    *("resumes_on", "lapsed_because"),
)


def _show(work: Work, row: RowMapping) -> ResumptionApplication:
    """Return an application; who recorded and decided it is told to the office only."""
    return ResumptionApplication(
        **shared_fields(row, hides_hands=not work.actor.is_office),
        **{name: row[name] for name in _PLAIN},
        consent=_consent(row),
        entry=row["entry_id"],
    )


def _consent(row: RowMapping) -> Consent | None:
    if row["consent_recorded_at"] is None:
        return None
    return Consent(
        institution=row["consent_institution"],
        answered_at=row["consent_recorded_at"],
        on_paper=row["consent_on_paper"],
        proof=row["consent_proof"],
        refused_because=row["consent_refused_because"],
    )


def _visible(work: Work) -> ColumnElement[bool]:
    """Return the condition that the actor may know of an application.

    An institution knows those of its people, and of people who have left those that it filed or answered.
    """
    seen = practitioner_filter(work, table.c.practitioner_id)
    code = work.actor.institution_code
    if not work.actor.has("institution") or code is None:
        return seen
    return or_(seen, table.c.filed_institution == code, table.c.consent_institution == code)


def _hands(row: RowMapping) -> list[Hand]:
    """Return who recorded an application, and who the answer of the institution: neither decides."""
    answered = row["consent_recorded_at"] is not None
    return recorder(row) + ([(row["consent_account"], row["consent_staff_no"])] if answered else [])


RESUMPTION = Kind(
    table=table,
    name="resumption",
    noun="恢复申请 / application for a resumption",
    before=(FILED,),
    waiting=CONSENTED,
    after=(APPROVED, REFUSED, LAPSED),
    terms=RESUMPTION_STATES,
    show=_show,
    check_touches=lambda work, row: check_touches_matter(work, row["practitioner_id"]),
    hands=_hands,
    visible=_visible,
)


def listing(
    work: Work,
    *,
    state: str | None = None,
    due_before: date | None = None,
    practitioner_id: str | None = None,
) -> Listing[ResumptionApplication]:
    """Return the list of the applications that the actor may know of: in a state, due before a day, for a person.

    Due is what the office has still to evaluate.
    """
    applications = proposal.listing(work, RESUMPTION, state=state, practitioner_id=practitioner_id)
    if due_before is None:
        return applications
    due = applications.query.where(table.c.state == CONSENTED, table.c.evaluation_due_on < due_before)
    return replace(applications, query=due)


def applications_of_person(work: Work, practitioner_id: str) -> list[ResumptionApplication]:
    """Return the applications for one person, the oldest first, for their file."""
    own = listing(work, practitioner_id=practitioner_id)
    rows = work.conn.execute(own.query.order_by(*own.keys)).mappings()
    return [_show(work, row) for row in rows]
