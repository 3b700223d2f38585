"""What a caller sees of applications for a resumption: the office its region's, an institution its people's (P39)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import func

from scoring_service.core.procedure import ResumptionState
from scoring_service.db.ledger import rulebooks_by_sha256
from scoring_service.db.tables import resumptions as table
from scoring_service.services.proposals import consent, proposal
from scoring_service.services.proposals.consent import ConsentedKind, ConsentedProposal, consent_fields
from scoring_service.services.proposals.consent_clocks import count_again
from scoring_service.services.proposals.proposal_fields import consented_fields
from scoring_service.services.unit_of_work.fields import Field, FieldKind
from scoring_service.terms import RESUMPTION_STATES

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import RowMapping

    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.unit_of_work.listing import Listing
    from scoring_service.services.unit_of_work.transaction import Work

FILED, CONSENTED, APPROVED, REFUSED, LAPSED = ResumptionState


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumptionApplication(ConsentedProposal):
    """An application that suspensions end with their term; `resumes_on` and `entry` are those of its approval.

    `evaluation_due_on` is the last day for the office's answer, counted from `consented_on`.
    """

    statement: str
    filed_on: date
    evaluation_due_on: date | None
    evaluation_provisional: bool
    resumes_on: date | None
    entry: str | None

    @property
    def due_on(self) -> date | None:
        """The last day of whom it waits for, an institution or the office."""
        return self.consent_due_on if self.state == FILED else self.evaluation_due_on


_PLAIN = ("statement", "filed_on", "evaluation_due_on", "evaluation_provisional", "resumes_on")


def _show(work: Work, row: RowMapping) -> ResumptionApplication:
    plain = {name: row[name] for name in _PLAIN}
    return ResumptionApplication(**consent_fields(work, row), **plain, entry=row["entry_id"])


def evaluation_due(work: Work, application: Columns | RowMapping, consented_on: date | None = None) -> Columns:
    """Return the columns of the last day for the office's evaluation, counted from the consent, today by default.

    The working days are those of the rulebook that the application was filed under.
    """
    sha256 = str(application["rulebook_sha256"])
    working_days = rulebooks_by_sha256(work.conn, [sha256])[sha256].resumption_evaluation_working_days
    due = work.service.calendar.deadline(consented_on or work.today, working_days)
    return {"evaluation_due_on": due.last_day, "evaluation_provisional": due.provisional}


RESUMPTION = ConsentedKind(
    table=table,
    name="resumption",
    noun="恢复申请 / application for a resumption",
    before=(FILED,),
    waiting=CONSENTED,
    after=(APPROVED, REFUSED, LAPSED),
    terms=RESUMPTION_STATES,
    show=_show,
    check_touches=consent.check_touches,
    hands=consent.hands,
    visible=consent.visible(table),
    office_days=evaluation_due,
    more_fields={
        **consented_fields(
            table,
            ResumptionState,
            due_on=func.coalesce(table.c.evaluation_due_on, table.c.consent_due_on),
            waits=consent.OPEN,
        ),
        "filed_on": Field(kind=FieldKind.DAY, column=table.c.filed_on),
        "evaluation_due_on": Field(kind=FieldKind.DAY, column=table.c.evaluation_due_on),
        "resumes_on": Field(kind=FieldKind.DAY, column=table.c.resumes_on),
    },
)


def recount_evaluations(work: Work, *, all_of_them: bool) -> int:
    """Count the days of the office's evaluations again, the provisional or all; return how many have changed."""
    waiting = table.c.state == CONSENTED
    if not all_of_them:
        waiting &= table.c.evaluation_provisional
    return count_again(work, RESUMPTION, waiting, lambda row: evaluation_due(work, row, row["consented_on"]))


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
