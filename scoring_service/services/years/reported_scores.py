"""The scores of a period one by one, as the office reports them to its administrative department (P40)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring_service.core.civil import civil_day
from scoring_service.core.registry import known_versions, person_on
from scoring_service.db.persons import read_persons
from scoring_service.db.statistics import read_scores
from scoring_service.services.record.exports import EXPORTED, PAGE_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from scoring_service.db.persons import PersonRow
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.period_report import PeriodReport


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedScore:
    """A score with its case and person, named as they were known; `points` is what it stood at."""

    decided_on: date
    document_no: str
    institution: str
    institution_name: str
    person_code: str | None
    person_name: str
    category: str
    item: str
    degree: str
    points: int


def reported_scores(work: Work, report: PeriodReport) -> Iterator[ReportedScore]:
    """Return the scores that a full report counts, by the day of the decision; each is a look at the person.

    Nothing is told of persons in a public report, or to whom the office's cases are not for.
    """
    if report.is_public or not work.actor.is_office:
        return
    places = {row.institution: row.institution_name for row in report.institutions}
    day = civil_day(report.known_at)
    scores = read_scores(work.conn, report.scope)
    for first in range(0, len(scores), PAGE_ROWS):
        rows = scores[first : first + PAGE_ROWS]
        people = read_persons(work.conn, list({row.practitioner_id for row in rows}))
        for row in rows:
            work.look(row.practitioner_id, EXPORTED, in_list=True)
            person = _known(people, row.practitioner_id, report.known_at, day)
            yield ReportedScore(
                decided_on=row.decided_on,
                document_no=row.document_no,
                institution=row.institution_code,
                institution_name=places[row.institution_code],
                person_code=person.code,
                person_name=person.name,
                category=row.category,
                item=row.item,
                degree=row.degree,
                points=row.points,
            )
        work.write_looks()


def _known(people: Mapping[str, list[PersonRow]], person: str, known_at: datetime, day: date) -> PersonRow:
    """Return what was known of a person then; the file was open before its first score was recorded."""
    return person_on(known_versions(people[person], known_at), day)
