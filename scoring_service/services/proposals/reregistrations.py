"""The way back after a ban: a re-registration proposed by one person and approved by another (scheme.md 2.3, 2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scoring_service.core.entries import EntryKind
from scoring_service.core.errors import RuleError
from scoring_service.core.gates import ban_end, check_reregistration
from scoring_service.core.procedure import ProposalState
from scoring_service.core.standing import Span
from scoring_service.db import registry
from scoring_service.db.files import read_files
from scoring_service.db.ledger import lock_files
from scoring_service.db.tables import reregistrations as table
from scoring_service.problems import Conflict, Invalid
from scoring_service.services.proposals import proposal
from scoring_service.services.proposals.proposal import Kind, Proposal, shared_fields
from scoring_service.services.registry.affiliations import (
    AskedAffiliation,
    check_affiliations,
    close_affiliations,
    lock_for_pharmacies,
)
from scoring_service.services.registry.affiliations import append as append_affiliation
from scoring_service.services.standing.reading import rulebook_on
from scoring_service.services.unit_of_work.sight import require_practitioner
from scoring_service.services.unit_of_work.touch import check_touches_matter
from scoring_service.services.years.changing import changing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import RowMapping

    from scoring_service.db.files import File
    from scoring_service.db.ledger import LockedFile
    from scoring_service.db.registry import KnownSpans
    from scoring_service.json_values import JsonObject
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.changing import ChangingFile


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedReregistration(Proposal):
    """A new start after a ban, not before `on`, with a new commitment letter; `entry` is that of its approval."""

    on: date
    affiliations: tuple[AskedAffiliation, ...]
    commitment_signed_on: date
    statement: str | None
    entry: str | None


def _show(_work: Work, row: RowMapping) -> ProposedReregistration:
    return ProposedReregistration(
        **shared_fields(row),
        on=row["proposed_on"],
        affiliations=tuple(map(_planned, row["affiliations"])),
        commitment_signed_on=row["commitment_signed_on"],
        statement=row["statement"],
        entry=row["entry_id"],
    )


REREGISTRATION = Kind(
    table=table,
    name="reregistration",
    noun="重新登记 / re-registration",
    waiting=ProposalState.PROPOSED,
    show=_show,
    check_touches=lambda work, row: check_touches_matter(work, row["practitioner_id"]),
)


def propose(
    work: Work,
    ref: str,
    *,
    on: date,
    affiliations: Sequence[AskedAffiliation],
    commitment_signed_on: date,
    statement: str | None = None,
) -> ProposedReregistration:
    """Propose that a person be registered anew, not before `on`; return the proposal.

    It may be proposed from some working days before the ban's end on (P39); `statement` is the person's application.
    The gates are asked for `on` and for today. Raises NotFound, Invalid, Conflict `not_terminated`, `ban_running`,
    `suspension_running`, `sanction_pending`, `reregistration_exists` while another proposal waits.
    """
    person = require_practitioner(work, ref).id
    check_touches_matter(work, person)
    lock_files(work.conn, [person])
    file = read_files(work.conn, [person])[person]
    _check_ban(work, file, on)
    _check_gates(file, work.today, ban_may_run=True)
    _check_gates(file, max(on, work.today))
    check_affiliations(work, affiliations, on)
    if commitment_signed_on > work.today:
        raise Invalid("/commitment_signed_on", "承诺书签署日不得晚于今日 / may not lie in the future")
    _check_none_waits(work, person)
    return proposal.propose(
        work,
        REREGISTRATION,
        person,
        "proposed",
        proposed_on=on,
        affiliations=[_kept(each) for each in affiliations],
        commitment_signed_on=commitment_signed_on,
        statement=statement,
    )


def approve(
    work: Work, reregistration_id: str, *, expected_version: int | None = None
) -> ProposedReregistration:
    """Approve a proposal: today the person starts anew; return it with its `entry`.

    Registrations and affiliations open today end, the proposed ones begin, none before today. Raises NotFound,
    Forbidden `same_person`, Stale, Conflict `reregistration_state`, `too_early` before the proposed day, and those of
    the gates.
    """
    person = proposal.require(work, REREGISTRATION, reregistration_id)["practitioner_id"]
    with changing(work, [person]) as files:
        row = proposal.hold_for_decision(work, REREGISTRATION, reregistration_id, expected_version)
        _check_gates(files[person].before, work.today)
        _check_due(work, row)
        entry_id = _start_anew(work, files[person], row)
    registry.change_practitioner(work.conn, person)
    work.event(REREGISTRATION.name, practitioner_id=person, on=work.today.isoformat(), entry=entry_id)
    return proposal.approved(work, REREGISTRATION, row, {"entry": entry_id}, entry_id=entry_id)


def _check_due(work: Work, row: RowMapping) -> None:
    if row["proposed_on"] > work.today:
        on = row["proposed_on"]
        raise Conflict("too_early", f"须自 {on} 起方可批准 / not before {on}", on=on.isoformat())


def _start_anew(work: Work, file: ChangingFile, row: RowMapping) -> str:
    """Post the new start, end what is open in the registry and begin what is proposed; return the entry's id."""
    affiliations = [each for each in map(_planned, row["affiliations"]) if _still_to_come(each, work.today)]
    spans = registry.spans_known(work.conn, [file.practitioner_id])[file.practitioner_id]
    codes = {each.institution for each in affiliations} | {version.institution for version in spans.affiliations}
    lock_for_pharmacies(work, codes)
    entry_id = _post(file)
    _close(work, file.head, spans)
    _open(work, file.head, row, affiliations)
    return entry_id


