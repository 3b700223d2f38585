"""A suspension or termination of which no letter has told gets its own, whatever brought it about.

A correction from 12 to 9 makes a suspension that nobody ordered in writing, and one that takes a termination back may
leave a suspension that was never told, because it vanished on the day it was made (scheme.md 2.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.core.sanction_changes import sanction_changes
from scoring_service.core.sanctions import SanctionKind
from scoring_service.db.tables import cases, entries, notices
from scoring_service.services.notices.issuing import Letter
from scoring_service.services.standing.news import News, news_of_sanction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scoring_service.core.sanctions import Sanction
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.changing import ChangingFile

KINDS = tuple(kind.value for kind in SanctionKind)


def letters_untold(work: Work, file: ChangingFile) -> list[Letter]:
    """Return the letters on the sanctions that a change of this file, which is settled, left or made untold.

    Each goes to the person, their institutions and the one of the case; an event tells of it too.
    """
    return [_announced(work, file.practitioner_id, news) for news in _untold(work, file)]


def letters_on(work: Work, file: ChangingFile, spans: Iterable[Sanction]) -> list[Letter]:
    """Return the letters on these sanctions of a settled file; of one that a measure makes its own letter tells."""
    after = file.after.folded()
    all_news = (news_of_sanction(work.service.calendar, after, span) for span in spans if span.measure is None)
    return [_announced(work, file.practitioner_id, news) for news in all_news if news is not None]


def _untold(work: Work, file: ChangingFile) -> Iterator[News]:
    before, after = file.before.folded(), file.after.folded()
    changed = [change.after for change in sanction_changes(before.sanctions, after.sanctions)]
    of_points = [span for span in changed if span is not None and span.measure is None]
    known = _sanctions_in_letters(work, file.practitioner_id) if of_points else set()
    for span in of_points:
        if (span.kind.value, span.start.isoformat()) in known:
            continue
        news = news_of_sanction(work.service.calendar, after, span)
        if news is not None:
            yield news


def _sanctions_in_letters(work: Work, practitioner_id: str) -> set[tuple[str, str]]:
    """Return kind and first day of every sanction that a letter to the person has told of."""
    first_day = notices.c.facts["sanction"]["from"].astext
    query = select(notices.c.kind, first_day).where(
        notices.c.practitioner_id == practitioner_id, notices.c.kind.in_(KINDS)
    )
    return {(kind, day) for kind, day in work.conn.execute(query)}


def _announced(work: Work, practitioner_id: str, news: News) -> Letter:
    query = select(cases.c.id, cases.c.institution_code, cases.c.region).join(
        entries, entries.c.case_id == cases.c.id
    )
    case = work.conn.execute(query.where(entries.c.id == news.entry_id)).one_or_none()
    place = {} if case is None else {"institution_code": case.institution_code, "region": case.region, "case": case.id}
    work.event(news.kind, practitioner_id=practitioner_id, entry=news.entry_id, **place, **news.facts)
    return Letter(
        kind=news.kind,
        practitioner_id=practitioner_id,
        entry_id=news.entry_id,
        case_id=None if case is None else case.id,
        facts=news.facts,
        case_institutions=() if case is None else (case.institution_code,),
    )
