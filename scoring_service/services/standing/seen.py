"""The standing of a person as far as the actor may know it: to a former employer that of a day there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.db.merges import file_named
from scoring_service.db.tables import entries
from scoring_service.services.standing.reading import StandingAnswer, check_revision, standing_of
from scoring_service.services.unit_of_work.tenure import entries_seen, tenure_of
from scoring_service.written import as_ref

if TYPE_CHECKING:
    from datetime import date, datetime

    from scoring_service.services.unit_of_work.transaction import Work


def standing_seen(
    work: Work,
    practitioner_id: str,
    *,
    ref: str | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    revision: int | None = None,
) -> StandingAnswer:
    """Return the standing of a person as far as the actor may know it; raises as `standing_of`, and NotFound.

    To a former employer it is that of the last day there, or of another day there. `ref` is what the person was asked
    for by: before a merge each reference answers from its own file.
    """
    tenure = tenure_of(work, practitioner_id)
    if ref is not None and (known_at is not None or revision is not None):
        practitioner_id = file_named(
            work.conn, as_ref(ref), practitioner_id, known_at=known_at, revision=revision
        )
    if tenure is None:
        return standing_of(work, practitioner_id, as_of=as_of, known_at=known_at, revision=revision)
    day = tenure.last_day if as_of is None else as_of
    end = tenure.end_of(day)
    answer = standing_of(work, practitioner_id, as_of=day, known_at=known_at, before=end)
    if revision is not None:
        check_revision(revision, answer.revision)
        answer = standing_of(work, practitioner_id, as_of=day, known_at=known_at, revision=revision, before=end)
    seen = set(work.conn.execute(select(entries.c.id).where(entries_seen(practitioner_id, tenure))).scalars())
    standing = answer.standing
    first = tenure.spans[0].start
    return replace(
        answer,
        standing=replace(
            standing,
            totals={year: points for year, points in standing.totals.items() if year >= first.year},
            sanctions=tuple(span for span in standing.sanctions if span.ends_after(first) or span.holds(first)),
            trace=tuple(step for step in standing.trace if step.entry.id in seen),
        ),
    )
