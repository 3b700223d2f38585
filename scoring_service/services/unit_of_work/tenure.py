"""A former employer's view of a file: what happened while the person was there, and what it is a party to.

An institution sees its own people of today whole. Of somebody who has left it goes on knowing (contract.md, Roles)

- the person, as they were called, registered and affiliated there by their last day;
- the standing of a day on which they were there, made of what had taken effect while they were; without a day asked
  for, that of the last one. Any other day is answered as if there were nobody;
- the entries and cases that were decided or took effect on such a day, and those of its own cases, whenever;
- the letters addressed to it, the appeals that it signed or that concern it, the applications that it filed.

Nothing of it says how the person stands today, or where they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, or_, select

from scoring_service.core.standing import Span
from scoring_service.db.tables import cases, entries, standing_affiliations
from scoring_service.problems import NotFound
from scoring_service.services.registry.practitioner_answers import practitioner_answer
from scoring_service.services.standing.reading import StandingAnswer, check_revision, standing_of
from scoring_service.services.unit_of_work.sight import PERSON, formerly_at, sees_practitioner

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from scoring_service.services.unit_of_work.transaction import Work

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """When a person was at an institution that they have left: half-open spans in their order, all of them ended."""

    institution: str
    spans: tuple[Span, ...]

    @property
    def last_day(self) -> date:
        """The last day on which the person was there."""
        return self.end - _ONE_DAY

    @property
    def end(self) -> date:
        """The first day on which the person was there no more."""
        return max(span.until for span in self.spans if span.until is not None)

    def end_of(self, day: date) -> date:
        """Return the end of the span that covers `day`. Raises NotFound for a day on which the person was not there."""
        for span in self.spans:
            if span.covers(day) and span.until is not None:
                return span.until
        raise NotFound(PERSON)


def tenure_of(work: Work, practitioner_id: str) -> Tenure | None:
    """Return when a person whom the actor knows was at its institution; None for whoever sees the file whole."""
    if sees_practitioner(work, practitioner_id):
        return None
    code = work.actor.institution_code or ""
    spans = standing_affiliations.c
    rows = work.conn.execute(
        select(spans.from_on, spans.until_on)
        .where(formerly_at(work, code), spans.practitioner_id == practitioner_id)
        .order_by(spans.from_on)
    )
    return Tenure(institution=code, spans=tuple(Span(row.from_on, row.until_on) for row in rows))


def standing_seen(
    work: Work,
    practitioner_id: str,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    revision: int | None = None,
) -> StandingAnswer:
    """Return the standing of a person as far as the actor may know it; raises as `standing_of`, and NotFound.

    To a former employer it is that of the last day there, or of another day there.
    """
    tenure = tenure_of(work, practitioner_id)
    if tenure is None:
        return standing_of(work, practitioner_id, as_of=as_of, known_at=known_at, revision=revision)
    day = tenure.last_day if as_of is None else as_of
    end = tenure.end_of(day)
    told = standing_of(work, practitioner_id, as_of=day, known_at=known_at, before=end)
    if revision is not None:
        check_revision(revision, told.revision)
        told = standing_of(work, practitioner_id, as_of=day, known_at=known_at, revision=revision, before=end)
    seen = set(work.conn.execute(select(entries.c.id).where(entries_seen(practitioner_id, tenure))).scalars())
    found = told.standing
    first = tenure.spans[0].start
    return replace(
        told,
        standing=replace(
            found,
            totals={year: points for year, points in found.totals.items() if year >= first.year},
            sanctions=tuple(span for span in found.sanctions if span.until > first),
            trace=tuple(step for step in found.trace if step.entry.id in seen),
        ),
    )


def entries_seen(practitioner_id: str, tenure: Tenure | None) -> ColumnElement[bool]:
    """Return the condition on `entries` that one is of the person and may be known under this tenure."""
    own = entries.c.practitioner_id == practitioner_id
    if tenure is None:
        return own
    of_case = select(cases.c.id).where(cases.c.institution_code == tenure.institution)
    of_entry = entries.alias().c
    targets = select(of_entry.id).where(of_entry.practitioner_id == practitioner_id, of_entry.case_id.in_(of_case))
    return and_(
        own,
        or_(
            *(_dated_within(span) for span in tenure.spans),
            entries.c.case_id.in_(of_case),
            entries.c.target_id.in_(targets),
        ),
    )


def _dated_within(span: Span) -> ColumnElement[bool]:
    until = span.until
    if until is None:
        return false()
    return or_(
        *(and_(day >= span.start, day < until) for day in (entries.c.effective_on, entries.c.decided_on))
    )


def person_seen(work: Work, practitioner_id: str) -> dict[str, Any]:
    """Return a person as the registry tells of them, as far as the actor may know it."""
    person, tenure = practitioner_answer(work, practitioner_id), tenure_of(work, practitioner_id)
    return person if tenure is None else _as_left(work, person, tenure)


def _as_left(work: Work, person: dict[str, Any], tenure: Tenure) -> dict[str, Any]:
    """Return what was on record of a person up to the last day at an institution."""
    standing = standing_seen(work, person["id"])
    named, registered = (_begun(person[kind], tenure.end) for kind in ("persons", "registrations"))
    affiliated = [row for row in person["affiliations"] if row["institution"] == tenure.institution]
    last = {name: named[-1][name] for name in ("name", "code", "category")} if named else {}
    return person | last | {
        "status": standing.standing.state.status.value,
        "registered_on": registered[-1]["from"] if registered else None,
        "commitment_signed_on": registered[-1]["commitment_signed_on"] if registered else None,
        "persons": named,
        "registrations": registered,
        "affiliations": _begun(affiliated, tenure.end),
        "warnings": [],
        "revision": standing.revision,
        "version": standing.revision,
    }


def _begun(rows: Sequence[dict[str, Any]], end: date) -> list[dict[str, Any]]:
    """Return the spans that had begun before `end`, those that ran past it without their end and its reason."""
    told = []
    for row in rows:
        if row["from"] >= end.isoformat():
            continue
        runs_on = row["until"] is not None and row["until"] > end.isoformat()
        ended_later = {"until": None} | ({"reason": None} if "reason" in row else {})
        told.append(row | ended_later if runs_on else row)
    return told