def _check_ban(work: Work, file: File, on: date) -> None:
    """Check that the ban is over by `on`, and near its end today if it still runs. Raises Conflict `ban_running`."""
    end = ban_end(file.folded(), work.today)
    if end is None or end <= min(on, work.today):
        return
    rulebook = rulebook_on(work.rulebooks, file.profile(file.folded()), work.today)
    first = work.service.calendar.working_day_before(end, rulebook.resumption_apply_working_days)
    if work.today < first:
        detail = f"禁止登记期未满，{first} 起可以申请 / the ban runs; one may apply from {first} on"
        raise Conflict("ban_running", detail, may_apply_from=first.isoformat())
    if on < end:
        raise Conflict("ban_running", f"禁止登记期至 {end} 方满 / the ban runs until {end}")


def _check_gates(file: File, day: date, *, ban_may_run: bool = False) -> None:
    try:
        check_reregistration(file.folded(), day, ban_may_run=ban_may_run)
    except RuleError as refused:
        raise Conflict(refused.code, refused.detail) from refused


def _check_none_waits(work: Work, person: str) -> None:
    waiting = select(table.c.id).where(table.c.practitioner_id == person, table.c.state == REREGISTRATION.waiting)
    other = work.conn.execute(waiting).scalar_one_or_none()
    if other is not None:
        raise Conflict(
            "reregistration_exists", "已有待审核的重新登记申请 / another proposal waits", reregistration=other
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


def _open(work: Work, file: LockedFile, row: RowMapping, affiliations: Sequence[AskedAffiliation]) -> None:
    """Begin today the new registration with its commitment, and the affiliations, none before today."""
    _append_registration(
        work,
        file,
        span=Span(work.today, None),
        category=registry.practitioner_by_id(work.conn, file.practitioner_id).category,
        commitment_signed_on=row["commitment_signed_on"],
    )
    for each in affiliations:
        append_affiliation(
            work, file, each.institution, Span(max(each.span.start, work.today), each.span.until)
        )


def _append_registration(work: Work, file: LockedFile, **columns: Any) -> None:
    registry.append_registration(
        work.conn, file, recorded_at=work.record(), recorded_by=work.actor.username, **columns
    )


def _still_to_come(affiliation: AskedAffiliation, today: date) -> bool:
    return affiliation.span.until is None or affiliation.span.until > today


def _planned(kept: Mapping[str, Any]) -> AskedAffiliation:
    until = kept["until"]
    span = Span(date.fromisoformat(kept["from"]), until and date.fromisoformat(until))
    return AskedAffiliation(institution=kept["institution"], span=span)


def _kept(affiliation: AskedAffiliation) -> JsonObject:
    until = affiliation.span.until
    return {
        "institution": affiliation.institution,
        "from": affiliation.span.start.isoformat(),
        "until": until.isoformat() if until else None,
    }
