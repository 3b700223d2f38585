"""Corrections of the registry under four eyes: drafted with a reason, approved by another person, known from then on.

A wrong name, code or number, a wrong first or last day, a wrong institution: the row is superseded (scheme.md 2.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_

from scoring_service.core.procedure import ProposalState
from scoring_service.db import registry
from scoring_service.db.ledger import LockedFile, lock_files
from scoring_service.db.locks import Lock, hold
from scoring_service.db.tables import registry_corrections as table
from scoring_service.identity import mask
from scoring_service.problems import Invalid
from scoring_service.services.proposals import proposal
from scoring_service.services.proposals.proposal import Kind, Proposal, shared_fields
from scoring_service.services.registry import affiliations, persons
from scoring_service.services.registry.agreements import (
    AGREEMENT,
    agreement_that_begins,
    corrected_agreement,
    write_agreement,
)
from scoring_service.services.registry.practitioner_answers import (
    affiliation,
    current_registration,
    person_record,
    registration,
)
from scoring_service.services.registry.records import RegistryRow
from scoring_service.services.registry.rewrites import (
    AFFILIATION,
    FIELDS,
    PERSON,
    REGISTRATION,
    AffiliationRewrite,
    PersonRewrite,
    RegistrationRewrite,
    RowCorrection,
    rewrites,
    rows_of,
)
from scoring_service.services.unit_of_work.listing import read_page
from scoring_service.services.unit_of_work.sight import (
    institution_filter,
    practitioner_filter,
    require_institution,
    require_practitioner,
)
from scoring_service.services.unit_of_work.touch import check_touches_case, check_touches_registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import ColumnElement, RowMapping

    from scoring_service.core.registry import SpanVersion
    from scoring_service.db.registry import KnownSpans
    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.registry.rewrites import Rewrite
    from scoring_service.services.unit_of_work.transaction import Work


MOST_CORRECTIONS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryCorrection(Proposal):
    """That a row of the registry is void, or has other days or fields.

    `span` holds the days that are to change, `corrected` the fields, as they are kept; `before` is the row when the
    correction was drafted, `revision` the file's after its approval.
    """

    kind: str
    number: int
    span: Mapping[str, date | None]
    void: bool
    corrected: Mapping[str, Any]
    before: Mapping[str, Any]
    reason: str
    revision: int | None
    institution: str | None

    @property
    def person(self) -> str | None:
        """The id of whose row it is; None for an agreement."""
        return self.practitioner or None


def _show(_work: Work, row: RowMapping) -> RegistryCorrection:
    corrected = dict(row["fields"])
    if row["id_number_masked"] is not None:
        corrected["id_number"] = row["id_number_masked"]
    plain = {name: row[name] for name in ("kind", "number", "void", "before", "reason", "revision")}
    return RegistryCorrection(
        **shared_fields(row), **plain, span=_days(row), corrected=corrected, institution=row["institution_code"]
    )


def _visible(work: Work) -> ColumnElement[bool]:
    of_agreement = table.c.kind == AGREEMENT
    return or_(
        practitioner_filter(work, table.c.practitioner_id) & ~of_agreement,
        institution_filter(work, table.c.institution_code) & of_agreement,
    )


def _check_touches(work: Work, row: RowMapping) -> None:
    if row["kind"] == AGREEMENT:
        check_touches_case(work, require_institution(work, row["institution_code"]).region, [])
    else:
        check_touches_registry(work, row["practitioner_id"])


REGISTRY_CORRECTION = Kind(
    table=table,
    name="registry_correction",
    noun="登记更正 / registry correction",
    code="correction",
    waiting=ProposalState.DRAFTED,
    show=_show,
    check_touches=_check_touches,
    visible=_visible,
    audited=("kind", "number"),
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
) -> RegistryCorrection:
    """Draft that a row of the registry is void, or has other days or fields.

    `number` names the row; without it, the present one. In `span` stand only the days that change; an `until` of
    None opens the row again. Raises NotFound, Invalid, and the Conflicts of `rewrites`.
    """
    practitioner_id = require_practitioner(work, ref).id
    check_touches_registry(work, practitioner_id)
    spans = registry.spans_known(work.conn, [practitioner_id])[practitioner_id]
    row = _chosen(work, spans, kind, number)
    _check_of_kind(kind, fields or {})
    correction = RowCorrection(
        kind=kind, span_id=row.span_id, void=void, span=span or {}, fields=fields or {}
    )
    rewrites(work, practitioner_id, spans, correction)
    columns = {
        "kind": kind,
        "span_id": row.span_id,
        "number": spans.numbers[row.span_id],
        "void": void,
        "span": _as_json(correction.span),
        "before": RECORDS[kind](row, spans).as_json(),
        "reason": reason,
        **_kept(work, correction.fields),
    }
    return proposal.propose(work, REGISTRY_CORRECTION, practitioner_id, "drafted", **columns)


def draft_of_agreement(
    work: Work,
    code: str,
    *,
    agreement: date,
    reason: str,
    void: bool = False,
    span: Mapping[str, date | None] | None = None,
) -> RegistryCorrection:
    """Draft that the agreement that begins on the day `agreement` is void, or has other days, as `draft` does.

    Raises NotFound, Invalid, Conflict `agreement_overlaps`.
    """
    institution = require_institution(work, code)
    check_touches_case(work, institution.region, [])
    row = agreement_that_begins(work, institution.code, agreement)
    days = span or {}
    corrected_agreement(work, institution.code, row.span_id, void=void, span=days)
    shown = {"from": row.span.start, "until": row.span.until}
    columns = {
        "kind": AGREEMENT,
        "institution_code": institution.code,
        "span_id": row.span_id,
        "number": row.revision,
        "void": void,
        "span": _as_json(days),
        "before": _as_json(shown),
        "fields": {},
        "reason": reason,
    }
    return proposal.propose(work, REGISTRY_CORRECTION, None, "drafted", **columns)


def corrections_of_agreements(work: Work, institution: str) -> list[RegistryCorrection]:
    """Return the latest corrections of an institution's agreements, decided or not, the oldest of them last."""
    listed = proposal.listing(work, REGISTRY_CORRECTION)
    of_place = replace(listed, query=listed.query.where(table.c.institution_code == institution))
    return read_page(work, of_place, limit=MOST_CORRECTIONS).items


