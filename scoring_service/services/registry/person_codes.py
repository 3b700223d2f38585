"""A further national code of a person: one file, several dated codes, all of which name it (scheme.md 2.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scoring_service.core.standing import Span
from scoring_service.db import registry
from scoring_service.db.ledger import LockedFile, lock_files
from scoring_service.db.locks import Lock, hold
from scoring_service.problems import Invalid
from scoring_service.services.registry.codes import category_of_code, check_practitioner_code
from scoring_service.services.registry.persons import (
    append_row,
    check_free,
    exists,
    put_on_record,
    write_person,
)
from scoring_service.services.registry.practitioner_answers import practitioner_on_record
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.touch import check_touches_registry

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.db.persons import PersonRow
    from scoring_service.db.registry import KnownSpans
    from scoring_service.services.registry.records import Practitioner
    from scoring_service.services.unit_of_work.transaction import Work


def add_code(
    work: Work, ref: str, *, code: str, from_on: date, reason: str, category: str | None = None
) -> Practitioner:
    """Give a person a further code from a day on, at which the running one ends; return the person.

    The category follows the code's prefix unless it is given; registrations from that day on are in it. Raises
    NotFound, Invalid, Conflict `practitioner_exists`.
    """
    practitioner_id = sight.require_practitioner(work, ref).id
    check_touches_registry(work, practitioner_id)
    file = lock_files(work.conn, [practitioner_id])[practitioner_id]
    hold(work.conn, Lock.REGISTRY)
    spans = registry.spans_known(work.conn, [practitioner_id])[practitioner_id]
    present = spans.persons[-1]
    category = category or category_of_code(code, present.category)
    check_practitioner_code(code, category)
    if code == present.code:
        raise exists()
    check_free(work, code=code, digests=[], but=practitioner_id)
    given = _Given(code=code, category=category, from_on=from_on, reason=reason)
    _write_code(work, file, present, given)
    _write_category(work, file, spans, given)
    write_person(work, file)
    put_on_record(work, "practitioner.code_added", practitioner_id, **{"from": from_on.isoformat()})
    return practitioner_on_record(work, practitioner_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """The code as it is given: to which category, from when, and why."""

    code: str
    category: str
    from_on: date
    reason: str


def _write_code(work: Work, file: LockedFile, present: PersonRow, given: _Given) -> None:
    data = replace(present.data, code=given.code, category=given.category)
    if present.code is None and given.from_on <= present.span.start:
        append_row(work, file, span=present.span, span_id=present.span_id, data=data, reason=given.reason)
        return
    if given.from_on <= present.span.start:
        start = present.span.start
        raise Invalid(
            "/from",
            f"应晚于现用代码的起始日 {start}；登记有误请提交登记更正 / must be later than {start}, from which the "
            "present code runs; what was recorded wrongly is a registry-correction",
        )
    ended = Span(present.span.start, given.from_on)
    append_row(work, file, span=ended, span_id=present.span_id, data=present.data, reason=present.reason)
    append_row(work, file, span=Span(given.from_on, None), data=data, reason=given.reason)


def _write_category(work: Work, file: LockedFile, spans: KnownSpans, given: _Given) -> None:
    """Part the registration that runs on the code's first day, and change those that begin later."""
    category, from_on, reason = given.category, given.from_on, given.reason
    for version in spans.registrations:
        span = version.span
        if version.category == category or (span.until is not None and span.until <= from_on):
            continue
        kept = {"commitment_signed_on": version.commitment_signed_on, "reason": version.reason}
        if span.start < from_on:
            ended = Span(span.start, from_on)
            _append(work, file, span=ended, span_id=version.span_id, category=version.category, **kept)
            begun = Span(from_on, span.until)
            _append(work, file, span=begun, category=category, **(kept | {"reason": reason}))
        else:
            _append(work, file, span=span, span_id=version.span_id, category=category, **kept)


def _append(work: Work, file: LockedFile, **version: Any) -> None:
    registry.append_registration(
        work.conn, file, recorded_at=work.record(), recorded_by=work.actor.username, **version
    )
