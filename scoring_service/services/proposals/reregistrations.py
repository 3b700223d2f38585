"""The way back after a ban: a re-registration proposed by one person and approved by another (scheme.md 2.3, 2.4)."""

from __future__ import annotations

import uuid
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from scoring_service.core.entries import EntryKind
from scoring_service.core.errors import RuleError
from scoring_service.core.gates import check_reregistration
from scoring_service.core.procedure import ProposalState
from scoring_service.core.standing import Span
from scoring_service.db import registry
from scoring_service.db.files import read_files
from scoring_service.db.ledger import lock_files
from scoring_service.db.tables import reregistrations as table
from scoring_service.problems import Conflict, Invalid, NotFound
from scoring_service.services.registry.affiliations import (
    AskedAffiliation,
    check_affiliations,
    close_affiliations,
    lock_for_pharmacies,
)
from scoring_service.services.registry.affiliations import append as append_affiliation
from scoring_service.services.standing.reading import rulebook_on
from scoring_service.services.unit_of_work.four_eyes import (
    check_decidable,
    check_other_person,
    decided_by_actor,
    recorded_by_actor,
)
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.services.unit_of_work.sight import is_id, practitioner_filter, require_practitioner
from scoring_service.services.unit_of_work.touch import check_touches_matter
from scoring_service.services.years.changing import changing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Row

    from scoring_service.db.files import File
    from scoring_service.db.ledger import LockedFile
    from scoring_service.db.registry import KnownSpans
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.changing import ChangingFile

KIND = "reregistration"
STATES = PROPOSED, APPROVED, REJECTED = (
    ProposalState.PROPOSED,
    ProposalState.APPROVED,
    ProposalState.REJECTED,
)


def propose(
    work: Work, ref: str, *, on: date, affiliations: Sequence[AskedAffiliation], commitment_signed_on: date
) -> dict[str, Any]:
    """Propose that a person be registered anew, not before `on`; return the proposal.

    The gates are asked for `on` and for today. Raises NotFound, Invalid, Conflict `not_terminated`, `ban_running`,
    `suspension_running`, `sanction_pending`, `reregistration_exists` while another proposal waits.
    """
    person: str = require_practitioner(work, ref)["id"]
    check_touches_matter(work, person)
    lock_files(work.conn, [person])
    _check_gates(read_files(work.conn, [person])[person], {on, work.today})
    check_affiliations(work, affiliations, on)
    if commitment_signed_on > work.today:
        raise Invalid("/commitment_signed_on", "承诺书签署日不得晚于今日 / may not lie in the future")
    _check_none_waits(work, person)
    row: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "practitioner_id": person,
        "proposed_on": on,
        "affiliations": [_affiliation_json(each) for each in affiliations],
        "commitment_signed_on": commitment_signed_on,
        "state": PROPOSED,
    }
    work.conn.execute(insert(table).values(**row, **recorded_by_actor(work)))
    return _told(work, row["id"], "proposed")


def approve(work: Work, reregistration_id: str, *, expected_version: int | None = None) -> dict[str, Any]:
    """Approve a proposal: today the person starts anew; return it with its `entry`.

    Registrations and affiliations open today end, the proposed ones begin, none before today. Raises NotFound,
    Forbidden `same_person`, Stale, Conflict `reregistration_state`, `too_early` before the proposed day, and those of
    the gates.
    """
    person = require_reregistration(work, reregistration_id).practitioner_id
    with changing(work, [person]) as files:
        proposal = hold_reregistration(work, reregistration_id)
        check_other_person(work, proposal)
        check_decidable(proposal, KIND, PROPOSED, expected_version)
        _check_due(work, proposal)
        entry_id = _start_anew(work, files[person], proposal)
    registry.change_practitioner(work.conn, person)
    _change(work, proposal, state=APPROVED, entry_id=entry_id, **decided_by_actor(work))
    work.event(KIND, practitioner_id=person, on=work.today.isoformat(), entry=entry_id)
    return _told(work, reregistration_id, "approved", entry=entry_id)


def reject(
    work: Work, reregistration_id: str, *, reason: str, expected_version: int | None = None
) -> dict[str, Any]:
    """Reject a proposal. Raises NotFound, Forbidden `same_person`, Conflict `reregistration_state`, Stale."""
    proposal = hold_reregistration(work, reregistration_id)
    check_other_person(work, proposal)
    check_decidable(proposal, KIND, PROPOSED, expected_version)
    _change(work, proposal, state=REJECTED, reason=reason, **decided_by_actor(work))
    return _told(work, reregistration_id, "rejected", reason=reason)


def _check_due(work: Work, proposal: Row[Any]) -> None:
    if proposal.proposed_on > work.today:
        on = proposal.proposed_on
        raise Conflict("too_early", f"须自 {on} 起方可批准 / not before {on}", on=on.isoformat())


def _start_anew(work: Work, file: ChangingFile, proposal: Row[Any]) -> str:
    """Post the new start, end what is open in the registry and begin what is proposed; return the entry's id."""
    _check_gates(file.before, {work.today})
    affiliations = [each for each in map(_asked, proposal.affiliations) if _still_to_come(each, work.today)]
    spans = registry.spans_known(work.conn, [file.practitioner_id])[file.practitioner_id]
    codes = {each.institution for each in affiliations} | {version.institution for version in spans.affiliations}
    lock_for_pharmacies(work, codes)
    entry_id = _post(file)
    _close(work, file.head, spans)
    _open(work, file.head, proposal, affiliations)
    return entry_id


