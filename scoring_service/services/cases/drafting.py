"""Cases before approval: draft, edit, submit, give back, withdraw, attach (contract.md, Cases)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.core.procedure import CaseState
from scoring_service.db.cases import drafting_hands, hold_people, read_findings
from scoring_service.db.files import File
from scoring_service.db.tables import case_hands, cases, findings
from scoring_service.problems import NotFound, WrongState
from scoring_service.services.cases.case_checks import (
    Checked,
    Handling,
    Place,
    basis_of,
    check_case,
    files_of,
)
from scoring_service.services.cases.findings import Finding, judge, require_reasons
from scoring_service.services.cases.reading import answer, check_version, hold_case, require_case
from scoring_service.services.unit_of_work import attachments
from scoring_service.services.unit_of_work.four_eyes import check_other_hands
from scoring_service.services.unit_of_work.touch import check_touches_case
from scoring_service.terms import CASE_STATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Row

    from scoring_service.services.unit_of_work.transaction import Work

STATES = DRAFT, SUBMITTED, APPROVED, WITHDRAWN = tuple(CaseState)
FINDING_COLUMNS = (
    *("id", "practitioner_id", "category", "item", "degree", "points"),
    *("occurred_from", "occurred_until", "act", "reason"),
)


def draft(
    work: Work, *, institution: str, handling: Handling, summary: str, findings: Sequence[Finding]
) -> dict[str, Any]:
    """Draft a case; return it as the contract shows it.

    Raises Faulty for an unknown institution, item or person, points outside 1–12, a decision in the future
    or before the first rulebook (`no_rulebook`).
    """
    checked = check_case(
        work, case_id=None, institution=institution, handling=handling, findings=findings
    )
    _hold_people(work, checked)
    case_id = str(uuid.uuid4())
    columns = checked.columns | {"summary": summary}
    now = work.record()
    work.conn.execute(
        insert(cases), [columns | {"id": case_id, "state": DRAFT, "created_at": now, "changed_at": now}]
    )
    _write_findings(work, case_id, checked.findings)
    return _closed(work, case_id, "drafted")


def edit(
    work: Work,
    case_id: str,
    *,
    expected_version: int | None,
    institution: str | None = None,
    handling: Mapping[str, Any] | None = None,
    summary: str | None = None,
    findings: Sequence[Finding] | None = None,
) -> dict[str, Any]:
    """Change a draft: what is None stays; `handling` holds the changed members, `findings` replace all.

    Raises NotFound, Conflict `case_state`, Stale, and Faulty as `draft` does.
    """
    case = _held(work, case_id, DRAFT, expected_version)
    checked = check_case(
        work,
        case_id=case_id,
        institution=institution or case.institution_code,
        handling=replace(_handling_of(case), **(handling or {})),
        findings=stored_findings(work, case_id) if findings is None else findings,
    )
    _hold_people(work, checked)
    change(work, case, **checked.columns, summary=case.summary if summary is None else summary)
    _write_findings(work, case_id, checked.findings)
    return _closed(work, case_id, "edited")


def submit(work: Work, case_id: str, *, expected_version: int | None = None) -> dict[str, Any]:
    """Submit a draft to the reviewer; the flags are judged again.

    Raises NotFound, Conflict `case_state`, Stale, and Faulty for a flagged finding without a reason.
    """
    case = _held(work, case_id, DRAFT, expected_version)
    rows = stored_findings(work, case_id)
    judged = judge_again(work, case, rows, files_of(work, rows))
    require_reasons(judged)
    keep_flags(work, judged)
    change(work, case, state=SUBMITTED, reason=None)
    return _closed(work, case_id, "submitted")


def give_back(
    work: Work, case_id: str, *, reason: str, expected_version: int | None = None
) -> dict[str, Any]:
    """Return a submitted case to its drafter, with the reviewer's reason.

    Raises NotFound, Forbidden `same_person`, Conflict `case_state`, Stale.
    """
    hold_case(work, case_id)
    check_other_drafters(work, case_id)
    case = _held(work, case_id, SUBMITTED, expected_version)
    change(work, case, state=DRAFT, reason=reason)
    return _closed(work, case_id, "returned", reason=reason)


def withdraw(work: Work, case_id: str, *, reason: str, expected_version: int | None = None) -> dict[str, Any]:
    """Withdraw a case before its approval. Raises NotFound, Conflict `case_state`, Stale."""
    case = _held(work, case_id, (DRAFT, SUBMITTED), expected_version)
    change(work, case, state=WITHDRAWN, reason=reason)
    return _closed(work, case_id, "withdrawn", reason=reason)


def attach(
    work: Work, case_id: str, *, file_name: str, content: bytes, expected_version: int | None = None
) -> dict[str, Any]:
    """Attach a file to a case before its approval: a change of the case, and its hand an editor's.

    Returns the attachment with the case's new `version`. Raises NotFound, Conflict `case_state`, Stale, and what
    `attachments.attach` raises.
    """
    case = _held(work, case_id, (DRAFT, SUBMITTED), expected_version)
    stored = attachments.attach(work, "case", case_id, file_name=file_name, content=content)
    change(work, case)
    put_hand(work, case_id, "edited")
    record_deed(work, case, "attached", n=stored["n"], sha256=stored["sha256"])
    return stored | {"version": case.version + 1}


def attachments_of(work: Work, case_id: str) -> list[dict[str, Any]]:
    """Return what is attached to a case, without the content. Raises NotFound."""
    return attachments.attached(work, "case", _with_evidence(work, case_id).id)


def attachment(work: Work, case_id: str, n: str) -> Row[Any]:
    """Return the `n`th attachment of a case with its content, the look at each person put on record.

    Raises NotFound, also for whoever sees the case without its evidence.
    """
    case = _with_evidence(work, case_id)
    row = attachments.fetch(work, "case", case.id, n)
    for practitioner_id in {finding.practitioner_id for finding in read_findings(work.conn, case.id)}:
        work.look(practitioner_id, "attachment", case.id)
    return row


def _with_evidence(work: Work, case_id: str) -> Row[Any]:
    case = require_case(work, case_id)
    if not work.actor.is_office:
        raise NotFound("附件 / attachment")
    return case


def require_state(case: Row[Any], *states: str) -> None:
    """Refuse an act on a case in another state. Raises Conflict `case_state` with the present state."""
    if case.state not in states:
        raise WrongState("case", case.state, CASE_STATES)


def check_other_drafters(work: Work, case_id: str) -> None:
    """Refuse a decision by one of the hands that drafted or edited the case, as `check_other_hands` does."""
    check_other_hands(work, [(hand.account_id, hand.staff_no) for hand in drafting_hands(work.conn, case_id)])


def judge_again(
    work: Work, case: Row[Any], rows: Sequence[Mapping[str, Any]], files: Mapping[str, File]
) -> list[dict[str, Any]]:
    """Return the stored findings of a case with their flags as the `files` stand now. Raises Faulty."""
    rulebook = work.rulebooks.for_division(case.region, case.decided_on)
    place = Place(institution=case.institution_code, region=case.region)
    basis = basis_of(work, place, _handling_of(case), rulebook, rows, case_id=case.id)
    return judge(basis, rows, files)


def stored_findings(work: Work, case_id: str) -> list[dict[str, Any]]:
    """Return the columns of a case's findings in order."""
    rows = read_findings(work.conn, case_id)
    return [{name: getattr(row, name) for name in FINDING_COLUMNS} for row in rows]


