"""What a caller sees of remediation: the catalogue, and the applications of the people whom they may know of."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from scoring_service.core.procedure import ApplicationState
from scoring_service.db.files import read_files
from scoring_service.db.tables import institutions
from scoring_service.db.tables import remediation_applications as table
from scoring_service.services.proposals import consent, proposal
from scoring_service.services.proposals.consent import ConsentedKind, ConsentedProposal, consent_fields
from scoring_service.services.proposals.credits import EFFECTS, creditable_file
from scoring_service.services.proposals.proposal_fields import consented_fields
from scoring_service.services.unit_of_work import attachments
from scoring_service.services.unit_of_work.fields import Field, FieldKind
from scoring_service.terms import APPLICATION_STATES

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import RowMapping

    from scoring_service.core.rulebook import Activity, Rulebook
    from scoring_service.services.unit_of_work.attachments import AttachedFile, Attachment
    from scoring_service.services.unit_of_work.transaction import Work

OWNER: Final = "application"


FILED, CONSENTED, APPROVED, REJECTED, LAPSED = ApplicationState


@dataclass(frozen=True, slots=True, kw_only=True)
class Application(ConsentedProposal):
    """An activity completed, for points of the year or days of a sanction; `granted` are those, as in its `entry`."""

    activity: str
    completed_on: date
    effect: str
    evidence: str
    granted: int | None
    entry: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeApplication(Application):
    """An application with what is attached to it."""

    attachments: tuple[Attachment, ...]


def _show(work: Work, row: RowMapping) -> Application:
    plain = {name: row[name] for name in ("activity", "completed_on", "effect", "evidence", "granted")}
    return Application(**consent_fields(work, row), **plain, entry=row["entry_id"])


APPLICATION = ConsentedKind(
    table=table,
    name="application",
    noun="修复申请 / application",
    before=(FILED,),
    waiting=CONSENTED,
    after=(APPROVED, REJECTED, LAPSED),
    terms=APPLICATION_STATES,
    show=_show,
    check_touches=consent.check_touches,
    hands=consent.hands,
    visible=consent.visible(table),
    rejection="application_rejected",
    more_fields={
        **consented_fields(table, ApplicationState, due_on=table.c.consent_due_on, waits=(FILED,)),
        "effect": Field(kind=FieldKind.CHOICE, column=table.c.effect, choices=EFFECTS),
        "activity": Field(column=table.c.activity),
        "completed_on": Field(kind=FieldKind.DAY, column=table.c.completed_on),
    },
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
