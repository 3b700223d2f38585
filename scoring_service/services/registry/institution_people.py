"""How an institution stands: who is registered there and when, those sanctioned this year, and the ratio of the two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, or_, select

from scoring_service.core.sanctions import SanctionKind
from scoring_service.db.ratios import known_now
from scoring_service.db.tables import practitioners, standing_affiliations

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select

    from scoring_service.db.ratios import Known
    from scoring_service.services.unit_of_work.transaction import Work

PERCENT = 100
MOST_SANCTIONED = 100
_there = standing_affiliations.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Persons `sanctioned` this year while there, of those `registered` there today; levels in percent."""

    sanctioned: int
    registered: int
    alert_percent: int
    severe_percent: int

    @property
    def level(self) -> str | None:
        """The level that the ratio has reached: `severe`, `alert` or none."""
        if self._reaches(self.severe_percent):
            return "severe"
        return "alert" if self._reaches(self.alert_percent) else None

    def _reaches(self, percent: int) -> bool:
        return bool(self.registered) and self.sanctioned * PERCENT >= percent * self.registered


@dataclass(frozen=True, slots=True, kw_only=True)
class SanctionedPerson:
    """A person and a sanction that began this year while they were registered at the institution."""

    practitioner_id: str
    name: str
    kind: SanctionKind
    start: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AffiliatedPerson:
    """A person in a span at the institution; `until` is None while it is open."""

    practitioner_id: str
    span_id: str
    name: str
    category: str
    start: date
    until: date | None


def ratio_of(work: Work, code: str, region: str) -> Ratio:
    """Return the ratio of an institution by today (scheme.md 2.6, `institution_ratio`)."""
    known = _known_of(work)
    registered = select(known.registered_at(literal(code), work.today))
    sanctioned = _sanctioned(known, code).with_only_columns(func.count(known.there.c.practitioner_id.distinct()))
    rulebook = work.rulebooks.for_reading(region, work.today)
    return Ratio(
        sanctioned=work.conn.execute(sanctioned).scalar_one(),
        registered=work.conn.execute(registered).scalar_one(),
        alert_percent=rulebook.institution_alert_percent,
        severe_percent=rulebook.institution_severe_percent,
    )


def _known_of(work: Work) -> Known:
    return known_now(work.today.replace(month=1, day=1), work.today)


def _sanctioned(known: Known, code: str) -> Select[Any]:
    """Return the sanctions that began this year, by today, on people who were registered there on that day."""
    return known.struck_there().where(known.there.c.institution_code == code)


def _open_after(day: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(_there.until_on.is_(None), _there.until_on > day)


def sanctioned_people(work: Work, code: str) -> list[SanctionedPerson]:
    """Return the sanctions behind the ratio with the people's names, the latest first; each look is on record."""
    known = _known_of(work)
    struck = known.struck.c
    query = (
        _sanctioned(known, code)
        .join(practitioners, practitioners.c.id == struck.practitioner_id)
        .add_columns(practitioners.c.name)
        .order_by(struck.from_on.desc(), struck.practitioner_id, struck.kind)
        .limit(MOST_SANCTIONED)
    )
    people = [
        SanctionedPerson(
            practitioner_id=row.practitioner_id,
            name=row.name,
            kind=SanctionKind(row.kind),
            start=row.from_on,
            until=row.until_on,
        )
        for row in work.conn.execute(query)
    ]
    _look_at(work, people)
    return people


def affiliations_at(
    work: Work, code: str, *, limit: int, after: tuple[str, str] | None
) -> tuple[list[AffiliatedPerson], tuple[str, str] | None]:
    """Return a page of the affiliations at an institution that have begun, ended ones too, by person and span.

    With it where to go on; each look is on record.
    """
    key = (_there.practitioner_id, _there.span_id)
    query = (
        select(_there.practitioner_id, _there.span_id, practitioners.c.name, _there.category)
        .add_columns(_there.from_on.label("start"), _there.until_on.label("until"))
        .join(practitioners, practitioners.c.id == _there.practitioner_id)
        .where(_there.institution_code == code, _there.from_on <= work.today, _open_after(_there.from_on))
        .order_by(*key)
        .limit(limit + 1)
    )
    if after is not None:
        beyond = (_there.practitioner_id > after[0]) | (
            (_there.practitioner_id == after[0]) & (_there.span_id > after[1])
        )
        query = query.where(beyond)
    people = [AffiliatedPerson(**row) for row in work.conn.execute(query).mappings()]
    last = people[limit - 1] if len(people) > limit else None
    _look_at(work, people[:limit])
    return people[:limit], None if last is None else (last.practitioner_id, last.span_id)


def _look_at(work: Work, people: Sequence[SanctionedPerson | AffiliatedPerson]) -> None:
    for practitioner_id in {person.practitioner_id for person in people}:
        work.look(practitioner_id, "list")