def keep_flags(work: Work, judged: Sequence[Mapping[str, Any]]) -> None:
    """Write the flags and bands of judged findings."""
    for row in judged:
        work.conn.execute(
            update(findings).where(findings.c.id == row["id"]).values(flags=row["flags"], band=row["band"])
        )


def change(work: Work, case: Row[Any], **columns: Any) -> None:
    """Write a change of a held case: its next version."""
    work.conn.execute(
        update(cases)
        .where(cases.c.id == case.id)
        .values(version=case.version + 1, changed_at=work.record(), **columns)
    )


def put_hand(work: Work, case_id: str, deed: str) -> None:
    """Keep that the actor had a hand in the case; the first time of each deed is kept."""
    row = {
        "case_id": case_id,
        "deed": deed,
        "staff_no": work.actor.staff_no,
        "account_id": work.actor.account_id,
        "at": work.now,
    }
    work.conn.execute(_PUT_HAND, [row])


_PUT_HAND = upsert(case_hands).on_conflict_do_nothing()


def record_deed(work: Work, case: Row[Any], deed: str, **detail: Any) -> None:
    """Put a deed on a case into the audit."""
    work.audit(
        f"case.{deed}",
        object_kind="case",
        object_id=case.id,
        case_id=case.id,
        institution_code=case.institution_code,
        detail=detail or None,
    )


def _closed(work: Work, case_id: str, deed: str, **detail: Any) -> dict[str, Any]:
    put_hand(work, case_id, deed)
    case = require_case(work, case_id)
    record_deed(work, case, deed, **detail)
    return answer(work, case)


def _held(work: Work, case_id: str, states: str | tuple[str, ...], expected_version: int | None) -> Row[Any]:
    case = hold_case(work, case_id)
    require_state(case, *([states] if isinstance(states, str) else states))
    check_version(case, expected_version)
    return case


def _hold_people(work: Work, checked: Checked) -> None:
    people = {row["practitioner_id"] for row in checked.findings}
    check_touches_case(work, checked.columns["region"], people)
    hold_people(work.conn, people)


def _handling_of(case: Row[Any]) -> Handling:
    return Handling(
        kind=case.handling_kind,
        authority=case.authority,
        document_no=case.document_no,
        decided_on=case.decided_on,
    )


def _write_findings(work: Work, case_id: str, judged: Sequence[Mapping[str, Any]]) -> None:
    work.conn.execute(delete(findings).where(findings.c.case_id == case_id))
    rows = [
        {"id": str(uuid.uuid4()), **row, "case_id": case_id, "position": position}
        for position, row in enumerate(judged)
    ]
    work.conn.execute(insert(findings), rows)
