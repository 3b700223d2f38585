"""Corrections of the registry under four eyes: drafted with a reason, approved by another person, known from then on.

A wrong name, code or number, a wrong first or last day, a wrong institution: the row is superseded (scheme.md 2.2).
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from scoring_service.core.procedure import ProposalState
from scoring_service.db import registry
from scoring_service.db.ledger import LockedFile, lock_files
from scoring_service.db.tables import registry_corrections as table
from scoring_service.problems import Invalid, NotFound
from scoring_service.services.registry import affiliations, persons
from scoring_service.services.registry.practitioner_answers import (
    affiliation_answer,
    current_registration,
    person_answer,
    registration_answer,
)
from scoring_service.services.registry.rewrites import (
    AFFILIATION,
    FIELDS,
    PERSON,
    REGISTRATION,
    Asked,
    Rewrite,
    rewrites,
    rows_of,
)
from scoring_service.services.unit_of_work.four_eyes import (
    check_decidable,
    check_other_person,
    decided_by_actor,
    recorded_by_actor,
)
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.services.unit_of_work.sight import is_id, practitioner_filter, require_practitioner
from scoring_service.services.unit_of_work.touch import check_touches_registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Row

    from scoring_service.core.registry import SpanVersion
    from scoring_service.db.registry import KnownSpans
    from scoring_service.services.unit_of_work.transaction import Work

NOUN, EVENT = "correction", "registry_correction"
STATES = DRAFTED, APPROVED, REJECTED = (
    ProposalState.DRAFTED,
    ProposalState.APPROVED,
    ProposalState.REJECTED,
)


def draft(
    work: Work,
    ref: str,
    *,
    kind: str,
    reason: str,
    number: int | None = None,
    void: bool = False,
    span: Mapping[str, date | None] | None = None,
    fields: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Draft that a row of the registry is void, or has other days or fields.

    `number` names the row; without it, the present one. In `span` stand only the days that change; an `until` of
    None opens the row again. Raises NotFound, Invalid, and the Conflicts of `rewrites`.
    """
    practitioner_id: str = require_practitioner(work, ref)["id"]
    check_touches_registry(work, practitioner_id)
    spans = registry.spans_known(work.conn, [practitioner_id])[practitioner_id]
    row = _chosen(work, spans, kind, number)
    asked = Asked(
        kind=kind, span_id=row.span_id, void=void, span=span or {}, fields=_of_kind(kind, fields or {})
    )
    rewrites(work, practitioner_id, spans, asked)
    correction_id = str(uuid.uuid4())
    drafted = {
        "id": correction_id,
        "practitioner_id": practitioner_id,
        "kind": kind,
        "span_id": row.span_id,
        "number": spans.numbers[row.span_id],
        "void": void,
        "span": {name: day and day.isoformat() for name, day in asked.span.items()},
        "before": _ANSWERS[kind](row, spans),
        "reason": reason,
        "state": DRAFTED,
    }
    work.conn.execute(insert(table).values(**drafted, **_kept(work, asked.fields), **recorded_by_actor(work)))
    return _told(work, correction_id, "drafted")


_ANSWERS: Mapping[str, Callable[..., dict[str, Any]]] = {
    PERSON: person_answer,
    REGISTRATION: registration_answer,
    AFFILIATION: affiliation_answer,
}


def _chosen(work: Work, spans: KnownSpans, kind: str, number: int | None) -> SpanVersion:
    rows = rows_of(spans, kind)
    if number is not None:
        found = [row for row in rows if spans.numbers[row.span_id] == number]
    elif kind == REGISTRATION:
        current = current_registration(spans, work.today)
        found = [current] if current else []
    else:
        found = list(rows[-1:]) if kind == PERSON or len(rows) == 1 else []
    if not found:
        raise Invalid("/number", "没有该编号的登记行 / no row of this kind has that number: give one of the file's")
    return found[0]


