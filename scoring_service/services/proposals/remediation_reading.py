"""What a caller sees of remediation: the catalogue, and the applications of the people whom they may know of."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, any_, literal, or_, select

from scoring_service.core.procedure import ProposalState
from scoring_service.db.files import read_files
from scoring_service.db.tables import accounts, institutions
from scoring_service.db.tables import remediation_applications as table
from scoring_service.services.proposals import proposal
from scoring_service.services.proposals.credits import creditable_file
from scoring_service.services.proposals.proposal import Kind, Proposal, shared_fields
from scoring_service.services.unit_of_work import attachments
from scoring_service.services.unit_of_work.sight import practitioner_filter
from scoring_service.services.unit_of_work.touch import check_touches_matter

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, RowMapping

    from scoring_service.core.rulebook import Activity, Rulebook
    from scoring_service.services.unit_of_work.attachments import AttachedFile, Attachment
    from scoring_service.services.unit_of_work.transaction import Work

OWNER: Final = "application"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application(Proposal):
    """An activity completed, for points of the year or days of a sanction; `granted` are those, as in its `entry`."""

    activity: str
    completed_on: date
    effect: str
    evidence: str
    filed_by: str
    granted: int | None
    entry: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeApplication(Application):
    """An application with what is attached to it."""

    attachments: tuple[Attachment, ...]


def _show(work: Work, row: RowMapping) -> Application:
    """Return an application; who recorded and decided it is told to the office only."""
    plain = ("activity", "completed_on", "effect", "evidence", "filed_by", "granted")
    shared = shared_fields(row, hides_hands=not work.actor.is_office)
    return Application(**shared, **{name: row[name] for name in plain}, entry=row["entry_id"])


def visible_applications(work: Work) -> ColumnElement[bool]:
    """Return the condition on applications that the actor may know of one.

    An institution knows those of its people, and of people who have left those that it filed.
    """
    seen = practitioner_filter(work, table.c.practitioner_id)
    return or_(seen, filed_by_institution(work)) if work.actor.has("institution") else seen


def filed_by_institution(work: Work) -> ColumnElement[bool]:
    """Return the condition on applications that one was filed under an account of the actor's institution."""
    own = select(accounts.c.id).where(
        accounts.c.institution_code == work.actor.institution_code, literal("institution") == any_(accounts.c.roles)
    )
    return and_(table.c.filed_by == "institution", table.c.recorded_by_account.in_(own))


# All who see an application are its parties, but for an office of another region: a former employer sees what it
# filed itself.
APPLICATION = Kind(
    table=table,
    name="application",
    noun="修复申请 / application",
    waiting=ProposalState.FILED,
    show=_show,
    check_touches=lambda work, row: check_touches_matter(work, row["practitioner_id"]),
    visible=visible_applications,
    rejection="application_rejected",
)


def activities(work: Work) -> tuple[Activity, ...]:
    """Return the catalogue of today, of the rulebook that holds where the actor is at home."""
    return rulebook_at_home(work).remediation


def rulebook_at_home(work: Work) -> Rulebook:
    """Return the rulebook of today where the actor is at home: the person's, the institution's, the region's."""
    actor = work.actor
    if actor.practitioner_id is not None:
        file = read_files(work.conn, [actor.practitioner_id])[actor.practitioner_id]
        return creditable_file(work.rulebooks, file, work.today).rulebook
    region = actor.region
    if actor.institution_code is not None:
        query = select(institutions.c.region).where(institutions.c.code == actor.institution_code)
        region = work.conn.execute(query).scalar_one()
    return work.rulebooks.for_reading(region or "", work.today)


def read_application(work: Work, application_id: str) -> WholeApplication:
    """Return an application with what is attached to it, the look at the person on record. Raises NotFound."""
    return with_attachments(work, proposal.read(work, APPLICATION, application_id))


def with_attachments(work: Work, application: Application) -> WholeApplication:
    """Return an application with what is attached to it."""
    plain = {field.name: getattr(application, field.name) for field in fields(application)}
    return WholeApplication(**plain, attachments=attachments.attached(work, OWNER, application.id))


def applications_of_person(work: Work, practitioner_id: str) -> list[Application]:
    """Return the applications for one person, the oldest first, for their file."""
    listing = proposal.listing(work, APPLICATION, practitioner_id=practitioner_id)
    rows = work.conn.execute(listing.query.order_by(*listing.keys)).mappings()
    return [_show(work, row) for row in rows]


def attachments_of(work: Work, application_id: str) -> tuple[Attachment, ...]:
    """Return what is attached to an application, without the content. Raises NotFound."""
    application = proposal.require(work, APPLICATION, application_id)
    return attachments.attached(work, OWNER, application["id"])


def attachment(work: Work, application_id: str, n: str) -> AttachedFile:
    """Return the `n`th attachment of an application with its content, the look on record. Raises NotFound."""
    application = proposal.require(work, APPLICATION, application_id)
    stored = attachments.fetch(work, OWNER, application["id"], n)
    work.look(application["practitioner_id"], "attachment")
    return stored
