"""What a caller sees of remediation: the catalogue, and the applications of the people whom they may know of."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, any_, literal, or_, select

from scoring_service.db.files import read_files
from scoring_service.db.tables import accounts, institutions
from scoring_service.db.tables import remediation_applications as table
from scoring_service.problems import NotFound
from scoring_service.services.proposals.credits import creditable_file
from scoring_service.services.unit_of_work import attachments
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.services.unit_of_work.sight import is_id, practitioner_filter
from scoring_service.services.unit_of_work.touch import check_touches_matter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Row

    from scoring_service.core.rulebook import Activity, Rulebook
    from scoring_service.services.unit_of_work.attachments import AttachedFile, Attachment
    from scoring_service.services.unit_of_work.transaction import Work

KIND: Final = "application"


def activities(work: Work) -> list[dict[str, Any]]:
    """Return the catalogue of today, of the rulebook that holds where the actor is at home."""
    return [activity_json(activity) for activity in rulebook_at_home(work).remediation]


def activity_json(activity: Activity) -> dict[str, Any]:
    """Return an activity with what it gives back: points of the year, or days of a sanction."""
    return {
        "key": activity.key,
        "title": activity.title,
        "points": activity.points,
        "days": activity.days,
    }


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


def require_application(work: Work, application_id: str) -> Row[Any]:
    """Return an application's row. Raises NotFound."""
    return _found(work, application_id, lock=False)


def hold_application(work: Work, application_id: str) -> Row[Any]:
    """Return an application's row, locked for an act of the actor's. Raises NotFound, Forbidden as `touch` says.

    All who see it are its parties, but for an office of another region: a former employer sees what it filed itself.
    """
    found = _found(work, application_id, lock=True)
    check_touches_matter(work, found.practitioner_id)
    return found


def _found(work: Work, application_id: str, *, lock: bool) -> Row[Any]:
    query = select(table).where(table.c.id == application_id, visible_applications(work))
    found = work.conn.execute(query.with_for_update() if lock else query) if is_id(application_id) else None
    row = found.one_or_none() if found is not None else None
    if row is None:
        raise NotFound("修复申请 / application")
    return row


def read_application(work: Work, application_id: str) -> dict[str, Any]:
    """Return an application, the look at the person on record. Raises NotFound."""
    row = require_application(work, application_id)
    work.look(row.practitioner_id, KIND)
    return answer(work, row)


def answer(work: Work, row: Row[Any]) -> dict[str, Any]:
    """Return an application with what is attached to it."""
    told = application_json(work, row._asdict())
    return told | {"attachments": attachments.attached(work, KIND, row.id)}


def listing(
    work: Work, *, state: str | None = None, practitioner_id: str | None = None
) -> Listing[dict[str, Any]]:
    """Return the list of the applications that the actor may know of."""
    query = select(table).where(visible_applications(work))
    if state is not None:
        query = query.where(table.c.state == state)
    if practitioner_id is not None:
        query = query.where(table.c.practitioner_id == practitioner_id)
    keys = (table.c.recorded_at, table.c.id)
    return Listing(query=query, keys=keys, show=partial(application_json, work), looked_at=KIND)


def applications_of_person(work: Work, practitioner_id: str) -> list[dict[str, Any]]:
    """Return the applications for one person, the oldest first, for their file."""
    query = listing(work, practitioner_id=practitioner_id).query.order_by(table.c.recorded_at, table.c.id)
    return [application_json(work, row) for row in work.conn.execute(query).mappings()]


def application_json(work: Work, row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return an application; who recorded and decided it is told to the office only."""
    told = {
        "id": row["id"],
        "version": row["version"],
        "state": row["state"],
        "practitioner": row["practitioner_id"],
        "activity": row["activity"],
        "completed_on": row["completed_on"].isoformat(),
        "effect": row["effect"],
        "evidence": row["evidence"],
        "filed_by": row["filed_by"],
        "filed_at": row["recorded_at"].isoformat(),
        "decided_at": row["decided_at"] and row["decided_at"].isoformat(),
        "reason": row["reason"],
        "granted": row["granted"],
        "entry": row["entry_id"],
    }
    if work.actor.is_office:
        told |= {"recorded_by": row["recorded_by"], "decided_by": row["decided_by"]}
    return told


def attachments_of(work: Work, application_id: str) -> tuple[Attachment, ...]:
    """Return what is attached to an application, without the content. Raises NotFound."""
    return attachments.attached(work, KIND, require_application(work, application_id).id)


def attachment(work: Work, application_id: str, n: str) -> AttachedFile:
    """Return the `n`th attachment of an application with its content, the look on record. Raises NotFound."""
    application = require_application(work, application_id)
    file = attachments.fetch(work, KIND, application.id, n)
    work.look(application.practitioner_id, "attachment")
    return file