def _as_json(days: Mapping[str, date | None]) -> dict[str, str | None]:
    return {name: None if day is None else day.isoformat() for name, day in days.items()}


# A row of each kind as it is shown.
RECORDS: Mapping[str, Callable[..., RegistryRow]] = {
    PERSON: person_record,
    REGISTRATION: registration,
    AFFILIATION: affiliation,
}


def _chosen(work: Work, spans: KnownSpans, kind: str, number: int | None) -> SpanVersion:
    rows = rows_of(spans, kind)
    if number is not None:
        row = next((row for row in rows if spans.numbers[row.span_id] == number), None)
    elif kind == REGISTRATION:
        row = current_registration(spans, work.today)
    else:
        row = rows[-1] if rows and (kind == PERSON or len(rows) == 1) else None
    if row is None:
        raise Invalid("/number", "没有该编号的登记行 / no row of this kind has that number: give one of the file's")
    return row


def _check_of_kind(kind: str, fields: Mapping[str, Any]) -> None:
    for name in fields:
        if name not in FIELDS[kind]:
            allowed = ", ".join(FIELDS[kind])
            raise Invalid(f"/fields/{name}", f"此类登记行只能更正 {allowed} / of this kind only {allowed}")


def _kept(work: Work, fields: Mapping[str, Any]) -> Columns:
    """Return the columns that keep the fields; an identity number is kept encrypted."""
    id_number = fields.get("id_number")
    number = persons.checked_id_number(id_number, "/fields/id_number") if id_number is not None else None
    plain = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in fields.items()
        if name != "id_number"
    }
    return {
        "fields": plain,
        "id_number_encrypted": number and work.service.identity_numbers.encrypt(number),
        "id_number_masked": number and mask(number),
    }


