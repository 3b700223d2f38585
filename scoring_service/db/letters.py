"""Reads for letters: the people, the institutions' names, and what lies behind a score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.db.ledger import rulebooks_by_sha256, to_entry
from scoring_service.db.tables import (
    cases,
    entries,
    findings,
    institutions,
    letter_pdfs,
    letter_templates,
    letters,
    practitioners,
)
from scoring_service.db.tables.schema import one_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Row

    from scoring_service.core.entries import Entry
    from scoring_service.json_values import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A score's entry, and the row of its case with the finding's days.

    `decision_no` is the case's document number; the row's `document_no` is the entry's own, of a correction.
    """

    entry: Entry
    case: Row[Any]


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


def institution_names(conn: Connection, codes: Collection[str]) -> dict[str, str]:
    """Return the names of these institutions, by code."""
    return {row.code: row.name for row in conn.execute(_NAMES, {"codes": list(codes)})}


_NAMES = select(institutions.c.code, institutions.c.name).where(one_of(institutions.c.code, "codes"))


def scores(conn: Connection, entry_ids: Collection[str]) -> dict[str, Described]:
    """Return what lies behind these scores, by the entry's id; another kind of entry has no case and is left out."""
    if not entry_ids:
        return {}
    rows = conn.execute(_SCORES, {"entries": list(entry_ids)}).all()
    rulebooks = rulebooks_by_sha256(conn, {row.rulebook_sha256 for row in rows})
    return {
        row.id: Described(entry=to_entry(row._mapping, rulebooks[row.rulebook_sha256]), case=row)  # noqa: SLF001
        for row in rows
    }


_SCORES = (
    select(
        entries,
        cases.c.handling_kind,
        cases.c.authority,
        cases.c.document_no.label("decision_no"),
        institutions.c.name.label("institution_name"),
        findings.c.occurred_from,
        findings.c.occurred_until,
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


def keep_template(conn: Connection, sha256: str, source: bytes) -> None:
    """Keep a template that letters are issued with, once."""
    conn.execute(_KEEP_TEMPLATE, {"sha256": sha256, "source": source})


_KEEP_TEMPLATE = upsert(letter_templates).on_conflict_do_nothing()


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
