"""The rulebook whose working days hold for a notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.db.ledger import rulebooks_by_sha256
from scoring_service.db.standing import decode_profile
from scoring_service.db.tables import entries, standings
from scoring_service.services.standing.reading import rulebook_on

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.db.files import File
    from scoring_service.services.notices.records import IssuedNotice
    from scoring_service.services.unit_of_work.transaction import Work


def rulebooks_of(
    work: Work, issued: Sequence[IssuedNotice], files: Iterable[File] = ()
) -> dict[str, Rulebook]:
    """Return the rulebook of each notice, by its id: that of its entry, else that of the person on its day.

    What the `files` at hand have is not read again.
    """
    known = {entry.id: entry.rulebook for file in files for entry in file.entries}
    entry_ids = {notice.entry_id for notice in issued if notice.entry_id is not None}
    known |= _read(work, entry_ids - known.keys())
    of_entries = {notice.id: known[notice.entry_id] for notice in issued if notice.entry_id is not None}
    return of_entries | _of_people(work, [notice for notice in issued if notice.entry_id is None])


def _read(work: Work, entry_ids: Collection[str]) -> dict[str, Rulebook]:
    if not entry_ids:
        return {}
    query = select(entries.c.id, entries.c.rulebook_sha256).where(entries.c.id.in_(entry_ids))
    under = {row.id: row.rulebook_sha256 for row in work.conn.execute(query)}
    rulebooks = rulebooks_by_sha256(work.conn, under.values())
    return {entry_id: rulebooks[sha256] for entry_id, sha256 in under.items()}


def _of_people(work: Work, issued: Sequence[IssuedNotice]) -> dict[str, Rulebook]:
    people = {notice.practitioner_id for notice in issued}
    if not people:
        return {}
    kept = work.conn.execute(
        select(standings.c.practitioner_id, standings.c.profile).where(
            standings.c.practitioner_id.in_(people)
        )
    )
    profiles = {practitioner_id: decode_profile(profile) for practitioner_id, profile in kept}
    return {
        notice.id: rulebook_on(work.rulebooks, profiles[notice.practitioner_id], notice.created_at.date())
        for notice in issued
    }
