"""Remediation: filed by one person, approved by another (contract.md, Remediation and return)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from scoring_service.core.entries import EntryKind
from scoring_service.core.errors import RuleError
from scoring_service.core.procedure import ProposalState
from scoring_service.db.files import read_files
from scoring_service.db.tables import remediation_applications as table
from scoring_service.problems import Conflict, Invalid
from scoring_service.services.proposals.credits import Credit, creditable_file
from scoring_service.services.proposals.remediation_reading import (
    KIND,
    answer,
    hold_application,
    require_application,
)
from scoring_service.services.unit_of_work import attachments
from scoring_service.services.unit_of_work.four_eyes import (
    check_decidable,
    check_other_person,
    decided_by_actor,
    recorded_by_actor,
)
from scoring_service.services.unit_of_work.sight import require_practitioner
from scoring_service.services.unit_of_work.touch import check_touches_matter
from scoring_service.services.years.changing import changing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Row

    from scoring_service.core.rulebook import Activity
    from scoring_service.db.files import File
    from scoring_service.services.proposals.credits import CreditableFile
    from scoring_service.services.unit_of_work.attachments import StoredAttachment
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.changing import ChangingFile

# Of one person, filed by one party (the person, an institution, the office) and not decided.
MOST_OPEN = 30
STATES = FILED, APPROVED, REJECTED = ProposalState.FILED, ProposalState.APPROVED, ProposalState.REJECTED


def file_application(
    work: Work, *, practitioner: str, activity: str, completed_on: date, effect: str, evidence: str
) -> dict[str, Any]:
    """File an application for a person: `effect` is `points` of the year or `term` of a sanction; return it.

    Raises NotFound, Invalid for an activity that the person's rulebook does not have, a day in the future; Conflict
    `application_exists` for the same one while it waits, `too_many_applications` beyond MOST_OPEN of a party.
    """
    person = require_practitioner(work, practitioner)
    check_touches_matter(work, person["id"])
    if completed_on > work.today:
        raise Invalid("/completed_on", "完成日不得晚于今日 / completed_on may not lie in the future")
    file = creditable_file(work.rulebooks, read_files(work.conn, [person["id"]])[person["id"]], work.today)
    if file.rulebook.activity(activity) is None:
        raise Invalid("/activity", "规则中没有该修复活动 / the rulebook has no such activity")
    row = {
        "id": str(uuid.uuid4()),
        "practitioner_id": person["id"],
        "activity": activity,
        "completed_on": completed_on,
        "effect": effect,
        "evidence": evidence,
        "filed_by": _party(work),
        "state": FILED,
    }
    _check_open_ones(work, row)
    work.conn.execute(insert(table).values(**row, **recorded_by_actor(work)))
    return _told(work, row["id"], "filed")


def _check_open_ones(work: Work, row: Mapping[str, Any]) -> None:
    """Refuse what waits for its decision already, and more than a party may have waiting for one person."""
    key = f"applications of {row['practitioner_id']}"
    work.conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    waiting = select(table.c.id).where(*(table.c[name] == row[name] for name in ("practitioner_id", "state")))
    same = waiting.where(*(table.c[name] == row[name] for name in ("activity", "completed_on", "effect")))
    found = work.conn.execute(same.limit(1)).scalar_one_or_none()
    if found is not None:
        detail = "同一活动、同一完成日、同一用途的申请正在等待审核 / the same application waits for its decision"
        raise Conflict("application_exists", detail, application=found)
    of_party = waiting.where(table.c.filed_by == row["filed_by"]).limit(MOST_OPEN)
    if len(work.conn.execute(of_party).all()) >= MOST_OPEN:
        detail = f"该人员已有 {MOST_OPEN} 件申请等待审核，请等待结果后再提交 / {MOST_OPEN} applications wait already"
        raise Conflict("too_many_applications", detail, limit=MOST_OPEN)


def _party(work: Work) -> str:
    """Name who files: the person, an institution of theirs, or the office for them on paper."""
    if work.actor.has("practitioner") and work.actor.practitioner_id is not None:
        return "practitioner"
    return "institution" if work.actor.has("institution") else "office"


def attach(
    work: Work, application_id: str, *, file_name: str, content: bytes, expected_version: int | None = None
) -> StoredAttachment:
    """Attach a file to an application that is not yet decided; return it with the application's `version`.

    Raises NotFound, Conflict `application_state`, Stale, and what `attachments.attach` raises.
    """
    application = hold_application(work, application_id)
    check_decidable(application, KIND, FILED, expected_version)
    version = application.version + 1
    stored = attachments.attach(work, KIND, application_id, file_name=file_name, content=content, version=version)
    _change(work, application)
    _record(work, application, "attached", n=stored.n, sha256=stored.sha256)
    return stored


def approve(work: Work, application_id: str, *, expected_version: int | None = None) -> dict[str, Any]:
    """Approve an application: what fits is granted from today on, and is what its entry carries; return it.

    Raises NotFound, Forbidden `same_person`, Stale, Conflict `application_state`, `activity_used`,
    `credit_cap_reached`, `nothing_to_credit`, `terminated` (scheme.md 2.3, gates).
    """
    person = require_application(work, application_id).practitioner_id
    with changing(work, [person]) as files:
        application = hold_application(work, application_id)
        check_other_person(work, application)
        check_decidable(application, KIND, FILED, expected_version)
        _check_unused(work, application)
        credit = _granted(work, application, files[person].before)
        entry_id = _post(files[person], application, credit)
    _change(
        work,
        application,
        state=APPROVED,
        granted=credit.amount,
        entry_id=entry_id,
        **decided_by_actor(work),
    )
    _announce(work, application, entry_id, credit)
    return _told(work, application_id, "approved", granted=credit.amount, entry=entry_id)


def reject(
    work: Work, application_id: str, *, reason: str, expected_version: int | None = None
) -> dict[str, Any]:
    """Reject an application. Raises NotFound, Forbidden `same_person`, Conflict `application_state`, Stale."""
    application = hold_application(work, application_id)
    check_other_person(work, application)
    check_decidable(application, KIND, FILED, expected_version)
    _change(work, application, state=REJECTED, reason=reason, **decided_by_actor(work))
    work.event(
        "application_rejected", practitioner_id=application.practitioner_id, application=application_id
    )
    return _told(work, application_id, "rejected", reason=reason)


def _check_unused(work: Work, application: Row[Any]) -> None:
    """Refuse an activity that has served already, whether as points or as term."""
    served = select(table.c.id).where(
        table.c.practitioner_id == application.practitioner_id,
        table.c.activity == application.activity,
        table.c.completed_on == application.completed_on,
        table.c.state == APPROVED,
    )
    used = work.conn.execute(served).scalar_one_or_none()
    if used is not None:
        raise Conflict(
            "activity_used",
            f"该活动（{application.completed_on} 完成）已用于修复 / this activity has served already",
            application=used,
        )


def _granted(work: Work, application: Row[Any], before: File) -> Credit:
    file = creditable_file(work.rulebooks, before, work.today)
    try:
        return file.credit(_activity(file, application.activity), application.effect)
    except RuleError as refused:
        raise Conflict(refused.code, refused.detail) from refused


def _activity(file: CreditableFile, key: str) -> Activity:
    activity = file.rulebook.activity(key)
    if activity is None:
        raise RuleError("nothing_to_credit", "现行规则中已没有该修复活动 / the activity is no longer offered")
    return activity


def _post(file: ChangingFile, application: Row[Any], credit: Credit) -> str:
    return file.post(
        credit.kind,
        effective_on=file.work.today,
        rulebook=credit.rulebook,
        application_id=application.id,
        **credit.carried,
    )


def _announce(work: Work, application: Row[Any], entry_id: str, credit: Credit) -> None:
    detail: dict[str, Any] = {"entry": entry_id, "granted": credit.amount}
    person = application.practitioner_id
    work.event("credit_granted", practitioner_id=person, effect=application.effect, **detail)
    if credit.kind is EntryKind.TERM_CREDIT:
        work.event("sanctions_changed", practitioner_id=person, days=-credit.amount, entry=entry_id)


def _change(work: Work, application: Row[Any], **columns: Any) -> None:
    work.conn.execute(
        update(table).where(table.c.id == application.id).values(version=application.version + 1, **columns)
    )


def _record(work: Work, application: Row[Any], deed: str, **detail: Any) -> None:
    work.audit(
        f"application.{deed}",
        object_kind=KIND,
        object_id=application.id,
        practitioner_id=application.practitioner_id,
        detail=detail or None,
    )


def _told(work: Work, application_id: str, deed: str, **detail: Any) -> dict[str, Any]:
    application = require_application(work, application_id)
    _record(work, application, deed, **detail)
    return answer(work, application)