def _check_gates(file: File, days: set[date]) -> None:
    folded = file.folded()
    try:
        for day in sorted(days):
            check_reregistration(folded, day)
    except RuleError as refused:
        raise Conflict(refused.code, refused.detail) from refused


def _check_none_waits(work: Work, person: str) -> None:
    waiting = select(table.c.id).where(table.c.practitioner_id == person, table.c.state == PROPOSED)
    found = work.conn.execute(waiting).scalar_one_or_none()
    if found is not None:
        raise Conflict(
            "reregistration_exists", "已有待审核的重新登记申请 / another proposal waits", reregistration=found
        )


def _post(file: ChangingFile) -> str:
    work, whole = file.work, file.before
    rulebook = rulebook_on(work.rulebooks, whole.profile(whole.folded()), work.today)
    return file.post(EntryKind.REREGISTRATION, effective_on=work.today, rulebook=rulebook)


def _close(work: Work, file: LockedFile, spans: KnownSpans) -> None:
    """End today what is open: registrations and affiliations."""
    for version in spans.registrations:
        if version.span.until is None or version.span.until > work.today:
            _append_registration(
                work,
                file,
                span=Span(version.span.start, max(work.today, version.span.start)),
                span_id=version.span_id,
                category=version.category,
                commitment_signed_on=version.commitment_signed_on,
                reason="重新登记 / re-registration",
            )
    close_affiliations(work, file, spans, work.today)


def _open(work: Work, file: LockedFile, proposal: Row[Any], asked: Sequence[AskedAffiliation]) -> None:
    """Begin today the new registration with its commitment, and the affiliations, none before today."""
    _append_registration(
        work,
        file,
        span=Span(work.today, None),
        category=registry.practitioner_by_id(work.conn, file.practitioner_id).category,
        commitment_signed_on=proposal.commitment_signed_on,
    )
    for each in asked:
        append_affiliation(
            work, file, each.institution, Span(max(each.span.start, work.today), each.span.until)
        )


def _append_registration(work: Work, file: LockedFile, **columns: Any) -> None:
    registry.append_registration(
        work.conn, file, recorded_at=work.record(), recorded_by=work.actor.username, **columns
    )


def _still_to_come(asked: AskedAffiliation, today: date) -> bool:
    return asked.span.until is None or asked.span.until > today


def _asked(kept: Mapping[str, Any]) -> AskedAffiliation:
    until = kept["until"]
    span = Span(date.fromisoformat(kept["from"]), until and date.fromisoformat(until))
    return AskedAffiliation(institution=kept["institution"], span=span)


def _affiliation_json(asked: AskedAffiliation) -> dict[str, Any]:
    until = asked.span.until
    return {
        "institution": asked.institution,
        "from": asked.span.start.isoformat(),
        "until": until and until.isoformat(),
    }


def require_reregistration(work: Work, reregistration_id: str) -> Row[Any]:
    """Return a proposal's row. Raises NotFound."""
    return _found(work, reregistration_id, lock=False)


def hold_reregistration(work: Work, reregistration_id: str) -> Row[Any]:
    """Return a proposal's row, locked for an act of the actor's. Raises NotFound, Forbidden as `touch` says."""
    found = _found(work, reregistration_id, lock=True)
    check_touches_matter(work, found.practitioner_id)
    return found


def _found(work: Work, reregistration_id: str, *, lock: bool) -> Row[Any]:
    query = select(table).where(
        table.c.id == reregistration_id, practitioner_filter(work, table.c.practitioner_id)
    )
    found = (
        work.conn.execute(query.with_for_update() if lock else query) if is_id(reregistration_id) else None
    )
    row = found.one_or_none() if found is not None else None
    if row is None:
        raise NotFound("重新登记 / re-registration")
    return row


def read_reregistration(work: Work, reregistration_id: str) -> dict[str, Any]:
    """Return a proposal, the look at the person on record. Raises NotFound."""
    row = require_reregistration(work, reregistration_id)
    work.look(row.practitioner_id, KIND)
    return reregistration_json(row._asdict())


def listing(work: Work, *, state: str | None = None) -> Listing[dict[str, Any]]:
    """Return the list of the proposals that the actor may know of."""
    query = select(table).where(practitioner_filter(work, table.c.practitioner_id))
    if state is not None:
        query = query.where(table.c.state == state)
    keys = (table.c.recorded_at, table.c.id)
    return Listing(query=query, keys=keys, show=reregistration_json, looked_at=KIND)


def reregistration_json(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a proposal and what became of it."""
    return {
        "id": row["id"],
        "version": row["version"],
        "state": row["state"],
        "practitioner": row["practitioner_id"],
        "on": row["proposed_on"].isoformat(),
        "affiliations": row["affiliations"],
        "commitment_signed_on": row["commitment_signed_on"].isoformat(),
        "recorded_by": row["recorded_by"],
        "recorded_at": row["recorded_at"].isoformat(),
        "decided_by": row["decided_by"],
        "decided_at": row["decided_at"] and row["decided_at"].isoformat(),
        "reason": row["reason"],
        "entry": row["entry_id"],
    }


def _change(work: Work, proposal: Row[Any], **columns: Any) -> None:
    work.conn.execute(
        update(table).where(table.c.id == proposal.id).values(version=proposal.version + 1, **columns)
    )


def _told(work: Work, reregistration_id: str, deed: str, **detail: Any) -> dict[str, Any]:
    row = require_reregistration(work, reregistration_id)
    work.audit(
        f"reregistration.{deed}",
        object_kind=KIND,
        object_id=row.id,
        practitioner_id=row.practitioner_id,
        detail=detail or None,
    )
    return reregistration_json(row._asdict())
