"""Remediation: filed by one person, consented to by an institution, approved by another person (P38)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.core.entries import EntryKind
from scoring_service.core.errors import RuleError
from scoring_service.core.procedure import NoticeKind
from scoring_service.db.files import read_files
from scoring_service.db.locks import Lock, hold
from scoring_service.db.tables import remediation_applications as table
from scoring_service.letters.remedying import lapsed_facts
from scoring_service.problems import Conflict, Invalid, Settled
from scoring_service.services.notices.documents import Loaded
from scoring_service.services.notices.issuing import Letter, issue_each
from scoring_service.services.proposals import consent, proposal
from scoring_service.services.proposals.consent import OPEN, file_for_consent
from scoring_service.services.proposals.credits import Credit, creditable_file
from scoring_service.services.proposals.remediation_reading import (
    APPLICATION,
    APPROVED,
    LAPSED,
    OWNER,
    WholeApplication,
    with_attachments,
)
from scoring_service.services.unit_of_work import attachments
from scoring_service.services.unit_of_work.sight import require_practitioner
from scoring_service.services.unit_of_work.touch import check_touches_matter
from scoring_service.services.years.changing import changing
from scoring_service.terms import chinese

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import RowMapping

    from scoring_service.core.rulebook import Activity
    from scoring_service.db.files import File
    from scoring_service.services.proposals.credits import CreditableFile
    from scoring_service.services.unit_of_work.attachments import StoredAttachment
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.changing import ChangingFile

# Of one person, filed by one party (the person, an institution, the office) and not decided.
MOST_OPEN = 30


def file_application(
    work: Work, *, practitioner: str, activity: str, completed_on: date, effect: str, evidence: str
) -> WholeApplication:
    """File an application for a person: `effect` is `points` of the year or `term` of a sanction; return it.

    It is `filed` or `consented` as `file_for_consent` says.
    Raises NotFound, Invalid for an activity that the person's rulebook does not have, a day in the future; Conflict
    `application_exists` for the same one while it waits, `too_many_applications` beyond MOST_OPEN of a party.
    """
    person = require_practitioner(work, practitioner)
    check_touches_matter(work, person.id)
    if completed_on > work.today:
        raise Invalid("/completed_on", "完成日不得晚于今日 / completed_on may not lie in the future")
    file = creditable_file(work.rulebooks, read_files(work.conn, [person.id])[person.id], work.today)
    if file.rulebook.activity(activity) is None:
        raise Invalid("/activity", "规则中没有该修复活动 / the rulebook has no such activity")
    columns = {
        "activity": activity,
        "completed_on": completed_on,
        "effect": effect,
        "evidence": evidence,
    }
    _check_open_ones(work, person.id, columns)
    filed = file_for_consent(work, APPLICATION, person.id, file.rulebook.consent_working_days, columns)
    return with_attachments(work, filed)


def _check_open_ones(work: Work, practitioner_id: str, row: Mapping[str, object]) -> None:
    """Refuse what waits for its decision already, and more than a party may have waiting for one person."""
    hold(work.conn, Lock.APPLICATIONS, practitioner_id)
    waiting = select(table.c.id).where(table.c.practitioner_id == practitioner_id, table.c.state.in_(OPEN))
    same = waiting.where(*(table.c[name] == row[name] for name in ("activity", "completed_on", "effect")))
    same_id = work.conn.execute(same.limit(1)).scalar_one_or_none()
    if same_id is not None:
        detail = "同一活动、同一完成日、同一用途的申请正在等待审核 / the same application waits for its decision"
        raise Conflict("application_exists", detail, application=same_id)
    of_party = waiting.where(table.c.filed_by == proposal.party_of(work)).limit(MOST_OPEN)
    if len(work.conn.execute(of_party).all()) >= MOST_OPEN:
        detail = f"该人员已有 {MOST_OPEN} 件申请等待审核，请等待结果后再提交 / {MOST_OPEN} applications wait already"
        raise Conflict("too_many_applications", detail, limit=MOST_OPEN)


def attach(
    work: Work, application_id: str, *, file_name: str, content: bytes, expected_version: int | None = None
) -> StoredAttachment:
    """Attach a file to an application that is not yet decided; return it with the application's `version`.

    Raises NotFound, Conflict `application_state`, Stale, and what `attachments.attach` raises.
    """
    application = proposal.hold_waiting(work, APPLICATION, application_id, expected_version, OPEN)
    version = application["version"] + 1
    stored = attachments.attach(
        work, OWNER, application_id, version=version, file_name=file_name, content=content
    )
    proposal.change(work, APPLICATION, application)
    proposal.record_deed(work, APPLICATION, application, "attached", n=stored.n, sha256=stored.sha256)
    return stored


def approve(work: Work, application_id: str, *, expected_version: int | None = None) -> WholeApplication:
    """Approve an application: what fits is granted from today on, and is what its entry carries; return it.

    Every gate is asked under the file's lock; one that is closed ends the application as `lapsed`, with a letter
    (scheme.md 2.3, Gates). Raises NotFound, Forbidden `same_person`, Stale, Conflict `application_state`, and Settled
    `activity_used`, `credit_cap_reached`, `nothing_to_credit`, `terminated` for one that has lapsed.
    """
    person = proposal.require(work, APPLICATION, application_id)["practitioner_id"]
    gate: Conflict | None = None
    with changing(work, [person]) as files:
        application = proposal.hold_for_decision(work, APPLICATION, application_id, expected_version)
        try:
            credit = _granted(work, application, files[person].before)
            entry_id = _post(files[person], application, credit)
        except Conflict as closed:
            gate = closed
    if gate is not None:
        _lapse(work, application, files[person].before, gate)
        raise Settled(gate.code, gate.detail, **gate.extra, state=LAPSED.value)
    _announce(work, application, entry_id, credit)
    detail = {"granted": credit.amount, "entry": entry_id}
    decided = proposal.approved(
        work, APPLICATION, application, detail, granted=credit.amount, entry_id=entry_id
    )
    return with_attachments(work, decided)


def _lapse(work: Work, row: RowMapping, file: File, gate: Conflict) -> None:
    """End an application whose gate is closed, with a letter: nobody has rejected it, and it may be filed anew."""
    lapsed = consent.lapse(work, APPLICATION, row, gate)
    letter = Letter(
        kind=NoticeKind.REMEDIATION_LAPSED,
        practitioner_id=row["practitioner_id"],
        facts=lapsed_facts(
            filed_on=row["recorded_at"].date(),
            activity=_title(work, file, row["activity"]),
            completed_on=row["completed_on"],
            effect=row["effect"],
            reason=chinese(gate.detail),
        ),
        also_to={code for code in (lapsed["filed_institution"], lapsed["consent_institution"]) if code},
    )
    issue_each(work, [letter], loaded=Loaded(files={row["practitioner_id"]: file}))


def _title(work: Work, file: File, key: str) -> str:
    """Return the title of an activity; its key where the rulebook of today has it no longer."""
    activity = creditable_file(work.rulebooks, file, work.today).rulebook.activity(key)
    return chinese(activity.title) if activity else key


def _check_unused(work: Work, application: RowMapping) -> None:
    """Refuse an activity that has served already, whether as points or as term."""
    served = select(table.c.id).where(
        table.c.practitioner_id == application["practitioner_id"],
        table.c.activity == application["activity"],
        table.c.completed_on == application["completed_on"],
        table.c.state == APPROVED,
    )
    used = work.conn.execute(served).scalar_one_or_none()
    if used is not None:
        raise Conflict(
            "activity_used",
            f"该活动（{application['completed_on']} 完成）已用于修复 / this activity has served already",
            application=used,
        )


def _granted(work: Work, application: RowMapping, before: File) -> Credit:
    _check_unused(work, application)
    file = creditable_file(work.rulebooks, before, work.today)
    try:
        return file.credit(_activity(file, application["activity"]), application["effect"])
    except RuleError as refused:
        raise Conflict(refused.code, refused.detail) from refused


def _activity(file: CreditableFile, key: str) -> Activity:
    activity = file.rulebook.activity(key)
    if activity is None:
        raise RuleError("nothing_to_credit", "现行规则中已没有该修复活动 / the activity is no longer offered")
    return activity


def _post(file: ChangingFile, application: RowMapping, credit: Credit) -> str:
    return file.post(
        credit.kind,
        effective_on=file.work.today,
        rulebook=credit.rulebook,
        application_id=application["id"],
        **credit.carried,
    )


def _announce(work: Work, application: RowMapping, entry_id: str, credit: Credit) -> None:
    person = application["practitioner_id"]
    effect, granted = application["effect"], credit.amount
    work.event("credit_granted", practitioner_id=person, effect=effect, entry=entry_id, granted=granted)
    if credit.kind is EntryKind.TERM_CREDIT:
        work.event("sanctions_changed", practitioner_id=person, days=-credit.amount, entry=entry_id)