def _of_kind(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    for name in fields:
        if name not in FIELDS[kind]:
            allowed = ", ".join(FIELDS[kind])
            raise Invalid(f"/fields/{name}", f"此类登记行只能更正 {allowed} / of this kind only {allowed}")
    return dict(fields)


def _kept(work: Work, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that keep the fields; an identity number is kept encrypted."""
    number = persons.id_number_columns(work, fields.get("id_number"), "/fields/id_number")
    plain = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in fields.items()
        if name != "id_number"
    }
    return {
        "fields": plain,
        "id_number_encrypted": number["id_number_encrypted"],
        "id_number_masked": number["id_number_masked"],
    }


def approve(work: Work, correction_id: str, *, expected_version: int | None = None) -> dict[str, Any]:
    """Write the rows that supersede the wrong ones, known from now on; return the correction.

    Raises NotFound, Forbidden `same_person` and as `touch` says, Conflict `correction_state` and those of `rewrites`,
    Stale.
    """
    person: str = require_correction(work, correction_id).practitioner_id
    file = lock_files(work.conn, [person])[person]
    found = hold_correction(work, correction_id)
    check_other_person(work, found)
    check_decidable(found, NOUN, DRAFTED, expected_version)
    registry.lock_registry(work.conn)
    spans = registry.spans_known(work.conn, [person])[person]
    made = rewrites(work, person, spans, _asked(work, found))
    for each in made:
        _write(work, file, each, found.reason)
    persons.write_person(work, file)
    _change(work, found, state=APPROVED, revision=file.revision, **decided_by_actor(work))
    _announce(work, found, spans, made)
    return _told(work, correction_id, "approved", revision=file.revision)


def _asked(work: Work, found: Row[Any]) -> Asked:
    fields = dict(found.fields)
    if fields.get("commitment_signed_on"):
        fields["commitment_signed_on"] = date.fromisoformat(fields["commitment_signed_on"])
    if found.id_number_encrypted is not None:
        fields["id_number"] = work.service.identity_numbers.decrypt(found.id_number_encrypted)
    span = {name: day and date.fromisoformat(day) for name, day in found.span.items()}
    return Asked(kind=found.kind, span_id=found.span_id, void=found.void, span=span, fields=fields)


def _write(work: Work, file: LockedFile, made: Rewrite, reason: str) -> None:
    if made.kind == PERSON:
        persons.append_row(
            work, file, span=made.span, span_id=made.span_id, data=made.columns, reason=reason
        )
    elif made.kind == AFFILIATION:
        affiliations.append(work, file, made.columns["institution"], made.span, supersedes=made.span_id)
    else:
        registry.append_registration(
            work.conn,
            file,
            span=made.span,
            span_id=made.span_id,
            recorded_at=work.record(),
            recorded_by=work.actor.username,
            **made.columns,
        )


def _announce(work: Work, found: Row[Any], spans: KnownSpans, made: list[Rewrite]) -> None:
    """Tell the person with their institutions, and those at which they were or are by the corrected row."""
    told = {"correction": found.id, "row": found.kind, "number": found.number}
    work.event(EVENT, practitioner_id=found.practitioner_id, **told)
    before = {row.institution for row in spans.affiliations if row.span_id == found.span_id}
    places = before | {each.columns["institution"] for each in made if each.kind == AFFILIATION}
    for institution in sorted(places):
        work.event(EVENT, institution_code=institution, practitioner=found.practitioner_id, **told)


def reject(
    work: Work, correction_id: str, *, reason: str, expected_version: int | None = None
) -> dict[str, Any]:
    """Reject a drafted correction. Raises NotFound, Forbidden `same_person`, Conflict `correction_state`, Stale."""
    found = hold_correction(work, correction_id)
    check_other_person(work, found)
    check_decidable(found, NOUN, DRAFTED, expected_version)
    _change(work, found, state=REJECTED, rejected_because=reason, **decided_by_actor(work))
    return _told(work, correction_id, "rejected", reason=reason)


def require_correction(work: Work, correction_id: str) -> Row[Any]:
    """Return a correction's row. Raises NotFound."""
    return _found(work, correction_id, lock=False)


def hold_correction(work: Work, correction_id: str) -> Row[Any]:
    """Return a correction's row, locked for an act of the actor's. Raises NotFound, Forbidden as `touch` says."""
    found = _found(work, correction_id, lock=True)
    check_touches_registry(work, found.practitioner_id)
    return found


def _found(work: Work, correction_id: str, *, lock: bool) -> Row[Any]:
    query = select(table).where(
        table.c.id == correction_id, practitioner_filter(work, table.c.practitioner_id)
    )
    found = work.conn.execute(query.with_for_update() if lock else query) if is_id(correction_id) else None
    row = found.one_or_none() if found is not None else None
    if row is None:
        raise NotFound("登记更正 / registry correction")
    return row


def read_correction(work: Work, correction_id: str) -> dict[str, Any]:
    """Return a correction, the look at the person on record. Raises NotFound."""
    row = require_correction(work, correction_id)
    work.look(row.practitioner_id, EVENT)
    return correction_json(row._asdict())


def listing(work: Work, *, state: str | None = None) -> Listing[dict[str, Any]]:
    """Return the list of the corrections that the actor may know of."""
    query = select(table).where(practitioner_filter(work, table.c.practitioner_id))
    if state is not None:
        query = query.where(table.c.state == state)
    keys = (table.c.recorded_at, table.c.id)
    return Listing(query=query, keys=keys, show=correction_json, looked_at=EVENT)


def correction_json(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a correction and what became of it: `before` is the row as it was when the correction was drafted."""
    fields = dict(row["fields"])
    if row["id_number_masked"] is not None:
        fields["id_number"] = row["id_number_masked"]
    return {
        "id": row["id"],
        "version": row["version"],
        "state": row["state"],
        "practitioner": row["practitioner_id"],
        "kind": row["kind"],
        "number": row["number"],
        **row["span"],
        "void": row["void"],
        "fields": fields,
        "before": row["before"],
        "reason": row["reason"],
        "recorded_by": row["recorded_by"],
        "recorded_at": row["recorded_at"].isoformat(),
        "decided_by": row["decided_by"],
        "decided_at": row["decided_at"] and row["decided_at"].isoformat(),
        "rejected_because": row["rejected_because"],
        "revision": row["revision"],
    }


def _change(work: Work, found: Row[Any], **columns: Any) -> None:
    work.conn.execute(
        update(table).where(table.c.id == found.id).values(version=found.version + 1, **columns)
    )


def _told(work: Work, correction_id: str, deed: str, **detail: Any) -> dict[str, Any]:
    row = work.conn.execute(select(table).where(table.c.id == correction_id)).mappings().one()
    work.audit(
        f"registry_correction.{deed}",
        object_kind=EVENT,
        object_id=row["id"],
        practitioner_id=row["practitioner_id"],
        detail={"kind": row["kind"], "number": row["number"], **detail},
    )
    return correction_json(row)
