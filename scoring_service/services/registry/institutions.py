"""Institutions and their agreements in time: register, change, conclude and end an agreement."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scoring_service.core.procedure import MeasureKind
from scoring_service.core.standing import Span
from scoring_service.db import registry
from scoring_service.db.eligibility import people_of
from scoring_service.db.ledger import lock_files
from scoring_service.db.locks import Lock, hold
from scoring_service.db.registry import StoredInstitution
from scoring_service.db.standing import refresh
from scoring_service.db.tables import audit_log, institutions
from scoring_service.problems import Conflict, Forbidden, Invalid, Stale
from scoring_service.services.registry.codes import check_division, check_institution_code
from scoring_service.services.registry.list_fields import INSTITUTION_FIELDS
from scoring_service.services.registry.names import fits
from scoring_service.services.registry.records import Institution
from scoring_service.services.registry.spans import check_span, superseded_span, touching
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.faults import Faults
from scoring_service.services.unit_of_work.listing import Listing, read_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.unit_of_work.transaction import Work


MOST_CHANGES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInstitution(registry.InstitutionFields):
    """An institution to be registered, with its first agreement."""

    agreement: Span | None


def register_institution(work: Work, **institution: Any) -> Institution:
    """Register one institution, given by the fields of `NewInstitution`, and return it.

    Raises Invalid for a code, division or span of the wrong form, Forbidden outside the actor's region, Conflict
    `institution_exists`.
    """
    new = NewInstitution(**institution)
    register_institutions(work, [new])
    return read_institution(work, new.code)


def register_institutions(work: Work, new: Sequence[NewInstitution]) -> None:
    """Register several institutions in one transaction; the first fault refuses them all."""
    for institution in new:
        _check(work, institution)
    hold(work.conn, Lock.REGISTRY)
    rows, agreed = [], []
    for institution in new:
        row, agreement = _first_rows(work, institution)
        rows.append(row)
        agreed += agreement
    if not registry.add_institutions(work.conn, rows, agreed):
        codes = ", ".join(institution.code for institution in new)
        detail = f"机构 {codes} 已登记 / institution {codes} is registered already"
        raise Conflict("institution_exists", detail)
    for institution in new:
        _put_on_record(work, "institution.registered", institution.code, institution.region)


def _check(work: Work, new: NewInstitution) -> None:
    faults = Faults()
    faults.of(partial(check_institution_code, new.code, new.kind))
    faults.of(partial(check_division, new.region))
    if new.agreement is not None:
        faults.of(partial(check_span, new.agreement, "/agreement/until"))
    faults.refuse()
    _check_region(work, new.region)


def _first_rows(work: Work, new: NewInstitution) -> tuple[Columns, list[Columns]]:
    """Return the row of a new institution, and that of its agreement if it has one."""
    now = last = work.record()
    agreed = []
    if new.agreement is not None:
        last = work.record()
        agreed.append(
            registry.agreement_row(
                new.code, 1, span=new.agreement, recorded_at=last, recorded_by=work.actor.username
            )
        )
    row = new.columns() | {
        "recorded_at": now,
        "last_recorded_at": last,
        "revision": len(agreed),
        "version": 1 + len(agreed),
    }
    return row, agreed


def change_institution(
    work: Work, code: str, *, expected_version: int | None, changes: Mapping[str, Any], reason: str | None = None
) -> Institution:
    """Change fields of an institution, such as its `name` or `region`, and return it; what stood there is on record.

    Raises NotFound, Stale for another version than the expected, Invalid, Forbidden outside the actor's region,
    Conflict `other_rulebook` for a region under another rulebook once people have been registered there.
    """
    sight.require_institution(work, code)
    people: list[str] = []
    if "region" in changes:
        check_division(changes["region"])
        _check_region(work, changes["region"])
        people = people_of(work.conn, [code])[code]
    files = lock_files(work.conn, people)
    hold(work.conn, Lock.REGISTRY)
    if "region" in changes:
        # Whoever was registered there before the lock was held is on record now, and nobody else will be.
        people = people_of(work.conn, [code])[code]
        files |= lock_files(work.conn, [each for each in people if each not in files])
    row = registry.lock_institution(work.conn, code)
    if expected_version is not None and row.version != expected_version:
        raise Stale(row.version)
    if people:
        _check_same_law(work, row.region, changes["region"])
    work.record()
    if changes:
        registry.change_institution(work.conn, code, **changes)
    if files:
        refresh(work.conn, list(files.values()))
    before = {name: getattr(row, name) for name in changes}
    detail = {"fields": sorted(changes), "before": before, "after": dict(changes), "reason": reason}
    _put_on_record(work, "institution.changed", code, changes.get("region", row.region), **detail)
    return read_institution(work, code)


def _check_same_law(work: Work, old: str, new: str) -> None:
    """Refuse a region under another rulebook: answers given so far would not come out again (scheme.md 2.2)."""
    before, after = (work.rulebooks.id_for_division(region) for region in (old, new))
    if before != after:
        raise Conflict(
            "other_rulebook",
            f"该机构已有人员登记，不得由规则 {before} 改为 {after} / people are registered there under {before}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureQuestion:
    """What the registry asks when an agreement ends on `start`: whether people are responsible, and follow it (P34).

    Nobody is suspended or terminated by that end: it takes a case, whose measure may be one of `kinds`.
    """

    institution: str
    start: date
    kinds: tuple[MeasureKind, ...] = (MeasureKind.AGREEMENT_SUSPENDED, MeasureKind.AGREEMENT_TERMINATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionAgreed(Institution):
    """An institution with its changed agreements; `measure_question` is asked where one of them was ended."""

    measure_question: MeasureQuestion | None


def put_agreement(work: Work, code: str, *, from_on: date | None, until_on: date | None) -> InstitutionAgreed:
    """Add an agreement, or end the one that begins on `from_on` (None: the open one), and return the institution.

    Raises NotFound, Invalid for an empty span, Conflict `agreement_overlaps`.
    """
    sight.require_institution(work, code)
    hold(work.conn, Lock.REGISTRY)
    row = registry.lock_institution(work.conn, code)
    present = registry.agreements_known(work.conn, [code])[code]
    ended = superseded_span(present, from_on, until_on)
    span = Span(ended.span.start if ended else _given(from_on), until_on)
    check_span(span, "/until")
    if touching(present, span, but=ended):
        raise Conflict(
            "agreement_overlaps", "协议期与已有协议重叠 / the span overlaps an agreement", institution=code
        )
    _append(work, row, span, ended.span_id if ended else None)
    _put_on_record(work, "agreement.recorded", code, row.region)
    written = read_institution(work, code)
    question = MeasureQuestion(institution=code, start=until_on) if ended and until_on else None
    kept = {field.name: getattr(written, field.name) for field in fields(written)}
    return InstitutionAgreed(**kept, measure_question=question)


def read_institution(work: Work, code: str) -> Institution:
    """Return an institution with its agreements. Raises NotFound."""
    return _with_agreements(work, [sight.require_institution(work, code)])[0]


def list_institutions(work: Work, *, limit: int, after: str | None) -> tuple[list[Institution], str | None]:
    """Return a page of the institutions that the actor may see, by code, and the code to go on after."""
    page = read_page(work, listing(work), after=None if after is None else (after,), limit=limit)
    return page.items, None if page.further is None else page.further[0]


def listing(work: Work, *, named: str | None = None) -> Listing[Institution]:
    """Return the list of the institutions that the actor may see, by code; those whose code or name fits `named`."""
    query = select(*institutions.c).where(sight.institution_filter(work) if named is None else fits(work, named))
    return Listing(
        query=query,
        keys=(institutions.c.code,),
        show=lambda institution: institution,
        fill=lambda rows: _with_agreements(work, [StoredInstitution(**row) for row in rows]),
        descending=False,
        fields=INSTITUTION_FIELDS,
    )


def _with_agreements(work: Work, stored: Sequence[StoredInstitution]) -> list[Institution]:
    spans = registry.agreements_known(work.conn, [row.code for row in stored])
    return [
        Institution(
            **row.columns(),
            agreements=tuple(version.span for version in spans[row.code]),
            recorded_at=row.recorded_at,
            version=row.version,
        )
        for row in stored
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionChange:
    """What was changed of an institution, by whom, when and why: the fields before and after."""

    before: Mapping[str, str]
    after: Mapping[str, str]
    reason: str | None
    recorded_by: str
    recorded_at: datetime


def changes_of(work: Work, code: str) -> list[InstitutionChange]:
    """Return what was changed of an institution, the latest first; of changes before they were kept whole nothing."""
    log = audit_log.c
    query = (
        select(log.detail, log.username, log.at)
        .where(log.object_kind == "institution", log.object_id == code, log.action == "institution.changed")
        .order_by(log.id.desc())
        .limit(MOST_CHANGES)
    )
    return [
        InstitutionChange(
            before=row.detail["before"],
            after=row.detail["after"],
            reason=row.detail["reason"],
            recorded_by=row.username,
            recorded_at=row.at,
        )
        for row in work.conn.execute(query)
        if "before" in row.detail
    ]


def _append(work: Work, institution: StoredInstitution, span: Span, span_id: str | None = None) -> None:
    registry.append_agreement(
        work.conn,
        institution,
        span=span,
        span_id=span_id,
        recorded_at=work.record(),
        recorded_by=work.actor.username,
    )


def _given(from_on: date | None) -> date:
    if from_on is None:
        raise Invalid("/from", "没有可终止的协议，请给出起始日 / no open agreement to end: give its first day")
    return from_on


def _check_region(work: Work, region: str) -> None:
    if not work.actor.sees_region(region):
        raise Forbidden("region", "该行政区划不在您的管辖范围 / the division lies outside your region")


def _put_on_record(work: Work, kind: str, code: str, region: str, **detail: Any) -> None:
    work.audit(kind, object_kind="institution", object_id=code, institution_code=code, detail=detail or None)
    work.event(kind, institution_code=code, region=region)
