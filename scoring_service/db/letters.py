"""Reads for letters: the people, the institutions' names, and what lies behind a score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.core.entries import Score
from scoring_service.db.cases import Handling, adjustment_of
from scoring_service.db.ledger import rulebooks_by_sha256, to_entry
from scoring_service.db.tables import (
    cases,
    entries,
    findings,
    institutions,
    letter_numbers,
    letter_pdfs,
    letter_templates,
    letters,
    practitioners,
)
from scoring_service.db.tables.schema import one_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy import Connection, RowMapping

    from scoring_service.core.adjustments import Adjustment
    from scoring_service.core.entries import Entry
    from scoring_service.json_values import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedScore:
    """A score's entry, the decision that its case rests on, and what its finding says of days, basis and points."""

    entry: Score
    institution_name: str
    handling: Handling
    occurred_from: date | None
    occurred_until: date | None
    legal_basis: str | None
    adjustment: Adjustment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedInstitution:
    """An institution as a letter calls it today."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPerson:
    """A person as a letter calls them today."""

    id: str
    name: str
    code: str | None
    category: str


def people(conn: Connection, practitioner_ids: Collection[str]) -> dict[str, NamedPerson]:
    """Return name, code and category of these people, by id."""
    rows = conn.execute(_PEOPLE, {"people": list(practitioner_ids)}).mappings()
    return {row["id"]: NamedPerson(**row) for row in rows}


_PEOPLE = select(
    practitioners.c.id, practitioners.c.name, practitioners.c.code, practitioners.c.category
).where(one_of(practitioners.c.id, "people"))


def named_institutions(conn: Connection, codes: Collection[str]) -> dict[str, NamedInstitution]:
    """Return name and kind of these institutions, by code."""
    rows = conn.execute(_INSTITUTIONS, {"codes": list(codes)})
    return {row.code: NamedInstitution(name=row.name, kind=row.kind) for row in rows}


_INSTITUTIONS = select(institutions.c.code, institutions.c.name, institutions.c.kind).where(
    one_of(institutions.c.code, "codes")
)


def scores(conn: Connection, entry_ids: Collection[str]) -> dict[str, DescribedScore]:
    """Return what lies behind these scores, by the entry's id; another kind of entry has no case and is left out."""
    if not entry_ids:
        return {}
    rows = conn.execute(_SCORES, {"entries": list(entry_ids)}).mappings().all()
    rulebooks = rulebooks_by_sha256(conn, {row["rulebook_sha256"] for row in rows})
    described = (_described(row, to_entry(row, rulebooks[row["rulebook_sha256"]])) for row in rows)
    return {score.entry.id: score for score in described if score is not None}


def _described(row: RowMapping, entry: Entry) -> DescribedScore | None:
    if not isinstance(entry, Score):
        return None
    handling = Handling(
        kind=row["handling_kind"],
        authority=row["authority"],
        document_no=row["decision_no"],
        decided_on=entry.decided_on,
    )
    return DescribedScore(
        entry=entry,
        institution_name=row["institution_name"],
        handling=handling,
        occurred_from=row["occurred_from"],
        occurred_until=row["occurred_until"],
        legal_basis=row["legal_basis"],
        adjustment=adjustment_of(row),
    )


_SCORES = (
    select(
        entries,
        cases.c.handling_kind,
        cases.c.authority,
        cases.c.document_no.label("decision_no"),
        institutions.c.name.label("institution_name"),
        findings.c.occurred_from,
        findings.c.occurred_until,
        findings.c.legal_basis,
        findings.c.adjustment_kind,
        findings.c.adjustment_ground,
    )
    .join(cases, cases.c.id == entries.c.case_id)
    .join(institutions, institutions.c.code == cases.c.institution_code)
    .join(findings, findings.c.id == entries.c.finding_id)
    .where(one_of(entries.c.id, "entries"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLetter:
    """A letter as it was issued: `content` is `Letter.as_json`, `source` the template that its PDF is set with."""

    content: JsonObject
    html: str
    sha256: str
    source: bytes | None


def find_letter(conn: Connection, notice_id: str) -> KeptLetter | None:
    """Return a notice's letter, None while it is not written."""
    query = (
        select(letters.c.content, letters.c.html, letters.c.sha256, letter_templates.c.source)
        .outerjoin(letter_templates, letter_templates.c.sha256 == letters.c.template_sha256)
        .where(letters.c.notice_id == notice_id)
    )
    row = conn.execute(query).mappings().one_or_none()
    return None if row is None else KeptLetter(**row)


def draw_numbers(conn: Connection, count: int, template_sha256: str, template: bytes) -> list[int]:
    """Return the next numbers of the office's one series; the template that the letters are set with is kept, once.

    They are drawn without a lock, so that a number may stay unused.
    """
    drawn = {"count": count, "template_sha256": template_sha256, "template": template}
    return list(conn.execute(_NUMBERS, drawn).scalars())


_KEPT = (
    upsert(letter_templates)
    .values(sha256=bindparam("template_sha256"), source=bindparam("template"))
    .on_conflict_do_nothing()
    .cte("kept")
)
_NUMBERS = (
    select(letter_numbers.next_value())
    .select_from(func.generate_series(1, bindparam("count", type_=Integer)))
    .add_cte(_KEPT)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPdf:
    """The PDF of a letter as it was made."""

    pdf: bytes
    sha256: str


def find_pdf(conn: Connection, notice_id: str) -> KeptPdf | None:
    """Return a letter's PDF, if one was asked for before."""
    query = select(letter_pdfs.c.pdf, letter_pdfs.c.sha256).where(letter_pdfs.c.notice_id == notice_id)
    row = conn.execute(query).mappings().one_or_none()
    return None if row is None else KeptPdf(**row)
