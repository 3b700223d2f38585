"""What a merge writes: copies of the entries, the registry's rows of both as one, and the end of the merged file."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scoring_service.core.entries import EntryKind
from scoring_service.core.merging import is_copied, laid_affiliations, laid_registrations
from scoring_service.db import registry
from scoring_service.db.merges import close_file
from scoring_service.db.persons import PRACTICE, keep_present
from scoring_service.db.standing import forget
from scoring_service.db.tables import entries
from scoring_service.problems import Invalid
from scoring_service.services.registry import affiliations, persons
from scoring_service.services.registry.codes import check_practitioner_code

if TYPE_CHECKING:
    from scoring_service.db.ledger import LockedFile
    from scoring_service.db.persons import PersonData
    from scoring_service.db.registry import KnownSpans
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.changing import ChangingFile

# What an entry of any kind carries; the rest of its columns are its place in the file.
CARRIED = (
    *("points", "decided_on", "case_id", "finding_id", "item", "degree", "days", "application_id", "value", "basis"),
    *("document_no", "reason", "late_days", "effect", "from_on", "until_on"),
)
REASON = "并档 / two files of one person merged"


def write_merge(merged: ChangingFile, into: ChangingFile) -> int:
    """Write into a locked file what another one of the person says, and close that one; return the first revision.

    The numbering goes on above that of both. All of it is recorded now, by the actor; the last of it, the last copy of
    an entry, is the instant from which both references name the one file.
    """
    work = into.work
    into.merged = (merged.before,)
    into.head.revision = max(into.head.revision, merged.head.revision)
    first = into.head.revision + 1
    spans = registry.spans_known(work.conn, [merged.practitioner_id, into.practitioner_id])
    _write_registry(work, into.head, spans[merged.practitioner_id], spans[into.practitioner_id])
    _write_person(work, into.head, merged.practitioner_id, spans)
    _copy_entries(merged, into)
    forget(work.conn, merged.practitioner_id)
    close_file(work.conn, merged.head, into.head)
    keep_present(work.conn, [into.practitioner_id])
    return first


def _copy_entries(merged: ChangingFile, into: ChangingFile) -> None:
    """Copy the entries in their order; finding, application and case stay those of the originals."""
    known = {entry.id: entry for entry in merged.before.entries if is_copied(entry)}
    copies: dict[str, str] = {}
    query = select(entries).where(entries.c.practitioner_id == merged.practitioner_id).order_by(entries.c.seq)
    for row in into.work.conn.execute(query).mappings():
        if row["id"] not in known:
            continue
        carried: dict[str, Any] = {name: row[name] for name in CARRIED if row[name] is not None}
        if row["target_id"] is not None:
            carried["target_id"] = copies[row["target_id"]]
        copies[row["id"]] = into.post(
            EntryKind(row["kind"]),
            effective_on=row["effective_on"],
            rulebook=known[row["id"]].rulebook,
            copied_from=row["copied_from"] or row["id"],
            **carried,
        )


def _write_registry(work: Work, file: LockedFile, merged: KnownSpans, standing: KnownSpans) -> None:
    recorded = {"recorded_by": work.actor.username}
    for supersedes, row in laid_registrations(standing.registrations, merged.registrations):
        registry.append_registration(
            work.conn,
            file,
            span=row.span,
            span_id=supersedes,
            category=row.category,
            commitment_signed_on=row.commitment_signed_on,
            reason=row.reason if row.span.until is not None else None,
            recorded_at=work.record(),
            **recorded,
        )
    for supersedes, affiliated in laid_affiliations(standing.affiliations, merged.affiliations):
        affiliations.append(work, file, affiliated.institution, affiliated.span, supersedes=supersedes)


def _write_person(work: Work, file: LockedFile, merged: str, spans: dict[str, KnownSpans]) -> None:
    """Write what the merged file called the person, so that its codes answer, and fill what the other lacked."""
    theirs, own = spans[merged], spans[file.practitioner_id]
    for row in (*theirs.merged, *theirs.persons):
        origin = row.merged_from or merged
        persons.append_row(work, file, span=row.span, data=row.data, reason=row.reason, merged_from=origin)
    present = own.persons[-1]
    persons.supersede(work, file, present, filled(present.data, theirs.persons[-1].data), REASON)


def filled(data: PersonData, merged: PersonData) -> PersonData:
    """Return person data with what it lacks from the merged file's: code, identity number, practice.

    A code that does not go with the category is not taken; it still answers.
    """
    lacking = {name: getattr(merged, name) for name in PRACTICE if getattr(data, name) is None}
    if data.code is None and merged.code is not None and _goes_with(merged.code, data.category):
        lacking["code"] = merged.code
    if data.id_number_digest is None:
        number = ("id_number_encrypted", "id_number_digest", "id_number_masked")
        lacking |= {name: asdict(merged)[name] for name in number}
    return replace(data, **lacking)


def _goes_with(code: str, category: str) -> bool:
    try:
        check_practitioner_code(code, category)
    except Invalid:
        return False
    return True