def approve(work: Work, correction_id: str, *, expected_version: int | None = None) -> RegistryCorrection:
    """Write the rows that supersede the wrong ones, known from now on; return the correction.

    Raises NotFound, Forbidden `same_person` and as `touch` says, Conflict `correction_state` and those of `rewrites`,
    Stale.
    """
    person: str | None = proposal.require(work, REGISTRY_CORRECTION, correction_id)["practitioner_id"]
    if person is None:
        return _approve_of_agreement(work, correction_id, expected_version)
    file = lock_files(work.conn, [person])[person]
    row = proposal.hold_for_decision(work, REGISTRY_CORRECTION, correction_id, expected_version)
    hold(work.conn, Lock.REGISTRY)
    spans = registry.spans_known(work.conn, [person])[person]
    made = rewrites(work, person, spans, _correction_of(work, row))
    for each in made:
        _write(work, file, each, row["reason"])
    persons.write_person(work, file)
    _announce(work, row, spans, made)
    revision = file.revision
    return proposal.approved(work, REGISTRY_CORRECTION, row, {"revision": revision}, revision=revision)


def _approve_of_agreement(work: Work, correction_id: str, expected_version: int | None) -> RegistryCorrection:
    row = proposal.hold_for_decision(work, REGISTRY_CORRECTION, correction_id, expected_version)
    code = row["institution_code"]
    revision = write_agreement(work, code, row["span_id"], void=row["void"], span=_days(row))
    detail = {"correction": row["id"], "row": AGREEMENT, "number": row["number"]}
    work.event(REGISTRY_CORRECTION.name, institution_code=code, **detail)
    return proposal.approved(work, REGISTRY_CORRECTION, row, {"revision": revision}, revision=revision)


def _correction_of(work: Work, row: RowMapping) -> RowCorrection:
    fields = dict(row["fields"])
    if fields.get("commitment_signed_on"):
        fields["commitment_signed_on"] = date.fromisoformat(fields["commitment_signed_on"])
    if row["id_number_encrypted"] is not None:
        fields["id_number"] = work.service.identity_numbers.decrypt(row["id_number_encrypted"])
    return RowCorrection(
        kind=row["kind"], span_id=row["span_id"], void=row["void"], span=_days(row), fields=fields
    )


def _days(row: RowMapping) -> Mapping[str, date | None]:
    """Return the days that are to change: `from`, `until`, both or none."""
    return {name: day and date.fromisoformat(day) for name, day in row["span"].items()}


def _write(work: Work, file: LockedFile, made: Rewrite, reason: str) -> None:
    if isinstance(made, PersonRewrite):
        persons.append_row(work, file, span=made.span, span_id=made.span_id, data=made.data, reason=reason)
    elif isinstance(made, AffiliationRewrite):
        affiliations.append(work, file, made.institution, made.span, supersedes=made.span_id)
    elif isinstance(made, RegistrationRewrite):
        registry.append_registration(
            work.conn,
            file,
            span=made.span,
            span_id=made.span_id,
            recorded_at=work.record(),
            recorded_by=work.actor.username,
            category=made.category,
            commitment_signed_on=made.commitment_signed_on,
            reason=made.reason,
        )


def _announce(work: Work, row: RowMapping, spans: KnownSpans, made: Sequence[Rewrite]) -> None:
    """Tell the person with their institutions, and those at which they were or are by the corrected row."""
    event = {"correction": row["id"], "row": row["kind"], "number": row["number"]}
    work.event(REGISTRY_CORRECTION.name, practitioner_id=row["practitioner_id"], **event)
    before = {version.institution for version in spans.affiliations if version.span_id == row["span_id"]}
    places = before | {each.institution for each in made if isinstance(each, AffiliationRewrite)}
    for institution in sorted(places):
        work.event(
            REGISTRY_CORRECTION.name, institution_code=institution, practitioner=row["practitioner_id"], **event
        )
