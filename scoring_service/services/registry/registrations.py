"""A person's way through the registry: affiliate, leave, return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoring_service.core.errors import RuleError
from scoring_service.core.gates import check_may_begin
from scoring_service.core.standing import Span
from scoring_service.db import registry
from scoring_service.db.files import read_files
from scoring_service.db.ledger import LockedFile, lock_files
from scoring_service.db.standing import refresh
from scoring_service.problems import Conflict, Invalid
from scoring_service.services.registry.affiliations import (
    AskedAffiliation,
    append,
    check_affiliations,
    check_begins,
    check_known,
    close_affiliations,
    lock_for_pharmacies,
)
from scoring_service.services.registry.persons import check_signed, put_on_record
from scoring_service.services.registry.practitioner_answers import practitioner_on_record
from scoring_service.services.registry.spans import check_span, superseded_span, touching, unbroken
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.touch import check_touches_registry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scoring_service.db.registry import KnownSpans, RegistrationRow
    from scoring_service.services.registry.records import Practitioner
    from scoring_service.services.unit_of_work.transaction import Work


def put_affiliation(
    work: Work, ref: str, *, institution: str, from_on: date | None, until_on: date | None
) -> Practitioner:
    """Add an affiliation, or end the one that begins on `from_on` (None: the open one); return the person.

    Raises NotFound, Invalid for an unknown institution or a wrong span, Conflict `affiliation_overlaps`,
    `sanction_running` where nothing new may begin.
    """
    practitioner_id = _touched(work, ref)
    return affiliate(work, practitioner_id, institution=institution, from_on=from_on, until_on=until_on)


def affiliate(
    work: Work, practitioner_id: str, *, institution: str, from_on: date | None, until_on: date | None
) -> Practitioner:
    """Do what `put_affiliation` does, for a caller who has asked who may."""
    file, spans = _locked(work, practitioner_id)
    known = registry.institutions_by_code(work.conn, [institution])
    check_known(work, known.get(institution), "/institution")
    present = [version for version in spans.affiliations if version.institution == institution]
    ended = superseded_span(present, from_on, until_on)
    span = Span(ended.span.start if ended else _given(from_on), until_on)
    check_span(span, "/until")
    if spans.registrations:
        check_begins(span, spans.registrations[0].span.start, "/from")
    if ended is None:
        _check_may_begin(work, file)
    if touching(present, span, but=ended):
        raise Conflict(
            "affiliation_overlaps", "执业期与该机构已有执业期重叠 / the span overlaps one at this institution"
        )
    lock_for_pharmacies(work, [institution])
    append(work, file, institution, span, supersedes=ended.span_id if ended else None)
    return _written(work, file, "affiliation.recorded", institution=institution)


def deregister(work: Work, ref: str, *, on: date, reason: str) -> Practitioner:
    """End a person's registration on `on`, and the affiliations that run past it; return the person.

    Totals, sanctions and bans stay (scheme.md 2.4). Raises NotFound, Invalid when `on` is not after the
    registration's first day, Conflict `not_registered`.
    """
    return end_registration(work, _touched(work, ref), on=on, reason=reason)


def end_registration(work: Work, practitioner_id: str, *, on: date, reason: str) -> Practitioner:
    """Do what `deregister` does, for a caller who has asked who may."""
    file, spans = _locked(work, practitioner_id)
    chain = unbroken(spans.registrations, _running(work, spans, on))
    if on <= chain[0].span.start:
        raise Invalid(
            "/on", f"应晚于登记日 {chain[0].span.start} / must be later than the registration's first day"
        )
    lock_for_pharmacies(work, {version.institution for version in spans.affiliations})
    for running in chain:
        if running.span.until is None or running.span.until > on:
            registry.append_registration(
                work.conn,
                file,
                span=Span(running.span.start, max(on, running.span.start)),
                span_id=running.span_id,
                category=running.category,
                commitment_signed_on=running.commitment_signed_on,
                reason=reason,
                recorded_at=work.record(),
                recorded_by=work.actor.username,
            )
    close_affiliations(work, file, spans, on)
    return _written(work, file, "practitioner.deregistered", on=on.isoformat())


def return_to_registry(
    work: Work,
    ref: str,
    *,
    from_on: date,
    affiliations: Sequence[AskedAffiliation],
    commitment_signed_on: date | None,
) -> Practitioner:
    """Register a person again who had left, and return them.

    Raises NotFound, Invalid, Conflict `terminated` while a termination waits for a re-registration (a ban is not
    ended by leaving), `sanction_running` where nothing new may begin, `already_registered` when a registration covers
    `from_on` or a later day.
    """
    return register_again(
        work,
        _touched(work, ref),
        from_on=from_on,
        affiliations=affiliations,
        commitment_signed_on=commitment_signed_on,
    )


def register_again(
    work: Work,
    practitioner_id: str,
    *,
    from_on: date,
    affiliations: Sequence[AskedAffiliation],
    commitment_signed_on: date | None,
) -> Practitioner:
    """Do what `return_to_registry` does, for a caller who has asked who may."""
    check_signed(work, commitment_signed_on, "/commitment_signed_on")
    file, spans = _locked(work, practitioner_id)
    if registry.has_unanswered_termination(work.conn, file.practitioner_id):
        raise Conflict(
            "terminated",
            "资格已终止，须在禁止登记期满后申请重新登记 / terminated: a re-registration is needed",
        )
    _check_may_begin(work, file)
    span = Span(from_on, None)
    if touching(spans.registrations, span):
        raise Conflict("already_registered", "该人员在此期间已登记 / the person is registered already")
    check_affiliations(work, affiliations, from_on)
    _check_free(spans, affiliations)
    lock_for_pharmacies(work, {each.institution for each in affiliations})
    registry.append_registration(
        work.conn,
        file,
        span=span,
        category=registry.practitioner_by_id(work.conn, file.practitioner_id).category,
        commitment_signed_on=commitment_signed_on,
        recorded_at=work.record(),
        recorded_by=work.actor.username,
    )
    for each in affiliations:
        append(work, file, each.institution, each.span)
    return _written(work, file, "practitioner.returned", on=from_on.isoformat())


def _touched(work: Work, ref: str) -> str:
    practitioner_id = sight.require_practitioner(work, ref).id
    check_touches_registry(work, practitioner_id)
    return practitioner_id


def _locked(work: Work, practitioner_id: str) -> tuple[LockedFile, KnownSpans]:
    file = lock_files(work.conn, [practitioner_id])[practitioner_id]
    return file, registry.spans_known(work.conn, [practitioner_id])[practitioner_id]


def _check_may_begin(work: Work, file: LockedFile) -> None:
    folded = read_files(work.conn, [file.practitioner_id])[file.practitioner_id].folded()
    try:
        check_may_begin(folded, work.today)
    except RuleError as refused:
        raise Conflict(refused.code, refused.detail) from refused


def _running(work: Work, spans: KnownSpans, on: date) -> RegistrationRow:
    """The last registration, unless it has ended today or ends before `on`; a planned end may be brought forward."""
    last = spans.registrations[-1] if spans.registrations else None
    if last is None or (last.span.until is not None and last.span.until <= max(on, work.today)):
        raise Conflict("not_registered", "该人员目前未登记 / the person is not registered")
    return last


def _check_free(spans: KnownSpans, affiliations: Sequence[AskedAffiliation]) -> None:
    for position, each in enumerate(affiliations):
        present = [version for version in spans.affiliations if version.institution == each.institution]
        if touching(present, each.span):
            raise Invalid(
                f"/affiliations/{position}", "与已有执业期重叠 / the span overlaps one at this institution"
            )


def _given(from_on: date | None) -> date:
    if from_on is None:
        raise Invalid(
            "/from", "没有可终止的执业期，请给出起始日 / no open affiliation to end: give its first day"
        )
    return from_on


def _written(work: Work, file: LockedFile, kind: str, **detail: Any) -> Practitioner:
    registry.change_practitioner(work.conn, file.practitioner_id)
    refresh(work.conn, [file])
    put_on_record(work, kind, file.practitioner_id, **detail)
    return practitioner_on_record(work, file.practitioner_id)
