"""One person, one file (一医一档): the person, the registry, the standing, the ledger and all that hangs on them.

To the person and their institutions a file shows approved cases only, and neither hands nor internal notes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import or_, true

from scoring_service.db.tables import notices
from scoring_service.services.appeals.reading import appeals_of_person
from scoring_service.services.cases.reading import cases_of_person
from scoring_service.services.desks.ledger import LedgerEntry, entries_of
from scoring_service.services.notices.issuing import on_record
from scoring_service.services.notices.records import NoticeOnRecord, notice_on_record
from scoring_service.services.proposals import resumption_reading
from scoring_service.services.proposals.remediation_reading import applications_of_person
from scoring_service.services.registry.person_seen import person_seen
from scoring_service.services.standing.seen import standing_seen
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.tenure import tenure_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from scoring_service.services.appeals.reading import Appeal
    from scoring_service.services.cases.case import Case
    from scoring_service.services.proposals.remediation_reading import Application
    from scoring_service.services.proposals.resumption_reading import ResumptionApplication
    from scoring_service.services.registry.records import Practitioner
    from scoring_service.services.standing.reading import StandingAnswer
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """The commitment letter of a person; without one nobody may serve the insured."""

    signed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerFile:
    """A person's whole file, as far as the actor may know it; notices are those that the actor may read."""

    practitioner: Practitioner
    commitment: Commitment
    standing: StandingAnswer
    entries: list[LedgerEntry]
    cases: list[Case]
    notices: list[NoticeOnRecord]
    appeals: list[Appeal]
    remediation: list[Application]
    resumptions: list[ResumptionApplication]


def file_of(work: Work, ref: str) -> PractitionerFile:
    """Return a person's whole file and put the look on record. Raises NotFound."""
    practitioner_id = sight.require_known(work, ref).id
    work.look(practitioner_id, "file")
    person = person_seen(work, practitioner_id)
    return PractitionerFile(
        practitioner=person,
        commitment=Commitment(signed_on=person.commitment_signed_on),
        standing=standing_seen(work, practitioner_id),
        entries=entries_of(work, practitioner_id, tenure_of(work, practitioner_id)),
        cases=cases_of_person(work, practitioner_id),
        notices=_notices(work, practitioner_id),
        appeals=appeals_of_person(work, practitioner_id),
        remediation=applications_of_person(work, practitioner_id),
        resumptions=resumption_reading.applications_of_person(work, practitioner_id),
    )


def _notices(work: Work, practitioner_id: str) -> list[NoticeOnRecord]:
    query = (
        on_record.where(notices.c.practitioner_id == practitioner_id, _addressed(work))
        .order_by(notices.c.created_at, notices.c.id)
    )
    return [notice_on_record(row) for row in work.conn.execute(query).mappings()]


def _addressed(work: Work) -> ColumnElement[bool]:
    """The notices that the actor may read: the office all, everyone else those addressed to them."""
    actor = work.actor
    if actor.is_office:
        return true()
    kind, ref = notices.c.addressee_kind, notices.c.addressee_ref
    return or_(
        (kind == "practitioner") & (ref == (actor.practitioner_id or "")),
        (kind == "institution") & (ref == (actor.institution_code or "")),
    )
