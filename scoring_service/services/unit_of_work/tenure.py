"""A former employer's view of a file: what happened while the person was there, and what it is a party to.

An institution sees its own people of today whole. Of somebody who has left it goes on knowing (contract.md, Roles)

- the person, as they were called, registered and affiliated there by their last day;
- the standing of a day on which they were there, made of what had taken effect while they were; without a day asked
  for, that of the last one. Any other day is answered as if there were nobody;
- the entries and cases that were decided or took effect on such a day, and those of its own cases, whenever;
- the letters addressed to it, the appeals that it signed or that concern it, the applications that it filed.

Nothing of it says how the person stands today, or where they are. `standing.seen` and `registry.person_seen` tell of
a file by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, false, or_, select

from scoring_service.core.standing import Span
from scoring_service.db.tables import cases, entries, standing_affiliations
from scoring_service.problems import NotFound
from scoring_service.services.unit_of_work.sight import PERSON, formerly_at, sees_practitioner

if TYPE_CHECKING:
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
