"""What an approved case has led to, as is known now: whose points, whose suspension or termination, which letters."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scoring_service.core.procedure import CaseState
from scoring_service.core.touched import brought
from scoring_service.db.files import read_files
from scoring_service.db.tables import practitioners
from scoring_service.services.notices.issuing import notices_of_case
from scoring_service.services.standing.ways_back import may_apply_from
from scoring_service.services.unit_of_work.sight import practitioner_filter

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from scoring_service.core.fold import FoldedFile
    from scoring_service.core.sanctions import Sanction
    from scoring_service.db.files import File
    from scoring_service.db.persons import NamedPractitioner
    from scoring_service.services.cases.case import Case
    from scoring_service.services.notices.records import Notice
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a case has led to for one person, as it stands now.

    `points` is the total of the year that the case is scored in, and `sanctions` are those that its entries brought or
    lengthened: both None where the actor may know of the case and no longer of the file. `may_apply_from` is the first
    day on which to ask for a resumption or a re-registration. `letters` are those that the actor may know of.
    """

    practitioner: NamedPractitioner
    points: int | None
    sanctions: tuple[Sanction, ...] | None
    may_apply_from: date | None
    letters: tuple[Notice, ...]


def outcomes_of(work: Work, case: Case) -> tuple[Outcome, ...]:
    """Return what an approved case has led to, each person once, in the order of its findings; nothing before that."""
    if case.state != CaseState.APPROVED:
        return ()
    people = {finding.practitioner.id: finding.practitioner for finding in case.findings}
    letters: dict[str, list[Notice]] = defaultdict(list)
    for notice in notices_of_case(work, case.id, people):
        letters[notice.practitioner_id].append(notice)
    query = select(practitioners.c.id).where(practitioners.c.id.in_(people), practitioner_filter(work))
    files = read_files(work.conn, sorted(work.conn.execute(query).scalars()))
    return tuple(
        Outcome(
            practitioner=person,
            letters=tuple(letters[practitioner_id]),
            **_known(work, case, files[practitioner_id]) if practitioner_id in files else _UNKNOWN,
        )
        for practitioner_id, person in people.items()
    )


_UNKNOWN: dict[str, Any] = {"points": None, "sanctions": None, "may_apply_from": None}


def _known(work: Work, case: Case, file: File) -> dict[str, Any]:
    folded, year = file.folded(), case.handling.decided_on.year
    entries = {entry for finding in case.findings for entry in (finding.entry, finding.measure_entry) if entry}
    sanctions = _brought_by(folded, entries)
    # One that is still to begin is asked about as it will be.
    day = max([work.today, *(span.start for span in sanctions)])
    return {
        "points": next((step.total_after for step in reversed(folded.steps) if step.year == year), 0),
        "sanctions": sanctions,
        "may_apply_from": may_apply_from(work.service.calendar, folded, day) if sanctions else None,
    }


def _brought_by(folded: FoldedFile, entries: Collection[str]) -> tuple[Sanction, ...]:
    own = [step for step in folded.steps if step.entry.id in entries]
    return tuple(
        span
        for span in folded.sanctions
        if span.measure in entries or any(brought(step, span) for step in own)
    )
